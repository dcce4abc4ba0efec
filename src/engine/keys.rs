//! The key of an encrypted state: the passphrase or the service that opens it, and how it is set, changed and taken away.

use super::load::state_failure;
use super::locking::lock;
use super::state_care::keep_copy;
use super::{Failure, RunOptions, Workspace, state_file};
use crate::providers::key_service;
use levee_model::{Diagnostic, Diagnostics};
use levee_sdk::{AWS_KMS, KeyContext, KeyService, ProviderError, WrappedKey};
use levee_state::{Access, DataKey, NewKey, ServiceWrapping, StateError, Store, Wrapping, backup_directory};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Asks for a passphrase; none if nobody says one.
pub type AskPassphrase = dyn Fn() -> Option<Zeroizing<String>> + Send + Sync;

/// The key of a workspace's state, once it is known. Clones share it.
#[derive(Clone, Default)]
pub struct Keys {
    ask: Option<Arc<AskPassphrase>>,
    known: Arc<Mutex<Known>>,
}

/// What is known of a key. A service is asked once: what it refused it would refuse again.
#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    Key(DataKey),
    Refused(StateError),
}

impl Keys {
    /// The passphrase is asked for when a state turns out to be encrypted under one.
    pub fn asking(ask: Arc<AskPassphrase>) -> Self {
        Self { ask: Some(ask), known: Arc::default() }
    }

    /// For another state: who knows this one's passphrase may be asked for that one's.
    pub(super) fn of_another(&self) -> Self {
        Self { ask: self.ask.clone(), known: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, key: Option<DataKey>) {
        *self.lock() = key.map_or(Known::Nothing, Known::Key);
    }

    /// Makes a store's hidden values readable, if there are any and somebody opens its key. Without it the store says why when it
    /// comes to one: not everything that is asked of a state is hidden.
    pub(super) fn unlock(&self, store: &Store) -> Result<(), StateError> {
        // Held while somebody is asked, so that nobody is asked twice.
        let mut known = self.lock();
        let Some(wrapping) = store.wrapping()? else { return Ok(()) };
        if let Known::Nothing = *known {
            *known = match wrapping {
                Wrapping::Passphrase => match self.ask.as_ref().and_then(|ask| ask()) {
                    Some(passphrase) => store.unlock(&passphrase).map(|()| store.key().map_or(Known::Nothing, Known::Key))?,
                    None => Known::Nothing,
                },
                Wrapping::Service(wrapping) => opened(wrapping).map_or_else(Known::Refused, Known::Key),
            };
        }
        match &*known {
            Known::Nothing => {}
            Known::Key(key) => store.unlock_with(key.clone()),
            Known::Refused(why) => store.stay_locked(why.clone()),
        }
        Ok(())
    }
}

/// The service of that name.
fn service_of(name: &str, key: &str) -> Result<Box<dyn KeyService>, StateError> {
    key_service(name).ok_or_else(|| StateError::KeyRefused {
        key: key.to_owned(),
        detail: format!("this levee was built without {name}"),
        hint: "Use a levee that was built with the feature \"aws\".".to_owned(),
    })
}

/// What a wrapped key of a state is bound to, so that no other state's is opened in its place.
fn context_of(lineage: &str) -> KeyContext {
    [("levee-lineage".to_owned(), lineage.to_owned())].into()
}

fn refused(key: &str, error: ProviderError) -> StateError {
    StateError::KeyRefused { key: key.to_owned(), detail: sentence(&error), hint: error.hint.unwrap_or_default() }
}

/// A service's words, which may end in a full stop or not.
fn sentence(error: &ProviderError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

/// The data key that a service wrapped.
fn opened(wrapping: ServiceWrapping) -> Result<DataKey, StateError> {
    let ServiceWrapping { service, key, lineage, wrapped: bytes } = wrapping;
    let wrapped = WrappedKey { key, bytes };
    let plain = service_of(&service, &wrapped.key)?.open(&wrapped, &context_of(&lineage)).map_err(|e| refused(&wrapped.key, e))?;
    DataKey::from_bytes(&plain).ok_or(StateError::OtherKey)
}

/// What a new data key is to be wrapped in.
pub enum NewWrapping {
    /// A passphrase.
    Passphrase(Zeroizing<String>),
    /// A key of AWS KMS: its ARN, its id, or its alias or the ARN of that.
    Kms(String),
}

/// A new data key, wrapped; and the wrapping key's name, if a service has it.
fn new_key(store: &Store, wrapping: &NewWrapping) -> Result<(NewKey, Option<String>), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let name = match wrapping {
        NewWrapping::Passphrase(passphrase) => return Ok((NewKey::in_passphrase(passphrase).map_err(failed)?, None)),
        NewWrapping::Kms(name) => name,
    };
    let service = service_of(AWS_KMS, name).map_err(failed)?;
    let (key, lineage) = (DataKey::new().map_err(failed)?, store.base().map_err(failed)?.lineage.to_string());
    let context = context_of(&lineage);
    // Opened again at once: what may be wrapped but not opened must hide nothing.
    let asked = service.wrap(name, key.as_bytes(), &context).and_then(|wrapped| Ok((service.open(&wrapped, &context)?, wrapped)));
    let (plain, WrappedKey { key: found, bytes }) = asked.map_err(|error| {
        let told = Diagnostic::error("The state's key was not wrapped", format!("{name}: {}. Nothing was changed.", sentence(&error)));
        Failure::new(told.hint(error.hint.unwrap_or_default()).into(), None)
    })?;
    if *plain != key.as_bytes() {
        return Err(failed(StateError::OtherKey));
    }
    let wrapping = ServiceWrapping { service: AWS_KMS.to_owned(), key: found.clone(), lineage, wrapped: bytes };
    Ok((NewKey::by_service(key, wrapping), Some(found)))
}

/// The KMS key that a state's key is wrapped by; none if it is a passphrase, or nothing is hidden.
///
/// # Errors
/// The state cannot be read.
pub fn kms_key(workspace: &Workspace) -> Result<Option<String>, Failure> {
    let wrapping = workspace.store(Access::ReadOnly).and_then(|store| store.wrapping()).map_err(|e| state_failure(&e, None))?;
    Ok(wrapping.and_then(|wrapping| match wrapping {
        Wrapping::Service(service) => Some(service.key),
        Wrapping::Passphrase => None,
    }))
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
    /// The key that wraps the state's, if a service has it.
    pub key: Option<String>,
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

/// Encrypts the state: what is sensitive in it, in its history and in its journal is hidden under a key. Terraform's state file
/// and the backups go, which hold it in clear.
///
/// # Errors
/// The state is encrypted already, is locked, or cannot be written; or the service that is to wrap the key does not.
pub fn encrypt_state(workspace: &Workspace, wrapping: &NewWrapping, options: &RunOptions) -> Result<Cleared, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state encrypt", options)?;
    if store.is_encrypted().map_err(failed)? {
        return Err(failed(StateError::Encrypted { encrypted: true }));
    }
    let (new, key) = new_key(&store, wrapping)?;
    store.encrypt(&guard, &new).map_err(failed)?;
    workspace.keys.remember(store.key());
    let mut cleared = Cleared { key, ..Cleared::default() };
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
/// The state is not encrypted, nobody opens its key, or the state is locked or cannot be written.
pub fn decrypt_state(workspace: &Workspace, options: &RunOptions) -> Result<(), Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state decrypt", options)?;
    store.decrypt(&guard).map_err(failed)?;
    workspace.keys.remember(None);
    state_file::export(&store, workspace, options);
    Ok(())
}

/// Hides everything anew, with a new key. Backups stay: each holds its own key, wrapped as it was in its time.
///
/// # Errors
/// As for [`encrypt_state`], and as for [`decrypt_state`].
pub fn rotate_key(workspace: &Workspace, wrapping: &NewWrapping, options: &RunOptions) -> Result<Cleared, Failure> {
    let failed = |e: StateError| state_failure(&e, None);
    let (store, guard) = lock(workspace, "state rotate-key", options)?;
    store.require_key().map_err(failed)?;
    let (new, key) = new_key(&store, wrapping)?;
    store.rotate_key(&guard, &new).map_err(failed)?;
    workspace.keys.remember(store.key());
    let mut cleared = Cleared { key, ..Cleared::default() };
    wipe(&store, &mut cleared);
    Ok(cleared)
}
