//! Finding out what became of the steps that an earlier run left open, with the directory's configuration or with the one that
//! the run kept.

use super::load::{self, Loaded, RootInputs, state_failure};
use super::locking::lock;
use super::resume::Taken;
use super::{Failure, Inputs, RunOptions, Workspace, registry, state_file};
use crate::apply::recovery;
use crate::event::Event;
use crate::plan::PlanOptions;
use crate::plan::logins::log_in;
use levee_model::{Diagnostic, Diagnostics};
use levee_state::{Access, StateError};
use std::collections::BTreeSet;
use std::path::Path;

pub use crate::apply::recovery::{Decision, Decisions};

/// Finds out what became of the steps that earlier runs left open, and ends those runs. How many there were. Providers are
/// configured with the directory's configuration and `inputs`; `saved` names the plan that holds what was given for the rest.
pub async fn recover(workspace: &Workspace, inputs: &Inputs, saved: Option<&Path>, options: &RunOptions) -> Result<usize, Failure> {
    let mut settled = 0;
    // Runs that went on side by side may have ended together.
    while open_run(workspace)?.is_some() {
        let mut loaded = load::load(workspace)?;
        let values = match saved.and_then(|path| super::read_plan(workspace, path).ok()?.inputs().ok()) {
            Some(saved) => load::inputs_so_far(workspace, inputs, &mut loaded)?.into_iter().chain(saved).collect(),
            None => load::inputs(workspace, inputs, &mut loaded)?,
        };
        settled += settle(workspace, loaded, values, &Decisions::default(), options).await?;
    }
    Ok(settled)
}

/// Likewise with the configuration that each run kept, if it kept one, and with what the operator has decided of the oldest.
pub async fn recover_with(workspace: &Workspace, inputs: &Inputs, decisions: &Decisions, options: &RunOptions) -> Result<usize, Failure> {
    let (mut settled, mut decided) = (0, decisions.clone());
    while let Some((run, _)) = open_run(workspace)? {
        let (loaded, values) = match Taken::up(workspace, run)? {
            Some(taken) => taken.load(workspace, inputs)?,
            None => {
                let mut loaded = load::load(workspace)?;
                let values = load::inputs(workspace, inputs, &mut loaded)?;
                (loaded, values)
            }
        };
        settled += settle(workspace, loaded, values, &std::mem::take(&mut decided), options).await?;
    }
    if decided.is_empty() { Ok(settled) } else { Err(Failure::new(nothing_open().into(), None)) }
}

fn nothing_open() -> Diagnostic {
    Diagnostic::error("There is nothing to decide", "No run has left a step whose end is not known.")
}

/// The run that is open, and how many of its steps are to be settled.
pub fn open_run(workspace: &Workspace) -> Result<Option<(levee_state::RunId, usize)>, Failure> {
    if !workspace.state.exists() {
        return Ok(None);
    }
    let store = workspace.store(Access::ReadOnly);
    let open = store.and_then(|store| store.open_run()).map_err(|e| state_failure(&e, None))?;
    Ok(open.map(|open| (open.record.id, open.unresolved.len())))
}

/// Settles what is open, whatever the configuration came from.
async fn settle(
    workspace: &Workspace,
    loaded: Loaded,
    values: RootInputs,
    decisions: &Decisions,
    options: &RunOptions,
) -> Result<usize, Failure> {
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
    let asked = recovery::Asked { pool: &pool, registry: registry(), decisions, hidden: options.hidden };
    let diagnostics = recovery::settle(&open, &run, &snapshot, &asked, &options.listener).await.map_err(failed)?;
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
