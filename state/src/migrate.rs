//! The layout of the file, version by version. The list only ever grows at its end.

use crate::error::StateError;
use crate::meta::{self, Meta, Tally};
use crate::rows::now_ms;
use crate::seal;
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::Path;
use uuid::Uuid;

/// Marks the file as ours in its header: "LEVE".
const APPLICATION_ID: i64 = 0x4C45_5645;

/// Migration `i` leads from version `i` to `i + 1`. Never edit one that was released.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_checks.sql"),
    include_str!("../migrations/0003_state_file.sql"),
    include_str!("../migrations/0004_timings.sql"),
    include_str!("../migrations/0005_kept.sql"),
    include_str!("../migrations/0006_seals.sql"),
    include_str!("../migrations/0007_scopes.sql"),
    include_str!("../migrations/0008_keys.sql"),
    include_str!("../migrations/0009_key_services.sql"),
];

/// The version this levee writes.
pub(crate) fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).expect("a handful of migrations fit any integer")
}

/// The file's version. Refuses what is not ours and what is newer, having only read.
pub(crate) fn check(conn: &Connection, path: &Path) -> Result<i64, StateError> {
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let read = || -> rusqlite::Result<(i64, i64)> { Ok((pragma("application_id")?, pragma("user_version")?)) };
    let (application, found) = read().map_err(|e| StateError::from_sql(path, "reading the format", &e))?;
    if application != APPLICATION_ID || found < 1 {
        return Err(StateError::NotOurs { path: path.to_path_buf() });
    }
    if found > newest() {
        return Err(StateError::NewerSchema { path: path.to_path_buf(), found, ours: newest() });
    }
    Ok(found)
}

/// Fills an empty database.
pub(crate) fn create(conn: &mut Connection) -> rusqlite::Result<Meta> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    run(&tx, 0)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.execute(
        "INSERT INTO meta (only, lineage, serial, created_at) VALUES (1, ?1, 0, ?2)",
        params![Uuid::new_v4().to_string(), now_ms()],
    )?;
    let meta = meta::count(&tx, Tally::default())?;
    tx.commit()?;
    Ok(meta)
}

/// An empty store in memory, to compare others with.
pub(crate) fn in_memory() -> rusqlite::Result<Connection> {
    let mut conn = Connection::open_in_memory()?;
    seal::register(&conn)?;
    create(&mut conn)?;
    Ok(conn)
}

/// Brings an older file up to date, of which `keep` makes a copy first. Another process may have done so meanwhile.
pub(crate) fn upgrade(
    conn: &mut Connection,
    path: &Path,
    keep: impl FnOnce(&Connection, i64) -> Result<(), StateError>,
) -> Result<(), StateError> {
    let layout = check(conn, path)?;
    if layout == newest() {
        return Ok(());
    }
    keep(conn, layout)?;
    let failed = |e: rusqlite::Error| match StateError::from_sql(path, "upgrading the format", &e) {
        // Our own steps work on what earlier ones made.
        StateError::Internal { .. } => {
            StateError::Corrupt { path: path.to_path_buf(), detail: format!("it is not what layout {layout} should be") }
        }
        error => error,
    };
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = check(&tx, path)?;
    run(&tx, found).map_err(failed)?;
    tx.commit().map_err(failed)
}

fn run(conn: &Connection, from: i64) -> rusqlite::Result<()> {
    for migration in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)) {
        conn.execute_batch(migration)?;
    }
    conn.pragma_update(None, "user_version", newest())
}
