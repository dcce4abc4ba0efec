//! Whether `import` blocks fit the resources that they name, as far as the configuration alone tells.

use super::decode_moves::{INSTANCE_WANTED, static_target};
use super::expr::Subject;
use super::module::{Config, Module};
use super::moves::Import;
use super::resource::Resource;
use levee_model::{Diagnostic, Diagnostics, InstanceKey, ModulePath, Target};

/// What is said where an import names something that is not there.
pub const NO_CONFIGURATION: &str = "Configuration for import target does not exist";

/// Checks the `import` blocks of the root module.
pub(super) fn check_imports(config: &Config, diags: &mut Diagnostics) {
    let Some(root) = config.modules.get(&ModulePath::root()) else { return };
    for import in &root.imports {
        let module = config.modules.get(&import.resource.module);
        let resource = module.and_then(|m| resource_of(m, import));
        diags.extend(check_provider(import, resource.is_some()));
        let itself = import.id.references().into_iter().any(|r| import.resource.module.is_root() && names(&r.subject, import));
        if itself {
            let detail = "The import ID cannot reference the resource being imported.";
            diags.push(Diagnostic::error("Invalid import id argument", detail).at(import.id.span));
        }
        let key = match static_target(&import.to) {
            Ok(Target::Resource(addr)) => Some(addr.key),
            Ok(Target::Module(_)) => None,
            // Only for_each makes keys that are no constants.
            Err(d) => {
                if import.for_each.is_none() {
                    diags.push(d);
                    diags.push(Diagnostic::error("Invalid address", INSTANCE_WANTED));
                }
                None
            }
        };
        diags.extend(
            match (module, resource) {
                (None, _) => Some(no_module(import)),
                (Some(_), None) => check_generated(import, key.as_ref()),
                (Some(_), Some(resource)) => key.and_then(|key| check_key(resource, &key)),
            }
            .map(|d| d.at_if_none(Some(import.to.span))),
        );
    }
}

fn resource_of<'a>(module: &'a Module, import: &Import) -> Option<&'a Resource> {
    let addr = &import.resource;
    module.resources.get(&(addr.mode, addr.type_name.clone(), addr.name.clone())).map(|r| &**r)
}

fn names(subject: &Subject, import: &Import) -> bool {
    matches!(subject, Subject::Resource { mode, type_name, name }
        if (*mode, type_name, name) == (import.resource.mode, &import.resource.type_name, &import.resource.name))
}

fn no_module(import: &Import) -> Diagnostic {
    let detail = format!(
        "The configuration for the given import target {} does not exist. All target instances must have an associated configuration to be imported.",
        import.resource
    );
    Diagnostic::error(NO_CONFIGURATION, detail)
}

/// A `provider` argument says how configuration is to be generated; where there is some, that one decides.
fn check_provider(import: &Import, has_resource: bool) -> Option<Diagnostic> {
    let (_, span) = import.provider.as_ref()?;
    let instead = if !import.resource.module.is_root() {
        "Use the providers argument within the module block to configure providers for all resources within a module, including imported resources."
    } else if has_resource {
        "Use the provider argument in the target resource block to configure the provider for a resource with explicit provider configuration."
    } else {
        return None;
    };
    let detail = format!("The provider argument can only be specified in import blocks that will generate configuration.\n\n{instead}");
    Some(Diagnostic::error("Invalid import provider argument", detail).at(*span))
}

/// Whether configuration could be generated for an import that has none.
fn check_generated(import: &Import, key: Option<&InstanceKey>) -> Option<Diagnostic> {
    let detail = if !import.resource.module.is_root() {
        format!("Resource {} not found. Only resources within the root module are eligible for config generation.", import.resource)
    } else if import.for_each.is_some() || key.is_some_and(|k| *k != InstanceKey::None) {
        "The given import block is not compatible with config generation. The -generate-config-out option cannot be used with import blocks which use for_each, or resources which use for_each or count.".to_owned()
    } else {
        return None;
    };
    Some(Diagnostic::error(NO_CONFIGURATION, detail))
}

/// Whether a key is of the kind that the resource's repetition makes.
pub fn check_key(resource: &Resource, key: &InstanceKey) -> Option<Diagnostic> {
    let detail = match key {
        InstanceKey::Str(_) if resource.for_each.is_none() => "The target resource does not use for_each.",
        InstanceKey::Int(_) if resource.count.is_none() => "The target resource does not use count.",
        InstanceKey::None if resource.for_each.is_some() => "The target resource is using for_each.",
        InstanceKey::None if resource.count.is_some() => "The target resource is using count.",
        _ => return None,
    };
    Some(Diagnostic::error("Invalid import 'to' expression", detail))
}

/// What is said about an import whose resource stands nowhere, where no configuration is to be generated.
pub fn no_configuration(import: &Import) -> Diagnostic {
    let detail = format!(
        "The configuration for the given import target {} does not exist. If you wish to automatically generate config for this resource, use the -generate-config-out option within levee plan. Otherwise, make sure the target resource exists within your configuration. For example:\n\n  levee plan -generate-config-out=generated.tf",
        import.resource
    );
    Diagnostic::error(NO_CONFIGURATION, detail).at(import.to.span)
}
