//! `removed` blocks: what becomes of objects whose resource is gone from the configuration on purpose.

use crate::config::{Config, Provisioner, Removed};
use crate::graph::block::resource_of;
use levee_model::{Action, Change, Diagnostic, Diagnostics, InstanceAddr, ModulePath, ResourceAddr, Target};

/// What a block in `home` names, seen from the root.
fn named(home: &ModulePath, from: &Target) -> (ModulePath, Option<ResourceAddr>) {
    let inner = match from {
        Target::Module(module) => module.path(),
        Target::Resource(addr) => addr.module.path(),
    };
    let module = ModulePath(home.0.iter().chain(inner.0.iter()).cloned().collect());
    let resource = match from {
        Target::Module(_) => None,
        Target::Resource(addr) => Some(ResourceAddr { module: module.clone(), ..addr.resource() }),
    };
    (module, resource)
}

/// Every `removed` block with what it names. Blocks further out in the tree of modules come first, and decide.
fn blocks(config: &Config) -> impl Iterator<Item = (&Removed, ModulePath, Option<ResourceAddr>)> {
    config.modules.iter().flat_map(|(home, module)| {
        module.removed.iter().map(move |removed| {
            let (path, resource) = named(home, &removed.from);
            (removed, path, resource)
        })
    })
}

/// Whether an object is to be forgotten rather than deleted.
pub fn forgets(config: &Config, addr: &InstanceAddr) -> bool {
    let resource = addr.resource();
    blocks(config).any(|(removed, module, named)| {
        let meant = match named {
            Some(named) => named == resource,
            None => resource.module.0.starts_with(&module.0),
        };
        meant && !removed.destroy
    })
}

/// The provisioners that run when an object of a resource is deleted that is gone from the configuration.
pub fn last_words<'c>(config: &'c Config, addr: &ResourceAddr) -> &'c [Provisioner] {
    blocks(config).find(|(_, _, named)| named.as_ref() == Some(addr)).map_or(&[], |(removed, ..)| &removed.provisioners)
}

/// Whether what `removed` blocks name is really gone from the configuration.
pub fn check_removed(config: &Config) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (_, module, resource) in blocks(config) {
        let (span, kind, name) = match &resource {
            None => {
                let call = module.split_last().and_then(|(parent, name)| config.modules.get(&parent)?.calls.get(&name));
                (call.map(|c| c.span), "module", module.to_string())
            }
            Some(addr) => (config.modules.get(&module).and_then(|m| resource_of(m, addr)).map(|r| r.span), "resource", addr.to_string()),
        };
        let detail = format!("This statement declares that {name} was removed, but it is still declared in configuration.");
        found.extend(span.map(|span| Diagnostic::error(format!("Removed {kind} still exists"), detail).at(span)));
    }
    found
}

/// What is said about objects that are forgotten.
pub fn forgotten_warning<'a>(changes: impl Iterator<Item = &'a Change>) -> Option<Diagnostic> {
    let list: String = changes
        .filter(|c| c.action == Action::Forget)
        .map(|c| match &c.deposed {
            None => format!("\n - {}", c.addr),
            Some(key) => format!("\n - {} (deposed object {key})", c.addr),
        })
        .collect();
    let detail = format!(
        "If you apply this plan, Levee will discard its tracking information for the following objects, but it will not delete them:{list}\n\nAfter applying this plan, Levee will no longer manage these objects. You will need to import them into Levee to manage them again."
    );
    (!list.is_empty()).then(|| Diagnostic::warning("Some objects will no longer be managed by Levee", detail))
}
