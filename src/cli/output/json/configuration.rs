//! `configuration` in `show -json` of a plan: what is written, module by module.

use super::expressions::{arguments, block, depends_on, expression};
use super::provider_config::ProviderConfigs;
use super::resource::mode;
use crate::cli::output::schemas::SchemaBook;
use crate::config::{Config, Expr, Module, ModuleCall, Output, Provisioner, Resource, Variable};
use crate::engine;
use levee_model::{Mode, ModulePath, ResourceAddr, json as model_json};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// The whole configuration but for `without`: blocks that were written for this plan.
pub(crate) fn document(config: &Config, schemas: &SchemaBook, without: &BTreeSet<ResourceAddr>) -> Json {
    let providers = ProviderConfigs::of(config);
    let mut out = Map::new();
    put(&mut out, "provider_config", providers.document());
    let writer = Writer { config, schemas, without, providers };
    out.insert("root_module".into(), writer.module(&ModulePath::root()));
    out.into()
}

/// Adds what is not empty.
fn put(out: &mut Map<String, Json>, key: &str, value: Json) {
    let empty = match &value {
        Json::Object(members) => members.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Null | Json::Bool(false) => true,
        _ => false,
    };
    if !empty {
        out.insert(key.to_owned(), value);
    }
}

struct Writer<'a> {
    config: &'a Config,
    schemas: &'a SchemaBook,
    without: &'a BTreeSet<ResourceAddr>,
    providers: ProviderConfigs,
}

impl Writer<'_> {
    fn module(&self, path: &ModulePath) -> Json {
        let mut out = Map::new();
        let Some(module) = self.config.modules.get(path) else { return out.into() };
        put(&mut out, "outputs", module.outputs.iter().map(|(n, o)| (n.to_string(), output(o))).collect::<Map<_, _>>().into());
        put(&mut out, "resources", self.resources(module));
        let calls = module.calls.iter().map(|(name, call)| (name.to_string(), self.call(&path.child(name), call)));
        put(&mut out, "module_calls", calls.collect::<Map<_, _>>().into());
        put(&mut out, "variables", module.variables.iter().map(|(n, v)| (n.to_string(), variable(v))).collect::<Map<_, _>>().into());
        out.into()
    }

    fn resources(&self, module: &Module) -> Json {
        let of = |wanted: Mode| {
            let addr = |r: &Resource| ResourceAddr {
                module: module.path.clone(),
                mode: r.mode,
                type_name: r.type_name.clone(),
                name: r.name.clone(),
            };
            let of_mode = module.resources.values().filter(|r| r.mode == wanted && !self.without.contains(&addr(r)));
            let mut found: Vec<_> = of_mode.map(|r| (address(r), r)).collect();
            found.sort_by(|a, b| a.0.cmp(&b.0));
            found
        };
        of(Mode::Managed).into_iter().chain(of(Mode::Data)).map(|(address, r)| self.resource(module, address, r)).collect()
    }

    fn resource(&self, module: &Module, address: String, r: &Resource) -> Json {
        let mut out = Map::new();
        out.insert("address".into(), address.into());
        out.insert("mode".into(), mode(r.mode).into());
        out.insert("type".into(), (*r.type_name).into());
        out.insert("name".into(), (*r.name).into());
        out.insert("provider_config_key".into(), self.providers.key_of(&module.path, r).into());
        let entry = self.schemas.of_type(r.mode, &r.type_name);
        let schema = entry.as_ref().map(|e| &e.schema);
        put(&mut out, "provisioners", r.provisioners.iter().map(provisioner).collect());
        put(&mut out, "expressions", schema.map_or(Json::Null, |s| block(&r.body, &s.block).into()));
        out.insert("schema_version".into(), schema.map_or(0, |s| s.version).into());
        repetition(&mut out, r.count.as_deref(), r.for_each.as_deref());
        put(&mut out, "depends_on", depends_on(&r.depends_on));
        out.into()
    }

    fn call(&self, path: &ModulePath, call: &ModuleCall) -> Json {
        let mut out = Map::new();
        out.insert("source".into(), (*call.source).into());
        put(&mut out, "expressions", arguments(&call.arguments).into());
        repetition(&mut out, call.count.as_ref(), call.for_each.as_ref());
        out.insert("module".into(), self.module(path));
        put(&mut out, "depends_on", depends_on(&call.depends_on));
        out.into()
    }
}

fn address(r: &Resource) -> String {
    let prefix = if r.mode == Mode::Data { "data." } else { "" };
    format!("{prefix}{}.{}", r.type_name, r.name)
}

fn provisioner(provisioner: &Provisioner) -> Json {
    let mut out = Map::new();
    out.insert("type".into(), (*provisioner.kind).into());
    put(&mut out, "expressions", arguments(&provisioner.body).into());
    out.into()
}

fn repetition(out: &mut Map<String, Json>, count: Option<&Expr>, for_each: Option<&Expr>) {
    if let Some(count) = count {
        put(out, "count_expression", expression(count));
    }
    if let Some(for_each) = for_each {
        put(out, "for_each_expression", expression(for_each));
    }
}

fn output(output: &Output) -> Json {
    let mut out = Map::new();
    put(&mut out, "sensitive", output.sensitive.into());
    out.insert("expression".into(), expression(&output.expr));
    put(&mut out, "depends_on", depends_on(&output.depends_on));
    put_text(&mut out, "description", output.description.as_deref());
    out.into()
}

fn variable(variable: &Variable) -> Json {
    let mut out = Map::new();
    if let Some(default) = engine::default_of(variable) {
        out.insert("default".into(), model_json::to_json(&default));
    }
    put_text(&mut out, "description", variable.description.as_deref());
    put(&mut out, "sensitive", json!(variable.sensitive));
    out.into()
}

fn put_text(out: &mut Map<String, Json>, key: &str, text: Option<&str>) {
    if let Some(text) = text.filter(|t| !t.is_empty()) {
        out.insert(key.to_owned(), text.into());
    }
}
