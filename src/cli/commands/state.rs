//! `levee state list`, `show`, `mv`, `rm`, `pull`, `push` and `replace-provider`

use super::{encryption, history, state_care};
use crate::cli::approval;
use crate::cli::args::{PlaceArgs, RunArgs, StateCommand};
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::state_text;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::config::ProviderSource;
use crate::engine::{self, StateObject, StateView};
use levee_model::{AddressError, Diagnostic, Target};
use std::path::Path;

pub(super) fn run(command: &StateCommand, session: &Session) -> Exit {
    match command {
        StateCommand::List { addresses, id, at, place } => list(addresses, id.as_deref(), at.as_deref(), place, session),
        StateCommand::Show { address, at, place } => show(address, at.as_deref(), place, session),
        StateCommand::Encrypt { kms_key, run } => {
            session.run(async |interrupt| encryption::encrypt(kms_key.as_deref(), run, session, &interrupt))
        }
        StateCommand::Decrypt { run } => session.run(async |interrupt| encryption::decrypt(run, session, &interrupt)),
        StateCommand::RotateKey { kms_key, passphrase, run } => {
            session.run(async |interrupt| encryption::rotate_key(kms_key.as_deref(), *passphrase, run, session, &interrupt))
        }
        StateCommand::Check(args) => state_care::check(args, session),
        StateCommand::Backup { path, place } => state_care::backup(path.as_deref(), place, session),
        StateCommand::Restore { path, force, run } => {
            session.run(async |interrupt| state_care::restore(path, *force, run, session, &interrupt))
        }
        StateCommand::Mv { from, to, dry_run, run } => {
            session.run(async |interrupt| mv(from, to, *dry_run, run, session, &interrupt).await)
        }
        StateCommand::Rm { addresses, dry_run, run } => {
            session.run(async |interrupt| rm(addresses, *dry_run, run, session, &interrupt).await)
        }
        StateCommand::Pull { place } => pull(place, session),
        StateCommand::Push { path, force, run } => push(path, *force, run, session),
        StateCommand::ReplaceProvider { auto_approve, from, to, run } => {
            session.run(async |interrupt| replace_provider((from, to), *auto_approve, run, session, &interrupt).await)
        }
    }
}

/// The state, or what it was after a run.
fn read(at: Option<&str>, place: &PlaceArgs, session: &Session) -> Result<StateView, Exit> {
    let workspace = session.workspace(place.state.as_deref());
    let read = match at.map(history::name) {
        None => engine::state(&workspace),
        Some(Ok(run)) => engine::history::state_at(&workspace, run),
        Some(Err(mistake)) => return Err(session.refuse(*mistake)),
    };
    read.map_err(|failure| session.fail(failure))
}

fn list(addresses: &[String], id: Option<&str>, at: Option<&str>, place: &PlaceArgs, session: &Session) -> Exit {
    let state = match read(at, place, session) {
        Ok(state) => state,
        Err(exit) => return exit,
    };
    let is_meant = |o: &&StateObject| {
        let here = addresses.is_empty() || addresses.iter().any(|a| lies_in(o, a));
        here && id.is_none_or(|id| o.value.get("id").is_some_and(|v| v.unmark_deep().0.as_str() == Some(id)))
    };
    session.console.out(&state.objects.iter().filter(is_meant).map(|o| format!("{}\n", name(o))).collect::<String>());
    Exit::Success
}

fn pull(place: &PlaceArgs, session: &Session) -> Exit {
    match engine::pull(&session.workspace(place.state.as_deref())) {
        Ok(text) => {
            session.console.out(&text.unwrap_or_default());
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

fn push(path: &Path, force: bool, run: &RunArgs, session: &Session) -> Exit {
    let name = path.display().to_string();
    let text = if name == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let text = match text {
        Ok(text) => text,
        Err(error) => return session.refuse(Diagnostic::error("The state to push cannot be read", format!("{name}: {error}."))),
    };
    session.run(async |interrupt| {
        let options = planning::run_options(run, session, &interrupt);
        match engine::push(&session.workspace(run.place.state.as_deref()), &name, &text, force, &options) {
            Ok(()) => Exit::Success,
            Err(failure) => session.fail(failure),
        }
    })
}

async fn replace_provider(pair: (&str, &str), auto_approve: bool, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let source = |text: &str, which: &str| {
        ProviderSource::parse(text).map_err(|wrong| {
            Diagnostic::error(format!("Invalid {which:?} provider {text:?}"), format!("{}: {}", wrong.summary, wrong.detail))
        })
    };
    let (from, to) = match source(pair.0, "from").and_then(|from| Ok((from, source(pair.1, "to")?))) {
        Ok(both) => both,
        Err(mistake) => return session.refuse(mistake),
    };
    let workspace = session.workspace(run.place.state.as_deref());
    let options = planning::run_options(run, session, interrupt);
    let replaced = async |write| engine::replace_provider(&workspace, &from, &to, write, &options).await;
    let found = match replaced(false).await {
        Ok(found) => found,
        Err(failure) => return session.fail(failure),
    };
    if found.is_empty() {
        session.console.out("No matching resources found.\n");
        return Exit::Success;
    }
    let list: String = found.iter().map(|a| format!("  {a}\n")).collect();
    let n = found.len();
    session.console.out(&format!(
        "levee will perform the following actions:\n\n  ~ Updating provider:\n    - {from}\n    + {to}\n\nChanging {n} resources:\n\n{list}\n"
    ));
    let question = "Do you want to make these changes?";
    if !auto_approve && !approval::says_yes(question, "levee will change the state, and no object.", session, interrupt).await {
        session.console.out("Cancelled replacing providers.\n");
        return Exit::Success;
    }
    match replaced(true).await {
        Ok(changed) => {
            session.console.out(&format!("Successfully replaced provider for {} resources.\n", changed.len()));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

async fn mv(from: &str, to: &str, dry_run: bool, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let read = || Ok::<_, Box<Diagnostic>>((target(from, "source")?, target(to, "target")?));
    let (from, to) = match read() {
        Ok(both) => both,
        Err(mistake) => return session.refuse(*mistake),
    };
    let options = planning::run_options(run, session, interrupt);
    match engine::move_objects(&session.workspace(run.place.state.as_deref()), &from, &to, dry_run, &options).await {
        Ok(()) => {
            // However many objects there are, one address was moved.
            session.console.out(&if dry_run {
                format!("Would move \"{from}\" to \"{to}\"\n")
            } else {
                format!("Move \"{from}\" to \"{to}\"\nSuccessfully moved 1 object(s).\n")
            });
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

async fn rm(addresses: &[String], dry_run: bool, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let targets = match addresses.iter().map(|a| target(a, "target")).collect::<Result<Vec<_>, _>>() {
        Ok(targets) => targets,
        Err(mistake) => return session.refuse(*mistake),
    };
    let options = planning::run_options(run, session, interrupt);
    match engine::forget_objects(&session.workspace(run.place.state.as_deref()), &targets, dry_run, &options).await {
        Ok(gone) => {
            let verb = if dry_run { "Would remove" } else { "Removed" };
            let lines: String = gone.iter().map(|a| format!("{verb} {a}\n")).collect();
            let done = if dry_run { String::new() } else { format!("Successfully removed {} resource instance(s).\n", gone.len()) };
            session.console.out(&format!("{lines}{done}"));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

fn target(text: &str, which: &str) -> Result<Target, Box<Diagnostic>> {
    text.parse().map_err(|e: AddressError| Box::new(Diagnostic::error(format!("Invalid {which} address"), e.why)))
}

fn name(object: &StateObject) -> String {
    match &object.deposed {
        Some(key) => format!("{} (deposed object {key})", object.addr),
        None => object.addr.to_string(),
    }
}

/// Whether the object is at the address or inside it: `module.a` holds `module.a["x"].aws_vpc.b`.
fn lies_in(object: &StateObject, address: &str) -> bool {
    object.addr.to_string().strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn show(address: &str, at: Option<&str>, place: &PlaceArgs, session: &Session) -> Exit {
    let wanted = match planning::address(address, "state show") {
        Ok(wanted) => wanted,
        Err(mistake) => return session.refuse(*mistake),
    };
    let objects = match read(at, place, session) {
        Ok(state) => state.objects,
        Err(exit) => return exit,
    };
    let schemas = Session::schemas();
    let paint = session.console.paint();
    let found: Vec<String> = objects.iter().filter(|o| o.addr == wanted).map(|o| state_text::object(o, &schemas, paint)).collect();
    if found.is_empty() {
        let then = if at.is_some() { "held no object" } else { "holds no object" };
        let detail = format!("The state {then} {wanted}.");
        return session.refuse(Diagnostic::error("Object not found", detail).hint("\"levee state list\" shows what it holds."));
    }
    session.console.out(&found.join("\n"));
    Exit::Success
}
