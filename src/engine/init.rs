//! `init`: installs the modules that a configuration calls, and says which providers it uses.

use super::{Failure, Workspace, registry};
use crate::config::{self, Config, Module, ProviderSource};
use crate::install::{InstallOptions, Installer, Progress};
use levee_model::{Diagnostic, Diagnostics, ModulePath};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `init` and `get` are asked for.
#[derive(Clone, Debug)]
pub struct InitRequest {
    /// Where.
    pub workspace: Workspace,
    /// How modules are installed.
    pub install: InstallOptions,
}

/// What `init` found.
#[derive(Debug)]
pub struct InitReport {
    /// Providers in use: source and the version of Terraform's provider that ours follows; none for one that is not ours.
    pub providers: BTreeMap<ProviderSource, Option<String>>,
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
        Err(Failure { diagnostics: d.into(), config: None })
    })
}

fn install(request: &InitRequest, mut tell: impl FnMut(Progress)) -> Result<InitReport, Failure> {
    let bare = |d: Diagnostic| Failure { diagnostics: d.into(), config: None };
    let modules = request.workspace.modules();
    let mut installer = Installer::new(&modules, request.install.clone(), &mut tell).map_err(bare)?;
    let (config, mut diagnostics) = config::read(&request.workspace.dir, super::load::SCHEMAS, &mut installer, None);
    if let Err(problem) = installer.finish() {
        diagnostics.push(problem);
    }
    let providers = providers(&config, &mut diagnostics);
    let config = Arc::new(config);
    if diagnostics.has_errors() {
        return Err(Failure { diagnostics, config: Some(config) });
    }
    Ok(InitReport { providers, diagnostics, config })
}

/// Every provider that the configuration names or that its blocks imply.
pub(super) fn used(module: &Module) -> impl Iterator<Item = ProviderSource> + '_ {
    let required = module.required_providers.values().map(|r| r.source.clone());
    let written = module.providers.iter().map(|p| module.provider_source(&p.name));
    let implied = module.resources.values().map(|r| {
        let name = r.provider.as_ref().map(|p| &*p.name);
        module.provider_source(name.unwrap_or_else(|| r.type_name.split('_').next().unwrap_or_default()))
    });
    required.chain(written).chain(implied)
}

fn providers(config: &Config, diagnostics: &mut Diagnostics) -> BTreeMap<ProviderSource, Option<String>> {
    let mut out = BTreeMap::new();
    for source in config.modules.values().flat_map(|m| used(m)) {
        let ours = registry().get(&source.for_display()).map(|p| p.version().to_owned());
        if &*source.host == "terraform.io" && ours.is_none() && !out.contains_key(&source) {
            let detail = format!("Cannot use {source}: this Terraform release has no built-in provider named {:?}.", &*source.name);
            diagnostics.push(Diagnostic::error("Invalid dependency on built-in provider", detail));
        }
        out.insert(source, ours);
    }
    out
}
