//! A whole configuration: its modules, and what each of them declares.

use super::body::Body;
use super::expr::{Expr, Reference};
use super::moves::{Import, Moved, Removed};
use super::provider::{ProviderBlock, ProviderRef, RequiredProvider};
use super::provider_source::ProviderSource;
use super::resource::{Condition, Resource};
use super::source::ModuleSource;
use super::variable::Variable;
use levee_model::{Diagnostics, Mode, ModulePath, Sources, Span};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A configuration with every module it calls.
#[derive(Debug, Default)]
pub struct Config {
    /// The modules; the root is [`ModulePath::root`].
    pub modules: BTreeMap<ModulePath, Arc<Module>>,
    /// All files read.
    pub sources: Sources,
    /// Where the root module stands, as it was given to [`super::load`].
    pub root_dir: PathBuf,
}

/// What one module declares.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Its place in the tree of calls.
    pub path: ModulePath,
    /// Its directory, relative to the working directory, as `path.module` shows it.
    pub dir: PathBuf,
    /// How many configuration files it has.
    pub files: usize,
    /// `variable` blocks.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// Arguments of `locals` blocks.
    pub locals: BTreeMap<Arc<str>, Local>,
    /// `resource` and `data` blocks.
    pub resources: BTreeMap<(Mode, Arc<str>, Arc<str>), Arc<Resource>>,
    /// `check` blocks.
    pub checks: BTreeMap<Arc<str>, CheckBlock>,
    /// `output` blocks.
    pub outputs: BTreeMap<Arc<str>, Output>,
    /// `module` blocks.
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    /// `provider` blocks, in the order they are written.
    pub providers: Vec<ProviderBlock>,
    /// `required_providers`, by local name.
    pub required_providers: BTreeMap<Arc<str>, RequiredProvider>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `import` blocks.
    pub imports: Vec<Import>,
    /// `terraform` blocks, apart from `required_providers`.
    pub settings: Settings,
    /// What is wrong with what `depends_on` names, to be told where names are looked up.
    pub late: Diagnostics,
}

/// What `terraform` blocks say about the module as a whole.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `required_version`, each with its place. They are checked when the module is loaded.
    pub required_versions: Vec<(Arc<str>, Span)>,
    /// The heading of `required_providers`.
    pub required_providers_span: Option<Span>,
    /// The `backend` block.
    pub backend: Option<StatePlace>,
    /// The heading of the `cloud` block.
    pub cloud: Option<Span>,
    /// The providers that `provider_meta` blocks are for, each with its block's heading.
    pub provider_metas: Vec<(Arc<str>, Span)>,
}

/// A `backend` block. What is in it is read only where the state is wanted.
#[derive(Clone, Debug)]
pub struct StatePlace {
    /// Its type.
    pub kind: Arc<str>,
    /// Where the type stands.
    pub kind_span: Span,
    /// Its arguments.
    pub body: Body,
    /// The block's heading.
    pub span: Span,
}

/// Where the local backend keeps states, relative to the root module's directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalBackend {
    /// `path`: the state file of the workspace that is there from the start.
    pub path: Option<Arc<str>>,
    /// `workspace_dir`: the directory of the others.
    pub workspace_dir: Option<Arc<str>>,
}

/// One argument of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// Its value.
    pub expr: Expr,
    /// Its name.
    pub span: Span,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: Arc<str>,
    /// `value`
    pub expr: Expr,
    /// `sensitive`
    pub sensitive: bool,
    /// `ephemeral`
    pub ephemeral: bool,
    /// `description`
    pub description: Option<Arc<str>>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
    /// The block's heading.
    pub span: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct CheckBlock {
    /// Its name.
    pub name: Arc<str>,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// Type and name of its own data source, which stands among the module's resources.
    pub data: Option<(Arc<str>, Arc<str>)>,
    /// The block's heading.
    pub span: Span,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Arc<str>,
    /// `source`, as written.
    pub source: Arc<str>,
    /// What the source means; none when it is a mistake, which was told.
    pub address: Option<ModuleSource>,
    /// Where the source stands.
    pub source_span: Span,
    /// `version`, with its place.
    pub version: Option<(Arc<str>, Span)>,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `providers`, in the order it is written.
    pub providers: Vec<Passed>,
    /// Everything else: values of the called module's variables.
    pub arguments: Body,
    /// The block's heading.
    pub span: Span,
}

/// One provider configuration that a call hands down.
#[derive(Clone, Debug)]
pub struct Passed {
    /// What the called module knows it as.
    pub child: ProviderRef,
    /// Which of the caller's it is.
    pub parent: ProviderRef,
}

impl Config {
    /// The source address behind a provider's local name in a module, the default registry left out. A module inherits
    /// configurations from its caller, but never what a name means.
    pub fn source_of(&self, module: &ModulePath, name: &str) -> String {
        let source = self.modules.get(module).map_or_else(|| ProviderSource::implied(name), |m| m.provider_source(name));
        source.for_display()
    }
}

impl Module {
    /// The provider that a local name stands for.
    pub fn provider_source(&self, name: &str) -> ProviderSource {
        self.required_providers.get(name).map_or_else(|| ProviderSource::implied(name), |r| r.source.clone())
    }

    /// The local name of a provider: `preferred` where that is one.
    pub fn provider_name(&self, source: &ProviderSource, preferred: &str) -> Option<Arc<str>> {
        if self.provider_source(preferred) == *source {
            return Some(Arc::from(preferred));
        }
        self.required_providers.values().find(|r| r.source == *source).map(|r| r.name.clone())
    }
}

impl ModuleCall {
    /// The caller's configuration that the called module knows by this name and alias.
    pub fn passed(&self, name: &str, alias: Option<&str>) -> Option<&ProviderRef> {
        self.providers.iter().find(|p| &*p.child.name == name && p.child.alias.as_deref() == alias).map(|p| &p.parent)
    }
}
