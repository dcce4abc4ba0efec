//! The objects that the state knows: rows decoded by their schemas.

use super::own_types::OwnTypes;
use crate::providers::Registry;
use indexmap::{Equivalent, IndexMap};
use levee_model::{
    DeposedKey, Diagnostic, Diagnostics, InstanceAddr, InstanceKey, Marks, Mode, ModuleInstance, Path, ResourceAddr, Step, Type, Value,
    json,
};
use levee_sdk::schema::{Block, Schema};
use levee_sdk::{AnyResource, Effects};
use levee_state::{ObjectRow, ObjectStatus, Snapshot};
use rustc_hash::FxBuildHasher;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use uuid::Uuid;

/// One object of the state.
#[derive(Clone, Debug)]
pub struct Prior {
    /// As it is stored.
    pub row: Arc<ObjectRow>,
    /// As it was stored, with marks.
    pub stored: Value,
    /// As it is: read anew if refreshed; `None` when it is gone.
    pub current: Option<Value>,
}

impl Prior {
    /// Whether it is to be replaced because its creation failed half way.
    pub fn is_tainted(&self) -> bool {
        self.row.status == ObjectStatus::Tainted
    }

    /// Whether reading it found something other than what is stored.
    pub fn moved(&self) -> bool {
        let Some(current) = &self.current else { return true };
        !current.is_shared_with(&self.stored) && current.clone().unmark_deep().0 != self.stored.clone().unmark_deep().0
    }
}

/// The key of an object: its instance, and which deposed one.
pub type ObjectKey = (InstanceAddr, Option<DeposedKey>);

/// Objects by address, in order; the current object of an instance comes before its deposed ones.
pub type Priors = IndexMap<ObjectKey, Prior, FxBuildHasher>;

/// The key of the current object of an instance.
#[derive(Clone, Copy)]
struct CurrentOf<'a>(&'a InstanceAddr);

impl Hash for CurrentOf<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0, None::<DeposedKey>).hash(state);
    }
}

impl Equivalent<ObjectKey> for CurrentOf<'_> {
    fn equivalent(&self, (addr, deposed): &ObjectKey) -> bool {
        deposed.is_none() && addr == self.0
    }
}

/// All objects of one snapshot.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// By address.
    pub all: Priors,
    /// Outputs as stored.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// What the state was when it was read.
    pub base: (Uuid, u64),
}

impl Objects {
    /// Decodes a snapshot. A row whose type is not built in is an error that names it.
    pub fn decode(snapshot: Snapshot, registry: &'static Registry) -> (Self, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut out = Self { base: (snapshot.base().lineage, snapshot.base().serial), ..Self::default() };
        let values = decode_all(&snapshot.objects, registry);
        let keyed = |(row, stored): (ObjectRow, Result<Value, Box<Diagnostic>>)| {
            let stored = diagnostics.keep(stored.map_err(|d| *d))?;
            let key = (row.addr.clone(), row.deposed.clone());
            Some((key, Prior { row: Arc::new(row), current: Some(stored.clone()), stored }))
        };
        out.all.reserve(snapshot.objects.len());
        out.all.extend(snapshot.objects.into_iter().zip(values).filter_map(keyed));
        debug_assert!(out.all.keys().is_sorted());
        for (name, row) in snapshot.outputs {
            if let Some(value) = diagnostics.keep(decode_output(&name, &row)) {
                out.outputs.insert(Arc::from(name), value);
            }
        }
        (out, diagnostics)
    }

    /// All objects of a resource in one instance of its module.
    pub fn of<'a>(&'a self, resource: &'a ResourceAddr, home: &'a ModuleInstance) -> impl Iterator<Item = (&'a ObjectKey, &'a Prior)> {
        let first: ObjectKey = (resource.instance(home, InstanceKey::None), None);
        let start = self.all.partition_point(|key, _| *key < first);
        self.all.get_range(start..).into_iter().flatten().take_while(move |((a, _), _)| {
            (&a.module, a.mode, &a.type_name, &a.name) == (home, resource.mode, &resource.type_name, &resource.name)
        })
    }

    /// The current object of an instance, if it still exists.
    pub fn current(&self, addr: &InstanceAddr) -> Option<&Prior> {
        self.all.get(&CurrentOf(addr))
    }
}

/// The schema of a row's type.
pub fn schema_of(row: &ObjectRow, registry: &Registry) -> Option<Arc<Schema>> {
    match row.addr.mode {
        Mode::Managed => registry.resource(&row.provider_source, &row.addr.type_name).map(|r| r.schema()),
        Mode::Data => registry.data_source(&row.provider_source, &row.addr.type_name).map(|d| d.schema()),
        Mode::Ephemeral => None,
    }
}

/// The resource type of a row.
pub fn resource_of(row: &ObjectRow, registry: &Registry) -> Option<Arc<dyn AnyResource>> {
    registry.resource(&row.provider_source, &row.addr.type_name)
}

/// The resource types of many rows: most have that of the row before.
pub struct ResourceTypes<'a> {
    registry: &'a Registry,
    last: Option<(Arc<ObjectRow>, Option<Arc<dyn AnyResource>>)>,
}

impl<'a> ResourceTypes<'a> {
    /// Those of this registry.
    pub fn new(registry: &'a Registry) -> Self {
        Self { registry, last: None }
    }

    /// The resource type of a row.
    pub fn of(&mut self, row: &Arc<ObjectRow>) -> Option<&Arc<dyn AnyResource>> {
        let same =
            |(last, _): &(Arc<ObjectRow>, _)| (&last.addr.type_name, &last.provider_source) == (&row.addr.type_name, &row.provider_source);
        if !self.last.as_ref().is_some_and(same) {
            self.last = Some((row.clone(), resource_of(row, self.registry)));
        }
        self.last.as_ref()?.1.as_ref()
    }
}

/// Whether there is anything outside of the state to be read.
pub fn is_remote(resource: &dyn AnyResource) -> bool {
    resource.effects() == Effects::Remote
}

/// The values of rows; where there are many, those of one half beside those of the other.
fn decode_all(rows: &[ObjectRow], registry: &'static Registry) -> Vec<Result<Value, Box<Diagnostic>>> {
    let decoded = |rows: &[ObjectRow]| {
        let mut schemas = Schemas::new(registry);
        rows.iter().map(|row| decode(row, &mut schemas).map_err(Box::new)).collect::<Vec<_>>()
    };
    let (first, second) = rows.split_at(if rows.len() < MANY { rows.len() } else { rows.len() / 2 });
    std::thread::scope(|scope| {
        let second = (!second.is_empty()).then(|| scope.spawn(|| decoded(second)));
        let mut all = decoded(first);
        all.extend(second.into_iter().flat_map(|half| half.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        all
    })
}

/// So many rows are worth a thread.
const MANY: usize = 1000;

/// Schemas by resource type, so that they are looked for once and not for every row.
struct Schemas {
    registry: &'static Registry,
    resources: OwnTypes,
}

impl Schemas {
    fn new(registry: &'static Registry) -> Self {
        Self { registry, resources: OwnTypes::new(registry) }
    }

    fn of(&mut self, row: &ObjectRow) -> Option<Arc<Schema>> {
        match row.addr.mode {
            Mode::Managed => self.resources.get(&row.provider_source, &row.addr.type_name).map(|r| r.schema()),
            _ => schema_of(row, self.registry),
        }
    }
}

fn decode(row: &ObjectRow, schemas: &mut Schemas) -> Result<Value, Diagnostic> {
    let unreadable = |why: String| {
        Diagnostic::error("An object of the state cannot be read", format!("{}: {why}", row.addr))
            .about(&row.addr)
            .hint("If the type is not built into this levee, use the version that wrote the state.")
    };
    let found = schemas.of(row);
    let schema = found.ok_or_else(|| unreadable(format!("the resource type is not known to {}.", row.provider_source)))?;
    if row.schema_version > schema.version {
        let name = row.provider_source.rsplit('/').next().unwrap_or_default();
        let detail = format!(
            "The current state of {} was created by a newer provider version than is currently selected. Upgrade the {name} provider to work with this state.",
            row.addr
        );
        return Err(Diagnostic::error("Resource instance managed by newer provider version", detail));
    }
    let ty = schema.ty();
    let without_removed = |_| {
        let parsed = serde_json::from_str(&row.values).map_err(|e| no_json(&e))?;
        value_of(&without_removed(parsed, &ty), &row.sensitive_paths, &ty)
    };
    decode_values(&row.values, &row.sensitive_paths, &ty).or_else(without_removed).map_err(unreadable)
}

/// Without what the schema has no more, which whoever wrote the row may have known.
fn without_removed(json: serde_json::Value, ty: &Type) -> serde_json::Value {
    use serde_json::Value::{Array, Object};
    match (json, ty) {
        (Object(members), Type::Object(o)) => {
            let known = members.into_iter().filter_map(|(name, v)| {
                let ty = o.attributes.get(name.as_str())?;
                Some((name, without_removed(v, ty)))
            });
            Object(known.collect())
        }
        (Object(members), Type::Map(t)) => Object(members.into_iter().map(|(key, v)| (key, without_removed(v, t))).collect()),
        (Array(items), Type::List(t) | Type::Set(t)) => items.into_iter().map(|v| without_removed(v, t)).collect(),
        (json, _) => json,
    }
}

fn no_json(error: &serde_json::Error) -> String {
    format!("its values are no JSON ({error}).")
}

/// Values as a row holds them, with the marks that stand beside them.
pub fn decode_values(values: &str, sensitive: &str, ty: &Type) -> Result<Value, String> {
    if let Some(value) = json::from_json_text(values, ty) {
        return with_marks(value, sensitive);
    }
    let parsed = serde_json::from_str(values).map_err(|e| no_json(&e))?;
    value_of(&parsed, sensitive, ty)
}

fn value_of(parsed: &serde_json::Value, sensitive: &str, ty: &Type) -> Result<Value, String> {
    with_marks(json::from_json(parsed, ty).map_err(|e| format!("its values do not fit the schema: {e}."))?, sensitive)
}

fn with_marks(value: Value, sensitive: &str) -> Result<Value, String> {
    if sensitive.is_empty() || sensitive == "[]" {
        return Ok(value);
    }
    Ok(value.mark_at(&decode_paths(sensitive)?, Marks::SENSITIVE))
}

fn decode_output(name: &str, row: &levee_state::OutputRow) -> Result<Value, Diagnostic> {
    let read = || -> Result<Value, String> {
        let ty: serde_json::Value = serde_json::from_str(&row.type_json).map_err(|e| e.to_string())?;
        let ty = json::type_from_json(&ty).map_err(|e| e.to_string())?;
        let value: serde_json::Value = serde_json::from_str(&row.value).map_err(|e| e.to_string())?;
        json::from_json(&value, &ty).map_err(|e| e.to_string())
    };
    let value = read().map_err(|why| Diagnostic::error("An output of the state cannot be read", format!("{name}: {why}.")))?;
    Ok(if row.sensitive { value.sensitive() } else { value })
}

/// Paths as Terraform's state writes them: lists of `get_attr` and `index` steps.
pub fn encode_paths(paths: &[Path]) -> String {
    let step = |s: &Step| match s {
        Step::Attribute(name) => serde_json::json!({"type": "get_attr", "value": &**name}),
        Step::Index(n) => serde_json::json!({"type": "index", "value": {"value": n, "type": "number"}}),
        Step::Key(key) => serde_json::json!({"type": "index", "value": {"value": &**key, "type": "string"}}),
        Step::Element(_) => serde_json::Value::Null,
    };
    // Elements of a set have no address: the set as a whole stands for them.
    let path = |p: &Path| {
        let steps = p.0.iter().take_while(|s| !matches!(s, Step::Element(_)));
        serde_json::Value::Array(steps.map(step).collect())
    };
    serde_json::Value::Array(paths.iter().map(path).collect()).to_string()
}

fn decode_paths(text: &str) -> Result<Vec<Path>, String> {
    let bad = || "its sensitive paths are not in the expected format.".to_owned();
    let parsed: Vec<Vec<serde_json::Value>> = serde_json::from_str(text).map_err(|_| bad())?;
    let step = |s: &serde_json::Value| -> Option<Step> {
        match s.get("type")?.as_str()? {
            "get_attr" => Some(Step::Attribute(Arc::from(s.get("value")?.as_str()?))),
            "index" => {
                let inner = s.get("value")?.get("value")?;
                match inner.as_str() {
                    Some(key) => Some(Step::Key(Arc::from(key))),
                    None => Some(Step::Index(usize::try_from(inner.as_u64()?).ok()?)),
                }
            }
            _ => None,
        }
    };
    let path = |steps: &Vec<serde_json::Value>| steps.iter().map(step).collect::<Option<Vec<_>>>().map(Path);
    parsed.iter().map(path).collect::<Option<Vec<_>>>().ok_or_else(bad)
}

/// An object as a row holds it: its JSON, and where it is sensitive. What stands in a dynamic attribute carries its type.
pub fn encode_object(value: &Value, block: &Block) -> (String, String) {
    let plain = value.clone().unmark_deep().0;
    let members = plain.members().into_iter().flatten().map(|(name, v)| {
        let ty = match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(attribute), _) if attribute.ty.has_dynamic() => Some(attribute.ty.clone()),
            (None, Some(nested)) => Some(nested.ty()).filter(Type::has_dynamic),
            _ => None,
        };
        (name.to_string(), ty.map_or_else(|| json::to_json(v), |ty| json::to_json_typed(v, &ty)))
    });
    let values = serde_json::Value::Object(members.collect()).to_string();
    (values, encode_marks(value))
}

/// A value and its type's worth of JSON, and where it is sensitive, to be read by [`decode_values`] with the same type.
pub fn encode_value(value: &Value, ty: &Type) -> (String, String) {
    (json::to_json_typed(&value.clone().unmark_deep().0, ty).to_string(), encode_marks(value))
}

/// Where a value is sensitive, as a row holds it.
pub fn encode_marks(value: &Value) -> String {
    let paths = value.marked_paths(Marks::SENSITIVE);
    if paths.is_empty() { "[]".to_owned() } else { encode_paths(&paths) }
}
