//! `levee state list`, `show`, `mv` and `rm`

use crate::cli::args::{RunArgs, StateCommand};
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::state_text;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, StateObject};
use levee_model::{AddressError, Diagnostic, Target};

pub(super) fn run(command: &StateCommand, session: &Session) -> Exit {
    let place = match command {
        StateCommand::List { place, .. } | StateCommand::Show { place, .. } => place,
        StateCommand::Mv { from, to, run } => return session.run(async |interrupt| mv(from, to, run, session, &interrupt).await),
        StateCommand::Rm { addresses, run } => return session.run(async |interrupt| rm(addresses, run, session, &interrupt).await),
    };
    let state = match engine::state(&session.workspace(place.state.as_deref())) {
        Ok(state) => state,
        Err(failure) => return session.fail(failure),
    };
    match command {
        StateCommand::List { addresses, .. } => {
            let listed = state.objects.iter().filter(|o| addresses.is_empty() || addresses.iter().any(|a| lies_in(o, a)));
            session.console.out(&listed.map(|o| format!("{}\n", name(o))).collect::<String>());
            Exit::Success
        }
        StateCommand::Show { address, .. } => show(&state.objects, address, session),
        // They were carried out above.
        StateCommand::Mv { .. } | StateCommand::Rm { .. } => Exit::Success,
    }
}

async fn mv(from: &str, to: &str, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let read = || Ok::<_, Box<Diagnostic>>((target(from, "source")?, target(to, "target")?));
    let (from, to) = match read() {
        Ok(both) => both,
        Err(mistake) => return session.refuse(*mistake),
    };
    let options = planning::run_options(run, session, interrupt);
    match engine::move_objects(&session.workspace(run.place.state.as_deref()), &from, &to, &options).await {
        Ok(pairs) => {
            let lines: String = pairs.iter().map(|(from, to)| format!("Move \"{from}\" to \"{to}\"\n")).collect();
            session.console.out(&format!("{lines}Successfully moved {} object(s).\n", pairs.len()));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

async fn rm(addresses: &[String], run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let targets = match addresses.iter().map(|a| target(a, "target")).collect::<Result<Vec<_>, _>>() {
        Ok(targets) => targets,
        Err(mistake) => return session.refuse(*mistake),
    };
    let options = planning::run_options(run, session, interrupt);
    match engine::forget_objects(&session.workspace(run.place.state.as_deref()), &targets, &options).await {
        Ok(gone) => {
            let lines: String = gone.iter().map(|a| format!("Removed {a}\n")).collect();
            session.console.out(&format!("{lines}Successfully removed {} resource instance(s).\n", gone.len()));
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

fn show(objects: &[StateObject], address: &str, session: &Session) -> Exit {
    let wanted = match planning::address(address, "state show") {
        Ok(wanted) => wanted,
        Err(mistake) => return session.refuse(*mistake),
    };
    let schemas = Session::schemas();
    let paint = session.console.paint();
    let found: Vec<String> = objects.iter().filter(|o| o.addr == wanted).map(|o| state_text::object(o, &schemas, paint)).collect();
    if found.is_empty() {
        let detail = format!("The state holds no object {wanted}.");
        return session.refuse(Diagnostic::error("Object not found", detail).hint("\"levee state list\" shows what it holds."));
    }
    session.console.out(&found.join("\n"));
    Exit::Success
}
