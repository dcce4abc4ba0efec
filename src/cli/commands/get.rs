//! `levee get`

use crate::cli::args::GetArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::output::init as text;
use crate::cli::session::Session;
use crate::engine::{self, InitRequest};
use crate::install::{InstallOptions, Progress};

pub(super) fn run(args: &GetArgs, session: &Session) -> Exit {
    let console = session.console;
    session.run(async |interrupt| {
        let options = InstallOptions { upgrade: args.update, locked: false, tokens: environment::registry_tokens() };
        let workspace = session.workspace(args.place.state.as_deref());
        let request = InitRequest { workspace, install: Some(options), from_module: None, states: None, backend_config: Vec::new() };
        let tell = move |progress| {
            if progress != Progress::Started {
                text::progress(console, &progress);
            }
        };
        match interrupt.unless_asked(engine::init(request, tell)).await {
            Some(Ok(report)) => {
                session.report(report.diagnostics, Some(&report.config));
                Exit::Success
            }
            Some(Err(failure)) => session.fail(failure),
            None => Exit::Failure,
        }
    })
}
