//! One object in `show -json`, and the tree of modules that objects stand in.

use super::values;
use crate::cli::output::schemas::SchemaBook;
use levee_model::{InstanceAddr, InstanceKey, Mode, ModuleInstance, Value};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// What is said about one object.
pub(crate) struct Described<'a> {
    pub(crate) addr: &'a InstanceAddr,
    pub(crate) value: &'a Value,
    pub(crate) deposed: Option<&'a str>,
    pub(crate) tainted: bool,
    pub(crate) dependencies: &'a [String],
}

/// The address in its parts, the way every format begins to describe an object.
pub(crate) fn identity(addr: &InstanceAddr, schemas: &SchemaBook) -> Map<String, Json> {
    let mut out = Map::new();
    out.insert("address".into(), addr.to_string().into());
    out.insert("mode".into(), mode(addr.mode).into());
    out.insert("type".into(), (*addr.type_name).into());
    out.insert("name".into(), (*addr.name).into());
    match &addr.key {
        InstanceKey::None => {}
        key => drop(out.insert("index".into(), index(key))),
    }
    if let Some(entry) = schemas.get(addr) {
        out.insert("provider_name".into(), (*entry.provider).into());
    }
    out
}

/// `managed`, `data` or `ephemeral`.
pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "managed",
        Mode::Data => "data",
        Mode::Ephemeral => "ephemeral",
    }
}

/// The key of an instance; null if it has none.
pub(crate) fn index(key: &InstanceKey) -> Json {
    match key {
        InstanceKey::None => Json::Null,
        InstanceKey::Int(n) => Json::from(*n),
        InstanceKey::Str(s) => Json::from(&**s),
    }
}

fn resource(object: &Described<'_>, schemas: &SchemaBook) -> Json {
    let entry = schemas.get(object.addr);
    let schema = entry.as_ref().map(|e| &e.schema);
    let mut out = identity(object.addr, schemas);
    out.insert("schema_version".into(), schema.map_or(0, |s| s.version).into());
    let value = Some(object.value).filter(|v| !v.is_null());
    if value.is_some() {
        out.insert("values".into(), values::known(value));
    }
    out.insert("sensitive_values".into(), values::sensitive(value, schema.map(|s| &s.block)));
    if !object.dependencies.is_empty() {
        out.insert("depends_on".into(), object.dependencies.into());
    }
    if object.tainted {
        out.insert("tainted".into(), true.into());
    }
    if let Some(key) = object.deposed {
        out.insert("deposed_key".into(), key.into());
    }
    out.into()
}

/// The root module with all objects, nested as their modules are.
pub(crate) fn root_module<'a>(objects: impl IntoIterator<Item = Described<'a>>, schemas: &SchemaBook) -> Json {
    let mut modules: BTreeMap<ModuleInstance, Vec<Json>> = BTreeMap::new();
    for object in objects {
        let at = &object.addr.module;
        // Modules on the way are there even if nothing stands in them directly.
        for depth in 0..at.0.len() {
            modules.entry(ModuleInstance(at.0[..depth].into())).or_default();
        }
        modules.entry(at.clone()).or_default().push(resource(&object, schemas));
    }
    module(&ModuleInstance::root(), &modules)
}

fn module(at: &ModuleInstance, modules: &BTreeMap<ModuleInstance, Vec<Json>>) -> Json {
    let mut out = Map::new();
    if let Some(resources) = modules.get(at).filter(|r| !r.is_empty()) {
        out.insert("resources".into(), resources.clone().into());
    }
    if !at.is_root() {
        out.insert("address".into(), at.to_string().into());
    }
    let is_child = |m: &&ModuleInstance| m.0.len() == at.0.len() + 1 && m.starts_with(at);
    // Everything below a module follows it in order, so the search ends at the first that does not.
    let below = modules.range(at.clone()..).map(|(m, _)| m).take_while(|m| m.starts_with(at));
    let children: Vec<Json> = below.filter(is_child).map(|m| module(m, modules)).collect();
    if !children.is_empty() {
        out.insert("child_modules".into(), children.into());
    }
    out.into()
}
