//! Seals: a checksum over each row, written with the row and verified whenever it is read. `SQLite` sees that a page's
//! structure is broken; that a bit has changed inside a text, only this sees.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, Row};
use std::cell::RefCell;
use std::ops::Range;

/// What a row, or the lack of one, says of the file: it is damaged. Names no values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Damage(pub(crate) String);

impl Damage {
    /// As an error of the statement that met it.
    pub(crate) fn found(what: impl Into<String>) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Null, Box::new(Self(what.into())))
    }

    /// Fails unless a table holds as many rows as it is known to.
    pub(crate) fn unless_all(table: &str, known: u64, found: usize) -> rusqlite::Result<()> {
        if known == found as u64 {
            return Ok(());
        }
        Err(Self::found(format!("{known} rows of \"{table}\" are known, and {found} are there")))
    }
}

/// Fails unless keys follow on each other: a page that stands in another's place shows its rows a second time.
pub(crate) fn verify_order<T: Ord>(table: &str, keys: impl Iterator<Item = T>) -> rusqlite::Result<()> {
    if keys.is_sorted_by(|a, b| a < b) {
        return Ok(());
    }
    Err(Damage::found(format!("the rows of \"{table}\" are out of order")))
}

/// Makes `seal(…)` known to a connection: the checksum over its arguments, a kind and a length with each, so that what moves
/// from one column to the next is seen.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    conn.create_scalar_function("seal", -1, flags, |context| Ok(of((0..context.len()).map(|i| context.get_raw(i)))))
}

/// Verifies that columns of a row are those that its seal, in the column after them, was made of.
pub(crate) fn verify(row: &Row<'_>, columns: Range<usize>, table: &str) -> rusqlite::Result<()> {
    let seal = row.get_ref(columns.end)?;
    // A column that is not there is as good as null: its seal cannot match.
    verify_values(columns.map(|column| row.get_ref(column).unwrap_or(ValueRef::Null)), seal, table)
}

/// Likewise, of values that were taken out of a row already.
pub(crate) fn verify_values<'a>(values: impl Iterator<Item = ValueRef<'a>>, seal: ValueRef<'_>, table: &str) -> rusqlite::Result<()> {
    if seal == ValueRef::Integer(of(values)) {
        return Ok(());
    }
    Err(Damage::found(format!("a row of \"{table}\" does not match its checksum")))
}

thread_local! {
    /// What is summed up is put together here: one long piece takes a fraction of the time of many short ones.
    static BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn of<'a>(values: impl Iterator<Item = ValueRef<'a>>) -> i64 {
    BYTES.with_borrow_mut(|bytes| {
        bytes.clear();
        values.for_each(|value| add(bytes, value));
        i64::from(crc32fast::hash(bytes))
    })
}

fn add(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => bytes.push(0),
        ValueRef::Integer(n) => add_all(bytes, 1, &n.to_le_bytes()),
        ValueRef::Real(n) => add_all(bytes, 2, &n.to_le_bytes()),
        ValueRef::Text(text) => add_all(bytes, 3, text),
        ValueRef::Blob(blob) => add_all(bytes, 4, blob),
    }
}

fn add_all(bytes: &mut Vec<u8>, kind: u8, content: &[u8]) {
    bytes.push(kind);
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_has_another_seal() {
        let conn = Connection::open_in_memory().expect("opens");
        register(&conn).expect("registers");
        let of = |arguments: &str| -> i64 { conn.query_row(&format!("SELECT seal({arguments})"), [], |row| row.get(0)).expect("a number") };
        let all = ["", "NULL", "''", "'a', 'b'", "'ab', ''", "'', 'ab'", "1", "'1'", "1.0", "x'31'", "NULL, NULL"].map(of);
        let distinct: std::collections::BTreeSet<i64> = all.into_iter().collect();
        assert_eq!(distinct.len(), all.len());
        let good = "SELECT 1, 'a', NULL, seal(1, 'a', NULL)";
        conn.query_row(good, [], |row| verify(row, 0..3, "t")).expect("matches");
        let bad = "SELECT 1, 'b', NULL, seal(1, 'a', NULL)";
        conn.query_row(bad, [], |row| verify(row, 0..3, "t")).expect_err("does not match");
    }
}
