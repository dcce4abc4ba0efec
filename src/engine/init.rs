//! `init`: installs the modules that a configuration calls, and says which providers it uses.

use super::load::RULES;
use super::{Failure, OtherPlace, RunOptions, Workspace, backend, backend_config, noted, registry, state_place};
use crate::config::version::satisfies;
use crate::config::{self, Config, LocalBackend, Module, ProviderSource, Rules};
use crate::install::{InstallOptions, Installed, Installer, Manifest, Progress};
use levee_model::{Diagnostic, Diagnostics, ModulePath};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What `init` and `get` are asked for.
#[derive(Clone)]
pub struct InitRequest {
    /// Where.
    pub workspace: Workspace,
    /// How modules are installed; none to leave them as they are.
    pub install: Option<InstallOptions>,
    /// A module to copy into the directory first.
    pub from_module: Option<String>,
    /// What becomes of states when the backend says another place, and how that is done; none to leave the backend alone.
    pub states: Option<(OtherPlace, RunOptions)>,
    /// What the command line says of the backend: `NAME=VALUE`, or the name of a file.
    pub backend_config: Vec<String>,
}

/// What `init` found.
#[derive(Debug)]
pub struct InitReport {
    /// Providers in use: source and the version of Terraform's provider that ours follows; none for one that is not ours.
    pub providers: BTreeMap<ProviderSource, Option<String>>,
    /// States that went along to another place.
    pub migrated: Vec<String>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// The configuration.
    pub config: Arc<Config>,
}

impl InitReport {
    /// Whether there is no configuration at all.
    pub fn is_empty(&self) -> bool {
        self.config.modules.get(&ModulePath::root()).is_none_or(|m| m.files == 0)
    }
}

/// Installs modules, and checks the configuration as far as its files alone tell.
///
/// # Errors
/// When a module cannot be had, or a file is wrong.
pub async fn init(request: InitRequest, tell: impl FnMut(Progress) + Send + 'static) -> Result<InitReport, Failure> {
    // Downloads wait for the network, and git for its own processes: on a thread of their own.
    let work = tokio::task::spawn_blocking(move || install(&request, tell));
    work.await.unwrap_or_else(|error| {
        let d = Diagnostic::error("The installation of modules broke off", error.to_string());
        Err(Failure::new(d.into(), None))
    })
}

fn install(request: &InitRequest, mut tell: impl FnMut(Progress)) -> Result<InitReport, Failure> {
    let bare = |d: Diagnostic| Failure::new(d.into(), None);
    let (dir, files, modules) = (&request.workspace.dir, &request.workspace.files, request.workspace.modules());
    if let Some(source) = &request.from_module {
        copy_module(source, dir).map_err(|d| bare(*d))?;
    }
    let rules = Rules { versions_first: true, ..RULES };
    let (mut config, mut diagnostics) = match &request.install {
        Some(options) => {
            let mut installer = Installer::new(dir, &modules, options.clone(), &mut tell).map_err(bare)?;
            let (config, mut diagnostics) = config::read(dir, files, rules, &mut installer, None);
            if let Err(problem) = installer.finish(!diagnostics.has_errors()) {
                diagnostics.push(problem);
            }
            (config, diagnostics)
        }
        None => config::read(dir, files, rules, &mut Installed::read(files, &modules).map_err(bare)?, None),
    };
    if request.states.is_some() && !diagnostics.has_errors() {
        diagnostics.extend(state_place::check(&config));
    }
    let given = given(request, &mut config, &mut diagnostics);
    let providers = providers(&config, &mut diagnostics);
    let config = Arc::new(config);
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, Some(config)));
    }
    noted::record(&request.workspace, providers.keys()).map_err(|d| bare(*d))?;
    let migrated = match &request.states {
        Some((choice, run)) => {
            let said = backend::said(dir, given, *choice);
            backend::settle(&request.workspace.moved_to(&said), &said, *choice, run)?
        }
        None => Vec::new(),
    };
    Ok(InitReport { providers, migrated, diagnostics, config })
}

/// What the command line says of the backend, if it says anything and there is a block that it adds to.
fn given(request: &InitRequest, config: &mut Config, diagnostics: &mut Diagnostics) -> Option<LocalBackend> {
    if request.backend_config.is_empty() || request.states.is_none() || diagnostics.has_errors() {
        return None;
    }
    if config.modules.get(&ModulePath::root()).is_none_or(|root| root.settings.backend.is_none()) {
        diagnostics.push(backend_config::no_block());
        return None;
    }
    Some(backend_config::read(&request.backend_config, &request.workspace.dir, config, diagnostics))
}

/// Every provider that the configuration names or that its blocks imply.
pub(super) fn used(module: &Module) -> impl Iterator<Item = ProviderSource> + '_ {
    let required = module.required_providers.values().map(|r| r.source.clone());
    let written = module.providers.iter().map(|p| module.provider_source(&p.name));
    let names: BTreeSet<&str> = module.resources.values().map(|r| r.provider_name()).collect();
    let implied = names.into_iter().map(|name| module.provider_source(name));
    required.chain(written).chain(implied)
}

/// The providers in use; what is asked of their versions is held against what ours follow.
fn providers(config: &Config, diagnostics: &mut Diagnostics) -> BTreeMap<ProviderSource, Option<String>> {
    let mut out = BTreeMap::new();
    for module in config.modules.values() {
        for source in used(module) {
            let ours = registry().get(&source.for_display()).map(|p| p.version().to_owned());
            if source.is_builtin() && ours.is_none() && !out.contains_key(&source) {
                let detail = format!("Cannot use {source}: this Terraform release has no built-in provider named {:?}.", &*source.name);
                diagnostics.push(Diagnostic::error("Invalid dependency on built-in provider", detail));
            }
            out.insert(source, ours);
        }
        let required = module.required_providers.values().filter_map(|r| Some((r, r.version.as_deref()?)));
        for (required, text) in required {
            let source = &required.source;
            if source.is_builtin() {
                let detail = format!("Cannot use {source}: built-in providers do not support explicit version constraints.");
                diagnostics.push(Diagnostic::error("Invalid dependency on built-in provider", detail));
            } else if let Some(Some(ours)) = out.get(source)
                && satisfies(text, ours) == Ok(false)
            {
                let detail = format!(
                    "This configuration asks for version {text:?} of {}. levee's own provider follows version {ours}: arguments that came or went between the two may be refused, or be missing.",
                    source.for_display()
                );
                diagnostics.push(Diagnostic::warning("Provider of another version", detail).at(required.span));
            }
        }
    }
    out
}

/// Copies a module into a directory that has no configuration yet.
fn copy_module(source: &str, dir: &Path) -> Result<(), Box<Diagnostic>> {
    let told = |detail: String| Box::new(Diagnostic::error("Failed to copy the module", detail));
    let files = std::fs::read_dir(dir).map_err(|e| told(e.to_string()))?.flatten();
    let is_configuration = |name: &str| Path::new(name).extension().is_some_and(|e| e == "tf") || name.ends_with(".tf.json");
    if files.into_iter().any(|f| f.file_name().to_str().is_some_and(is_configuration)) {
        return Err(told("The working directory already contains files, and -from-module copies into an empty one only.".to_owned()));
    }
    crate::install::copy_module(source, dir).map_err(|e| told(format!("{source:?} could not be copied: {e}.")))
}

/// A configuration with what is installed for it and what its state needs.
#[derive(Debug)]
pub struct Inventory {
    /// The configuration.
    pub config: Arc<Config>,
    /// The installed modules.
    pub modules: Manifest,
    /// The providers of the objects in the state.
    pub in_state: BTreeSet<String>,
    /// Warnings.
    pub diagnostics: Diagnostics,
}

/// What a configuration is made of: its modules, and the providers that it and its state need.
///
/// # Errors
/// When it cannot be read.
pub fn inventory(workspace: &Workspace) -> Result<Inventory, Failure> {
    let bare = |d: Diagnostic| Failure::new(d.into(), None);
    let modules = workspace.modules();
    let mut installed = Installed::read(&workspace.files, &modules).map_err(bare)?;
    let (config, diagnostics) = config::read(&workspace.dir, &workspace.files, RULES, &mut installed, None);
    let config = Arc::new(config);
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, Some(config)));
    }
    let in_state = super::state(workspace)?.objects.into_iter().map(|o| o.provider).collect();
    Ok(Inventory { config, modules: installed.manifest, in_state, diagnostics })
}
