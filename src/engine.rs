//! One function a verb; the only place where the pipeline is put together. It never prints: it tells by events and
//! returns results.

mod backend;
mod backend_config;
mod bundle;
mod checking;
mod constants;
pub mod console;
pub mod format;
mod generate;
pub mod history;
mod import;
mod init;
mod keys;
mod load;
mod locking;
mod noted;
mod recover;
mod resume;
mod rollback;
mod run;
mod state_care;
mod state_edit;
mod state_file;
mod state_place;
mod state_transfer;
pub mod timeline;
mod view;
pub mod workspace;

use self::checking::{Checking, HeldBack};
use crate::config::Config;
use crate::event::{Event, Listener, Silent, Summary};
use crate::plan::compile::{Compiled, Source, compile};
use crate::plan::file::{PlanFile, PlanFileError};
use crate::plan::moves;
use crate::plan::{Plan, PlanOptions, RelevantAttribute};
use crate::providers::Registry;
use levee_model::json::infinity_in;
use levee_model::{Action, Diagnostic, Diagnostics, Value};
use levee_state::{Access, RunId, StateError, is_hidden};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Input variables as the user gave them, in the order of the command line.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// `-var NAME=VALUE` and `-var-file PATH`, in order.
    pub arguments: Vec<InputArgument>,
    /// `TF_VAR_NAME` from the environment.
    pub environment: BTreeMap<String, String>,
}

/// One `-var` or `-var-file`.
#[derive(Clone, Debug)]
pub enum InputArgument {
    /// `-var`: `NAME=VALUE`, as it was written.
    Var(String),
    /// `-var-file PATH`
    File(PathBuf),
}

/// Why a verb could not do its work. User mistakes travel as diagnostics; each carries its own excerpt and hint.
#[derive(Debug)]
pub struct Failure {
    /// What was found, errors and warnings.
    pub diagnostics: Diagnostics,
    /// The files that the spans refer to.
    pub config: Option<Arc<Config>>,
    /// What could be planned all the same.
    pub partial: Option<Box<Plan>>,
    /// Variables of the root module that need a value and have none, by name: whoever can ask for them may try again.
    pub unset: Vec<UnsetVariable>,
}

/// A variable of the root module without a value.
#[derive(Clone, Debug)]
pub struct UnsetVariable {
    /// Its name.
    pub name: Arc<str>,
    /// `description`
    pub description: Option<Arc<str>>,
    /// Whether its value is a secret.
    pub sensitive: bool,
}

impl Failure {
    /// With what was found, and the files that its spans refer to.
    pub fn new(diagnostics: Diagnostics, config: Option<Arc<Config>>) -> Self {
        Self { diagnostics, config, partial: None, unset: Vec::new() }
    }
}

/// What a plan yields: the plan, its warnings, and all that apply needs to carry it out.
pub struct Planned {
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// What check blocks found. An apply finds it anew.
    pub assertions: Diagnostics,
    /// The configuration it was made from.
    pub config: Arc<Config>,
    compiled: Compiled,
    options: PlanOptions,
    timestamp: Option<String>,
    /// The run that it is the rest of.
    resumes: Option<RunId>,
    /// The run that it undoes.
    rollback_of: Option<RunId>,
}

impl Planned {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.compiled.plan
    }
}

/// What an apply yields.
#[derive(Debug)]
pub struct Applied {
    /// What was done.
    pub summary: Summary,
    /// Outputs of the root module as they are now, with marks.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// What failed, and warnings.
    pub diagnostics: Diagnostics,
    /// The files that the spans refer to.
    pub config: Option<Arc<Config>>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// The run.
    pub run: RunId,
    /// How many of its steps may or may not have been done.
    pub in_doubt: usize,
    /// What was not started, and why.
    pub undone: Vec<Undone>,
}

pub use crate::apply::Undone;

/// What a run may do and how long it waits for the lock.
#[derive(Clone)]
pub struct RunOptions {
    /// How many steps may run at a time.
    pub parallelism: usize,
    /// How long to wait for another run to end.
    pub lock_timeout: Duration,
    /// For how long after its intent a new object may be hidden that is found by its tag: it is looked for until then.
    pub hidden: Duration,
    /// Who listens.
    pub listener: Listener,
    /// Set when the operator asks to stop.
    pub interrupt: tokio::sync::watch::Receiver<bool>,
}

/// What a plan is made with.
#[derive(Clone)]
pub struct PlanRequest {
    /// Where.
    pub workspace: Workspace,
    /// Input variables.
    pub inputs: Inputs,
    /// What the user asked for.
    pub options: PlanOptions,
    /// Who listens.
    pub listener: Listener,
}

pub use crate::apply::local_exec::end_all as end_commands;
pub use crate::graph::export::Format as GraphFormat;
pub use backend::OtherPlace;
pub use constants::{constant, default_of};
pub use import::import;
pub use init::{InitReport, InitRequest, Inventory, init, inventory};
pub use keys::{AskPassphrase, Cleared, Keys, NewWrapping, decrypt_state, encrypt_state, kms_key, rotate_key};
pub use locking::wait_for_others;
pub use recover::{Decision, Decisions, open_run, recover, recover_with};
pub use resume::{resume, unfinished_rollback};
pub use rollback::{Rollback, RollbackRequest, RunKind, RunRecord, rollback};
pub use run::apply;
pub use state_care::{CheckReport, Restored, backup_state, check_state, restore_state, way_back};
pub use state_edit::{Marked, forget_objects, mark_tainted, move_objects, replace_provider};
pub use state_transfer::{break_lock, lock_holders, pull, push};
pub use view::{StateObject, StateView, outputs, state};
pub use workspace::Workspace;

/// The providers that are built in.
pub fn registry() -> &'static Registry {
    crate::providers::registry()
}

/// Checks the configuration without state, without asking any provider.
pub async fn validate(workspace: &Workspace) -> (Diagnostics, Option<Arc<Config>>) {
    let loaded = match load::load_with(workspace, None) {
        Ok(loaded) => loaded,
        Err(failure) => return (failure.diagnostics, failure.config),
    };
    let mut diagnostics = loaded.diagnostics.clone();
    let config = loaded.config.clone();
    diagnostics.extend(crate::plan::compile::validate(&loaded.into_checked(None)).await);
    (diagnostics, Some(config))
}

/// Finds out what is to happen. Changes nothing.
pub async fn plan(request: PlanRequest) -> Result<Planned, Failure> {
    let reading = load::StateReading::begin(&request.workspace);
    let mut loaded = load::load(&request.workspace)?;
    if loaded.is_empty() && request.options.mode != crate::plan::Mode::Destroy {
        return Err(Failure::new(nothing_written().into(), Some(loaded.config)));
    }
    let generated = match &request.options.generate {
        Some(path) => generate::for_imports(&request, path, &loaded).await?,
        None => None,
    };
    if let Some(generated) = &generated {
        let planned_with = load::load_with(&request.workspace, Some(&generated.file));
        // It is of use to whoever imports even where it cannot be planned as it is.
        if let Some(path) = &request.options.generate {
            generate::write(path, &generated.file)?;
        }
        loaded = planned_with?;
    }
    let inputs = load::inputs(&request.workspace, &request.inputs, &mut loaded)?;
    let timestamp = load::now();
    let held = Arc::new(HeldBack::new(request.listener.clone()));
    let checking = Checking::begin(&loaded, timestamp.clone(), held.clone());
    let (mut objects, open) = reading.end(&loaded).await?;
    let moves = moves::follow(&mut objects, &loaded.config, registry());
    if let Some(run) = open {
        request.listener.event(&Event::Note(format!(
            "Run {run} was not brought to its end. The next apply first finds out what became of its open steps."
        )));
    }
    let warnings = std::mem::take(&mut loaded.diagnostics);
    let mut source = loaded.into_source(inputs, objects, request.options.clone(), Some(timestamp.clone()), request.listener);
    source.moves = moves;
    source.durations = load::durations(&request.workspace);
    let mut warnings = warnings;
    if let Some(generated) = generated {
        source.saved_imports = generated.imports;
        source.generated = generated.blocks;
        warnings.extend(generated.diagnostics);
    }
    if checking::asks_nobody(&source) {
        // It is planned while it is checked: nothing is told and nothing comes of it if that finds a mistake.
        source.listener = held;
        let config = source.config.clone();
        let planned = compile(source).await;
        warnings.extend(checking.end().await);
        if warnings.has_errors() {
            return Err(Failure::new(warnings, Some(config)));
        }
        return outcome(planned, config, warnings, request.options, Some(timestamp));
    }
    warnings.extend(checking.end().await);
    if warnings.has_errors() {
        return Err(Failure::new(warnings, Some(source.config)));
    }
    compiled(source, warnings, request.options, Some(timestamp)).await
}

fn nothing_written() -> Diagnostic {
    Diagnostic::error(
        "No configuration files",
        "Plan requires configuration to be present. Planning without a configuration would mark everything for destruction, which is normally not what is desired. If you would like to destroy everything, run plan with the -destroy option. Otherwise, create a Terraform configuration file (.tf file) and try again.",
    )
}

async fn compiled(source: Source, warnings: Diagnostics, options: PlanOptions, timestamp: Option<String>) -> Result<Planned, Failure> {
    let config = source.config.clone();
    outcome(compile(source).await, config, warnings, options, timestamp)
}

fn outcome(
    (compiled, found): (Result<Compiled, Option<Plan>>, Diagnostics),
    config: Arc<Config>,
    warnings: Diagnostics,
    options: PlanOptions,
    timestamp: Option<String>,
) -> Result<Planned, Failure> {
    let mut diagnostics = warnings;
    // What a check without inputs has said already is not said again.
    let again: Vec<_> = diagnostics.iter().filter(|d| !d.is_error()).cloned().collect();
    diagnostics.extend(found.into_iter().filter(|d| !again.contains(d)));
    match compiled {
        Ok(mut compiled) => {
            let assertions = std::mem::take(&mut compiled.assertions);
            Ok(Planned { diagnostics, assertions, config, compiled, options, timestamp, resumes: None, rollback_of: None })
        }
        Err(partial) => Err(Failure { partial: partial.map(Box::new), ..Failure::new(diagnostics, Some(config)) }),
    }
}

/// Saves a plan for a later `apply`.
pub fn save(planned: &Planned, path: &Path, workspace: &Workspace) -> Result<(), Failure> {
    if let Some(infinite) = unwritable(planned) {
        return Err(Failure::new(infinite.into(), Some(planned.config.clone())));
    }
    let file = PlanFile::new(&planned.compiled, &planned.config, &planned.options, planned.timestamp.clone());
    let key = workspace.store(Access::ReadOnly).and_then(|store| store.key_for_hiding());
    let key = key.map_err(|e| load::state_failure(&e, Some(planned.config.clone())))?;
    file.write(path, |text| key.map_or(text.clone(), |key| key.hide(&text)))
        .map_err(|e| plan_failure(path, "could not be written", &e, None))
}

/// What cannot be written, because no document can hold it: an infinite number.
fn unwritable(planned: &Planned) -> Option<Diagnostic> {
    let infinite = |v: &Option<Value>| v.as_ref().is_some_and(|v| infinity_in(v).is_some());
    let output = planned.plan().outputs.iter().find(|(_, o)| infinite(&o.after)).map(|(name, _)| format!("output value {name:?}"));
    let what = output.or_else(|| planned.plan().changes.iter().find(|c| infinite(&c.after)).map(|c| c.addr.to_string()))?;
    let detail = format!("The plan file could not be written: {what} cannot be serialized: cannot serialize infinity as JSON.");
    Some(Diagnostic::error("Failed to write plan file", detail))
}

/// Reads a saved plan, if configuration and state are still those it was made from.
/// Variables that the plan does not hold, since they are ephemeral, are given again in `inputs`; `None` to look at it only.
pub async fn load_plan(workspace: &Workspace, path: &Path, again: Option<&Inputs>, listener: Listener) -> Result<Planned, Failure> {
    let refused = |e: PlanFileError| plan_failure(path, "cannot be applied", &e, None);
    let file = read_plan(workspace, path).map_err(|e| plan_failure(path, "cannot be read", &e, None))?;
    if again.is_some() && workspace.name != file.surroundings.workspace {
        return Err(refused(PlanFileError::OtherWorkspace { planned: file.surroundings.workspace, found: workspace.name.clone() }));
    }
    let workspace = &workspace.planned(&file.surroundings);
    let mut loaded = load::load(workspace)?;
    let warnings = std::mem::take(&mut loaded.diagnostics);
    let (mut objects, _) = load::objects(workspace, &loaded)?;
    file.check(&loaded.config, &objects).map_err(refused)?;
    let moves = moves::follow(&mut objects, &loaded.config, registry());
    file.restore(&mut objects, registry()).map_err(refused)?;
    let (mut inputs, data) = (file.inputs().map_err(refused)?, file.data().map_err(refused)?);
    if let Some(again) = again {
        load::inputs_again(workspace, again, &file, &mut inputs, &mut loaded)?;
    }
    let imports = file.imports().map_err(refused)?;
    let options = file.options();
    let mut source = loaded.into_source(inputs, objects, options.clone(), file.timestamp(), listener);
    source.saved_data = data;
    source.saved_imports = imports;
    source.generated = file.generated().map_err(refused)?;
    source.moves = moves;
    source.durations = load::durations(workspace);
    let planned = compiled(source, warnings, options, file.timestamp()).await?;
    file.check_outcome(&planned.compiled).map_err(refused)?;
    Ok(planned)
}

/// A saved plan, which is hidden where its state is encrypted.
fn read_plan(workspace: &Workspace, path: &Path) -> Result<PlanFile, PlanFileError> {
    let hidden = |e: StateError| PlanFileError::Hidden(format!("{e}. {}", e.hint()));
    PlanFile::read(path, |bytes| {
        if !is_hidden(&bytes) {
            return Ok(bytes);
        }
        let text = String::from_utf8_lossy(&bytes);
        let key = workspace.store(Access::ReadOnly).and_then(|store| store.key_for_hiding()?.ok_or(StateError::OtherKey));
        key.and_then(|key| key.show(&text)).map(String::into_bytes).map_err(hidden)
    })
}

/// Which attributes of resources the changes of a plan were worked out from.
pub fn relevant_attributes(planned: &Planned) -> BTreeSet<RelevantAttribute> {
    let plan = planned.plan();
    let objects = plan.changes.iter().filter(|c| c.action != Action::NoOp).map(|c| &c.addr);
    let outputs = plan.outputs.iter().filter(|(_, o)| o.action != Action::NoOp).map(|(name, _)| name);
    crate::plan::relevant::relevant_attributes(&planned.compiled.world, objects, outputs)
}

fn plan_failure(path: &Path, what: &str, error: &PlanFileError, config: Option<Arc<Config>>) -> Failure {
    let hint = match error {
        PlanFileError::Io(_) => "Check the path and its permissions.",
        PlanFileError::OtherWorkspace { .. } => {
            "Select the workspace with `levee workspace select`, or make a new plan with `levee plan -out`."
        }
        _ => "Make a new plan with `levee plan -out`.",
    };
    let d = Diagnostic::error(format!("The plan {} {what}", path.display()), format!("{error}.")).hint(hint);
    Failure::new(d.into(), config)
}

/// The graph of resources as text; that of the configuration a saved plan was made from, if one is named.
///
/// # Errors
/// The configuration is wrong, or it or the state has changed since the plan was made.
pub async fn graph(workspace: &Workspace, plan: Option<&Path>, format: GraphFormat) -> Result<String, Failure> {
    if let Some(path) = plan {
        load_plan(workspace, path, None, Arc::new(Silent)).await?;
    }
    let loaded = load::load(workspace)?;
    Ok(crate::graph::export::text(&loaded.blocks, format))
}

#[cfg(test)]
mod tests;
