//! The verbs that change something: apply, and settling what an earlier run left open.

use super::load::{self, open_for_writing, state_diagnostic, state_failure};
use super::{Applied, Failure, Inputs, Planned, RunOptions, Workspace, backend, registry, state_file};
use crate::apply::{self, carry_out, recovery};
use crate::event::{Event, Summary};
use crate::graph::Block;
use crate::plan::checks;
use crate::plan::compile::Compiled;
use crate::plan::file::PlanFile;
use crate::plan::logins::log_in;
use crate::plan::values::ModuleId;
use crate::plan::{Mode, PlanOptions};
use levee_model::{Diagnostic, Diagnostics, Marks, Mode as ResourceMode, ModulePath, Value, json};
use levee_state::{Access, Base, LockGuard, LockInfo, OutputRow, Run, RunEnd, RunKind, RunSpec, StateEdit, StateError, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a lock that is held is waited for in any case: a process that was killed needs a moment to be gone.
const GRACE: Duration = Duration::from_millis(500);

/// Carries a plan out.
pub async fn apply(planned: Planned, workspace: &Workspace, options: RunOptions) -> Result<Applied, Failure> {
    let config = planned.config.clone();
    let failed = |e: StateError| state_failure(&e, Some(config.clone()));
    let (store, guard) = lock(workspace, "apply", &options)?;
    let spec = RunSpec {
        kind: match planned.plan().mode {
            Mode::Normal => RunKind::Apply,
            Mode::Destroy => RunKind::Destroy,
            Mode::RefreshOnly => RunKind::Refresh,
        },
        base: Base { lineage: planned.plan().base.0, serial: planned.plan().base.1 },
        config_digest: Some(crate::plan::file::config_digest(&config)),
        variables: Some(plain_variables(&planned.plan().variables)),
        levee_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let run = store.begin(&guard, &spec).map_err(failed)?;
    let steps = planned.compiled.steps.effects();
    options.listener.event(&Event::RunStarted { run: run.id().to_string(), steps });
    let mut compiled = planned.compiled;
    let imported = compiled.plan.imported();
    // They have been told and agreed to; from here on it is the items that count.
    compiled.plan.changes = Vec::new();
    let initial = std::mem::take(&mut compiled.edits);
    if !initial.is_empty() {
        run.edit(initial).await.map_err(failed)?;
    }
    compiled.world.functions.planning = false;
    let outcome = carry_out(&mut compiled, run.clone(), options.listener.clone(), options.parallelism, options.interrupt.clone()).await;
    let mut diagnostics = planned.diagnostics;
    let ended = finish(&mut compiled, &run, &outcome).await;
    let summary = Summary { imported, ..outcome.summary };
    diagnostics.extend(outcome.diagnostics);
    let outputs = match (outcome.state_error, ended) {
        (Some(error), _) | (None, Err(error)) => {
            diagnostics.push(state_diagnostic(&error));
            BTreeMap::new()
        }
        (None, Ok(outputs)) => outputs,
    };
    if compiled.plan.targeted && !diagnostics.has_errors() {
        diagnostics.push(targeted_warning());
    }
    // The state file is made of the whole state once more: both need not be held at a time.
    drop(compiled);
    state_file::export(&store, workspace, &options);
    options.listener.event(&Event::RunFinished(summary));
    Ok(Applied { summary, outputs, diagnostics, config: Some(config), interrupted: outcome.interrupted })
}

fn targeted_warning() -> Diagnostic {
    Diagnostic::warning(
        "Applied changes may be incomplete",
        "The plan was created with the -target option in effect, so some changes requested in the configuration may have been ignored and the output values may not be fully updated. Run the following command to verify that no other changes are pending:\n    levee plan\n\nNote that the -target option is not suitable for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when Levee specifically suggests to use it as part of an error message.",
    )
}

/// Opens the store and takes its lock. Under it, a state file that somebody else wrote becomes the state.
pub(super) fn lock(workspace: &Workspace, operation: &str, options: &RunOptions) -> Result<(Store, LockGuard), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let told = |d: Box<Diagnostic>| Failure::new((*d).into(), None);
    backend::check(workspace).map_err(told)?;
    let store = open_for_writing(&workspace.state).map_err(failed)?;
    let guard = wait_for_lock(&store, operation, options)?;
    if let Some(dead) = guard.taken_over() {
        options.listener.event(&Event::Note(format!("The lock of {dead} was taken over: that process is gone.")));
    }
    state_file::take_over(&store, &guard, workspace, options).map_err(told)?;
    backend::record(workspace).map_err(told)?;
    Ok((store, guard))
}

/// Takes the lock, waiting as long as allowed, and no longer than nobody asks to stop.
fn wait_for_lock(store: &Store, operation: &str, options: &RunOptions) -> Result<LockGuard, Failure> {
    let (began, limit) = (Instant::now(), options.lock_timeout.max(GRACE));
    let mut told = false;
    loop {
        match store.lock(&LockInfo::current(operation), GRACE.min(limit.saturating_sub(began.elapsed()))) {
            Err(StateError::Locked { .. }) if *options.interrupt.borrow() => {
                let detail = "The lock of the state was not waited for any longer. Nothing was changed.";
                return Err(Failure::new(Diagnostic::error("Interrupted", detail).into(), None));
            }
            Err(StateError::Locked { holder }) if began.elapsed() < limit => {
                if let Some(holder) = holder.filter(|_| !told) {
                    told = true;
                    let text = format!("Waiting up to {} s for the lock of the state, which {holder} holds.", limit.as_secs());
                    options.listener.event(&Event::Note(text));
                }
            }
            ended => return ended.map_err(|e| state_failure(&e, None)),
        }
    }
}

/// Variables as the run's record keeps them, without what must not be shown.
fn plain_variables(variables: &BTreeMap<Arc<str>, Value>) -> String {
    let shown = variables.iter().filter(|(_, v)| !v.has_marks()).map(|(n, v)| (n.to_string(), json::to_json(v)));
    serde_json::Value::Object(shown.collect()).to_string()
}

/// Outputs, what data sources yielded, and the end of the run.
async fn finish(compiled: &mut Compiled, run: &Run, outcome: &apply::Outcome) -> Result<BTreeMap<Arc<str>, Value>, StateError> {
    if outcome.state_error.is_some() {
        return Ok(BTreeMap::new());
    }
    let well = outcome.summary.failed == 0 && !outcome.interrupted && !outcome.diagnostics.has_errors();
    let mut edits = std::mem::take(&mut compiled.edits);
    if well && compiled.plan.mode == Mode::Destroy && !compiled.plan.targeted {
        let data = compiled.objects.all.keys().filter(|(a, _)| a.mode == ResourceMode::Data);
        edits.extend(data.map(|(a, d)| StateEdit::Remove { addr: a.clone(), deposed: d.clone() }));
    }
    if !edits.is_empty() {
        run.edit(edits).await?;
    }
    let outputs = outputs(compiled, outcome, well);
    run.set_outputs(outputs.iter().map(|(n, v)| (n.to_string(), output_row(v))).collect()).await?;
    run.set_checks(checks::encode(&compiled.plan.checks)).await?;
    let end = if outcome.interrupted {
        RunEnd::Interrupted
    } else if well {
        RunEnd::Succeeded
    } else {
        RunEnd::Failed
    };
    run.finish(end).await?;
    Ok(outputs)
}

/// Outputs as they are now: those whose steps are all done, and the rest as they were before.
fn outputs(compiled: &Compiled, outcome: &apply::Outcome, well: bool) -> BTreeMap<Arc<str>, Value> {
    let root = ModulePath::root();
    let mut out = compiled.objects.outputs.clone();
    if compiled.plan.mode == Mode::Destroy {
        return if well && !compiled.plan.targeted { BTreeMap::new() } else { out };
    }
    for (name, change) in &compiled.plan.outputs {
        let now = compiled.world.value(&Block::Output(root.clone(), name.clone()), ModuleId(0));
        match now.filter(|(node, _)| outcome.is_settled(*node)) {
            Some((_, value)) if value.is_null() => drop(out.remove(name)),
            // What the targets left out is not known even now.
            Some((_, value)) => {
                let value = value.clone().transform(&mut |v| if v.is_known() { v } else { Value::null(v.ty()) });
                drop(out.insert(name.clone(), value));
            }
            None if well && change.after.is_none() => drop(out.remove(name)),
            None => {}
        }
    }
    out
}

fn output_row(value: &Value) -> OutputRow {
    let sensitive = value.clone().unmark_deep().1.contains(Marks::SENSITIVE);
    let (plain, _) = value.clone().unmark_deep();
    let ty = plain.ty();
    OutputRow { value: json::to_json_typed(&plain, &ty).to_string(), type_json: json::type_to_json(&ty).to_string(), sensitive }
}

/// Finds out what became of the steps that an earlier run left open, and ends that run. How many there were. Providers are
/// configured with `inputs`; `saved` names the plan that holds what was given for the rest.
pub async fn recover(workspace: &Workspace, inputs: &Inputs, saved: Option<&Path>, options: &RunOptions) -> Result<usize, Failure> {
    if !workspace.state.exists() {
        return Ok(0);
    }
    let store = Store::open(&workspace.state, Access::ReadOnly);
    if store.and_then(|store| store.open_run()).map_err(|e| state_failure(&e, None))?.is_none() {
        return Ok(0);
    }
    let mut loaded = load::load(workspace)?;
    let values = match saved.and_then(|path| PlanFile::read(path).ok()?.inputs().ok()) {
        Some(saved) => load::inputs_so_far(workspace, inputs, &mut loaded)?.into_iter().chain(saved).collect(),
        None => load::inputs(workspace, inputs, &mut loaded)?,
    };
    let config = loaded.config.clone();
    let failed = |e: StateError| state_failure(&e, Some(config.clone()));
    let (store, guard) = lock(workspace, "recover", options)?;
    // Another process may have settled it while we waited for the lock.
    let Some(open) = store.open_run().map_err(failed)? else { return Ok(0) };
    let (objects, _) = load::objects(workspace, &loaded)?;
    let source = loaded.into_source(values, objects, PlanOptions::default(), None, options.listener.clone());
    let pool = log_in(&source, &BTreeSet::new()).await;
    let snapshot = store.snapshot().map_err(failed)?;
    options.listener.event(&Event::Note(format!(
        "Run {} was not brought to its end: finding out what became of {} open {}.",
        open.record.id,
        open.unresolved.len(),
        if open.unresolved.len() == 1 { "step" } else { "steps" },
    )));
    let run = store.resume(&guard, &open).map_err(failed)?;
    let diagnostics = recovery::settle(&open, &run, &snapshot, &pool, registry(), &options.listener).await.map_err(failed)?;
    state_file::export(&store, workspace, options);
    if diagnostics.has_errors() {
        return Err(Failure::new(with_summary(diagnostics, &open.record.id.to_string()), Some(config)));
    }
    Ok(open.unresolved.len())
}

fn with_summary(mut diagnostics: Diagnostics, run: &str) -> Diagnostics {
    diagnostics.push(Diagnostic::warning(
        "The earlier run stays open",
        format!("Nothing else is done before every open step of run {run} is settled, so that nothing is made twice."),
    ));
    diagnostics
}
