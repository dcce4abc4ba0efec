//! The one row that stands for the whole store: lineage, serial, how many transactions there were, and how many rows the
//! tables hold, since no row can tell that another one is missing.

use crate::rows::Base;
use crate::seal;
use crate::snapshot::{unsigned, uuid_of};
use rusqlite::{Connection, Row};

/// That row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) base: Base,
    /// Transactions so far.
    pub(crate) commits: u64,
    /// Rows of the tables of these names.
    pub(crate) instances: u64,
    pub(crate) outputs: u64,
    pub(crate) runs: u64,
    pub(crate) versions: u64,
    pub(crate) output_versions: u64,
    pub(crate) durations: u64,
    pub(crate) locks: u64,
    pub(crate) checks: u64,
    pub(crate) state_file: u64,
}

/// By how much one transaction changed the numbers of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) instances: i64,
    pub(crate) outputs: i64,
    pub(crate) runs: i64,
    pub(crate) versions: i64,
    pub(crate) output_versions: i64,
    pub(crate) durations: i64,
}

const SELECT: &str = "SELECT only, lineage, serial, created_at, commits, instances, outputs, runs, versions, output_versions, \
     durations, locks, checks, state_file, seal FROM meta";

/// Reads it.
pub(crate) fn read(conn: &Connection) -> rusqlite::Result<Meta> {
    conn.prepare_cached(SELECT)?.query_row([], |row| {
        seal::verify(row, 0..14, "meta")?;
        of(row)
    })
}

fn of(row: &Row<'_>) -> rusqlite::Result<Meta> {
    Ok(Meta {
        base: Base { lineage: uuid_of(row, 1)?, serial: unsigned(row, 2)? },
        commits: unsigned(row, 4)?,
        instances: unsigned(row, 5)?,
        outputs: unsigned(row, 6)?,
        runs: unsigned(row, 7)?,
        versions: unsigned(row, 8)?,
        output_versions: unsigned(row, 9)?,
        durations: unsigned(row, 10)?,
        locks: unsigned(row, 11)?,
        checks: unsigned(row, 12)?,
        state_file: unsigned(row, 13)?,
    })
}

/// The last statement of every transaction: counts it, and what it added and removed. What else changes in the row is written
/// before. Yields the row as it is then.
pub(crate) fn count(conn: &Connection, tally: Tally) -> rusqlite::Result<Meta> {
    let Tally { instances, outputs, runs, versions, output_versions, durations } = tally;
    conn.prepare_cached(
        "UPDATE meta SET commits = commits + 1, instances = instances + ?1, outputs = outputs + ?2, runs = runs + ?3, \
         versions = versions + ?4, output_versions = output_versions + ?5, durations = durations + ?6, \
         seal = seal(only, lineage, serial, created_at, commits + 1, instances + ?1, outputs + ?2, runs + ?3, versions + ?4, \
         output_versions + ?5, durations + ?6, locks, checks, state_file) \
         RETURNING only, lineage, serial, created_at, commits, instances, outputs, runs, versions, output_versions, durations, locks, \
         checks, state_file",
    )?
    .query_row([instances, outputs, runs, versions, output_versions, durations], of)
}
