//! Terraform's state file: what everybody else reads. After a run it says what the store says; where somebody else wrote it, it
//! is taken over.

use super::load::{state_diagnostic, state_failure};
use super::state_edit::edit_spec;
use super::{Failure, RunOptions, Workspace, backend, state_care};
use crate::event::Event;
use crate::providers::REGISTRY_HOST;
use levee_model::Diagnostic;
use levee_state::{Access, FileDigest, FileError, FileFormat, FileState, LockGuard, Snapshot, StateError, Store};
use std::path::Path;

/// What is written, and expected of what is read.
pub(super) const FORMAT: FileFormat = FileFormat { terraform_version: crate::config::version::LANGUAGE, registry: REGISTRY_HOST };

/// The state, and the number of a run that was left open. A file to be taken over is read in place of what the store holds.
pub(super) fn read(workspace: &Workspace) -> Result<(Snapshot, Option<String>), Box<Diagnostic>> {
    let failed = |e: StateError| Box::new(state_diagnostic(&e));
    backend::check(workspace)?;
    let store = workspace.store(Access::ReadOnly).map_err(failed)?;
    let open = store.open_run().map_err(failed)?.map(|r| r.record.id.to_string());
    // Mostly the file is what was written last. That is found out while the store is read.
    let (snapshot, digest) = std::thread::scope(|scope| {
        let digest = workspace.file.as_ref().map(|path| scope.spawn(|| FileDigest::of(path)));
        (store.snapshot(), digest.and_then(|digest| digest.join().ok().flatten()))
    });
    let snapshot = snapshot.map_err(failed)?;
    let is_known = digest.map_or(Ok(false), |digest| store.knows_file(&digest)).map_err(failed)?;
    if open.is_none()
        && !is_known
        && let Some(file) = adoptable(&store, &snapshot, workspace)?
    {
        return Ok((file.snapshot, None));
    }
    Ok((snapshot, open))
}

/// Whether there is a state file that somebody else wrote, to be taken over.
pub(super) fn is_foreign(store: &Store, workspace: &Workspace) -> Result<bool, Box<Diagnostic>> {
    let failed = |e: StateError| Box::new(state_diagnostic(&e));
    let Some(path) = &workspace.file else { return Ok(false) };
    store.foreign_file(path, FORMAT).map(|found| found.is_some()).map_err(failed)
}

/// Makes a state file that somebody else wrote the store's content. What a run left open is settled first.
pub(super) fn take_over(store: &Store, guard: &LockGuard, workspace: &Workspace, options: &RunOptions) -> Result<(), Box<Diagnostic>> {
    let failed = |e: StateError| Box::new(state_diagnostic(&e));
    if workspace.file.is_none() || store.open_run().map_err(failed)?.is_some() {
        return Ok(());
    }
    let snapshot = store.snapshot().map_err(failed)?;
    let Some(file) = adoptable(store, &snapshot, workspace)? else { return Ok(()) };
    let spec = edit_spec(&snapshot);
    let (serial, count) = (file.snapshot.serial, file.snapshot.objects.len());
    store.take_over(guard, &spec, file).map_err(failed)?;
    if count > 0 || !snapshot.objects.is_empty() {
        options.listener.event(&Event::Note(format!("The state file was taken over: serial {serial}, objects: {count}.")));
    }
    Ok(())
}

/// Writes what the store holds, and keeps a copy of the store where it is time for one. That this fails is no reason for a run to
/// fail: the store has everything.
pub(super) fn export(store: &Store, workspace: &Workspace, options: &RunOptions) {
    state_care::keep_copy(store, options);
    let Some(path) = &workspace.file else { return };
    // It would hold in clear what the store hides.
    if store.is_encrypted().unwrap_or(true) {
        return;
    }
    if let Err(error) = store.export(path, FORMAT) {
        let detail = format!("{error}. The state itself is safe in {}; the next run writes the file again.", workspace.state.display());
        options.listener.event(&Event::Diagnostic(Diagnostic::warning("The state file could not be written", detail)));
    }
}

/// Writes what the store holds to a file of another place.
pub(super) fn write(store: &Store, path: &Path) -> Result<(), Failure> {
    store.export(path, FORMAT).map_err(|e| state_failure(&e, None))
}

/// A file that somebody else wrote, where it follows on what the store holds.
fn adoptable(store: &Store, known: &Snapshot, workspace: &Workspace) -> Result<Option<FileState>, Box<Diagnostic>> {
    let Some(path) = &workspace.file else { return Ok(None) };
    let found = store.foreign_file(path, FORMAT).map_err(|e| Box::new(state_diagnostic(&e)))?;
    let Some(found) = found else { return Ok(None) };
    let mut file = found.map_err(|e| Box::new(unreadable(&e)))?;
    if file.snapshot.lineage.is_nil() {
        file.snapshot.lineage = known.lineage;
    }
    let fresh = known.objects.is_empty() && known.outputs.is_empty();
    if fresh || (file.snapshot.lineage == known.lineage && file.snapshot.serial >= known.serial) {
        return Ok(Some(file));
    }
    Err(Box::new(apart(path, workspace, known, &file.snapshot)))
}

/// What is wrong with a file, as one text.
pub(super) fn problems(error: &FileError) -> String {
    match error.0.as_slice() {
        [one] => one.clone(),
        all => format!("{} problems:\n\n- {}", all.len(), all.join("\n- ")),
    }
}

fn unreadable(error: &FileError) -> Diagnostic {
    let problems = problems(error);
    let detail = format!(
        "Error message: {problems}\n\nLevee acquires a state lock to protect the state from being written\nby multiple users at the same time. Please resolve the issue above and try\nagain. For most commands, you can disable locking with the \"-lock=false\"\nflag, but this is not recommended."
    );
    Diagnostic::error("Error acquiring the state lock", detail)
}

/// Neither is thrown away: only the operator knows which of the two describes what is there.
fn apart(path: &Path, workspace: &Workspace, known: &Snapshot, file: &Snapshot) -> Diagnostic {
    let (path, store) = (path.display(), workspace.state.display());
    let why = if file.lineage == known.lineage {
        format!("is of serial {}, older than serial {} in {store}", file.serial, known.serial)
    } else {
        format!("belongs to another state than {store} (its lineage is another)")
    };
    let hint = format!("Move {path} away to go on with what {store} holds, or move {store} away to take over {path}.");
    Diagnostic::error("The state file does not follow on the state", format!("Something else wrote {path}, and it {why}.")).hint(hint)
}
