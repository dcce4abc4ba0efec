//! What is judged: the world with its history, what runs told, the state, and what was to come of them.

use crate::model::Model;
use crate::partial::Choices;
use levee::engine::{StateView, Workspace, state};
use levee::event::StepKind;
use levee_model::json;
use levee_sim::record::{Line, Object};
use levee_sim::world::World;
use levee_state::{Access, Store};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// An object as the state has it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) address: String,
    pub(crate) deposed: bool,
    pub(crate) values: serde_json::Value,
}

impl Known {
    pub(crate) fn id(&self) -> &str {
        self.values.get("id").and_then(serde_json::Value::as_str).unwrap_or_default()
    }
}

/// What a run told of a step.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) address: String,
    pub(crate) deposed: bool,
    pub(crate) kind: StepKind,
    pub(crate) moment: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Started,
    Finished,
    Failed,
}

/// One configuration, and all that was done to bring it about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    /// The configurations before: the last one that stood, and those that were given up since.
    pub(crate) before: Vec<Model>,
    /// The one that was applied; empty to destroy.
    pub(crate) wanted: Model,
    /// What the first attempt was narrowed to.
    pub(crate) partial: Option<Choices>,
    /// How many steps were allowed at a time, if it is known.
    pub(crate) at_a_time: Option<usize>,
    /// Whether it stands in the end; else it was given up.
    pub(crate) stands: bool,
    /// What was there when the first attempt began, by id.
    pub(crate) at_first: BTreeMap<String, Object>,
    /// Of this, what is not the state's.
    pub(crate) strangers: BTreeMap<String, Object>,
    /// What happened, attempt by attempt.
    pub(crate) attempts: Vec<Vec<Line>>,
    /// What the runs told, attempt by attempt.
    pub(crate) steps: Vec<Vec<Step>>,
    /// What is there, by id.
    pub(crate) objects: BTreeMap<String, Object>,
    /// Ids of what the state was told to forget.
    pub(crate) forgotten: BTreeSet<String>,
    /// What the state says is there.
    pub(crate) state: Vec<Known>,
    /// The outputs, as the state has them.
    pub(crate) outputs: BTreeMap<String, serde_json::Value>,
    /// Whether a run is left open.
    pub(crate) open: bool,
    /// What a second plan would still change.
    pub(crate) unsettled: Vec<String>,
    /// Bytes that were written to the world's file while something was only planned.
    pub(crate) written_by_plans: u64,
}

/// A world's file, as far as it was read.
#[derive(Default)]
pub(crate) struct History {
    read: u64,
    world: World,
}

impl History {
    /// The lines since it was read last. There is no file before anything is asked.
    pub(crate) fn read_on(&mut self, path: &Path) -> Vec<Line> {
        let Ok(mut file) = File::open(path) else { return Vec::new() };
        let mut text = String::new();
        file.seek(SeekFrom::Start(self.read)).and_then(|_| file.read_to_string(&mut text)).expect("the world's file can be read");
        // A line that is being written is none yet.
        text.truncate(text.rfind('\n').map_or(0, |end| end + 1));
        self.read += text.len() as u64;
        let lines: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).expect("a line of a world")).collect();
        lines.iter().cloned().for_each(|line| self.world.apply(line));
        lines
    }

    /// What is there, by id.
    pub(crate) fn objects(&self) -> &BTreeMap<String, Object> {
        self.world.objects()
    }
}

type View = (Vec<Known>, BTreeMap<String, serde_json::Value>);

fn view(workspace: &Workspace) -> Result<View, String> {
    let StateView { objects, outputs, .. } = state(workspace).map_err(|f| format!("the state cannot be read: {:?}", f.diagnostics))?;
    let managed = objects.into_iter().filter(|o| o.addr.mode == levee_model::Mode::Managed);
    let known = managed.map(|o| Known {
        address: o.addr.to_string(),
        deposed: o.deposed.is_some() || o.tainted,
        values: json::to_json(&o.value.unmark_deep().0),
    });
    Ok((known.collect(), outputs.into_iter().map(|(name, v)| (name.to_string(), json::to_json(&v.unmark_deep().0))).collect()))
}

/// What the state says is there, its outputs, and whether a run is left open.
pub(crate) fn kept(workspace: &Workspace) -> Result<(Vec<Known>, BTreeMap<String, serde_json::Value>, bool), String> {
    let (objects, outputs) = view(workspace)?;
    let store = Store::open(&workspace.state, Access::ReadOnly);
    let open = store.and_then(|store| store.open_run()).map_err(|e| e.to_string())?;
    Ok((objects, outputs, open.is_some()))
}

/// Shows what happened in an attempt.
pub(crate) fn show(n: usize, how: &str, lines: &[Line]) {
    eprintln!("attempt {n}: {how}");
    for line in lines {
        let Line { seq, call, event, action, name, id, note, .. } = line;
        let (id, note) = (id.as_deref().unwrap_or("-"), note.as_deref().unwrap_or_default());
        eprintln!("  {seq} {event:?} {action} {name} {id} (call {call}) {note}");
    }
}
