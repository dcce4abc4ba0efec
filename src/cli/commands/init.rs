//! `levee init`

use crate::cli::args::InitArgs;
use crate::cli::exit::Exit;
use crate::cli::output::init as text;
use crate::cli::session::Session;
use crate::engine::{self, InitReport, InitRequest};
use crate::install::InstallOptions;

pub(super) fn run(args: &InitArgs, session: &Session) -> Exit {
    let console = session.console;
    text::begin(console);
    session.run(async |interrupt| {
        let request = InitRequest { workspace: Session::workspace(&args.place.state), install: InstallOptions { upgrade: args.upgrade } };
        let tell = move |progress| text::progress(console, &progress);
        match interrupt.unless_asked(engine::init(request, tell)).await {
            Some(Ok(report)) => done(report, session),
            Some(Err(failure)) => session.fail(failure),
            None => Exit::Failure,
        }
    })
}

fn done(report: InitReport, session: &Session) -> Exit {
    if report.is_empty() {
        text::empty(session.console);
        return Exit::Success;
    }
    text::providers(session.console, &report.providers);
    session.report(report.diagnostics, Some(&report.config));
    text::end(session.console);
    Exit::Success
}
