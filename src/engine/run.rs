//! Carrying a plan out: as a new run, or as the rest of one that did not come to its end.

use super::load::{state_diagnostic, state_failure};
use super::locking::{lock_scope, scope_of};
use super::{Applied, Failure, Planned, RunOptions, Workspace, bundle, state_file};
use crate::apply::{self, carry_out};
use crate::event::{Event, Summary};
use crate::graph::Block;
use crate::plan::Mode;
use crate::plan::checks;
use crate::plan::compile::Compiled;
use crate::plan::values::ModuleId;
use levee_model::{Diagnostic, Marks, Mode as ResourceMode, ModulePath, Value, json};
use levee_state::{
    Base, EntryOutcome, LockGuard, ObjectRow, OutputRow, Run, RunEnd, RunKind, RunSpec, Scope, StateEdit, StateError, Store, fail_point,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Carries a plan out.
pub async fn apply(planned: Planned, workspace: &Workspace, options: RunOptions) -> Result<Applied, Failure> {
    let config = planned.config.clone();
    let failed = |e: StateError| state_failure(&e, Some(config.clone()));
    let operation = if planned.resumes.is_some() { "resume" } else { "apply" };
    let (store, guard) = lock_scope(workspace, operation, scope_of(&planned), &options)?;
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
    let mut summary = Summary { imported, ..outcome.summary };
    // Steps that nobody waited for may have failed to be recorded, which shows at the end.
    if outcome.state_error.is_some() || ended.is_err() {
        recount(&mut summary, &store, &run);
    }
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
    let known: Vec<&ObjectRow> = match guard.scope() {
        Scope::Whole => Vec::new(),
        Scope::Part { .. } => planned.compiled.objects.all.values().map(|prior| &*prior.row).collect(),
    };
    store.begin_keeping(guard, &spec, kept.as_ref(), &known)
}

/// Counts what is on record: of what lives in the state alone, nothing else was done.
fn recount(summary: &mut Summary, store: &Store, run: &Run) {
    // A store that cannot be read either is told of by the error.
    let Ok(entries) = store.journal(run.id()) else { return };
    let done = entries.iter().filter(|e| e.intent.seq >= run.first_seq() && e.outcome == Some(EntryOutcome::Succeeded));
    (summary.added, summary.changed, summary.destroyed) = (0, 0, 0);
    for entry in done {
        match &*entry.intent.action {
            "update" => summary.changed += 1,
            "delete" => summary.destroyed += 1,
            _ => summary.added += 1,
        }
    }
}

fn targeted_warning() -> Diagnostic {
    Diagnostic::warning(
        "Applied changes may be incomplete",
        "The plan was created with the -target option in effect, so some changes requested in the configuration may have been ignored and the output values may not be fully updated. Run the following command to verify that no other changes are pending:\n    levee plan\n\nNote that the -target option is not suitable for routine use, and is provided only for exceptional situations such as recovering from errors or mistakes, or when Levee specifically suggests to use it as part of an error message.",
    )
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
    match run.scope() {
        Scope::Whole => run.set_outputs(outputs.iter().map(|(n, v)| (n.to_string(), output_row(v))).collect()).await?,
        Scope::Part { .. } => run.change_outputs(changed(&compiled.objects.outputs, &outputs)).await?,
    }
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

/// Outputs that are not what they were; none: it is gone.
fn changed(before: &BTreeMap<Arc<str>, Value>, now: &BTreeMap<Arc<str>, Value>) -> BTreeMap<String, Option<OutputRow>> {
    let anew = now.iter().filter(|(name, value)| before.get(*name) != Some(*value)).map(|(n, v)| (n.to_string(), Some(output_row(v))));
    let gone = before.keys().filter(|name| !now.contains_key(*name)).map(|name| (name.to_string(), None));
    anew.chain(gone).collect()
}

fn output_row(value: &Value) -> OutputRow {
    let sensitive = value.clone().unmark_deep().1.contains(Marks::SENSITIVE);
    let (plain, _) = value.clone().unmark_deep();
    let ty = plain.ty();
    OutputRow { value: json::to_json_typed(&plain, &ty).to_string(), type_json: json::type_to_json(&ty).to_string(), sensitive }
}
