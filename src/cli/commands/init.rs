//! `levee init`

use crate::cli::args::InitArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::init as text;
use crate::cli::session::Session;
use crate::engine::{self, InitReport, InitRequest, OtherPlace, RunOptions};
use crate::install::InstallOptions;

pub(super) fn run(args: &InitArgs, session: &Session) -> Exit {
    let console = session.console;
    text::begin(console);
    session.run(async |interrupt| {
        let options = InstallOptions { upgrade: args.upgrade, locked: args.lockfile.is_some(), tokens: environment::registry_tokens() };
        let request = InitRequest {
            workspace: session.workspace(args.place.state.as_deref()),
            install: args.get.then_some(options),
            from_module: args.from_module.clone(),
            backend_config: args.backend_config.clone(),
            states: args.backend.then(|| (other_place(args), run_options(args, session, &interrupt))),
        };
        let tell = move |progress| text::progress(console, &progress);
        match interrupt.unless_asked(engine::init(request, tell)).await {
            Some(Ok(report)) => done(report, session),
            Some(Err(failure)) => session.fail(failure),
            None => Exit::Failure,
        }
    })
}

fn other_place(args: &InitArgs) -> OtherPlace {
    match args {
        _ if args.force_copy => OtherPlace::Overwrite,
        _ if args.migrate_state => OtherPlace::Migrate,
        _ if args.reconfigure => OtherPlace::Keep,
        _ => OtherPlace::Refuse,
    }
}

fn run_options(args: &InitArgs, session: &Session, interrupt: &Interrupt) -> RunOptions {
    RunOptions {
        parallelism: 1,
        lock_timeout: args.lock_timeout,
        hidden: environment::hidden(),
        listener: session.progress.clone(),
        interrupt: interrupt.receiver(),
    }
}

fn done(report: InitReport, session: &Session) -> Exit {
    if report.is_empty() {
        text::empty(session.console);
        return Exit::Success;
    }
    text::migrated(session.console, &report.migrated);
    text::providers(session.console, &report.providers);
    session.report(report.diagnostics, Some(&report.config));
    text::end(session.console);
    Exit::Success
}
