//! `levee timeline`

use crate::cli::args::TimelineArgs;
use crate::cli::exit::Exit;
use crate::cli::output::timeline::{document, html, text};
use crate::cli::session::Session;
use crate::engine;
use levee_model::Diagnostic;

pub(super) fn run(args: &TimelineArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.place.state.as_deref());
    let timeline = match engine::timeline::timeline(&workspace, args.run) {
        Ok(timeline) => timeline,
        Err(failure) => return session.fail(failure),
    };
    if let Some(path) = &args.html {
        if let Err(error) = std::fs::write(path, html::page(&timeline)) {
            let summary = format!("The page {} could not be written", path.display());
            return session.refuse(Diagnostic::error(summary, error.to_string()));
        }
        if !args.json {
            session.console.out(&format!("The timeline of run {} is drawn in {}.\n", timeline.run, path.display()));
        }
    }
    if args.json {
        session.console.out(&format!("{}\n", document::document(&timeline)));
    } else if args.html.is_none() {
        session.console.out(&text::page(&timeline, session.console.width(), session.console.paint()));
    }
    Exit::Success
}
