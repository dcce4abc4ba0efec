//! Where the configuration's backend has states, and what becomes of them when it says another place: nothing, until somebody
//! decides. Else a state would seem to be empty, and everything it knows would be made a second time.

use super::backend_config::Said;
use super::load::RULES;
use super::locking::lock;
use super::{Failure, RunOptions, Workspace, state_file};
use crate::config::{self, LocalBackend};
use levee_model::Diagnostic;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the place is written down that states were last kept in.
const RECORD: &str = ".levee/backend.json";

/// What `init` may do when the backend says another place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OtherPlace {
    /// Ask the operator to decide.
    #[default]
    Refuse,
    /// `-reconfigure`: work with what is there.
    Keep,
    /// `-migrate-state`: take the states along to a place that has none.
    Migrate,
    /// `-force-copy`: take them along in any case.
    Overwrite,
}

/// Whether states are where they were.
///
/// # Errors
/// The backend says another place than the one that states were last kept in.
pub(super) fn check(workspace: &Workspace) -> Result<(), Box<Diagnostic>> {
    let Some(now) = &workspace.backend else { return Ok(()) };
    let before = recorded(workspace)?;
    if before.as_ref().is_none_or(|before| before == now) {
        return Ok(());
    }
    let detail = format!(
        "Reason: Backend configuration changed for \"local\"\n\nThe \"backend\" is the interface that levee uses to store state. States were last kept in {}, and the configuration says {}. Nothing has been changed.",
        place(before.as_ref().unwrap_or(now)),
        place(now)
    );
    let hint = "\"levee init -migrate-state\" takes the states along; \"levee init -reconfigure\" works with what the new place has.";
    Err(Box::new(Diagnostic::error("Backend initialization required, please run \"levee init\"", detail).hint(hint)))
}

/// Writes down where states are kept. The usual place need not be.
pub(super) fn record(workspace: &Workspace) -> Result<(), Box<Diagnostic>> {
    let Some(now) = &workspace.backend else { return Ok(()) };
    let is_usual = *now == LocalBackend::default() && !workspace.dir.join(RECORD).exists();
    if is_usual || recorded(workspace)?.as_ref() == Some(now) && workspace.dir.join(RECORD).exists() {
        return Ok(());
    }
    write(workspace, now, None)
}

/// Writes down where states are kept, and what of that the command line said.
fn write(workspace: &Workspace, now: &LocalBackend, said: Option<&Said>) -> Result<(), Box<Diagnostic>> {
    let path = workspace.dir.join(RECORD);
    let place = |b: &LocalBackend| serde_json::json!({ "path": b.path, "workspace_dir": b.workspace_dir });
    let mut document = serde_json::json!({ "type": "local", "path": now.path, "workspace_dir": now.workspace_dir });
    if let Some(Said { block, given }) = said {
        (document["block"], document["given"]) = (place(block), place(given));
    }
    let written = workspace.write_down(RECORD, &document.to_string());
    written.map_err(|e| Box::new(Diagnostic::error("Cannot record the backend", format!("{} cannot be written: {e}.", path.display()))))
}

/// What `init` does about states: it yields a line for each that went along.
pub(super) fn settle(workspace: &Workspace, said: &Said, choice: OtherPlace, options: &RunOptions) -> Result<Vec<String>, Failure> {
    let failed = |d: Box<Diagnostic>| Failure::new((*d).into(), None);
    let before = recorded(workspace).map_err(failed)?;
    let changed = before.filter(|before| workspace.backend.as_ref().is_some_and(|now| now != before));
    let mut told = Vec::new();
    match (changed, choice) {
        (None, _) | (Some(_), OtherPlace::Keep) => {}
        (Some(before), OtherPlace::Refuse) => return Err(failed(undecided(&before, workspace))),
        (Some(before), _) => {
            for name in workspace.kept_in(before.clone(), None).all() {
                told.extend(migrate(workspace, &before, &name, choice, options)?);
            }
        }
    }
    match &workspace.backend {
        Some(now) if said.given != LocalBackend::default() => write(workspace, now, Some(said)),
        // What was said once is said no more.
        Some(now) if before_said(&workspace.dir).is_some() => write(workspace, now, None),
        _ => record(workspace),
    }
    .map_err(failed)?;
    Ok(told)
}

/// Where the configuration's block, and what the command line said when it was read last, have states.
pub(super) fn place_of(dir: &Path) -> LocalBackend {
    let block = config::local_backend(dir, RULES.constants);
    match before_said(dir) {
        Some(said) if said.block == block => said.whole(),
        _ => block,
    }
}

/// What is to hold from `init` on: what the command line says now; else what it said before, unless all is to be set anew.
pub(super) fn said(dir: &Path, given: Option<LocalBackend>, choice: OtherPlace) -> Said {
    let block = config::local_backend(dir, RULES.constants);
    let before = before_said(dir).filter(|before| before.block == block && choice != OtherPlace::Keep);
    let given = given.or_else(|| before.map(|before| before.given)).unwrap_or_default();
    Said { block, given }
}

/// What the command line once said of the backend.
fn before_said(dir: &Path) -> Option<Said> {
    let text = std::fs::read(dir.join(RECORD)).ok()?;
    let document: serde_json::Value = serde_json::from_slice(&text).ok()?;
    let place = |v: &serde_json::Value| {
        let text = |name: &str| v[name].as_str().map(Arc::from);
        LocalBackend { path: text("path"), workspace_dir: text("workspace_dir") }
    };
    document.get("given").map(|given| Said { block: place(&document["block"]), given: place(given) })
}

/// Takes one workspace's state along. The old one stays where it is.
fn migrate(
    now: &Workspace,
    before: &LocalBackend,
    name: &Arc<str>,
    choice: OtherPlace,
    options: &RunOptions,
) -> Result<Option<String>, Failure> {
    let old = now.kept_in(before.clone(), Some(name));
    let new = now.kept_in(now.backend.clone().unwrap_or_default(), Some(name));
    let Some(path) = new.file.clone().filter(|_| old.state != new.state && old.exists()) else { return Ok(None) };
    if new.exists() && choice != OtherPlace::Overwrite {
        let detail = format!("There is a state at {} already, and another at {}.", path.display(), old.shown().display());
        let hint = "-force-copy puts the second in place of the first; -reconfigure goes on with the first.";
        let d = Diagnostic::error("Both places have a state", detail).hint(hint);
        return Err(Failure::new(d.into(), None));
    }
    let (store, guard) = lock(&old.unchecked(), "init -migrate-state", options)?;
    if store.open_run().map_err(|e| super::load::state_failure(&e, None))?.is_some() {
        let d = Diagnostic::error("A run is open", format!("The state {} has a run that did not end.", old.shown().display()));
        let hint = "Let the old backend stand, run \"levee apply\", and then migrate.";
        return Err(Failure::new(d.hint(hint).into(), None));
    }
    if store.is_encrypted().map_err(|e| super::load::state_failure(&e, None))? {
        let detail = format!("The state of {} is encrypted, and what is taken along is a document in clear.", old.shown().display());
        let hint = "Let the old backend stand, run \"levee state decrypt\", migrate, and encrypt it in the new place.";
        return Err(Failure::new(Diagnostic::error("Cannot migrate the state", detail).hint(hint).into(), None));
    }
    new.clear().and_then(|()| path.parent().map_or(Ok(()), std::fs::create_dir_all)).map_err(|e| {
        let d = Diagnostic::error("Cannot migrate the state", format!("{}: {e}.", path.display()));
        Failure::new(d.into(), None)
    })?;
    state_file::write(&store, &path)?;
    drop(guard);
    drop(lock(&new.unchecked(), "init -migrate-state", options)?);
    Ok(Some(format!(
        "State of workspace {name:?}: {} was copied to {}. Its history stays in the old place.",
        old.shown().display(),
        path.display()
    )))
}

/// Where states were last kept; none if nobody has kept any.
fn recorded(workspace: &Workspace) -> Result<Option<LocalBackend>, Box<Diagnostic>> {
    let path = workspace.dir.join(RECORD);
    let unreadable = |why: String| {
        let hint = "Remove the file if the backend has not changed.";
        Box::new(Diagnostic::error("Unreadable record of the backend", format!("{}: {why}.", path.display())).hint(hint))
    };
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let usual = workspace.kept_in(LocalBackend::default(), None);
            return Ok(usual.exists().then(LocalBackend::default));
        }
        Err(e) => return Err(unreadable(e.to_string())),
    };
    let document: serde_json::Value = serde_json::from_slice(&text).map_err(|e| unreadable(e.to_string()))?;
    let text = |name: &str| document[name].as_str().map(Arc::from);
    Ok(Some(LocalBackend { path: text("path"), workspace_dir: text("workspace_dir") }))
}

fn undecided(before: &LocalBackend, workspace: &Workspace) -> Box<Diagnostic> {
    let now = workspace.backend.as_ref().map_or_else(String::new, place);
    let detail = format!(
        "A change in the backend configuration has been detected, which may require migrating existing state: it was {}, and is {now}.\n\nIf you wish to attempt automatic migration of the state, use \"levee init -migrate-state\".\nIf you wish to store the current configuration with no changes to the state, use \"levee init -reconfigure\".",
        place(before)
    );
    Box::new(Diagnostic::error("Backend configuration changed", detail))
}

fn place(backend: &LocalBackend) -> String {
    let path = backend.path.as_deref().unwrap_or("terraform.tfstate");
    let others = backend.workspace_dir.as_ref().map_or_else(String::new, |dir| format!(" (workspaces in {dir:?})"));
    format!("{path:?}{others}")
}

impl Workspace {
    /// The same, where another backend would have it; the selected one if none is named.
    fn kept_in(&self, backend: LocalBackend, name: Option<&Arc<str>>) -> Self {
        let found = Self::placed(&self.dir, None, name.unwrap_or(&self.name).clone(), backend);
        Self { keys: self.keys.of_another(), ..found }
    }

    /// The same, where the backend has it from now on.
    pub(super) fn moved_to(&self, said: &Said) -> Self {
        let found = if self.backend.is_some() { self.kept_in(said.whole(), None) } else { self.clone() };
        Self { started_in: self.started_in.clone(), ..found }
    }

    /// The same, wherever states were last kept.
    fn unchecked(&self) -> Self {
        Self { backend: None, ..self.clone() }
    }

    fn exists(&self) -> bool {
        self.state.exists() || self.file.as_ref().is_some_and(|f| f.exists())
    }

    fn shown(&self) -> &Path {
        self.file.as_deref().unwrap_or(&self.state)
    }

    /// Moves what is there out of the way: the store's files get another name, and the state file is written over.
    fn clear(&self) -> std::io::Result<()> {
        for ending in ["", "-wal", "-shm"] {
            let name = |tail: &str| PathBuf::from(format!("{}{tail}{ending}", self.state.display()));
            if name("").exists() {
                std::fs::rename(name(""), name(".replaced"))?;
            }
        }
        Ok(())
    }
}
