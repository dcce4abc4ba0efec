//! What every verb begins with: the configuration, its graph, the variables' values, and what the state knows.

use super::state_care::way_back;
use super::{Failure, InputArgument, Inputs, UnsetVariable, Workspace, noted, registry, state_file, state_place};
use crate::config::Module;
use crate::config::constant::Constants;
use crate::config::schema::{NestedBlocks, SchemaOf, Schemas};
use crate::config::tfvars::{self, InputSource, InputValue, VarOption};
use crate::config::{self, Config, Expr, Files, NewFile, ProviderSource, Rules, Variable};
use crate::eval::input::RootInput;
use crate::eval::{self, functions, input};
use crate::event::{Listener, Silent};
use crate::graph::{BlockGraph, Known, cycle};
use crate::install::Installed;
use crate::plan::PlanOptions;
use crate::plan::compile::Source;
use crate::plan::durations::Durations;
use crate::plan::file::PlanFile;
use crate::plan::moves::Moves;
use crate::plan::objects::Objects;
use crate::plan::values::Surroundings;
use levee_model::{Diagnostic, Diagnostics, Fault, Mode, ModulePath, Sources, Value};
use levee_sdk::schema::{Block, Nesting};
use levee_state::{Access, Snapshot, StateError};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// What is given for the root module's variables.
pub(super) type RootInputs = BTreeMap<Arc<str>, RootInput>;

/// A configuration that can be worked with.
pub(super) struct Loaded {
    /// The configuration.
    pub config: Arc<Config>,
    /// Its graph, without cycles.
    pub blocks: Arc<BlockGraph>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// What expressions may ask of where the program runs.
    pub surroundings: Surroundings,
    /// Where files are read.
    pub files: Files,
}

/// Loads and checks the configuration, with the modules that are installed, and where it wants its state to be kept.
pub(super) fn load(workspace: &Workspace) -> Result<Loaded, Failure> {
    let loaded = load_with(workspace, None)?;
    let diagnostics = state_place::check(&loaded.config);
    if diagnostics.has_errors() { Err(Failure::new(diagnostics, Some(loaded.config))) } else { Ok(loaded) }
}

/// Loads and checks the configuration alone; `new_file` is one that is about to be written.
pub(super) fn load_with(workspace: &Workspace, new_file: Option<&NewFile>) -> Result<Loaded, Failure> {
    let mut installed = Installed::read(&workspace.files, &workspace.modules()).map_err(|d| Failure::new(d.into(), None))?;
    let (config, mut diagnostics) = config::read(&workspace.dir, &workspace.files, RULES, &mut installed, new_file);
    let blocks = BlockGraph::new(&config);
    if !diagnostics.has_errors() {
        diagnostics.extend(noted::missing(workspace, &config));
    }
    if !diagnostics.has_errors() {
        diagnostics.extend(crate::plan::provisioners::unknown_types(&config));
    }
    if !diagnostics.has_errors() {
        diagnostics.extend(cycle::check(&blocks, &config));
    }
    let config = Arc::new(config);
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, Some(config)));
    }
    Ok(Loaded { config, blocks: Arc::new(blocks), diagnostics, surroundings: workspace.surroundings(), files: workspace.files.clone() })
}

/// What reading a configuration needs to be told: our providers' schemas, and our evaluation.
pub(super) const RULES: Rules =
    Rules { schemas: Schemas(nested_blocks), constants: Constants { value: constant, check: input::check_default }, versions_first: false };

fn constant(expr: &Expr, diags: &mut Diagnostics) -> Value {
    eval::evaluate(expr, &eval::Nothing::constants(), diags)
}

/// The nested blocks of a schema of ours. Resource types have one name whatever their provider is called in a module;
/// providers are looked for by the name that the registry has for them.
fn nested_blocks(of: SchemaOf<'_>) -> NestedBlocks {
    let providers = |type_name| registry().by_type(type_name);
    let schema = match of {
        SchemaOf::Resource(Mode::Managed, name) => providers(name).find_map(|p| p.resource(name)).map(|r| r.schema().block.clone()),
        SchemaOf::Resource(Mode::Data, name) => providers(name).find_map(|p| p.data_source(name)).map(|d| d.schema().block.clone()),
        SchemaOf::Resource(Mode::Ephemeral, _) => None,
        SchemaOf::Provider(name) => registry().get(&ProviderSource::implied(name).for_display()).map(|p| p.types().block().block.clone()),
    };
    schema.as_ref().map_or_else(NestedBlocks::default, inside)
}

fn inside(block: &Block) -> NestedBlocks {
    let mut out = NestedBlocks::default();
    for (name, nested) in &block.blocks {
        out.add(name.clone(), inside(&nested.block), nested.nesting == Nesting::Map);
    }
    out
}

impl Loaded {
    /// A configuration that nobody wrote.
    ///
    /// # Errors
    /// Its blocks wait for each other.
    pub(super) fn made(workspace: &Workspace, files: Files, config: Config, known: &Known) -> Result<Self, Failure> {
        let blocks = BlockGraph::with(&config, known);
        let wrong = cycle::check(&blocks, &config);
        let config = Arc::new(config);
        if wrong.has_errors() {
            return Err(Failure::new(wrong, Some(config)));
        }
        Ok(Self { config, blocks: Arc::new(blocks), diagnostics: Diagnostics::new(), surroundings: workspace.surroundings(), files })
    }

    /// Whether there is no configuration file at all.
    pub(super) fn is_empty(&self) -> bool {
        self.config.modules.get(&ModulePath::root()).is_none_or(|m| m.files == 0)
    }

    /// What a check without state and inputs is made from.
    pub(super) fn into_checked(self, timestamp: Option<String>) -> Source {
        self.into_source(BTreeMap::new(), Objects::default(), PlanOptions::default(), timestamp, Arc::new(Silent))
    }

    /// What a plan is compiled from.
    pub(super) fn into_source(
        self,
        inputs: RootInputs,
        objects: Objects,
        options: PlanOptions,
        timestamp: Option<String>,
        listener: Listener,
    ) -> Source {
        Source {
            functions: context(timestamp, self.files),
            surroundings: self.surroundings,
            config: self.config,
            blocks: self.blocks,
            inputs,
            objects: Arc::new(objects),
            moves: Moves::default(),
            options,
            saved_data: BTreeMap::new(),
            saved_imports: BTreeMap::new(),
            generated: BTreeMap::new(),
            images: None,
            registry: registry(),
            durations: Durations::default(),
            listener,
        }
    }
}

fn context(timestamp: Option<String>, files: Files) -> functions::Context<'static> {
    functions::Context {
        base_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
        files,
        home: std::env::home_dir(),
        plan_timestamp: timestamp,
        planning: true,
        render: None,
        read_tfvars: None,
    }
}

/// The time now, as RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    functions::datetime::now()
}

/// What is given for the root module's variables; those without a value do without.
pub(super) fn inputs_so_far(workspace: &Workspace, inputs: &Inputs, loaded: &mut Loaded) -> Result<RootInputs, Failure> {
    let Some(config) = Arc::get_mut(&mut loaded.config) else {
        return Err(Failure::new(Diagnostics::new(), None));
    };
    let (given, mut diagnostics) = given(workspace, inputs, &mut config.sources);
    let mut root = config.modules.get(&ModulePath::root()).cloned().unwrap_or_default();
    Arc::make_mut(&mut root).variables.retain(|name, _| given.contains_key(name));
    let values = root_values(&root, &given, &mut config.sources, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::new(diagnostics, Some(loaded.config.clone())));
    }
    Ok(values)
}

/// Adds what a saved plan could not keep: ephemeral variables are given again, all others stay as they were.
pub(super) fn inputs_again(
    workspace: &Workspace,
    again: &Inputs,
    file: &PlanFile,
    kept: &mut RootInputs,
    loaded: &mut Loaded,
) -> Result<(), Failure> {
    let given = inputs_so_far(workspace, again, loaded)?;
    let root = loaded.config.modules.get(&ModulePath::root()).cloned().unwrap_or_default();
    let mut diagnostics = Diagnostics::new();
    for (name, input) in given {
        let Some(variable) = root.variables.get(&name) else { continue };
        let by_hand = matches!(input.source, InputSource::CommandLine | InputSource::NamedFile(_));
        if variable.ephemeral {
            kept.insert(name, input);
        } else if by_hand && kept.get(&name).is_none_or(|k| !same(variable, &k.value, &input.value)) {
            diagnostics.push(changed(variable, kept.get(&name).map(|k| &k.value), &input));
        }
    }
    for name in file.ephemeral().filter(|name| !kept.contains_key(*name)) {
        let detail =
            format!("The ephemeral input variable {name:?} was set during the plan phase, and so must also be set during the apply phase.");
        diagnostics.push(Diagnostic::error("No value for required variable", detail));
    }
    if diagnostics.has_errors() { Err(Failure::new(diagnostics, Some(loaded.config.clone()))) } else { Ok(()) }
}

/// Whether two values are one, once they are of the variable's type.
pub(super) fn same(variable: &Variable, a: &Value, b: &Value) -> bool {
    let converted = |v: &Value| levee_model::convert::convert(v, &variable.ty).unwrap_or_else(|_| v.clone());
    converted(a) == converted(b)
}

/// What is said about a value that a saved plan holds already. Neither value is shown where the variable is sensitive.
fn changed(variable: &Variable, before: Option<&Value>, now: &RootInput) -> Diagnostic {
    let name = &variable.name;
    let shown = |v: &Value| if variable.sensitive { "(sensitive value)".to_owned() } else { quoted(v) };
    let by = match now.source {
        InputSource::CommandLine => "a CLI argument",
        _ => "a variables file",
    };
    let before = before.cloned().or_else(|| crate::eval::default_value(variable).ok().flatten());
    let before = before.map_or_else(|| "null".to_owned(), |v| shown(&v.unmark_deep().0));
    let detail = format!(
        "The variable {name} cannot be set using the -var and -var-file options when applying a saved plan file, because a saved plan includes the variable values that were set when it was created. The saved plan specifies {before} as the value whereas during apply the value {} was set by {by}. To declare an ephemeral variable which is not saved in the plan file, use ephemeral = true.",
        shown(&now.value)
    );
    Diagnostic::error("Can't change variable when applying a saved plan", detail)
}

fn quoted(value: &Value) -> String {
    levee_model::json::to_json(value).to_string()
}

/// What is given for the root module's variables, from everywhere it may come from.
pub(super) fn inputs(workspace: &Workspace, inputs: &Inputs, loaded: &mut Loaded) -> Result<RootInputs, Failure> {
    let Some(config) = Arc::get_mut(&mut loaded.config) else {
        return Err(Failure::new(Diagnostics::new(), None));
    };
    let (given, mut diagnostics) = given(workspace, inputs, &mut config.sources);
    let root = config.modules.get(&ModulePath::root()).cloned().unwrap_or_default();
    let values = root_values(&root, &given, &mut config.sources, &mut diagnostics);
    if diagnostics.has_errors() {
        let unset = root.variables.values().filter(|v| v.default.is_none() && !given.contains_key(&v.name)).map(unset).collect();
        return Err(Failure { unset, ..Failure::new(diagnostics, Some(loaded.config.clone())) });
    }
    loaded.diagnostics.extend(diagnostics);
    Ok(values)
}

fn unset(variable: &Variable) -> UnsetVariable {
    UnsetVariable { name: variable.name.clone(), description: variable.description.clone(), sensitive: variable.sensitive }
}

fn given(workspace: &Workspace, inputs: &Inputs, sources: &mut Sources) -> (BTreeMap<Arc<str>, InputValue>, Diagnostics) {
    let arguments = inputs.arguments.iter().map(|a| match a {
        InputArgument::Var(text) => VarOption::Var(text.clone()),
        InputArgument::File(path) => VarOption::File(path.clone()),
    });
    let environment = inputs.environment.iter().map(|(n, v)| (format!("TF_VAR_{n}"), v.clone()));
    tfvars::inputs(&workspace.dir, &arguments.collect::<Vec<_>>(), environment, sources)
}

/// How many undeclared names of files are told one by one.
const TOLD_UNDECLARED: usize = 2;

/// What is said about values for variables that are not there. The environment may be meant for other configurations.
fn undeclared(root: &Module, given: &BTreeMap<Arc<str>, InputValue>, diagnostics: &mut Diagnostics) {
    const SUMMARY: &str = "Value for undeclared variable";
    let mut in_files = 0;
    for (name, input) in given.iter().filter(|(name, _)| !root.variables.contains_key(*name)) {
        match &input.source {
            InputSource::Environment | InputSource::Plan => {}
            InputSource::CommandLine => {
                let detail = format!(
                    "A variable named {name:?} was assigned on the command line, but the root module does not declare a variable of that name. To use this value, add a \"variable\" block to the configuration."
                );
                diagnostics.push(Diagnostic::error(SUMMARY, detail));
            }
            InputSource::AutoFile(path) | InputSource::NamedFile(path) => {
                in_files += 1;
                if in_files <= TOLD_UNDECLARED {
                    let detail = format!(
                        "The root module does not declare a variable named {name:?} but a value was found in file {:?}. If you meant to use this value, add a \"variable\" block to the configuration.\n\nTo silence these warnings, use TF_VAR_... environment variables to provide certain \"global\" settings to all configurations in your organization. To reduce the verbosity of these warnings, use the -compact-warnings option.",
                        path.display().to_string()
                    );
                    diagnostics.push(Diagnostic::warning(SUMMARY, detail));
                }
            }
        }
    }
    if in_files > TOLD_UNDECLARED {
        let more = in_files - TOLD_UNDECLARED;
        let detail = format!("In addition to the other similar warnings shown, {more} other variable(s) defined without being declared.");
        diagnostics.push(Diagnostic::warning("Values for undeclared variables", detail));
    }
}

/// What is given, evaluated. A variable with neither a value nor a default is an error.
fn root_values(root: &Module, given: &BTreeMap<Arc<str>, InputValue>, sources: &mut Sources, diagnostics: &mut Diagnostics) -> RootInputs {
    let mut out = BTreeMap::new();
    if diagnostics.has_errors() {
        return out;
    }
    for (name, variable) in &root.variables {
        if let Some(input) = given.get(name) {
            match input::given_value(variable, input, sources) {
                Ok(value) => {
                    out.insert(name.clone(), RootInput { value, source: input.source.clone(), span: input.span });
                    continue;
                }
                Err(wrong) => diagnostics.extend(wrong),
            }
        }
        if variable.default.is_none() {
            diagnostics.push(input::no_value(variable));
        }
    }
    undeclared(root, given, diagnostics);
    out
}

/// What the state knows, and the number of a run that was left open.
pub(super) fn objects(workspace: &Workspace, loaded: &Loaded) -> Result<(Objects, Option<String>), Failure> {
    decoded(read_state(workspace)).map_err(|found| Failure::new(found, Some(loaded.config.clone())))
}

/// The state as it is stored, and the number of a run that was left open.
type Read = Result<(Snapshot, Option<String>), Diagnostics>;

fn read_state(workspace: &Workspace) -> Read {
    state_file::read(workspace).map_err(|d| Diagnostics::from(*d))
}

fn decoded(read: Read) -> Result<(Objects, Option<String>), Diagnostics> {
    let (snapshot, open) = read?;
    let (objects, diagnostics) = Objects::decode(snapshot, registry());
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok((objects, open)) }
}

/// Reading what the state knows, beside whatever else is to be done first.
pub(super) struct StateReading(JoinHandle<Read>);

impl StateReading {
    /// Begins to read.
    pub(super) fn begin(workspace: &Workspace) -> Self {
        let workspace = workspace.clone();
        Self(tokio::task::spawn_blocking(move || read_state(&workspace)))
    }

    /// What [`objects`] yields. It is decoded here, by whoever goes on with it, and has it at hand then.
    pub(super) async fn end(self, loaded: &Loaded) -> Result<(Objects, Option<String>), Failure> {
        let read = self.0.await.map_err(|fault| Diagnostic::error("The state was not read", format!("{fault}. This is a fault of levee.")));
        decoded(read.map_err(Diagnostics::from).flatten()).map_err(|found| Failure::new(found, Some(loaded.config.clone())))
    }
}

/// How long steps took so far. Only expectations hang on it, so a store that cannot be read is told by others.
pub(super) fn durations(workspace: &Workspace) -> Durations {
    let rows = workspace.store(Access::ReadOnly).and_then(|store| store.durations());
    rows.map(Durations::new).unwrap_or_default()
}

/// A fault of the state store, for people.
pub(super) fn state_diagnostic(error: &StateError) -> Diagnostic {
    let summary = match error {
        StateError::Locked { .. } => "Another run is at work on this state",
        StateError::StaleBase { .. } => "The plan is out of date",
        StateError::RunOpen { .. } => "An earlier run is still open",
        StateError::DiskFull { .. } => "No space left for the state",
        StateError::Corrupt { .. } => "The state file is damaged",
        StateError::Behind { .. } => "The state file is older than it was",
        StateError::Denied { .. } | StateError::Io { .. } => "The state cannot be read or written",
        StateError::NewerSchema { .. } => "The state was written by a newer levee",
        StateError::KeyNeeded | StateError::WrongPassphrase | StateError::KeyRefused { .. } => "The state is encrypted",
        _ => "The state cannot be used",
    };
    let hint = match error {
        StateError::Corrupt { path, .. } => {
            format!("Nothing was written to it; \"levee state check\" tells all that is wrong. {}", way_back(path))
        }
        StateError::Behind { path, mark, .. } => {
            let go_on = format!("If you put the older file there on purpose, remove {}, and levee goes on from it.", mark.display());
            format!("{} {go_on}", way_back(path))
        }
        _ => error.hint().to_owned(),
    };
    let fault = match error {
        StateError::Corrupt { .. } | StateError::Behind { .. } => Some(Fault::StateDamaged),
        StateError::DiskFull { .. } | StateError::Denied { .. } | StateError::Io { .. } => Some(Fault::StateOutOfReach),
        _ => None,
    };
    Diagnostic::error(summary, format!("{}.", capitalised(&error.to_string()))).hint(hint).fault(fault)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    // A path keeps its spelling.
    match chars.next() {
        Some(first) if !text.starts_with('/') => first.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// A fault of the state store as a verb's failure.
pub(super) fn state_failure(error: &StateError, config: Option<Arc<Config>>) -> Failure {
    Failure::new(state_diagnostic(error).into(), config)
}
