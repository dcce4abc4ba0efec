//! What a run keeps to be taken up again, whatever becomes of the directory it was begun in: the files of its configuration, and
//! what was asked for and agreed to. To this crate both are bytes. Files that several runs share are stored once.

use crate::rows::now_ms;
use crate::run::{self, RunId};
use crate::seal::{self, Damage};
use crate::snapshot::unsigned;
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
        "INSERT INTO config_bundles (digest, format, created_at, content, seal) VALUES (?1, ?2, ?3, ?4, seal(?1, ?2, ?3, ?4)) \
         ON CONFLICT DO NOTHING",
        params![digest, format, now_ms(), content],
    )?;
    conn.execute(
        "INSERT INTO kept (run, bundle, approval, seal) VALUES (?1, ?2, ?3, seal(?1, ?2, ?3))",
        params![run.sql(), digest, kept.approval],
    )?;
    conn.execute("UPDATE runs SET kept = 1 WHERE id = ?1", [run.sql()])?;
    run::seal(conn, run.sql())
}

/// None for a run that kept nothing.
pub(crate) fn read(conn: &Connection, run: RunId) -> rusqlite::Result<Option<Kept>> {
    let found = conn
        .query_row("SELECT run, bundle, approval, seal FROM kept WHERE run = ?1", [run.sql()], |row| {
            seal::verify(row, 0..3, "kept")?;
            Ok((row.get::<_, String>(1)?, row.get(2)?))
        })
        .optional()?;
    let known = conn.query_row("SELECT kept FROM runs WHERE id = ?1", [run.sql()], |row| unsigned(row, 0)).optional()?;
    Damage::unless_all("kept", known.unwrap_or_default(), usize::from(found.is_some()))?;
    let Some((digest, approval)) = found else { return Ok(None) };
    let sql = "SELECT digest, format, created_at, content, seal FROM config_bundles WHERE digest = ?1";
    let bundle = conn.query_row(sql, [digest], |row| {
        seal::verify(row, 0..4, "config_bundles")?;
        Ok(Bundle { digest: row.get(0)?, format: row.get(1)?, content: row.get(3)? })
    })?;
    Ok(Some(Kept { bundle, approval }))
}
