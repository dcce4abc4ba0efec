//! `levee state list` and `levee state show`

use crate::cli::args::StateCommand;
use crate::cli::exit::Exit;
use crate::cli::output::state_text;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, StateObject};
use levee_model::Diagnostic;

pub(super) fn run(command: &StateCommand, session: &Session) -> Exit {
    let place = match command {
        StateCommand::List { place, .. } | StateCommand::Show { place, .. } => place,
    };
    let state = match engine::state(&Session::workspace(&place.state)) {
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
    }
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
