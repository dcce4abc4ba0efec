//! What is said about a rollback beside its plan.

use super::history::moment;
use super::json::ui;
use crate::engine::{RunKind, RunRecord};
use crate::event::Summary;
use crate::rollback::retention::Why;
use levee_model::{Diagnostic, InstanceAddr};
use std::collections::BTreeMap;

/// Which run is undone.
pub(crate) fn heading(run: &RunRecord) -> String {
    let kind = match run.spec.kind {
        RunKind::Apply => "an apply".to_owned(),
        RunKind::Destroy => "a destroy".to_owned(),
        RunKind::Refresh => "a change of the state alone".to_owned(),
        RunKind::Recover => "a recovery".to_owned(),
        RunKind::Rollback { of } => format!("the rollback of run {of}"),
    };
    format!("Rolling back run {}: {kind} by {}, begun {}.", run.id, run.who, moment(run.started))
}

/// What stays as it is.
pub(crate) fn kept(run: &RunRecord, kept: &BTreeMap<InstanceAddr, Why>) -> Vec<Diagnostic> {
    let listed = |wanted: bool| -> String {
        kept.iter().filter(|(_, why)| why.is_wanted() == wanted).map(|(addr, why)| format!("\n  - {addr}: {why}")).collect()
    };
    let (skipped, stuck) = (listed(true), listed(false));
    let mut out = Vec::new();
    if !stuck.is_empty() {
        let detail = format!("Of run {}, this is not undone and stays as it is:{stuck}", run.id);
        out.push(Diagnostic::warning("Not all of the run can be rolled back", detail));
    }
    if !skipped.is_empty() {
        out.push(Diagnostic::warning("Objects are skipped", format!("As asked for, these stay as they are:{skipped}")));
    }
    out
}

/// What is said when nothing of a run can be undone.
pub(crate) fn nothing_done(json: bool) -> String {
    let line = "Nothing was done. What stays as it is was said above; once it may go, roll back again.";
    if json { format!("{}\n", ui::log(line)) } else { format!("\n{line}\n") }
}

/// Why the run failed that was rolled back, for the end of what is told.
pub(crate) fn failed_because(run: u64, errors: &[String]) -> String {
    format!("Run {run} had failed:{}", errors.iter().map(|error| format!("\n  - {error}")).collect::<String>())
}

/// What was done in one line; when something is left to do, what to do about it.
pub(crate) fn summary(done: Summary, run: u64, interrupted: bool, failed: bool, left: bool) -> String {
    let Summary { added, changed, destroyed, failed: errors, skipped, .. } = done;
    let counts = format!("{added} added, {changed} changed, {destroyed} destroyed");
    if !failed && !left {
        return format!("Rollback complete! Resources: {counts}.");
    }
    if !failed {
        return format!("Rollback complete as far as it goes: {counts}. What stays as it is was said above.");
    }
    let word = if interrupted { "interrupted" } else { "incomplete" };
    format!(
        "Rollback {word}: {counts}; {errors} failed, {skipped} not started. What was done is recorded: run \"levee rollback\" again to go on with run {run}, with -skip=ADDRESS for what is to stay."
    )
}
