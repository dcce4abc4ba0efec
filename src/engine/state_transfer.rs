//! The whole state as one document: taken out of the store, and put into it.

use super::load::state_failure;
use super::locking::lock;
use super::state_edit::edit_spec;
use super::{Failure, RunOptions, Workspace, state_file};
use levee_model::Diagnostic;
use levee_state::{Access, FileState, LockHolder, Snapshot, StateError, file_text};
use uuid::Uuid;

/// The state as a document of Terraform's format, version 4; none if there is no state yet.
///
/// # Errors
/// The state cannot be read.
pub fn pull(workspace: &Workspace) -> Result<Option<String>, Failure> {
    let (snapshot, _) = state_file::read(workspace).map_err(|d| Failure::new((*d).into(), None))?;
    if snapshot.lineage.is_nil() {
        return Ok(None);
    }
    file_text(&snapshot, state_file::FORMAT).map(Some).map_err(|e| state_failure(&e, None))
}

/// Puts a document in place of the state. What it replaces stays in the history.
///
/// # Errors
/// It is no state, it is older than what it would replace or belongs to another lineage (unless `force`), or the state cannot
/// be written.
pub fn push(workspace: &Workspace, name: &str, text: &str, force: bool, options: &RunOptions) -> Result<(), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let wrong = |summary: String, detail: String| Failure::new(Diagnostic::error(summary, detail).into(), None);
    let mut file = FileState::parse(text, state_file::FORMAT)
        .map_err(|e| wrong(format!("Error reading source state {name:?}"), state_file::problems(&e)))?;
    let (store, guard) = lock(workspace, "state push", options)?;
    if let Some(open) = store.open_run().map_err(failed)? {
        let detail = format!("Run {} did not end: what it left open is not in the document.", open.record.id);
        return Err(wrong("An earlier run is still open".to_owned(), detail));
    }
    let known = store.snapshot().map_err(failed)?;
    if let Some(why) = conflict(&known, &file.snapshot, text).filter(|_| !force) {
        return Err(wrong("Failed to write state".to_owned(), why));
    }
    if same(&known, text) {
        return Ok(());
    }
    file.snapshot.serial = file.snapshot.serial.max(if force { known.serial + 1 } else { 0 });
    store.take_over(&guard, &edit_spec(&known), file).map_err(failed)?;
    state_file::export(&store, workspace, options);
    Ok(())
}

fn same(known: &Snapshot, text: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    file_text(known, state_file::FORMAT).ok().and_then(|now| parsed(&now)) == parsed(text)
}

/// Why a document must not be put in place of a state.
fn conflict(known: &Snapshot, new: &Snapshot, text: &str) -> Option<String> {
    if known.lineage.is_nil() || (known.objects.is_empty() && known.outputs.is_empty() && known.serial == 0) {
        return None;
    }
    if !new.lineage.is_nil() && new.lineage != known.lineage {
        return Some(format!(
            "cannot import state with lineage \"{}\" over unrelated state with lineage \"{}\"",
            new.lineage, known.lineage
        ));
    }
    if new.serial < known.serial {
        return Some(format!("cannot import state with serial {} over newer state with serial {}", new.serial, known.serial));
    }
    let differs = new.serial == known.serial && !same(known, text);
    differs.then(|| format!("cannot overwrite existing state with serial {} with a different state that has the same serial", new.serial))
}

/// Who holds locks of the state, oldest first.
///
/// # Errors
/// The state cannot be read.
pub fn lock_holders(workspace: &Workspace) -> Result<Vec<LockHolder>, Failure> {
    if !workspace.state.exists() {
        return Ok(Vec::new());
    }
    let store = workspace.store(Access::ReadOnly).map_err(|e| state_failure(&e, None))?;
    store.lock_holders().map_err(|e| state_failure(&e, None))
}

/// Takes the lock from a holder that only a person can know to be gone. Whether it was held by that one; a process that lives
/// on this machine keeps it.
///
/// # Errors
/// The state cannot be written.
pub fn break_lock(workspace: &Workspace, id: Uuid) -> Result<bool, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    workspace.store(Access::ReadWrite).map_err(failed)?.break_lock(id).map_err(failed)
}
