//! `levee state encrypt`, `decrypt` and `rotate-key`

use crate::cli::args::RunArgs;
use crate::cli::environment::Passphrase;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::session::Session;
use crate::cli::{passphrase, planning};
use crate::engine::{self, Cleared};
use levee_model::Diagnostic;

pub(super) fn encrypt(run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let given = match passphrase::chosen(Passphrase::Current) {
        Ok(Some(given)) => given,
        Ok(None) => return no_passphrase(session),
        Err(why) => return session.refuse(Diagnostic::error("No passphrase was set", why)),
    };
    let workspace = session.workspace(run.place.state.as_deref());
    match engine::encrypt_state(&workspace, &given, &planning::run_options(run, session, interrupt)) {
        Ok(Cleared { file, backups, left }) => {
            session.report(left, None);
            let file = file.map_or_else(String::new, |path| {
                format!("\n{} held it in clear and was removed; \"levee state pull\" prints it for who asks.", path.display())
            });
            let backups = if backups { "\nThe backups held it in clear and were removed." } else { "" };
            session.console.out(&format!(
                "What is sensitive in the state, in its history and in its journal is encrypted.{file}{backups}\nWithout the passphrase it cannot be read by anybody, levee included: keep it well. Copies of the state that were made elsewhere are as they were.\n"
            ));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

fn no_passphrase(session: &Session) -> Exit {
    let detail = "A passphrase is needed, and there is nobody to ask for it.";
    let hint = "Give it in LEVEE_STATE_PASSPHRASE, or in a file descriptor that LEVEE_STATE_PASSPHRASE_FD names.";
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

pub(super) fn rotate_key(run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let workspace = session.workspace(run.place.state.as_deref());
    // Whoever sets no other one keeps the passphrase that there is.
    let chosen = match passphrase::chosen(Passphrase::New) {
        Ok(Some(given)) => Some(given),
        Ok(None) => passphrase::current(),
        Err(why) => return session.refuse(Diagnostic::error("The key was not changed", why)),
    };
    let Some(given) = chosen else { return no_passphrase(session) };
    match engine::rotate_key(&workspace, &given, &planning::run_options(run, session, interrupt)) {
        Ok(Cleared { left, .. }) => {
            session.report(left, None);
            session.console.out("Everything that is hidden is hidden with a new key. Backups are as they were: each opens with the passphrase of its time.\n");
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}
