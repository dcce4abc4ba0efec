//! The configuration that a rollback is planned with: of what is written, the provider configurations and what they need; for
//! every object there is or was, a block with nothing in it.

use crate::config::{Body, Config, Expr, ExprKind, Module, ModuleCall, Output, ProviderSource, RequiredProvider, Resource};
use crate::graph::Known;
use levee_model::{Diagnostics, Mode, ModulePath, ResourceAddr, SourceId, Span, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes it. `written` is the configuration that the providers are taken from, where there is one that can be read.
pub fn skeleton(written: Option<&Config>, known: &Known, outputs: &BTreeMap<Arc<str>, Value>) -> Config {
    let mut modules: BTreeMap<ModulePath, Module> = BTreeMap::new();
    for (path, module) in written.into_iter().flat_map(|c| &c.modules) {
        modules.insert(path.clone(), bared(module));
    }
    let mut skeleton = Skeleton { modules };
    skeleton.module(&ModulePath::root());
    for (addr, (provider, source)) in &known.providers {
        skeleton.provide(&provider.module, &provider.name, source);
        skeleton.declare(addr);
    }
    let root = skeleton.module(&ModulePath::root());
    root.outputs = outputs.iter().map(|(name, value)| (name.clone(), output(name, value))).collect();
    Config {
        modules: skeleton.modules.into_iter().map(|(path, module)| (path, Arc::new(module))).collect(),
        sources: written.map(|c| c.sources.clone()).unwrap_or_default(),
        root_dir: written.map(|c| c.root_dir.clone()).unwrap_or_default(),
    }
}

struct Skeleton {
    modules: BTreeMap<ModulePath, Module>,
}

impl Skeleton {
    /// A module, with all that call it.
    fn module(&mut self, path: &ModulePath) -> &mut Module {
        if let Some((parent, name)) = path.split_last() {
            let caller = self.module(&parent);
            caller.calls.entry(name.clone()).or_insert_with(|| call(&name));
        }
        self.modules.entry(path.clone()).or_insert_with(|| Module { path: path.clone(), ..Module::default() })
    }

    /// Says what a provider's name means, where nobody does.
    fn provide(&mut self, home: &ModulePath, name: &Arc<str>, source: &str) {
        let module = self.module(home);
        if module.provider_source(name).for_display() == source {
            return;
        }
        if let Ok(source) = ProviderSource::parse(source) {
            let required =
                RequiredProvider { name: name.clone(), source, version: None, configuration_aliases: Vec::new(), span: nowhere() };
            module.required_providers.insert(name.clone(), required);
        }
    }

    fn declare(&mut self, addr: &ResourceAddr) {
        let key = (addr.mode, addr.type_name.clone(), addr.name.clone());
        self.module(&addr.module).resources.insert(key, Arc::new(empty(addr)));
    }
}

/// A module with nothing that a provider does not need.
fn bared(module: &Module) -> Module {
    let kept = |r: &&Arc<Resource>| r.container.is_none();
    let resources = module.resources.iter().filter(|(_, r)| kept(r)).map(|(key, r)| {
        let addr = ResourceAddr { module: module.path.clone(), mode: key.0, type_name: key.1.clone(), name: key.2.clone() };
        (key.clone(), if key.0 == Mode::Managed { Arc::new(Resource { provider: r.provider.clone(), ..empty(&addr) }) } else { r.clone() })
    });
    let calls = module.calls.iter().map(|(name, c)| {
        let bare = ModuleCall { count: None, for_each: None, depends_on: Vec::new(), ..c.clone() };
        (name.clone(), bare)
    });
    Module {
        resources: resources.collect(),
        calls: calls.collect(),
        checks: BTreeMap::new(),
        moved: Vec::new(),
        removed: Vec::new(),
        imports: Vec::new(),
        late: Diagnostics::new(),
        ..module.clone()
    }
}

/// Where something stands that nobody wrote.
fn nowhere() -> Span {
    Span::new(SourceId(u32::MAX), 0..0)
}

fn empty(addr: &ResourceAddr) -> Resource {
    Resource {
        mode: addr.mode,
        type_name: addr.type_name.clone(),
        name: addr.name.clone(),
        count: None,
        for_each: None,
        depends_on: Vec::new(),
        provider: None,
        lifecycle: None,
        provisioners: Vec::new(),
        container: None,
        body: Body::empty(nowhere()),
        span: nowhere(),
    }
}

fn call(name: &Arc<str>) -> ModuleCall {
    ModuleCall {
        name: name.clone(),
        source: Arc::from(""),
        address: None,
        source_span: nowhere(),
        version: None,
        count: None,
        for_each: None,
        depends_on: Vec::new(),
        providers: Vec::new(),
        arguments: Body::empty(nowhere()),
        span: nowhere(),
    }
}

/// What an output is, its image tells.
fn output(name: &Arc<str>, value: &Value) -> Output {
    Output {
        name: name.clone(),
        expr: Expr { kind: ExprKind::Literal(Value::null(Type::Dynamic)), span: nowhere() },
        sensitive: value.clone().unmark_deep().1.contains(levee_model::Marks::SENSITIVE),
        ephemeral: false,
        description: None,
        depends_on: Vec::new(),
        preconditions: Vec::new(),
        span: nowhere(),
    }
}
