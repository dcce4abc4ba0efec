//! What is judged: the world with its history, the state, and what was to come of them.

use crate::model::Model;
use levee::engine::{StateView, Workspace, state};
use levee_model::json;
use levee_sim::record::{Line, Object};
use levee_sim::world::World;
use levee_sim::world_file::history;
use std::collections::BTreeMap;
use std::path::Path;

/// An object as the state has it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) address: String,
    pub(crate) deposed: bool,
    pub(crate) values: serde_json::Value,
}

/// One configuration, and all that was done to bring it about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The configuration before.
    pub(crate) before: Model,
    /// The one that was applied; empty to destroy.
    pub(crate) wanted: Model,
    /// What was there when the first attempt began, by id.
    pub(crate) at_first: BTreeMap<String, Object>,
    /// What happened, attempt by attempt.
    pub(crate) attempts: Vec<Vec<Line>>,
    /// What is there, by id.
    pub(crate) objects: BTreeMap<String, Object>,
    /// What the state says is there.
    pub(crate) state: Vec<Known>,
    /// What a second plan would still change.
    pub(crate) unsettled: Vec<String>,
    /// Lines that were written while something was only planned.
    pub(crate) planned_calls: usize,
}

/// The lines of a world so far, and what they come to.
pub(crate) fn world(path: &Path) -> (Vec<Line>, BTreeMap<String, Object>) {
    let lines = match history(path) {
        Ok(lines) => lines,
        // There is no file before anything is asked.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => panic!("the world's file cannot be read: {error}"),
    };
    let mut world = World::default();
    lines.iter().cloned().for_each(|line| world.apply(line));
    (lines, world.objects().clone())
}

/// What the state says.
pub(crate) fn known(workspace: &Workspace) -> Result<Vec<Known>, String> {
    let StateView { objects, .. } = state(workspace).map_err(|f| format!("the state cannot be read: {:?}", f.diagnostics))?;
    let managed = objects.into_iter().filter(|o| o.addr.mode == levee_model::Mode::Managed);
    let known = managed.map(|o| Known {
        address: o.addr.to_string(),
        deposed: o.deposed.is_some() || o.tainted,
        values: json::to_json(&o.value.unmark_deep().0),
    });
    Ok(known.collect())
}
