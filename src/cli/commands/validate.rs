//! `levee validate`

use crate::cli::args::JsonArgs;
use crate::cli::exit::Exit;
use crate::cli::output::json;
use crate::cli::session::Session;
use crate::engine;

pub(super) fn run(args: &JsonArgs, session: &Session) -> Exit {
    session.run(async |interrupt| {
        let workspace = session.workspace(args.place.state.as_deref());
        let Some((diagnostics, config)) = interrupt.unless_asked(engine::validate(&workspace)).await else {
            return Exit::Failure;
        };
        let valid = !diagnostics.has_errors();
        if args.json {
            let document = json::diagnostic::validation(&diagnostics, config.as_ref().map(|c| &c.sources));
            session.console.out(&format!("{document:#}\n"));
        } else {
            let warned = !diagnostics.is_empty();
            session.report(diagnostics, config.as_ref());
            if valid {
                let but = if warned { ", with the warnings shown above" } else { "" };
                let paint = session.console.paint();
                session.console.out(&format!("{} The configuration is valid{but}.\n", paint.bold(paint.green("Success!"))));
            }
        }
        if valid { Exit::Success } else { Exit::Failure }
    })
}
