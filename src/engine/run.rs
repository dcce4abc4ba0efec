//! Carrying a plan out: as a new run, or as the rest of one that did not come to its end.

use super::load::{open_for_writing, state_diagnostic, state_failure};
use super::{Applied, Failure, Planned, RunOptions, Workspace, backend, bundle, state_file};
use crate::apply::{self, carry_out};
use crate::event::{Event, Summary};
use crate::graph::Block;
use crate::plan::Mode;
use crate::plan::checks;
use crate::plan::compile::Compiled;
use crate::plan::values::ModuleId;
use levee_model::{Diagnostic, Marks, Mode as ResourceMode, ModulePath, Value, json};
use levee_state::{Base, LockGuard, LockInfo, OutputRow, Run, RunEnd, RunKind, RunSpec, StateEdit, StateError, Store, fail_point};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a lock that is held is waited for in any case: a process that was killed needs a moment to be gone.
const GRACE: Duration = Duration::from_millis(500);

/// Carries a plan out.
pub async fn apply(planned: Planned, workspace: &Workspace, options: RunOptions) -> Result<Applied, Failure> {
    let config = planned.config.clone();
    let failed = |e: StateError| state_failure(&e, Some(config.clone()));
    let (store, guard) = lock(workspace, if planned.resumes.is_some() { "resume" } else { "apply" }, &options)?;
    let run = begun(&store, &guard, &planned, workspace).map_err(failed)?;
    fail_point("run.begun");
    let steps = planned.compiled.steps.effects();

    options.listener.event(&Event::RunStarted { run: run.id().to_string(), steps });
    let mut compiled = planned.compiled;
    let imported = compiled.plan.imported();
    // They have been told and agreed to; from here on it is the items that count.
    compiled.plan.changes = Vec::new();
    let initial = std::mem::take(&mut compiled.edits);
    if !initial.is_empty() {
        run.edit(initial).await.map_err(failed)?;
        fail_point("run.edited");
    }
    compiled.world.functions.planning = false;
    let outcome = carry_out(&mut compiled, run.clone(), options.listener.clone(), options.parallelism, options.interrupt.clone()).await;
    let mut diagnostics = planned.diagnostics;
    fail_point("run.finish");
    let ended = finish(&mut compiled, &run, &outcome).await;
    fail_point("run.finished");
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
    let open = store.open_run().map_err(failed)?;
    let in_doubt = open.filter(|open| open.record.id == run.id()).map_or(0, |open| open.unresolved.len());
    // The state file is made of the whole state once more: both need not be held at a time.
    drop(compiled);
    state_file::export(&store, workspace, &options);
    options.listener.event(&Event::RunFinished(summary));
    let (interrupted, undone) = (outcome.interrupted, outcome.undone);
    Ok(Applied { summary, outputs, diagnostics, config: Some(config), interrupted, run: run.id(), in_doubt, undone })
}

/// The run that carries a plan out: a new one, or the one that it goes on with.
fn begun(store: &Store, guard: &LockGuard, planned: &Planned, workspace: &Workspace) -> Result<Run, StateError> {
    let base = Base { lineage: planned.plan().base.0, serial: planned.plan().base.1 };
    if let Some(run) = planned.resumes {
        return store.go_on(guard, run, base);
    }
    let spec = RunSpec {
        kind: match (planned.rollback_of, planned.plan().mode) {
            (Some(of), _) => RunKind::Rollback { of },
            (None, Mode::Normal) => RunKind::Apply,
            (None, Mode::Destroy) => RunKind::Destroy,
            (None, Mode::RefreshOnly) => RunKind::Refresh,
        },
        base,
        config_digest: Some(crate::plan::file::config_digest(&planned.config)),
        variables: Some(plain_variables(&planned.plan().variables)),
        levee_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    // What cannot be kept stops no run: it can be settled and planned anew all the same.
    let kept = bundle::kept(planned, workspace).ok();
    store.begin_keeping(guard, &spec, kept.as_ref())
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
