//! Going on with a run that did not come to its end: from its journal, and from the configuration and the values that it kept.

use super::bundle::{self, BundleError};
use super::load::{self, Loaded, RootInputs, state_failure};
use super::recover::recover_with;
use super::{Failure, Inputs, Planned, RunOptions, UnsetVariable, Workspace, compiled, registry};
use crate::apply::recovery::Decisions;
use crate::config::InputSource;
use crate::plan::approval::{Approval, Made};
use crate::plan::moves;
use crate::rollback::target::is_complete;
use levee_model::{Diagnostic, Diagnostics, ModulePath};
use levee_state::{Access, EntryOutcome, RunId, RunKind, RunRecord, StateError, Store};

/// A run that is taken up again, as it was begun.
pub(super) struct Taken {
    approval: Approval,
    files: crate::config::Files,
}

impl Taken {
    /// What a run kept; none if it kept nothing, as runs of earlier versions did.
    pub(super) fn up(workspace: &Workspace, run: RunId) -> Result<Option<Self>, Failure> {
        let store = workspace.store(Access::ReadOnly);
        let Some(kept) = store.and_then(|store| store.kept(run)).map_err(|e| state_failure(&e, None))? else { return Ok(None) };
        let useless = |e: BundleError| {
            let detail = format!("What run {run} kept of its configuration is of no use: {e}.");
            Failure::new(Diagnostic::error("The run cannot be taken up", detail).hint(ANEW).into(), None)
        };
        Ok(Some(Self { approval: bundle::approval(&kept).map_err(useless)?, files: bundle::files(&kept).map_err(useless)? }))
    }

    /// Its configuration.
    pub(super) fn configuration(&self, workspace: &Workspace) -> Result<Loaded, Failure> {
        load::load(&Workspace {
            files: self.files.clone(),
            name: self.approval.surroundings.workspace.clone(),
            started_in: self.approval.surroundings.cwd.clone(),
            ..workspace.clone()
        })
    }

    /// Its configuration and the values of its variables; those that are not kept are taken from `inputs`.
    pub(super) fn load(&self, workspace: &Workspace, inputs: &Inputs) -> Result<(Loaded, RootInputs), Failure> {
        let mut loaded = self.configuration(workspace)?;
        let unreadable = |e: crate::plan::file::PlanFileError| {
            Failure::new(Diagnostic::error("The run cannot be taken up", format!("{e}.")).hint(ANEW).into(), None)
        };
        let mut values = self.approval.inputs().map_err(unreadable)?;
        if !self.approval.left_out.is_empty() || !inputs.arguments.is_empty() {
            let again = load::inputs_so_far(workspace, inputs, &mut loaded)?;
            let changed = changed(&loaded, &values, &again, &self.approval);
            if changed.has_errors() {
                return Err(Failure::new(changed, Some(loaded.config.clone())));
            }
            values.extend(again.into_iter().filter(|(name, _)| self.approval.left_out.contains(&**name)));
        }
        let missing: Vec<&String> = self.approval.left_out.iter().filter(|name| !values.contains_key(name.as_str())).collect();
        if missing.is_empty() {
            return Ok((loaded, values));
        }
        Err(unset(&missing, &loaded))
    }
}

const ANEW: &str = "\"levee apply\" plans anew, from the configuration as it is now.";

/// What is said about values that the run holds already, and that are given otherwise now.
fn changed(loaded: &Loaded, kept: &RootInputs, again: &RootInputs, approval: &Approval) -> Diagnostics {
    let root = loaded.config.modules.get(&ModulePath::root());
    let by_hand = again.iter().filter(|(_, i)| matches!(i.source, InputSource::CommandLine | InputSource::NamedFile(_)));
    let of_the_run = by_hand.filter(|(name, _)| !approval.left_out.contains(&***name));
    let told = of_the_run.filter_map(|(name, input)| {
        let variable = root?.variables.get(name)?;
        if kept.get(name).is_some_and(|k| load::same(variable, &k.value, &input.value)) {
            return None;
        }
        let detail =
            format!("The run was begun with another value for the variable {name:?}, and what is left of it was agreed to with that.");
        Some(Diagnostic::error("Can't change variable when going on with a run", detail).hint(ANEW))
    });
    told.collect()
}

/// What is said about values that the run was begun with and that it does not keep.
fn unset(names: &[&String], loaded: &Loaded) -> Failure {
    let root = loaded.config.modules.get(&ModulePath::root());
    let declared = |name: &&String| root.and_then(|m| m.variables.get(name.as_str()));
    let told = names.iter().map(|name| {
        let detail = format!("The run was begun with a value for the variable {name:?}. It is a secret, so it was not kept.");
        Diagnostic::error("No value for required variable", detail).hint("Give it again, with -var, -var-file or TF_VAR_NAME.")
    });
    let variables = names.iter().filter_map(declared).map(|v| UnsetVariable {
        name: v.name.clone(),
        description: v.description.clone(),
        sensitive: true,
    });
    Failure { unset: variables.collect(), ..Failure::new(told.collect(), Some(loaded.config.clone())) }
}

/// The newest run, if it is the one that is `wanted` and can be taken up: it carries a plan out, and did not come to its end.
fn resumable(store: &Store, wanted: Option<u64>) -> Result<Result<RunRecord, Diagnostic>, StateError> {
    let Some(run) = store.runs()?.pop() else { return Ok(Err(nothing("There is no run yet."))) };
    let id = run.id;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != id.0) {
        let detail = format!("Run {wanted} is not the newest: that is run {id}. What a later run has done is part of no earlier one.");
        return Ok(Err(nothing(&detail)));
    }
    let of_a_plan = matches!(run.spec.kind, RunKind::Apply | RunKind::Destroy | RunKind::Refresh);
    Ok(if is_complete(&run) {
        Err(nothing(&format!("Run {id}, the newest, came to its end.")))
    } else if !of_a_plan {
        Err(nothing(&format!("Run {id} carries out no plan of a configuration.")))
    } else {
        Ok(run)
    })
}

fn nothing(detail: &str) -> Diagnostic {
    Diagnostic::error("There is no run to go on with", detail).hint("\"levee apply\" plans anew.")
}

/// The run that is being undone, where the newest run is a rollback that did not come to its end.
///
/// # Errors
/// The state cannot be read.
pub fn unfinished_rollback(workspace: &Workspace, wanted: Option<u64>) -> Result<Option<u64>, Failure> {
    let runs = workspace.store(Access::ReadOnly).and_then(|store| store.runs()).map_err(|e| state_failure(&e, None))?;
    let newest = runs.last().filter(|run| wanted.is_none_or(|wanted| wanted == run.id.0) && !is_complete(run));
    Ok(newest.and_then(|run| if let RunKind::Rollback { of } = run.spec.kind { Some(of.0) } else { None }))
}

/// Settles what the newest run left open, and plans the rest of it. What goes beyond what was agreed to is refused.
pub async fn resume(workspace: &Workspace, wanted: Option<u64>, inputs: &Inputs, options: &RunOptions) -> Result<Planned, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    let run = resumable(&store, wanted).map_err(failed)?.map_err(|d| Failure::new(d.into(), None))?;
    let Some(taken) = Taken::up(workspace, run.id)? else {
        return Err(Failure::new(nothing(&format!("Run {} kept nothing of its configuration.", run.id)).into(), None));
    };
    recover_with(workspace, inputs, &Decisions::default(), options).await?;
    let made = made(&store, run.id).map_err(failed)?;
    let (mut loaded, values) = taken.load(workspace, inputs)?;
    let (mut objects, _) = load::objects(workspace, &loaded)?;
    let moved = moves::follow(&mut objects, &loaded.config, registry());
    let warnings = std::mem::take(&mut loaded.diagnostics);
    let (plan_options, timestamp) = (taken.approval.options(&made), taken.approval.timestamp.clone());
    let mut source = loaded.into_source(values, objects, plan_options.clone(), timestamp.clone(), options.listener.clone());
    source.moves = moved;
    source.durations = load::durations(workspace);
    let planned = compiled(source, warnings, plan_options, timestamp).await?;
    if let Some(beyond) = taken.approval.beyond(planned.plan(), &made) {
        let partial = Some(Box::new(planned.compiled.plan));
        return Err(Failure { partial, ..Failure::new(beyond.into(), Some(planned.config)) });
    }
    Ok(Planned { resumes: Some(run.id), ..planned })
}

/// What a run has tried to make, and what of it was made.
fn made(store: &Store, run: RunId) -> Result<Made, StateError> {
    let mut out = Made::default();
    for entry in store.journal(run)?.into_iter().filter(|e| e.intent.prior.is_none() && e.intent.planned.is_some()) {
        if entry.outcome == Some(EntryOutcome::Succeeded) {
            out.done.insert(entry.intent.addr.clone());
        }
        out.tried.insert(entry.intent.addr);
    }
    Ok(out)
}
