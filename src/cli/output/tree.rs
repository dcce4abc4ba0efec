//! Trees of modules, drawn: what each of them calls, and which providers it needs.

use crate::config::version::Constraints;
use crate::config::{Module, ProviderSource};
use crate::engine::Inventory;
use levee_model::ModulePath;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// What stands at one place of a tree, and what below it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

fn draw(branches: &[Branch], indent: &str, out: &mut String) {
    for (i, branch) in branches.iter().enumerate() {
        let (sign, further) = if i + 1 == branches.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
        out.push_str(&format!("{indent}{sign}{}\n", branch.text));
        draw(&branch.below, &format!("{indent}{further}"), out);
    }
}

/// The providers that each module needs, and those of the objects in the state.
pub(crate) fn providers(found: &Inventory) -> String {
    let mut out = String::from("\nProviders required by configuration:\n.\n");
    draw(&needed(found, &ModulePath::root()), "", &mut out);
    if !found.in_state.is_empty() {
        out.push_str("\nProviders required by state:\n\n");
        for source in &found.in_state {
            out.push_str(&format!("    provider[{}]\n", levee_sdk::schema_json::full_source(source)));
        }
    }
    out + "\n"
}

fn needed(found: &Inventory, path: &ModulePath) -> Vec<Branch> {
    let Some(module) = found.config.modules.get(path) else { return Vec::new() };
    let mut wanted: BTreeMap<ProviderSource, Vec<String>> = BTreeMap::new();
    for required in module.required_providers.values() {
        let constraint = required.version.as_deref().and_then(|t| Constraints::parse(t).ok()).map(|c| c.to_string());
        wanted.entry(required.source.clone()).or_default().extend(constraint);
    }
    for source in implied(module) {
        wanted.entry(source).or_default();
    }
    let provider = |(source, constraints): (&ProviderSource, &Vec<String>)| {
        let tail = if constraints.is_empty() { String::new() } else { format!(" {}", constraints.join(", ")) };
        Branch { text: format!("provider[{source}]{tail}"), below: Vec::new() }
    };
    let call = |name: &std::sync::Arc<str>| Branch { text: format!("module.{name}"), below: needed(found, &path.child(name)) };
    wanted.iter().map(provider).chain(module.calls.keys().map(call)).collect()
}

/// The providers that a module's blocks need, whatever it requires.
fn implied(module: &Module) -> impl Iterator<Item = ProviderSource> + '_ {
    let written = module.providers.iter().map(|p| module.provider_source(&p.name));
    let used = module.resources.values().map(|r| {
        let named = r.provider.as_ref().map(|p| &*p.name);
        module.provider_source(named.unwrap_or_else(|| r.type_name.split('_').next().unwrap_or_default()))
    });
    written.chain(used)
}

/// The modules that are called.
pub(crate) fn modules(found: &Inventory) -> String {
    let branches = called(found, &ModulePath::root());
    if branches.is_empty() {
        return "No modules found in configuration.".to_owned();
    }
    let mut out = String::from("\nModules declared by configuration:\n.\n");
    draw(&branches, "", &mut out);
    out
}

fn called(found: &Inventory, path: &ModulePath) -> Vec<Branch> {
    let calls = found.config.modules.get(path).into_iter().flat_map(|m| m.calls.values());
    let branch = |call: &crate::config::ModuleCall| {
        let child = path.child(&call.name);
        let version = version(found, &child);
        let constraint = call.version.as_ref().map(|(text, _)| text.to_string()).filter(|text| *text != version);
        let tail = match (version.is_empty(), constraint) {
            (true, _) => String::new(),
            (false, None) => format!(" {version}"),
            (false, Some(constraint)) => format!(" {version} ({constraint})"),
        };
        Branch { text: format!("\"{}\"[{}]{tail}", call.name, source(call)), below: called(found, &child) }
    };
    calls.map(branch).collect()
}

/// The modules that are called, for programs.
pub(crate) fn modules_json(found: &Inventory) -> Json {
    let mut all = Vec::new();
    list(found, &ModulePath::root(), &mut all);
    json!({ "format_version": "1.0", "modules": all })
}

fn list(found: &Inventory, path: &ModulePath, out: &mut Vec<Json>) {
    for call in found.config.modules.get(path).into_iter().flat_map(|m| m.calls.values()) {
        let child = path.child(&call.name);
        out.push(json!({ "key": &*call.name, "source": source(call), "version": version(found, &child) }));
        list(found, &child, out);
    }
}

fn source(call: &crate::config::ModuleCall) -> String {
    call.address.as_ref().map_or_else(|| call.source.to_string(), ToString::to_string)
}

/// The version of a registry's module; empty for others.
fn version(found: &Inventory, path: &ModulePath) -> String {
    found.modules.records.get(&path.0.join(".")).and_then(|r| r.version.clone()).unwrap_or_default()
}
