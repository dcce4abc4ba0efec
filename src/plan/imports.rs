//! `import` blocks in a walk: which objects are taken over into the state, and under which addresses.

use super::diff::provider_diagnostic;
use super::evaluate;
use super::managed::Declared;
use super::objects::{Prior, encode_object};
use super::pool::Pool;
use super::propose::with_schema_marks;
use super::scope::Repeated;
use super::values::{ModuleId, Needs, World};
use super::walk::{Answer, Pass, Task, Walk};
use crate::config::{Config, Expr, ExprKind, Import, NO_CONFIGURATION, check_key, key_step, no_configuration, target};
use crate::graph::BlockId;
use crate::graph::block::resource_of;
use crate::providers::Registry;
use levee_model::{
    Diagnostic, Diagnostics, InstanceAddr, InstanceKey, Kind, Marks, ModulePath, ProviderAddr, ResourceAddr, Target, Type, Value,
};
use levee_sdk::context::NoSink;
use levee_sdk::{AnyResource, ProviderError};
use levee_state::{ObjectRow, ObjectStatus};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where the root module's values are.
const ROOT: ModuleId = ModuleId(0);

/// The imports into one resource.
#[derive(Default)]
pub struct Imports {
    /// What is imported by which id.
    pub ids: BTreeMap<InstanceAddr, Arc<str>>,
    /// The objects, as they were found.
    pub found: BTreeMap<InstanceAddr, Prior>,
    /// What was read to find the ids.
    pub(super) needs: Needs,
}

/// One answer of a provider that was asked for an object to import.
pub(super) struct ImportRead {
    addr: InstanceAddr,
    provider: Arc<str>,
    source: Arc<str>,
    resource: Arc<dyn AnyResource>,
    result: Result<Option<Value>, ProviderError>,
}

impl Walk<'_> {
    /// The `import` blocks for a resource.
    fn import_blocks(&self, addr: &ResourceAddr) -> Vec<Import> {
        let root = self.world.config.modules.get(&ModulePath::root());
        root.into_iter().flat_map(|m| &m.imports).filter(|i| i.resource == *addr).cloned().collect()
    }

    /// Finds out what is to be imported into a resource, and asks for it. The resource is visited when the answers are
    /// there; `None` when there is nothing to wait for.
    pub(super) fn begin_imports(&mut self, declared: &Declared) -> Option<Task> {
        if self.pass == Pass::Priors || self.imports.contains_key(&declared.id) {
            return None;
        }
        let blocks = self.import_blocks(&declared.addr);
        if blocks.is_empty() {
            return None;
        }
        let mut imports = Imports::default();
        for import in &blocks {
            let Targets { ids, needs, diagnostics } = targets(&self.world, import, self.pass == Pass::Validate);
            imports.needs.extend(needs);
            for addr in ids.keys() {
                self.diagnostics.extend(check_key(&declared.block.resource, &addr.key).map(|d| d.at(import.to.span)));
            }
            self.diagnostics.extend(diagnostics);
            imports.ids.extend(ids);
        }
        // What is managed already is imported; that the block still stands there is no mistake.
        imports.ids.retain(|addr, _| self.objects.current(addr).is_none() && self.selection.lets_through(&self.world.blocks, addr));
        let ids = imports.ids.clone();
        self.imports.insert(declared.id, imports);
        if self.pass != Pass::Plan || ids.is_empty() || self.diagnostics.has_errors() {
            return None;
        }
        self.ask(declared, ids)
    }

    fn ask(&mut self, declared: &Declared, ids: BTreeMap<InstanceAddr, Arc<str>>) -> Option<Task> {
        let resource = declared.behaviour.clone()?;
        let provider: Arc<str> = Arc::from(declared.block.provider.to_string());
        let mut reads = Vec::with_capacity(ids.len());
        for (addr, id) in ids {
            let saved = self.saved_imports.get(&addr).cloned();
            let Some(ctx) = self.ctx(&declared.block.provider) else {
                let detail = format!("{addr} cannot be imported: the configuration of {provider} is not known before the apply.");
                self.diagnostics
                    .push(Diagnostic::error("Provider is not configured", detail).about(&addr).at(declared.block.resource.span));
                return None;
            };
            let (resource, provider, source) = (resource.clone(), provider.clone(), declared.block.source.clone());
            reads.push(async move {
                let result = match saved {
                    Some(value) => Ok(Some(value)),
                    None => resource.import(ctx, id.to_string()).await,
                };
                ImportRead { addr, provider, source, resource: resource.clone(), result }
            });
        }
        let id = declared.id;
        Some(Box::pin(async move { (id, Answer::Import(futures::future::join_all(reads).await)) }))
    }

    /// Takes in what was found, and visits the resource.
    pub(super) fn accept_imports(&mut self, id: BlockId, reads: Vec<ImportRead>) {
        let span = self.world.blocks.graph[id].span(&self.world.config);
        for read in reads {
            let addr = read.addr.clone();
            let ImportRead { addr: at, provider, source, resource, result } = read;
            match imported(at, provider, source, &resource, result) {
                Ok(prior) => drop(self.imports.entry(id).or_default().found.insert(addr, prior)),
                Err(d) => self.diagnostics.push(d.at_if_none(span)),
            }
        }
        if let (false, crate::graph::Block::Resource(addr)) = (self.diagnostics.has_errors(), self.world.blocks.graph[id].clone()) {
            let later = self.visit_resource(id, &addr);
            debug_assert!(later.is_empty());
        }
    }

    /// The id by which an instance is imported, and what the import found.
    pub(super) fn import_of(&self, id: BlockId, addr: &InstanceAddr) -> Option<(Arc<str>, &Prior)> {
        let imports = self.imports.get(&id)?;
        Some((imports.ids.get(addr)?.clone(), imports.found.get(addr)?))
    }

    /// Tells imports that fit no instance, and those into resources that stand nowhere.
    pub fn check_imports(&mut self) {
        let lost = self.imports.values().flat_map(|i| i.ids.keys()).filter(|addr| self.world.instance_node(addr).is_none());
        let lost: Vec<Diagnostic> = lost
            .map(|addr| {
                let detail = format!(
                    "The configuration for the given import {addr} does not exist. All target instances must have an associated configuration to be imported."
                );
                Diagnostic::error(NO_CONFIGURATION, detail)
            })
            .collect();
        if !self.diagnostics.has_errors() {
            self.diagnostics.extend(lost);
        }
        for import in unconfigured_in(&self.world.config) {
            let found = targets(&self.world, &import, false);
            let bad = found.diagnostics.has_errors();
            self.diagnostics.extend(found.diagnostics);
            if !bad {
                self.diagnostics.push(no_configuration(&import));
            }
        }
    }
}

/// The imports whose resource is not in the configuration.
pub fn unconfigured_in(config: &Config) -> Vec<Import> {
    let has = |i: &Import| config.modules.get(&i.resource.module).is_some_and(|m| resource_of(m, &i.resource).is_some());
    let root = config.modules.get(&ModulePath::root());
    root.into_iter().flat_map(|m| &m.imports).filter(|i| !has(i)).cloned().collect()
}

/// Asks a provider for one object, as the state would have it.
///
/// # Errors
/// The type is not built in, the provider is not configured, or there is no such object.
pub async fn import_object(
    config: &Config,
    registry: &Registry,
    pool: &Pool,
    addr: &InstanceAddr,
    provider: &ProviderAddr,
    id: &str,
) -> Result<Prior, Diagnostic> {
    let unknown = || Diagnostic::error(format!("provider does not support resource type for {:?}", addr.to_string()), String::new());
    let source = config.source_of(&provider.module, &provider.name);
    let resource = registry.resource(&source, &addr.type_name).ok_or_else(unknown)?;
    let ctx = pool.ctx(provider, Arc::new(NoSink), None).ok_or_else(|| {
        Diagnostic::error("Provider is not configured", format!("{addr} cannot be imported: {provider} is not known before the apply."))
    })?;
    let result = resource.import(ctx, id.to_owned()).await;
    imported(addr.clone(), Arc::from(provider.to_string()), Arc::from(source), &resource, result)
}

/// What an import found, as an object of the state.
fn imported(
    addr: InstanceAddr,
    provider: Arc<str>,
    source: Arc<str>,
    resource: &Arc<dyn AnyResource>,
    result: Result<Option<Value>, ProviderError>,
) -> Result<Prior, Diagnostic> {
    let found = result.map_err(|e| provider_diagnostic(&addr, "could not be imported", &e))?;
    let value = found.ok_or_else(|| not_there(&addr))?;
    let schema = resource.schema();
    let paths = value.marked_paths(Marks::SENSITIVE);
    let id = resource.id(&value.clone().unmark_deep().0);
    let value = with_schema_marks(&schema.block, value.mark_at(&paths, Marks::SENSITIVE));
    let (values, sensitive_paths) = encode_object(&value, &schema.block);
    let row = ObjectRow {
        addr,
        deposed: None,
        provider,
        provider_source: source,
        schema_version: schema.version,
        status: ObjectStatus::Ready,
        id,
        values,
        sensitive_paths,
        dependencies: Vec::new(),
        create_before_destroy: false,
        private: None,
    };
    Ok(Prior { row: Arc::new(row), current: Some(value.clone()), stored: value })
}

/// What is said when there is no object of the id.
pub fn not_there(addr: &InstanceAddr) -> Diagnostic {
    let detail = format!(
        "While attempting to import an existing object to {:?}, the provider detected that no object exists with the given id. Only pre-existing objects can be imported; check that the id is correct and that it is associated with the provider's configured region or endpoint, or use \"levee apply\" to create a new remote object for this resource.",
        addr.to_string()
    );
    Diagnostic::error("Cannot import non-existent remote object", detail).about(addr)
}

/// What one `import` block names.
pub struct Targets {
    /// Addresses and ids.
    pub ids: BTreeMap<InstanceAddr, Arc<str>>,
    /// What was read to find them.
    pub needs: Needs,
    /// What was wrong.
    pub diagnostics: Diagnostics,
}

/// Evaluates an `import` block. `partial`: what is not known yet is no mistake, and yields nothing.
pub fn targets(world: &World, import: &Import, partial: bool) -> Targets {
    let mut out = Targets { ids: BTreeMap::new(), needs: Needs::new(), diagnostics: Diagnostics::new() };
    for repeated in repetitions(world, import, partial, &mut out) {
        let addr = out.diagnostics.keep(target(&import.to, |key| key_of(world, key, &repeated)));
        let id = evaluate::expression(world, ROOT, repeated, &import.id);
        let bad = id.diagnostics.has_errors();
        out.needs.extend(id.needs);
        out.diagnostics.extend(id.diagnostics);
        let id = if bad { None } else { out.diagnostics.keep(id_text(&id.value, &import.id, partial)).flatten() };
        if let (Some(Target::Resource(addr)), Some(id)) = (addr, id) {
            out.ids.insert(addr, id);
        }
    }
    out
}

/// One for each element of `for_each`; one alone without it.
fn repetitions(world: &World, import: &Import, partial: bool, out: &mut Targets) -> Vec<Repeated> {
    let Some(for_each) = &import.for_each else { return vec![Repeated::default()] };
    let found = evaluate::expression(world, ROOT, Repeated::default(), for_each);
    let bad = found.diagnostics.has_errors();
    out.needs.extend(found.needs);
    out.diagnostics.extend(found.diagnostics);
    let value = found.value.unmark_deep().0;
    let each = |key: InstanceKey, value: &Value| Repeated { key, each: Some(value.clone()), ..Repeated::default() };
    match value.kind() {
        _ if bad || value.is_null() => Vec::new(),
        Kind::Map(_, members) => members.iter().map(|(k, v)| each(InstanceKey::Str(k.clone()), v)).collect(),
        Kind::Object(members) => members.iter().map(|(k, v)| each(InstanceKey::Str(k.clone()), v)).collect(),
        Kind::Set(_, elements) if elements.iter().all(Value::is_known) => {
            elements.iter().filter_map(|v| Some(each(InstanceKey::Str(Arc::from(v.as_str()?)), v))).collect()
        }
        Kind::List(_, elements) => elements.iter().enumerate().map(|(i, v)| each(InstanceKey::Int(i as u64), v)).collect(),
        Kind::Tuple(elements) => elements.iter().enumerate().map(|(i, v)| each(InstanceKey::Int(i as u64), v)).collect(),
        Kind::Unknown(..) | Kind::Set(..) if partial => Vec::new(),
        Kind::Unknown(..) | Kind::Set(..) => {
            let detail = "The \"for_each\" expression includes values derived from other resource attributes that cannot be determined until apply, and so Levee cannot determine the full set of values that might be used to import this resource.";
            out.diagnostics.push(Diagnostic::error("Invalid for_each argument", detail).at(for_each.span));
            Vec::new()
        }
        _ => {
            let detail = "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of strings.";
            out.diagnostics.push(Diagnostic::error("Invalid for_each argument", detail).at(for_each.span));
            Vec::new()
        }
    }
}

/// A key in an import's address, which may name `each` and nothing else.
fn key_of(world: &World, key: &Expr, repeated: &Repeated) -> Result<levee_model::AddressStep, Diagnostic> {
    let invalid = |detail: &str| Diagnostic::error("Invalid index expression", detail).at(key.span);
    if let Some(other) = key.references().iter().find(|r| r.subject != crate::config::Subject::Each) {
        let name = other.subject.to_string();
        let root = name.split('.').next().unwrap_or_default();
        let detail = format!(
            "There is no variable named {root:?}.Only \"each.key\" and \"each.value\" can be used in import address index expressions."
        );
        return Err(Diagnostic::error("Unknown variable", detail).at(key.span));
    }
    let mut calls = false;
    key.visit(&mut |e| calls |= matches!(e.kind, ExprKind::Call(_)));
    if calls {
        return Err(Diagnostic::error("Function calls not allowed", "Functions may not be called here.").at(key.span));
    }
    let found = evaluate::expression(world, ROOT, repeated.clone(), key);
    if let Some(d) = found.diagnostics.into_iter().find(Diagnostic::is_error) {
        return Err(d.at_if_none(Some(key.span)));
    }
    if found.value.is_sensitive() {
        return Err(invalid("Import address index expression cannot be sensitive."));
    }
    let value = found.value.unmark_deep().0;
    key_step(&value)
        .ok_or_else(|| invalid("An index of an import's address must be a string or a whole number, and known before the apply."))
}

/// `None` when it is not known and need not be.
fn id_text(value: &Value, expr: &Expr, partial: bool) -> Result<Option<Arc<str>>, Diagnostic> {
    let invalid = |detail: &str| Diagnostic::error("Invalid import id argument", detail).at(expr.span);
    let (plain, _) = value.clone().unmark_deep();
    if plain.is_null() {
        return Err(invalid("The import ID cannot be null."));
    }
    let wrong = |_| Diagnostic::error("Incorrect value type", "Invalid expression value: string required.").at(expr.span);
    let text = levee_model::convert::convert(&plain, &Type::String).map_err(wrong)?;
    match text.as_str() {
        Some("") => Err(invalid("The import ID value evaluates to an empty string, please provide a non-empty value.")),
        Some(text) => Ok(Some(Arc::from(text))),
        None if partial => Ok(None),
        None => Err(invalid(
            "The import block \"id\" argument depends on resource attributes that cannot be determined until apply, so Levee cannot plan to import this resource.",
        )),
    }
}
