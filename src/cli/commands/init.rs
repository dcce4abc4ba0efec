//! `levee init`

use crate::cli::args::InitArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::output::init as text;
use crate::cli::session::Session;
use crate::engine::{self, InitReport, InitRequest};
use crate::install::InstallOptions;
use levee_model::Diagnostic;

pub(super) fn run(args: &InitArgs, session: &Session) -> Exit {
    let console = session.console;
    text::begin(console);
    if !args.backend_config.is_empty() {
        let d =
            Diagnostic::error("Unsupported flag", "-backend-config configures where the state is, and levee keeps it in one local store.");
        return session.refuse(d.hint("Drop the flag; -state=PATH names another file."));
    }
    session.run(async |interrupt| {
        let options = InstallOptions { upgrade: args.upgrade, locked: args.lockfile.is_some(), tokens: environment::registry_tokens() };
        let request = InitRequest {
            workspace: Session::workspace(args.place.state.as_deref()),
            install: args.get.then_some(options),
            from_module: args.from_module.clone(),
        };
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
