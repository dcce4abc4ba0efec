//! `provider_config` in `show -json` of a plan: provider configurations of every module, and which of them a resource uses.

use super::expressions;
use crate::config::{Config, Module, Passed, ProviderRef, Resource};
use crate::providers;
use levee_model::ModulePath;
use levee_sdk::schema_json::full_source;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// One configuration, written or implied.
struct Entry {
    name: String,
    full_name: String,
    alias: Option<String>,
    version: Option<String>,
    module: String,
    expressions: Map<String, Json>,
    /// The configuration of a calling module that this one stands for.
    passed_from: Option<String>,
}

/// All of them, by what the format calls their keys: `aws.west`, `module.net:aws`.
pub(super) struct ProviderConfigs(BTreeMap<String, Entry>);

impl ProviderConfigs {
    pub(super) fn of(config: &Config) -> Self {
        let mut out = Self(BTreeMap::new());
        out.collect(config, &ModulePath::root());
        out
    }

    fn collect(&mut self, config: &Config, path: &ModulePath) {
        let Some(module) = config.modules.get(path) else { return };
        self.written(config, module);
        self.implied(config, module);
        for (name, call) in &module.calls {
            let child = path.child(name);
            for Passed { child: ProviderRef { name: passed, alias, .. }, parent: given } in &call.providers {
                let entry = Entry {
                    full_name: full_source(&config.source_of(&child, passed)),
                    passed_from: self.origin(key(&local(&given.name, given.alias.as_deref()), path), &config.source_of(&child, passed)),
                    ..Entry::new(&local(passed, alias.as_deref()), &child)
                };
                self.0.insert(key(&entry.name, &child), entry);
            }
            self.collect(config, &child);
        }
    }

    /// Those that the module writes.
    fn written(&mut self, config: &Config, module: &Module) {
        for written in &module.providers {
            let source = config.source_of(&module.path, &written.name);
            let provider = providers::registry().get(&source);
            let entry = Entry {
                full_name: full_source(&source),
                alias: written.alias.as_ref().map(ToString::to_string),
                version: constraints(module, &written.name),
                expressions: provider.map(|p| expressions::block(&written.body, &p.types().block().block)).unwrap_or_default(),
                ..Entry::new(&written.name, &module.path)
            };
            self.0.insert(key(&local(&written.name, written.alias.as_deref()), &module.path), entry);
        }
    }

    /// Those that the module requires, or that its resources imply.
    fn implied(&mut self, config: &Config, module: &Module) {
        let path = &module.path;
        let parent = path.split_last().map(|(parent, _)| parent);
        let mut names = BTreeSet::new();
        for (name, required) in &module.required_providers {
            for alias in &required.configuration_aliases {
                let full_name = full_source(&config.source_of(path, name));
                let at = key(&alias.to_string(), path);
                let version = constraints(module, name);
                self.0.entry(at).or_insert_with(|| Entry { full_name, version, ..Entry::new(name, path) });
            }
            names.insert(name.to_string());
        }
        names.extend(module.providers.iter().map(|p| p.name.to_string()));
        names.extend(module.resources.values().map(|r| provider_ref(r).0));
        for name in names {
            let at = key(&name, path);
            if self.0.contains_key(&at) {
                continue;
            }
            let source = config.source_of(path, &name);
            let passed_from = parent.as_ref().and_then(|parent| self.origin(key(&name, parent), &source));
            let entry =
                Entry { full_name: full_source(&source), version: constraints(module, &name), passed_from, ..Entry::new(&name, path) };
            self.0.insert(at, entry);
        }
    }

    /// The configuration that one of a calling module stands for in the end; none if it is another provider's.
    fn origin(&self, start: String, source: &str) -> Option<String> {
        let (mut found, mut next) = (None, Some(start));
        while let Some(at) = next {
            let Some(entry) = self.0.get(&at).filter(|e| e.full_name == full_source(source)) else { break };
            next = entry.passed_from.clone();
            found = Some(at);
        }
        found
    }

    /// Which configuration a resource uses.
    pub(super) fn key_of(&self, module: &ModulePath, resource: &Resource) -> String {
        let (name, alias) = provider_ref(resource);
        let own = key(&local(&name, alias.as_deref()), module);
        self.0.get(&own).and_then(|e| e.passed_from.clone()).unwrap_or(own)
    }

    /// Those that stand for themselves.
    pub(super) fn document(&self) -> Json {
        let own = self.0.iter().filter(|(_, e)| e.passed_from.is_none());
        own.map(|(key, e)| (key.clone(), e.document())).collect::<Map<_, _>>().into()
    }
}

impl Entry {
    fn new(name: &str, module: &ModulePath) -> Self {
        let module = module.to_string();
        let name = name.to_owned();
        Self { name, full_name: String::new(), alias: None, version: None, module, expressions: Map::new(), passed_from: None }
    }

    fn document(&self) -> Json {
        let mut out = Map::new();
        let texts = [
            ("name", Some(&self.name)),
            ("full_name", Some(&self.full_name)),
            ("alias", self.alias.as_ref()),
            ("version_constraint", self.version.as_ref()),
            ("module_address", Some(&self.module)),
        ];
        for (key, text) in texts {
            if let Some(text) = text.filter(|t| !t.is_empty()) {
                out.insert(key.into(), text.clone().into());
            }
        }
        if !self.expressions.is_empty() {
            out.insert("expressions".into(), self.expressions.clone().into());
        }
        out.into()
    }
}

/// Local name and alias of the provider that a resource names, or that its type implies.
fn provider_ref(resource: &Resource) -> (String, Option<String>) {
    match resource.provider.as_deref() {
        Some(ProviderRef { name, alias, .. }) => (name.to_string(), alias.as_ref().map(ToString::to_string)),
        None => (resource.type_name.split('_').next().unwrap_or_default().to_owned(), None),
    }
}

fn local(name: &str, alias: Option<&str>) -> String {
    alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"))
}

fn key(local: &str, module: &ModulePath) -> String {
    if module.is_root() { local.to_owned() } else { format!("{module}:{local}") }
}

/// What a module asks of the version of a provider, in all places where it does.
fn constraints(module: &Module, name: &str) -> Option<String> {
    let required = module.required_providers.get(name).and_then(|r| r.version.as_deref());
    let written = module.providers.iter().filter(|p| *p.name == *name).filter_map(|p| p.version.as_deref());
    let all: Vec<&str> = required.into_iter().chain(written).flat_map(|text| text.split(',')).map(str::trim).collect();
    if all.is_empty() { None } else { Some(all.join(", ")) }
}
