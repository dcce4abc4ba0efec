//! The nodes: everything a configuration declares that has a value or a place in the order of things.

use crate::config::{Config, Module, Resource};
use levee_model::{ModulePath, ProviderAddr, ResourceAddr, Span};
use std::fmt;
use std::sync::Arc;

/// One node. Ordered, so that the graph is the same for the same configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Block {
    /// A module call: which instances of the module there are. The path is the called module's.
    Call(ModulePath),
    /// An input variable.
    Variable(ModulePath, Arc<str>),
    /// A local value.
    Local(ModulePath, Arc<str>),
    /// A provider configuration, written or implied.
    Provider(ProviderAddr),
    /// A resource or data block.
    Resource(ResourceAddr),
    /// An output value.
    Output(ModulePath, Arc<str>),
    /// A check block.
    Check(ModulePath, Arc<str>),
    /// Everything in a module and below it: what `depends_on = [module.x]` and `module.x` wait for.
    Close(ModulePath),
}

impl Block {
    /// The module it stands in. A call stands in its caller, a close in the module itself.
    pub fn module(&self) -> ModulePath {
        match self {
            Self::Call(path) => path.split_last().map(|(parent, _)| parent).unwrap_or_default(),
            Self::Variable(m, _) | Self::Local(m, _) | Self::Output(m, _) | Self::Check(m, _) | Self::Close(m) => m.clone(),
            Self::Provider(p) => p.module.clone(),
            Self::Resource(r) => r.module.clone(),
        }
    }

    /// Where it is declared.
    pub fn span(&self, config: &Config) -> Option<Span> {
        let module = config.modules.get(&self.module())?;
        match self {
            Self::Call(path) => module.calls.get(&path.split_last()?.1).map(|c| c.span),
            Self::Variable(_, name) => module.variables.get(name).map(|v| v.span),
            Self::Local(_, name) => module.locals.get(name).map(|l| l.span),
            Self::Output(_, name) => module.outputs.get(name).map(|o| o.span),
            Self::Check(_, name) => module.checks.get(name).map(|c| c.span),
            Self::Provider(p) => {
                let written = module.providers.iter().find(|b| b.name == p.name && b.alias == p.alias);
                written.map(|b| b.span).or_else(|| first_use(config, p))
            }
            Self::Resource(r) => resource_of(module, r).map(|r| r.span),
            Self::Close(_) => None,
        }
    }
}

/// Where a provider configuration that nobody wrote is first needed.
fn first_use(config: &Config, provider: &ProviderAddr) -> Option<Span> {
    let uses = |path: &ModulePath, module: &Module| {
        module
            .resources
            .values()
            .filter(|r| provider_of(config, path, r) == *provider)
            .map(|r| r.span)
            .min_by_key(|s| (s.source.0, s.start))
    };
    config.modules.iter().find_map(|(path, module)| uses(path, module))
}

/// The declaration of a resource in its module.
pub fn resource_of<'a>(module: &'a Module, addr: &ResourceAddr) -> Option<&'a Arc<Resource>> {
    module.resources.get(&(addr.mode, addr.type_name.clone(), addr.name.clone()))
}

/// As references are written: `module.net.var.cidr`.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = |f: &mut fmt::Formatter<'_>, m: &ModulePath| if m.is_root() { Ok(()) } else { write!(f, "{m}.") };
        match self {
            Self::Call(path) => write!(f, "{path}"),
            Self::Variable(m, name) => prefix(f, m).and_then(|()| write!(f, "var.{name}")),
            Self::Local(m, name) => prefix(f, m).and_then(|()| write!(f, "local.{name}")),
            Self::Output(m, name) => prefix(f, m).and_then(|()| write!(f, "output.{name}")),
            Self::Check(m, name) => prefix(f, m).and_then(|()| write!(f, "check.{name}")),
            Self::Provider(p) => write!(f, "{p}"),
            Self::Resource(r) => write!(f, "{r}"),
            Self::Close(path) if path.is_root() => f.write_str("root"),
            Self::Close(path) => write!(f, "{path} (close)"),
        }
    }
}

/// The provider configuration that a resource uses: its own choice, or the one named after its type, found where the
/// calls on the way up pass it from.
pub fn provider_of(config: &Config, module: &ModulePath, resource: &Resource) -> ProviderAddr {
    let alias = resource.provider.as_ref().and_then(|p| p.alias.clone());
    provider_at(config, module, Arc::from(resource.provider_name()), alias)
}

/// Follows `providers = { ... }` and implicit inheritance upwards from `module`.
pub fn provider_at(config: &Config, module: &ModulePath, name: Arc<str>, alias: Option<Arc<str>>) -> ProviderAddr {
    let here = ProviderAddr { module: module.clone(), name, alias };
    let declared = |m: &Module| m.providers.iter().any(|b| b.name == here.name && b.alias == here.alias);
    if config.modules.get(module).is_some_and(|m| declared(m)) {
        return here;
    }
    let Some((parent, call)) = module.split_last() else { return here };
    let Some(caller) = config.modules.get(&parent) else { return here };
    let passed = caller.calls.get(&call).and_then(|c| c.passed(&here.name, here.alias.as_deref()));
    match passed {
        Some(passed) => provider_at(config, &parent, passed.name.clone(), passed.alias.clone()),
        // The caller may know the same provider by another name.
        None if here.alias.is_none() => {
            let source = config.modules.get(module).map(|m| m.provider_source(&here.name));
            let name = source.and_then(|s| caller.provider_name(&s, &here.name)).unwrap_or(here.name);
            provider_at(config, &parent, name, None)
        }
        None => here,
    }
}
