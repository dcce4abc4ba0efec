//! Undoing a run: what happened is read from the store, what undoes it is compiled, and a plan is made of that like of any
//! configuration.

use super::load::{self, Loaded, RootInputs, state_failure};
use super::resume::Taken;
use super::{Failure, Inputs, Planned, Workspace, compiled, registry, state_file};
use crate::config::{Config, Files, IgnoreChanges, Resource};
use crate::event::{Event, Listener};
use crate::graph::choice::Choice;
use crate::plan::PlanOptions;
use crate::rollback::compensation::{Compensation, compile};
use crate::rollback::history::{History, touched};
use crate::rollback::retention::Why;
use crate::rollback::skeleton::skeleton;
use crate::rollback::target::{Target, choose, undone};
use levee_model::{InstanceAddr, Mode, ResourceAddr};
use levee_state::{Access, JournalEntry, RunId, Snapshot, StateError, Store};
pub use levee_state::{RunKind, RunRecord};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a rollback is planned with.
#[derive(Clone)]
pub struct RollbackRequest {
    /// Where.
    pub workspace: Workspace,
    /// Input variables, for provider configurations.
    pub inputs: Inputs,
    /// The run; the newest whose effects are still there if none is named.
    pub run: Option<u64>,
    /// What is left as it is.
    pub skip: Vec<Choice>,
    /// How many calls may run at a time.
    pub parallelism: usize,
    /// Who listens.
    pub listener: Listener,
}

/// What a rollback plan yields.
pub struct Rollback {
    /// The plan, for [`super::apply`].
    pub planned: Planned,
    /// The run that it undoes.
    pub run: RunRecord,
    /// What stays as it is, and why.
    pub kept: BTreeMap<InstanceAddr, Why>,
}

/// Plans what undoes a run. What an earlier run left open is settled before.
///
/// # Errors
/// There is nothing to undo, later runs are in the way, or a provider cannot be asked.
pub async fn rollback(request: RollbackRequest) -> Result<Rollback, Failure> {
    let workspace = &request.workspace;
    let failed = |e: StateError| state_failure(&e, None);
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    let runs = store.runs().map_err(failed)?;
    let acted = |r: &RunRecord| r.serial.is_some() || store.journal(r.id).is_ok_and(|entries| !entries.is_empty());
    let target = choose(&runs, request.run.map(RunId), acted).map_err(|d| Failure::new(d.into(), None))?;
    let (config, files, inputs) = written(&request, target.run.id)?;
    let (now, _) = state_file::read(workspace).map_err(|d| Failure::new((*d).into(), None))?;
    let mut history = history(&store, &runs, target, now).map_err(failed)?;
    history.protected = protected(workspace, &runs, &history.touched());
    history.ignored = config.iter().flat_map(|config| ignored(config)).collect();
    let made = compile(&history, &request.skip, registry()).map_err(|found| Failure::new(found, config.clone()))?;
    let Compensation { images, objects, moves, known, kept, notes } = made;
    let config = skeleton(config.as_deref(), &known, &images.outputs);
    let loaded = Loaded::made(workspace, files, config, &known)?;
    let options = PlanOptions { parallelism: request.parallelism, ..PlanOptions::default() };
    let mut source = loaded.into_source(inputs, objects, options.clone(), None, request.listener.clone());
    source.moves = moves;
    source.images = Some(Arc::new(images));
    source.durations = load::durations(workspace);
    let mut planned = compiled(source, notes, options, None).await?;
    planned.rollback_of = Some(history.run.id);
    Ok(Rollback { planned, run: history.run, kept })
}

/// The configuration that providers are taken from, and its variables' values: what the run kept, or else what there is in the
/// directory. Neither is needed where providers need no arguments.
fn written(request: &RollbackRequest, run: RunId) -> Result<(Option<Arc<Config>>, Files, RootInputs), Failure> {
    let workspace = &request.workspace;
    let kept = Taken::up(workspace, run).ok().flatten().and_then(|taken| taken.load(workspace, &request.inputs).ok());
    if let Some((loaded, inputs)) = kept {
        return Ok((Some(loaded.config), loaded.files, inputs));
    }
    match load::load(workspace) {
        Ok(mut loaded) => {
            let inputs = load::inputs_so_far(workspace, &request.inputs, &mut loaded)?;
            Ok((Some(loaded.config), loaded.files, inputs))
        }
        Err(_unreadable) => {
            let text =
                "The configuration cannot be read. It is not needed, but for providers: they are configured as if nothing was written.";
            request.listener.event(&Event::Note(text.to_owned()));
            Ok((None, workspace.files.clone(), BTreeMap::new()))
        }
    }
}

/// What the store knows of the run and its objects.
fn history(store: &Store, runs: &[RunRecord], target: Target, now: Snapshot) -> Result<History, StateError> {
    let Target { run, begun, later, undone } = target;
    let before = match runs.iter().rev().find(|r| r.id < run.id) {
        Some(earlier) => store.snapshot_at(earlier.id)?,
        None => Snapshot { lineage: now.lineage, ..Snapshot::default() },
    };
    let (after, entries) = (store.snapshot_at(run.id)?, store.journal(run.id)?);
    let mine = touched(&entries, &before, &after);
    let mut theirs: BTreeMap<RunId, BTreeSet<InstanceAddr>> = BTreeMap::new();
    for later in &later {
        theirs.insert(later.id, steps_of(store, later.id)?);
    }
    // What no step tells of was done to the state alone, by the newest of the later runs at the latest.
    let mut told: BTreeSet<InstanceAddr> = theirs.values().flatten().cloned().collect();
    for run in begun.iter().chain(&undone) {
        told.extend(steps_of(store, *run)?);
    }
    let silent = touched(&[], &after, &now).into_iter().filter(|a| mine.contains(a) && !told.contains(a));
    let silent: BTreeSet<InstanceAddr> = if begun.is_empty() { silent.collect() } else { BTreeSet::new() };
    if let Some(newest) = later.iter().rev().find(|r| r.serial.is_some()) {
        theirs.entry(newest.id).or_default().extend(silent);
    }
    let lives = lives(store, runs, run.id, &mine)?;
    let (protected, ignored) = Default::default();
    Ok(History { run, entries, before, after, now, begun: !begun.is_empty(), protected, ignored, later: theirs, lives })
}

fn steps_of(store: &Store, run: RunId) -> Result<BTreeSet<InstanceAddr>, StateError> {
    let entries = store.journal(run)?;
    Ok(entries.into_iter().map(|e| e.intent.addr).filter(|a| a.mode == Mode::Managed).collect())
}

/// The steps of each of these objects since it was made, up to a run.
fn lives(
    store: &Store,
    runs: &[RunRecord],
    up_to: RunId,
    of: &BTreeSet<InstanceAddr>,
) -> Result<BTreeMap<InstanceAddr, Vec<JournalEntry>>, StateError> {
    let mut out: BTreeMap<InstanceAddr, Vec<JournalEntry>> = BTreeMap::new();
    let mut open = of.clone();
    for run in runs.iter().rev().filter(|r| r.id <= up_to) {
        if open.is_empty() {
            break;
        }
        for entry in store.journal(run.id)?.into_iter().rev() {
            let addr = entry.intent.addr.clone();
            if !open.contains(&addr) {
                continue;
            }
            // What this very run made is another object than the one that was there before.
            let makes = entry.intent.action.starts_with("create");
            if makes && run.id < up_to {
                open.remove(&addr);
            }
            if !makes || run.id < up_to {
                out.entry(addr).or_default().insert(0, entry);
            }
        }
    }
    Ok(out)
}

/// Of these objects' resources, those that must not be destroyed: so says the configuration in the directory; or, of those that were
/// applied, the newest that has the resource, whatever has become of it since. What was undone counts for nothing.
fn protected(workspace: &Workspace, runs: &[RunRecord], objects: &BTreeSet<InstanceAddr>) -> BTreeSet<ResourceAddr> {
    let wanted: BTreeSet<ResourceAddr> = objects.iter().map(InstanceAddr::resource).collect();
    let (undone, mut said) = (undone(runs), BTreeMap::new());
    for run in runs.iter().rev().filter(|r| !undone.contains(&r.id) && !matches!(r.spec.kind, RunKind::Rollback { .. })) {
        if wanted.iter().all(|addr| said.contains_key(addr)) {
            break;
        }
        // What kept nothing, or what cannot be read any more, says nothing.
        let taken = Taken::up(workspace, run.id).ok().flatten();
        let Some(loaded) = taken.and_then(|taken| taken.configuration(workspace).ok()) else { continue };
        for (addr, resource) in resources(&loaded.config) {
            said.entry(addr).or_insert(resource.prevent_destroy());
        }
    }
    if let Ok(there) = load::load(workspace) {
        said.extend(resources(&there.config).filter(|(_, r)| r.prevent_destroy()).map(|(addr, _)| (addr, true)));
    }
    wanted.into_iter().filter(|addr| said.get(addr).copied().unwrap_or_default()).collect()
}

/// What a configuration leaves to others.
fn ignored(config: &Config) -> impl Iterator<Item = (ResourceAddr, IgnoreChanges)> {
    resources(config).filter_map(|(addr, resource)| Some((addr, resource.lifecycle.as_ref()?.ignore_changes.clone())))
}

/// All resources of a configuration.
fn resources(config: &Config) -> impl Iterator<Item = (ResourceAddr, &Resource)> {
    let of_module = config.modules.iter().flat_map(|(path, module)| module.resources.iter().map(move |entry| (path, entry)));
    of_module.map(|(module, ((mode, type_name, name), resource))| {
        let addr = ResourceAddr { module: module.clone(), mode: *mode, type_name: type_name.clone(), name: name.clone() };
        (addr, &**resource)
    })
}
