//! `levee history` and `levee diff`

use crate::cli::args::{DiffArgs, HistoryArgs};
use crate::cli::exit::Exit;
use crate::cli::output::{history as text, json};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::history::{self, RunName};
use levee_model::Diagnostic;

pub(super) fn run(args: &HistoryArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.print.place.state.as_deref());
    let Some(address) = &args.address else {
        return match history::past_runs(&workspace) {
            Ok(runs) if args.print.json => document(&json::history::runs(&runs), session),
            Ok(runs) => page(&text::runs(&runs, session.console.paint()), session),
            Err(failure) => session.fail(failure),
        };
    };
    let addr = match planning::address(address, "history") {
        Ok(addr) => addr,
        Err(mistake) => return session.refuse(*mistake),
    };
    match history::past_versions(&workspace, &addr) {
        Ok(versions) if args.print.json => document(&json::history::versions(&versions, &Session::schemas()), session),
        Ok(versions) => page(&text::versions(&versions, &Session::schemas(), session.console.paint()), session),
        Err(failure) => session.fail(failure),
    }
}

pub(super) fn diff(args: &DiffArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.print.place.state.as_deref());
    let (from, to) = match (name(&args.from), name(&args.to)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(mistake), _) | (_, Err(mistake)) => return session.refuse(*mistake),
    };
    match history::difference(&workspace, from, to) {
        Ok(found) if args.print.json => document(&json::history::states(&found, &Session::schemas()), session),
        Ok(found) => page(&text::states(&found, &Session::schemas(), session.console.paint()), session),
        Err(failure) => session.fail(failure),
    }
}

/// A run as it was named.
pub(super) fn name(text: &str) -> Result<RunName, Box<Diagnostic>> {
    RunName::parse(text).ok_or_else(|| {
        let detail = format!("{text:?} is no run. A run is its number, \"latest\", or for example \"latest-1\" for the one before.");
        Box::new(Diagnostic::error("Invalid run", detail))
    })
}

fn document(document: &serde_json::Value, session: &Session) -> Exit {
    page(&format!("{document}\n"), session)
}

fn page(text: &str, session: &Session) -> Exit {
    session.console.out(text);
    Exit::Success
}
