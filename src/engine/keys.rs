//! The passphrase of an encrypted state: where it comes from, what it opens, and how it is set, changed and taken away.

use super::load::state_failure;
use super::locking::lock;
use super::state_care::keep_copy;
use super::{Failure, RunOptions, Workspace, state_file};
use levee_model::{Diagnostic, Diagnostics};
use levee_state::{DataKey, StateError, Store, backup_directory};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Asks for a passphrase; none if nobody says one.
pub type AskPassphrase = dyn Fn() -> Option<Zeroizing<String>> + Send + Sync;

/// The key of a workspace's state, once it is known. Clones share it.
#[derive(Clone, Default)]
pub struct Keys {
    ask: Option<Arc<AskPassphrase>>,
    known: Arc<Mutex<Option<DataKey>>>,
}

impl Keys {
    /// The key is asked for when a state turns out to be encrypted.
    pub fn asking(ask: Arc<AskPassphrase>) -> Self {
        Self { ask: Some(ask), known: Arc::default() }
    }

    /// For another state: who knows this one's passphrase may be asked for that one's.
    pub(super) fn of_another(&self) -> Self {
        Self { ask: self.ask.clone(), known: Arc::default() }
    }

    /// The key, if it has been needed so far.
    pub(super) fn known(&self) -> Option<DataKey> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, key: Option<DataKey>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Makes a store's hidden values readable, if there are any and somebody knows the passphrase. Without it the store says so
    /// when it comes to one.
    pub(super) fn unlock(&self, store: &Store) -> Result<(), StateError> {
        // Held while somebody is asked, so that nobody is asked twice.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !store.is_encrypted()? {
            return Ok(());
        }
        if known.is_none() {
            let Some(passphrase) = self.ask.as_ref().and_then(|ask| ask()) else { return Ok(()) };
            store.unlock(&passphrase)?;
            *known = store.key();
        } else if let Some(key) = known.clone() {
            store.unlock_with(key);
        }
        Ok(())
    }
}

/// Never shows a key.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// What encrypting took away, since it held in clear what is hidden now, and what it could not take away.
#[derive(Debug, Default)]
pub struct Cleared {
    /// Terraform's state file.
    pub file: Option<PathBuf>,
    /// The backups.
    pub backups: bool,
    /// Warnings: where it still stands in clear.
    pub left: Diagnostics,
}

impl Cleared {
    /// Whether something was there and was removed.
    fn removed(&mut self, path: &Path, result: std::io::Result<()>) -> bool {
        match result {
            Ok(()) => true,
            Err(e) if e.kind() == ErrorKind::NotFound => false,
            Err(e) => {
                self.left(format!("{} could not be removed: {e}.", path.display()), "Remove it by hand.");
                false
            }
        }
    }

    fn left(&mut self, detail: String, hint: &str) {
        self.left.push(Diagnostic::warning("Sensitive values still stand in clear", detail).hint(hint));
    }
}

/// Empties free pages and the log.
fn wipe(store: &Store, cleared: &mut Cleared) {
    if let Err(error) = store.wipe() {
        let detail = format!("They may still stand in free pages of the store, or in its log: {error}.");
        cleared.left(detail, "Run \"levee state rotate-key\" when that is mended: it empties both.");
    }
}

/// Encrypts the state: what is sensitive in it, in its history and in its journal is hidden under a passphrase. Terraform's state
/// file and the backups go, which hold it in clear.
///
/// # Errors
/// The state is encrypted already, is locked, or cannot be written.
pub fn encrypt_state(workspace: &Workspace, passphrase: &str, options: &RunOptions) -> Result<Cleared, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state encrypt", options)?;
    store.encrypt(&guard, passphrase).map_err(failed)?;
    workspace.keys.remember(store.key());
    let mut cleared = Cleared::default();
    wipe(&store, &mut cleared);
    cleared.file = workspace.file.clone().filter(|path| cleared.removed(path, std::fs::remove_file(path)));
    let backups = backup_directory(&workspace.state);
    cleared.backups = cleared.removed(&backups, std::fs::remove_dir_all(&backups));
    keep_copy(&store, options);
    Ok(cleared)
}

/// Shows everything again, in Terraform's state file, too.
///
/// # Errors
/// The state is not encrypted, the passphrase is not known, or the state is locked or cannot be written.
pub fn decrypt_state(workspace: &Workspace, options: &RunOptions) -> Result<(), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state decrypt", options)?;
    store.decrypt(&guard).map_err(failed)?;
    workspace.keys.remember(None);
    state_file::export(&store, workspace, options);
    Ok(())
}

/// Hides everything anew, with a new key in a passphrase. Backups stay: each holds its own key, in the passphrase of its time.
///
/// # Errors
/// As for [`decrypt_state`].
pub fn rotate_key(workspace: &Workspace, passphrase: &str, options: &RunOptions) -> Result<Cleared, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state rotate-key", options)?;
    store.rotate_key(&guard, passphrase).map_err(failed)?;
    workspace.keys.remember(store.key());
    let mut cleared = Cleared::default();
    wipe(&store, &mut cleared);
    Ok(cleared)
}
