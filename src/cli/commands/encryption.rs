//! `levee state encrypt`, `decrypt` and `rotate-key`

use crate::cli::args::RunArgs;
use crate::cli::environment::Passphrase;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::session::Session;
use crate::cli::{environment, passphrase, planning};
use crate::engine::{self, Cleared, NewWrapping, Workspace};
use levee_model::Diagnostic;

pub(super) fn encrypt(kms_key: Option<&str>, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let wrapping = match kms_key.map(|key| NewWrapping::Kms(key.to_owned())) {
        Some(kms) => kms,
        None => match passphrase::chosen(Passphrase::Current) {
            Ok(Some(given)) => NewWrapping::Passphrase(given),
            Ok(None) => return no_passphrase(session),
            Err(why) => return session.refuse(Diagnostic::error("No passphrase was set", why)),
        },
    };
    let workspace = session.workspace(run.place.state.as_deref());
    match engine::encrypt_state(&workspace, &wrapping, &planning::run_options(run, session, interrupt)) {
        Ok(Cleared { key, file, backups, left }) => {
            session.report(left, None);
            let file = file.map_or_else(String::new, |path| {
                format!("\n{} held it in clear and was removed; \"levee state pull\" prints it for who asks.", path.display())
            });
            let backups = if backups { "\nThe backups held it in clear and were removed." } else { "" };
            let under = key.map_or_else(|| "passphrase".to_owned(), |key| format!("KMS key {key}"));
            session.console.out(&format!(
                "What is sensitive in the state, in its history and in its journal is encrypted.{file}{backups}\nWithout the {under} it cannot be read by anybody, levee included: keep it well. Copies of the state that were made elsewhere are as they were.\n"
            ));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

fn no_passphrase(session: &Session) -> Exit {
    let detail = "A passphrase is needed, and there is nobody to ask for it.";
    let hint = "Give it in LEVEE_STATE_PASSPHRASE, or in a file descriptor that LEVEE_STATE_PASSPHRASE_FD names; or name a key of AWS KMS with -kms-key.";
    session.refuse(Diagnostic::error("No passphrase was set", detail).hint(hint))
}

pub(super) fn decrypt(run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let workspace = session.workspace(run.place.state.as_deref());
    match engine::decrypt_state(&workspace, &planning::run_options(run, session, interrupt)) {
        Ok(()) => {
            session.console.out("The state holds everything in clear again.\n");
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

pub(super) fn rotate_key(kms_key: Option<&str>, passphrase: bool, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let workspace = session.workspace(run.place.state.as_deref());
    let wrapping = match new_wrapping(kms_key, passphrase, &workspace, session) {
        Ok(wrapping) => wrapping,
        Err(exit) => return exit,
    };
    match engine::rotate_key(&workspace, &wrapping, &planning::run_options(run, session, interrupt)) {
        Ok(Cleared { key, left, .. }) => {
            session.report(left, None);
            let under = key.map_or_else(String::new, |key| format!(", which the KMS key {key} wraps"));
            session.console.out(&format!("Everything that is hidden is hidden with a new key{under}. Backups are as they were: each opens with the passphrase or the KMS key of its time.\n"));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

/// What the new key is to be wrapped in. Whoever says nothing keeps the KMS key or the passphrase that there is.
fn new_wrapping(kms_key: Option<&str>, passphrase: bool, workspace: &Workspace, session: &Session) -> Result<NewWrapping, Exit> {
    if let Some(key) = kms_key {
        return Ok(NewWrapping::Kms(key.to_owned()));
    }
    if !passphrase
        && !environment::has_passphrase(Passphrase::New)
        && let Some(key) = engine::kms_key(workspace).map_err(|failure| session.fail(failure))?
    {
        return Ok(NewWrapping::Kms(key));
    }
    let chosen = match passphrase::chosen(Passphrase::New) {
        Ok(Some(given)) => Some(given),
        Ok(None) => passphrase::current(),
        Err(why) => return Err(session.refuse(Diagnostic::error("The key was not changed", why))),
    };
    chosen.map(NewWrapping::Passphrase).ok_or_else(|| no_passphrase(session))
}
