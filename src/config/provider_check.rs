//! Whether every module is given the provider configurations that it needs, and none that it cannot use.

use super::module::{Config, Module, ModuleCall, Passed};
use super::provider::{ProviderBlock, ProviderRef};
use super::provider_source::ProviderSource;
use levee_model::{Diagnostic, Diagnostics, ModulePath, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// Checks the whole tree of modules, which depends on nothing but what is written.
pub(super) fn check_providers(config: &Config, diags: &mut Diagnostics) {
    walk(config, &ModulePath::root(), None, None, diags);
}

fn walk(config: &Config, path: &ModulePath, call: Option<&ModuleCall>, barred: Option<Span>, diags: &mut Diagnostics) {
    let Some(module) = config.modules.get(path) else { return };
    for child in module.calls.values() {
        let repeated = child.count.as_ref().or(child.for_each.as_ref()).map(|e| e.span);
        let barred = repeated.or(child.depends_on.first().map(|r| r.span)).or(barred);
        walk(config, &path.child(&child.name), Some(child), barred, diags);
    }
    let checked = Checked::new(path, module, call);
    checked.required_twice(diags);
    checked.handed_down(diags);
    if let (Some(call), Some((parent, _))) = (call, path.split_last()) {
        checked.configured_here(call, barred, diags);
        for passed in &call.providers {
            checked.usable(config.modules.get(&parent), passed, diags);
        }
        checked.proxies(diags);
    }
}

/// One module, and what is known of its providers.
struct Checked<'a> {
    module: &'a Module,
    call: Option<&'a ModuleCall>,
    /// The module as messages name it.
    here: String,
    /// Its caller, likewise.
    above: String,
    /// Blocks that say something.
    configured: BTreeMap<String, &'a ProviderBlock>,
    /// Blocks that say nothing: an old way to say what a module wants to be given.
    empty: BTreeMap<String, &'a ProviderBlock>,
    /// `configuration_aliases`
    aliases: BTreeMap<String, &'a ProviderSource>,
}

impl<'a> Checked<'a> {
    fn new(path: &ModulePath, module: &'a Module, call: Option<&'a ModuleCall>) -> Self {
        let named = |p: &'a ProviderBlock| (key(&p.name, p.alias.as_deref()), p);
        let (empty, configured): (Vec<_>, Vec<_>) = module.providers.iter().partition(|p| is_empty(p));
        let aliases = module
            .required_providers
            .values()
            .flat_map(|r| r.configuration_aliases.iter().map(|a| (a.to_string(), &r.source)).collect::<Vec<_>>());
        let name = |p: &ModulePath| if p.is_root() { "the root module".to_owned() } else { p.to_string() };
        Self {
            module,
            call,
            here: name(path),
            above: path.split_last().map_or_else(|| name(path), |(parent, _)| name(&parent)),
            configured: configured.into_iter().map(named).collect(),
            empty: empty.into_iter().map(named).collect(),
            aliases: aliases.collect(),
        }
    }

    /// One provider under two local names.
    fn required_twice(&self, diags: &mut Diagnostics) {
        const SUMMARY: &str = "Duplicate required provider";
        let mut seen: BTreeMap<&ProviderSource, &Arc<str>> = BTreeMap::new();
        for required in self.module.required_providers.values() {
            let shown = required.source.for_display();
            let name = &required.name;
            if let Some(before) = seen.get(&required.source) {
                let detail = format!(
                    "Provider {shown} with the local name {name:?} was previously required as {before:?}. A provider can only be required once within required_providers."
                );
                diags.push(Diagnostic::warning(SUMMARY, detail).at(required.span));
            } else if required.source.is_default()
                && *name != required.source.name
                && self.module.providers.iter().any(|p| p.name == required.source.name)
            {
                let detail = format!(
                    "Provider {shown} with the local name {name:?} was implicitly required via a configuration block as {:?}. The provider configuration block name must match the name used in required_providers.",
                    &*required.source.name
                );
                diags.push(Diagnostic::warning(SUMMARY, detail).at(required.span));
            }
            seen.insert(&required.source, name);
        }
        let unsaid = self.module.resources.values().filter(|r| r.provider.is_none() && !self.module.required_providers.is_empty());
        for resource in unsaid {
            let implied = resource.type_name.split('_').next().unwrap_or_default();
            if self.module.required_providers.contains_key(implied) {
                continue;
            }
            let source = ProviderSource::implied(implied);
            for required in self.module.required_providers.values().filter(|r| r.source == source) {
                let prefix = if resource.mode == levee_model::Mode::Data { "data." } else { "" };
                let addr = format!("{prefix}{}.{}", resource.type_name, resource.name);
                let name = &required.name;
                let detail = format!(
                    "Provider \"{source}\" was implicitly required via resource \"{addr}\", but listed in required_providers as {name:?}. Either the local name in required_providers must match the resource name, or the {name:?} provider must be assigned within the resource block."
                );
                diags.push(Diagnostic::warning(SUMMARY, detail).at(resource.span));
            }
        }
    }

    /// Whether what calls in this module hand down is anything. An alias is judged where it arrives.
    fn handed_down(&self, diags: &mut Diagnostics) {
        for passed in self.module.calls.values().flat_map(|c| &c.providers).filter(|p| p.parent.alias.is_none()) {
            let name = &*passed.parent.name;
            let is_configured = self.configured.contains_key(name);
            let shown = ProviderSource::default_of(name).for_display();
            if !is_configured && !self.module.required_providers.contains_key(name) {
                let detail = format!(
                    "There is no explicit declaration for local provider name {name:?} in {here}, so Terraform is assuming you mean to pass a configuration for provider {shown:?}.\n\nTo clarify your intent and silence this warning, add to {above} a required_providers entry named {name:?} with source = {shown:?}, or a different source address if appropriate.",
                    here = self.here,
                    above = self.above,
                );
                diags.push(Diagnostic::warning("Reference to undefined provider", detail).at(passed.parent.span));
                continue;
            }
            let Some(call) = self.call else { continue };
            if !is_configured && call.passed(name, None).is_none() {
                let detail = format!(
                    "The configuration for {here} expects to inherit a configuration for provider {shown} with local name {name:?}, but {above} doesn't pass a configuration under that name.\n\nTo satisfy this requirement, add an entry for {name:?} to the \"providers\" argument in the module {:?} block.",
                    &*call.name,
                    here = self.here,
                    above = self.above,
                );
                diags.push(Diagnostic::warning("Missing required provider configuration", detail).at(call.span));
            }
        }
    }

    /// Configurations that a called module has itself, and those that it lacks.
    fn configured_here(&self, call: &ModuleCall, barred: Option<Span>, diags: &mut Diagnostics) {
        if let Some(span) = barred.filter(|_| !self.configured.is_empty()) {
            let source = call.address.as_ref().map_or_else(|| call.source.to_string(), ToString::to_string);
            let detail = format!(
                "The module at {} is a legacy module which contains its own local provider configurations, and so calls to it may not use the count, for_each, or depends_on arguments.\n\nIf you also control the module {source:?}, consider updating this module to instead expect provider configurations to be passed by its caller.",
                self.here
            );
            diags.push(Diagnostic::error("Module is incompatible with count, for_each, and depends_on", detail).at(span));
        }
        for passed in call.providers.iter().filter(|p| self.configured.contains_key(&p.child.to_string())) {
            let detail = format!(
                "The configuration of {} has its own local configuration for {}, and so it cannot accept an overridden configuration provided by {}.",
                self.here, passed.child, self.above
            );
            diags.push(Diagnostic::error("Cannot override provider configuration", detail).at(passed.child.span));
        }
        for (name, source) in &self.aliases {
            if self.configured.contains_key(name) || call.providers.iter().any(|p| p.child.to_string() == *name) {
                continue;
            }
            let detail = format!(
                "The child module requires an additional configuration for provider {}, with the local name {name:?}.\n\nRefer to the module's documentation to understand the intended purpose of this additional provider configuration, and then add an entry for {name} in the \"providers\" meta-argument in the module block to choose which provider configuration the module should use for that purpose.",
                source.for_display()
            );
            diags.push(Diagnostic::error("Missing required provider configuration", detail).at(call.span));
        }
    }

    /// Whether a configuration that is passed can be used under the name it is passed as.
    fn usable(&self, parent: Option<&Arc<Module>>, passed: &Passed, diags: &mut Diagnostics) {
        let name = passed.child.to_string();
        let required = self.module.required_providers.get(&*name).map(|r| &r.source);
        let alias = self.aliases.get(&name).copied();
        let source = alias.or(required).cloned().unwrap_or_else(|| source_in(self.module, &passed.child));
        if required.is_none() && alias.is_none() && !self.empty.contains_key(&name) {
            self.undefined(&name, &source, passed.child.span, diags);
        }
        let by_name = parent.and_then(|p| p.required_providers.get(&*name)).map(|r| r.source.clone());
        let given = by_name
            .unwrap_or_else(|| parent.map_or_else(|| ProviderSource::default_of(&passed.parent.name), |p| source_in(p, &passed.parent)));
        if given != source {
            self.mismatch(passed, &given, &source, diags);
        }
    }

    fn undefined(&self, name: &str, source: &ProviderSource, span: Span, diags: &mut Diagnostics) {
        const SUMMARY: &str = "Reference to undefined provider";
        let shown = source.for_display();
        if source.is_default() {
            let detail = format!(
                "There is no explicit declaration for local provider name {name:?} in {}, so Terraform is assuming you mean to pass a configuration for {shown:?}.\n\nIf you also control the child module, add a required_providers entry named {name:?} with the source address {shown:?}.",
                self.here
            );
            diags.push(Diagnostic::warning(SUMMARY, detail).at(span));
        } else {
            let detail = format!(
                "The child module does not declare any provider requirement with the local name {name:?}.\n\nIf you also control the child module, you can add a required_providers entry named {name:?} with the source address {shown:?} to accept this provider configuration."
            );
            diags.push(Diagnostic::error(SUMMARY, detail).at(span));
        }
    }

    fn mismatch(&self, passed: &Passed, given: &ProviderSource, wanted: &ProviderSource, diags: &mut Diagnostics) {
        const SUMMARY: &str = "Provider type mismatch";
        let (given_shown, wanted_shown) = (given.for_display(), wanted.for_display());
        let (here, above) = (&self.here, &self.above);
        if let Some(other) = self.module.required_providers.values().find(|r| r.source == *given) {
            let detail = format!(
                "The assigned configuration is for provider {given_shown:?}, but local name {:?} in {above} represents {wanted_shown:?}.\n\nTo pass this configuration to the child module, use the local name {:?} instead.",
                &*passed.child.name, &*other.name
            );
            return diags.push(Diagnostic::error(SUMMARY, detail).at(passed.child.span));
        }
        let (child, parent) = (passed.child.to_string(), passed.parent.to_string());
        let detail = format!(
            "The local name {parent:?} in {above} represents provider {given_shown:?}, but {child:?} in {here} represents {wanted_shown:?}.\n\nEach provider has its own distinct configuration schema and provider types, so this module's {child:?} can be assigned only a configuration for {wanted_shown}, which is not required by {here}."
        );
        diags.push(Diagnostic::error(SUMMARY, detail).at(passed.parent.span));
    }

    /// Empty blocks in a called module, one warning for each provider.
    fn proxies(&self, diags: &mut Diagnostics) {
        let names: BTreeSet<&Arc<str>> = self.empty.values().map(|b| &b.name).collect();
        for name in names {
            let blocks: Vec<(&String, &&ProviderBlock)> = self.empty.iter().filter(|(_, b)| b.name == *name).collect();
            let required = self.module.required_providers.get(name).map(|r| r.source.clone());
            let source = required.unwrap_or_else(|| ProviderSource::default_of(name)).for_display();
            let mut detail = format!(
                "Earlier versions of Terraform used empty provider blocks (\"proxy provider configurations\") for child modules to declare their need to be passed a provider configuration by their callers. That approach was ambiguous and is now deprecated.\n\nIf you control this module, you can migrate to the new declaration syntax by removing all of the empty provider {name:?} blocks and then adding or updating an entry like the following to the required_providers block of {}:\n    {name} = {{\n      source = {source:?}\n",
                self.here
            );
            if blocks.iter().any(|(_, b)| b.alias.is_some()) {
                detail.push_str("      configuration_aliases = [\n");
                for (name, _) in &blocks {
                    let _ = writeln!(detail, "        {name},");
                }
                detail.push_str("      ]\n");
            }
            detail.push_str("    }");
            let first = blocks.iter().map(|(_, b)| b.span).min();
            diags.push(Diagnostic::warning("Redundant empty provider block", detail).at_if_none(first));
        }
    }
}

fn key(name: &str, alias: Option<&str>) -> String {
    alias.map_or_else(|| name.to_owned(), |a| format!("{name}.{a}"))
}

fn is_empty(block: &ProviderBlock) -> bool {
    block.body.attributes.is_empty() && block.body.blocks.is_empty() && block.version.is_none()
}

/// The provider behind a name that a `providers` argument uses, in the module that the name belongs to.
fn source_in(module: &Module, name: &ProviderRef) -> ProviderSource {
    module.required_providers.get(&name.name).map_or_else(|| ProviderSource::default_of(&name.name), |r| r.source.clone())
}
