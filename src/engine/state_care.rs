//! Looking after the store: whether it is whole, copies of it, and putting one in its place.

use super::load::{now, state_failure};
use super::state_edit::edit_spec;
use super::{Failure, RunOptions, Workspace, backend, state_file};
use crate::event::Event;
use levee_model::Diagnostic;
use levee_state::{Access, LockInfo, Snapshot, StateError, Store};
pub use levee_state::{CheckReport, Restored};
use std::path::{Path, PathBuf};

/// Looks at the store thoroughly and changes nothing; none if there is no state yet.
///
/// # Errors
/// The file cannot be opened, or is no store of ours.
pub fn check_state(workspace: &Workspace) -> Result<Option<CheckReport>, Failure> {
    levee_state::check(&workspace.state).map_err(|e| state_failure(&e, None))
}

/// Where a damaged store can be gone back to, in words; what to do if there is nothing.
pub fn way_back(state: &Path) -> String {
    match levee_state::backups(state).first() {
        Some(newest) => format!(
            "The newest backup is {}: \"levee state restore {}\" goes back to it, and keeps what is there now aside.",
            newest.path.display(),
            newest.path.display()
        ),
        None => "There is no backup of levee's own beside it. Restore one that you have with \"levee state restore PATH\".".to_owned(),
    }
}

/// Copies the store to a file, or to one of its own name among the backups. The file, and how many objects are in it.
///
/// # Errors
/// There is no state, it is damaged, or the copy cannot be written.
pub fn backup_state(workspace: &Workspace, to: Option<&Path>) -> Result<(PathBuf, usize), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    let to = to.map_or_else(|| own_name(&workspace.state), Path::to_path_buf);
    if to.exists() {
        let detail = format!("{} is there already, and is not replaced.", to.display());
        return Err(Failure::new(Diagnostic::error("The backup was not made", detail).into(), None));
    }
    let objects = store.backup(&to).map_err(failed)?;
    Ok((to, objects))
}

/// Among the backups, but none of those that are removed when there are too many.
fn own_name(state: &Path) -> PathBuf {
    let stem = state.file_stem().unwrap_or_default().to_string_lossy();
    let time: String = now().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    levee_state::backup_directory(state).join(format!("{stem}-{time}-by-hand.db"))
}

/// Puts a copy in the store's place, and keeps what it replaces aside.
///
/// # Errors
/// The copy is damaged or of a newer layout, or the state is locked; without `force` also where the copy is of another lineage or
/// a run of the state is open.
pub fn restore_state(workspace: &Workspace, from: &Path, force: bool, options: &RunOptions) -> Result<Restored, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    backend::check(workspace).map_err(|d| Failure::new((*d).into(), None))?;
    let spec = edit_spec(&Snapshot::default());
    let who = LockInfo::current("state restore");
    let restored = levee_state::restore(&workspace.state, from, &who, options.lock_timeout, &spec, force).map_err(failed)?;
    let store = workspace.store(Access::ReadWrite).map_err(failed)?;
    state_file::export(&store, workspace, options);
    Ok(restored)
}

/// Makes a backup after a run, if it is time for one. That this fails is no reason for the run to fail.
pub(super) fn keep_copy(store: &Store, options: &RunOptions) {
    if let Err(error) = store.rotate_backups() {
        let detail = format!("{error}. The state itself is as the run left it.");
        options.listener.event(&Event::Diagnostic(Diagnostic::warning("No backup of the state was made", detail)));
    }
}
