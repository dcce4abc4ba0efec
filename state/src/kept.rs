//! What a run keeps to be taken up again, whatever becomes of the directory it was begun in: the files of its configuration, and
//! what was asked for and agreed to. To this crate both are bytes. Files that several runs share are stored once.

use crate::rows::now_ms;
use crate::run::RunId;
use rusqlite::{Connection, OptionalExtension, params};
use std::fmt;

/// The files of a configuration, packed.
#[derive(Clone, PartialEq, Eq)]
pub struct Bundle {
    /// Of the files as they are unpacked: names the bundle.
    pub digest: String,
    /// How `content` is packed.
    pub format: u32,
    /// The packed files.
    pub content: Vec<u8>,
}

/// What a run keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its configuration.
    pub bundle: Bundle,
    /// What was asked for and agreed to, packed.
    pub approval: Vec<u8>,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({}, {} bytes)", self.digest, self.content.len())
    }
}

pub(crate) fn write(conn: &Connection, run: RunId, kept: &Kept) -> rusqlite::Result<()> {
    let Bundle { digest, format, content } = &kept.bundle;
    conn.execute(
        "INSERT INTO config_bundles (digest, format, created_at, content) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        params![digest, format, now_ms(), content],
    )?;
    conn.execute("UPDATE runs SET bundle = ?2, approval = ?3 WHERE id = ?1", params![run.sql(), digest, kept.approval])?;
    Ok(())
}

/// None for a run that kept nothing, and in a file of an earlier layout, which a reader leaves as it is.
pub(crate) fn read(conn: &Connection, run: RunId) -> rusqlite::Result<Option<Kept>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM pragma_table_info('runs') WHERE name = 'approval')";
    if !conn.query_row(sql, [], |row| row.get::<_, bool>(0))? {
        return Ok(None);
    }
    let sql = "SELECT b.digest, b.format, b.content, r.approval FROM runs r JOIN config_bundles b ON b.digest = r.bundle \
               WHERE r.id = ?1 AND r.approval IS NOT NULL";
    conn.query_row(sql, [run.sql()], |row| {
        let bundle = Bundle { digest: row.get(0)?, format: row.get(1)?, content: row.get(2)? };
        Ok(Kept { bundle, approval: row.get(3)? })
    })
    .optional()
}
