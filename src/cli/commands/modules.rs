//! `levee modules`

use crate::cli::args::JsonArgs;
use crate::cli::exit::Exit;
use crate::cli::output::tree;
use crate::cli::session::Session;
use crate::engine;

pub(super) fn run(args: &JsonArgs, session: &Session) -> Exit {
    match engine::inventory(&session.workspace(args.place.state.as_deref())) {
        Ok(found) => {
            let text = if args.json { tree::modules_json(&found).to_string() } else { tree::modules(&found) };
            session.console.out(&format!("{text}\n"));
            session.report(found.diagnostics, Some(&found.config));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}
