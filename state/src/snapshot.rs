//! Everything at one serial, read in one transaction. Values stay text, and what repeats (providers, dependencies) is
//! held once, so that memory follows the size of the state and no more.

use crate::rows::{Base, ObjectRow, ObjectStatus, OutputRow};
use crate::run::RunId;
use levee_model::address::{DeposedKey, InstanceAddr, ResourceAddr};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::sync::Arc;
use uuid::Uuid;

/// All objects and outputs at one serial.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The state's identity; nil if there is none yet.
    pub lineage: Uuid,
    /// How often it has changed.
    pub serial: u64,
    /// Every object, by address, the current one before the deposed ones.
    pub objects: Vec<ObjectRow>,
    /// The root module's outputs.
    pub outputs: BTreeMap<String, OutputRow>,
    /// How the conditions of the configuration turned out in the last run, as JSON; not known of earlier runs.
    pub checks: Option<String>,
}

impl Snapshot {
    /// What a plan made from this snapshot is based on.
    pub fn base(&self) -> Base {
        Base { lineage: self.lineage, serial: self.serial }
    }
    /// One object.
    pub fn object(&self, addr: &InstanceAddr, deposed: Option<&DeposedKey>) -> Option<&ObjectRow> {
        let found = self.objects.binary_search_by(|o| (&o.addr, o.deposed.as_ref()).cmp(&(addr, deposed)));
        found.ok().map(|i| &self.objects[i])
    }
}

/// Lineage and serial.
pub(crate) fn read_base(conn: &Connection) -> rusqlite::Result<Base> {
    conn.query_row("SELECT lineage, serial FROM meta", [], |row| {
        let lineage = uuid_of(row, 0)?;
        Ok(Base { lineage, serial: unsigned(row, 1)? })
    })
}

/// The state now. The caller holds a transaction.
pub(crate) fn read(conn: &Connection) -> rusqlite::Result<Snapshot> {
    let base = read_base(conn)?;
    let mut interner = Interner::default();
    let mut statement = conn.prepare(
        "SELECT addr, deposed, provider, provider_source, schema_version, status, object_id, create_before_destroy, \
         sensitive_paths, attributes, private, id FROM instances ORDER BY id",
    )?;
    let mut dependency_statement = conn.prepare("SELECT instance, resource FROM dependencies ORDER BY instance, position")?;
    let mut dependencies = dependency_statement.query([])?;
    let mut pending = dependencies.next()?;
    let mut rows = statement.query([])?;
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        let mut object = object_of(row, &mut interner)?;
        let id: i64 = row.get(11)?;
        while let Some(dependency) = pending {
            if dependency.get::<_, i64>(0)? != id {
                break;
            }
            object.dependencies.push(interner.resource(dependency, 1)?);
            pending = dependencies.next()?;
        }
        objects.push(object);
    }
    sort(&mut objects);
    let outputs = read_outputs(conn, "SELECT name, value, type, sensitive FROM outputs", &[])?;
    Ok(Snapshot { lineage: base.lineage, serial: base.serial, objects, outputs, checks: read_checks(conn)? })
}

/// A reader may meet a file of the first layout, which it must not change.
fn read_checks(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let kept: bool = conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'checks')", [], |row| row.get(0))?;
    if kept { conn.query_row("SELECT results FROM checks", [], |row| row.get(0)).optional() } else { Ok(None) }
}

/// The state as a run left it. The caller holds a transaction.
pub(crate) fn read_at(conn: &Connection, run: RunId) -> rusqlite::Result<Snapshot> {
    let base = read_base(conn)?;
    let serial = conn.query_row("SELECT coalesce(max(serial), 0) FROM runs WHERE id <= ?1", [run.sql()], |r| unsigned(r, 0))?;
    let mut interner = Interner::default();
    let mut statement = conn.prepare(
        "SELECT addr, deposed, provider, provider_source, schema_version, status, object_id, create_before_destroy, \
         sensitive_paths, attributes, private, dependencies FROM versions \
         JOIN (SELECT addr, deposed, max(run) AS run FROM versions WHERE run <= ?1 GROUP BY addr, deposed) \
         USING (addr, deposed, run) WHERE removed = 0",
    )?;
    let mut rows = statement.query([run.sql()])?;
    let mut objects = Vec::new();
    while let Some(row) = rows.next()? {
        let mut object = object_of(row, &mut interner)?;
        object.dependencies = interner.resources(row, 11)?;
        objects.push(object);
    }
    sort(&mut objects);
    let outputs = read_outputs(
        conn,
        "SELECT name, value, type, sensitive FROM output_versions \
         JOIN (SELECT name, max(run) AS run FROM output_versions WHERE run <= ?1 GROUP BY name) USING (name, run) WHERE removed = 0",
        &[run.sql()],
    )?;
    Ok(Snapshot { lineage: base.lineage, serial, objects, outputs, checks: None })
}

fn sort(objects: &mut [ObjectRow]) {
    objects.sort_unstable_by(|a, b| (&a.addr, &a.deposed).cmp(&(&b.addr, &b.deposed)));
}

/// Outputs selected as name, value, type, sensitive.
pub(crate) fn read_outputs(conn: &Connection, sql: &str, args: &[i64]) -> rusqlite::Result<BTreeMap<String, OutputRow>> {
    let mut statement = conn.prepare(sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(args), |row| {
        Ok((row.get(0)?, OutputRow { value: row.get(1)?, type_json: row.get(2)?, sensitive: row.get(3)? }))
    })?;
    rows.collect()
}

/// The first eleven columns of both selections; dependencies are left to the caller.
fn object_of(row: &Row<'_>, interner: &mut Interner) -> rusqlite::Result<ObjectRow> {
    Ok(ObjectRow {
        addr: instance_of(row, 0)?,
        deposed: optional_deposed(row, 1)?,
        provider: interner.text(row, 2)?,
        provider_source: interner.text(row, 3)?,
        schema_version: unsigned(row, 4)?,
        status: if row.get_ref(5)?.as_str()? == "tainted" { ObjectStatus::Tainted } else { ObjectStatus::Ready },
        id: row.get(6)?,
        create_before_destroy: row.get(7)?,
        sensitive_paths: row.get(8)?,
        values: row.get(9)?,
        private: row.get(10)?,
        dependencies: Vec::new(),
    })
}

/// A deposed key's column: empty for the current object.
pub(crate) fn optional_deposed(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DeposedKey>> {
    let text = row.get_ref(column)?.as_str()?;
    Ok((!text.is_empty()).then(|| DeposedKey(Arc::from(text))))
}

/// An instance's address.
pub(crate) fn instance_of(row: &Row<'_>, column: usize) -> rusqlite::Result<InstanceAddr> {
    row.get_ref(column)?.as_str()?.parse().map_err(|e| damaged(column, e))
}

/// A number that is never negative.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let n: i64 = row.get(column)?;
    u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, n))
}

/// A UUID in text.
pub(crate) fn uuid_of(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get_ref(column)?.as_str()?.parse().map_err(|e| damaged(column, e))
}

/// Reads columns that repeat from row to row, each text once. Only looked up, never iterated.
#[derive(Default)]
pub(crate) struct Interner {
    texts: HashMap<String, Arc<str>>,
    resources: HashMap<String, ResourceAddr>,
}

impl Interner {
    pub(crate) fn text(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<str>> {
        let text = row.get_ref(column)?.as_str()?;
        if let Some(known) = self.texts.get(text) {
            return Ok(known.clone());
        }
        let shared: Arc<str> = Arc::from(text);
        self.texts.insert(text.to_owned(), shared.clone());
        Ok(shared)
    }

    pub(crate) fn resource(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<ResourceAddr> {
        self.parse(row.get_ref(column)?.as_str()?, column)
    }

    /// A JSON array of resource addresses.
    pub(crate) fn resources(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<ResourceAddr>> {
        let texts: Vec<String> = serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|e| damaged(column, e))?;
        texts.iter().map(|text| self.parse(text, column)).collect()
    }

    fn parse(&mut self, text: &str, column: usize) -> rusqlite::Result<ResourceAddr> {
        if let Some(known) = self.resources.get(text) {
            return Ok(known.clone());
        }
        // A resource's address reads as that of its instance without a key.
        let addr = text.parse::<InstanceAddr>().map_err(|e| damaged(column, e))?.resource();
        self.resources.insert(text.to_owned(), addr.clone());
        Ok(addr)
    }
}

fn damaged(column: usize, error: impl Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
