//! Everything at one serial, read in one transaction. Values stay text, and what repeats (providers, dependencies) is
//! held once, so that memory follows the size of the state and no more.

use crate::meta;
use crate::rows::{Base, ObjectRow, ObjectStatus, OutputRow};
use crate::run::{RunId, read_runs};
use crate::seal::{self, Damage};
use levee_model::address::{DeposedKey, InstanceAddr, ResourceAddr};
use rusqlite::types::{Type, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
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
    /// Whether a run was changing it just then.
    pub moving: bool,
    /// How the conditions of the configuration turned out in the last run, as JSON; not known of earlier runs.
    pub checks: Option<String>,
}

impl Snapshot {
    /// What a plan made from this snapshot is based on.
    pub fn base(&self) -> Base {
        // What a run is still changing is not the state of its serial yet: a plan made of it holds nowhere.
        Base { lineage: self.lineage, serial: self.serial - u64::from(self.moving && self.serial > 0) }
    }
    /// One object.
    pub fn object(&self, addr: &InstanceAddr, deposed: Option<&DeposedKey>) -> Option<&ObjectRow> {
        let found = self.objects.binary_search_by(|o| (&o.addr, o.deposed.as_ref()).cmp(&(addr, deposed)));
        found.ok().map(|i| &self.objects[i])
    }
}

/// Columns of an object in `instances` and, with `removed` before them, in `versions`, and its seal.
const OBJECT: &str = "addr, deposed, run, provider, provider_source, schema_version, status, object_id, create_before_destroy, \
     dependencies, sensitive_paths, attributes, private, seal";

/// Where the seal is, after one more column.
const SEAL: usize = 14;

/// One more column, those of [`OBJECT`], and the seal, each asked for once.
fn columns_of<'r>(row: &'r Row<'_>) -> rusqlite::Result<[ValueRef<'r>; SEAL + 1]> {
    let mut columns = [ValueRef::Null; SEAL + 1];
    for (at, column) in columns.iter_mut().enumerate() {
        *column = row.get_ref(at)?;
    }
    Ok(columns)
}

/// The state now. The caller holds a transaction.
pub(crate) fn read(conn: &Connection) -> rusqlite::Result<Snapshot> {
    let meta = meta::read(conn)?;
    let mut interner = Interner::default();
    let mut statement = conn.prepare(&format!("SELECT 0, {OBJECT} FROM instances NOT INDEXED"))?;
    let mut rows = statement.query([])?;
    let mut objects = Vec::with_capacity(usize::try_from(meta.instances).unwrap_or_default().min(CAPACITY));
    while let Some(row) = rows.next()? {
        let columns = columns_of(row)?;
        seal::verify_values(columns[..SEAL].iter().copied(), columns[SEAL], "instances")?;
        objects.push(object_of(&columns, &mut interner)?);
    }
    Damage::unless_all("instances", meta.instances, objects.len())?;
    sort(&mut objects)?;
    let outputs = read_outputs(conn)?;
    Damage::unless_all("outputs", meta.outputs, outputs.len())?;
    let (lineage, serial) = (meta.base.lineage, meta.base.serial);
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL AND serial = ?1)";
    let moving = conn.query_row(sql, [crate::rows::sql_int(serial)], |row| row.get(0))?;
    Ok(Snapshot { lineage, serial, objects, outputs, moving, checks: read_checks(conn, meta.checks)? })
}

/// More objects than this are not made room for beforehand: the number may be damaged.
const CAPACITY: usize = 1 << 20;

fn read_checks(conn: &Connection, known: u64) -> rusqlite::Result<Option<String>> {
    let sealed = |row: &Row<'_>| seal::verify(row, 0..2, "checks").and_then(|()| row.get(1));
    let found = conn.query_row("SELECT only, results, seal FROM checks", [], sealed).optional()?;
    Damage::unless_all("checks", known, usize::from(found.is_some()))?;
    Ok(found)
}

/// The state as a run left it. The caller holds a transaction.
pub(crate) fn read_at(conn: &Connection, run: RunId) -> rusqlite::Result<Snapshot> {
    let base = meta::read(conn)?.base;
    let serial = read_runs(conn)?.iter().filter(|r| r.id <= run).filter_map(|r| r.serial).next_back().unwrap_or_default();
    let mut newest: BTreeMap<(InstanceAddr, Option<DeposedKey>), Version> = BTreeMap::new();
    each_version(conn, |version| {
        if version.run <= run {
            let known = newest.entry((version.addr.clone(), version.deposed.clone())).or_insert_with(|| version.clone());
            if known.run < version.run {
                *known = version;
            }
        }
    })?;
    let objects = newest.into_values().filter_map(|v| v.object).collect();
    let outputs = read_outputs_at(conn, run)?;
    Ok(Snapshot { lineage: base.lineage, serial, objects, outputs, moving: false, checks: None })
}

/// An object as a run left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The run.
    pub run: RunId,
    /// Its instance.
    pub addr: InstanceAddr,
    /// Which deposed object, if it is one.
    pub deposed: Option<DeposedKey>,
    /// What it was like; none if it was there no more.
    pub object: Option<ObjectRow>,
}

/// All versions, in the order in which they were written. No index is asked: what it leaves out could not be seen.
pub(crate) fn each_version(conn: &Connection, mut each: impl FnMut(Version)) -> rusqlite::Result<()> {
    let known = meta::read(conn)?.versions;
    let mut interner = Interner::default();
    let mut statement = conn.prepare(&format!("SELECT removed, {OBJECT}, id FROM versions NOT INDEXED"))?;
    let mut rows = statement.query([])?;
    let mut ids: Vec<i64> = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = columns_of(row)?;
        seal::verify_values(columns[..SEAL].iter().copied(), columns[SEAL], "versions")?;
        ids.push(row.get(SEAL + 1)?);
        let removed: bool = row.get(0)?;
        let object = if removed { None } else { Some(object_of(&columns, &mut interner)?) };
        let run = RunId(unsigned(row, 3)?);
        each(Version { run, addr: instance_of(row, 1)?, deposed: optional_deposed(row, 2)?, object });
    }
    seal::verify_order("versions", ids.iter())?;
    Damage::unless_all("versions", known, ids.len())
}

fn sort(objects: &mut [ObjectRow]) -> rusqlite::Result<()> {
    objects.sort_unstable_by(|a, b| (&a.addr, &a.deposed).cmp(&(&b.addr, &b.deposed)));
    if objects.is_sorted_by(|a, b| (&a.addr, &a.deposed) < (&b.addr, &b.deposed)) {
        return Ok(());
    }
    Err(Damage::found("an object is there twice"))
}

/// The outputs now.
pub(crate) fn read_outputs(conn: &Connection) -> rusqlite::Result<BTreeMap<String, OutputRow>> {
    let mut statement = conn.prepare("SELECT name, value, type, sensitive, seal FROM outputs")?;
    let rows = statement.query_map([], |row| {
        seal::verify(row, 0..4, "outputs")?;
        Ok((row.get(0)?, OutputRow { value: row.get(1)?, type_json: row.get(2)?, sensitive: row.get(3)? }))
    })?;
    rows.collect()
}

/// The outputs as a run left them.
pub(crate) fn read_outputs_at(conn: &Connection, run: RunId) -> rusqlite::Result<BTreeMap<String, OutputRow>> {
    let known = meta::read(conn)?.output_versions;
    let mut newest: BTreeMap<String, (RunId, Option<OutputRow>)> = BTreeMap::new();
    let mut statement = conn.prepare("SELECT name, run, removed, value, type, sensitive, seal FROM output_versions")?;
    let mut rows = statement.query([])?;
    let mut keys: Vec<(String, RunId)> = Vec::new();
    while let Some(row) = rows.next()? {
        seal::verify(row, 0..6, "output_versions")?;
        let (name, at): (String, _) = (row.get(0)?, RunId(unsigned(row, 1)?));
        keys.push((name.clone(), at));
        let removed: bool = row.get(2)?;
        let output = || Ok::<_, rusqlite::Error>(OutputRow { value: row.get(3)?, type_json: row.get(4)?, sensitive: row.get(5)? });
        if at <= run && newest.get(&name).is_none_or(|(known, _)| *known < at) {
            newest.insert(name, (at, if removed { None } else { Some(output()?) }));
        }
    }
    seal::verify_order("output_versions", keys.iter())?;
    Damage::unless_all("output_versions", known, keys.len())?;
    Ok(newest.into_iter().filter_map(|(name, (_, output))| Some((name, output?))).collect())
}

/// One object, selected as [`OBJECT`] after one more column.
fn object_of(columns: &[ValueRef<'_>; SEAL + 1], interner: &mut Interner) -> rusqlite::Result<ObjectRow> {
    let [_, addr, deposed, _, provider, provider_source, version, status, id, create_first, on, sensitive_paths, values, private, _] =
        columns;
    let mut addr: InstanceAddr = addr.as_str()?.parse().map_err(|e| damaged(1, e))?;
    addr.type_name = interner.shared(&addr.type_name);
    let version = version.as_i64()?;
    Ok(ObjectRow {
        addr,
        deposed: deposed_of(deposed.as_str()?),
        provider: interner.shared(provider.as_str()?),
        provider_source: interner.shared(provider_source.as_str()?),
        schema_version: u64::try_from(version).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(6, version))?,
        status: if status.as_str()? == "tainted" { ObjectStatus::Tainted } else { ObjectStatus::Ready },
        id: id.as_str_or_null()?.map(str::to_owned),
        create_before_destroy: create_first.as_i64()? != 0,
        dependencies: interner.addresses(on.as_str()?, 10)?,
        sensitive_paths: sensitive_paths.as_str()?.to_owned(),
        values: values.as_str()?.to_owned(),
        private: private.as_blob_or_null()?.map(<[u8]>::to_vec),
    })
}

/// A deposed key's column: empty for the current object.
pub(crate) fn optional_deposed(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DeposedKey>> {
    Ok(deposed_of(row.get_ref(column)?.as_str()?))
}

fn deposed_of(text: &str) -> Option<DeposedKey> {
    (!text.is_empty()).then(|| DeposedKey(Arc::from(text)))
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
    texts: FxHashMap<String, Arc<str>>,
    resources: FxHashMap<String, ResourceAddr>,
    lists: FxHashMap<String, Vec<ResourceAddr>>,
}

impl Interner {
    pub(crate) fn text(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<Arc<str>> {
        Ok(self.shared(row.get_ref(column)?.as_str()?))
    }

    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return known.clone();
        }
        let shared: Arc<str> = Arc::from(text);
        self.texts.insert(text.to_owned(), shared.clone());
        shared
    }

    /// A JSON array of resource addresses.
    pub(crate) fn resources(&mut self, row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<ResourceAddr>> {
        self.addresses(row.get_ref(column)?.as_str()?, column)
    }

    fn addresses(&mut self, text: &str, column: usize) -> rusqlite::Result<Vec<ResourceAddr>> {
        if text == "[]" {
            return Ok(Vec::new());
        }
        if let Some(known) = self.lists.get(text) {
            return Ok(known.clone());
        }
        let texts: Vec<String> = serde_json::from_str(text).map_err(|e| damaged(column, e))?;
        let list = texts.iter().map(|text| self.parse(text, column)).collect::<rusqlite::Result<Vec<_>>>()?;
        self.lists.insert(text.to_owned(), list.clone());
        Ok(list)
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
