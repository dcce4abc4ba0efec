//! `levee init`

use crate::cli::args::InitArgs;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::engine::{self, InitReport};

pub(super) fn run(args: &InitArgs, session: &Session) -> Exit {
    session.run(async |interrupt| {
        let workspace = Session::workspace(&args.place.state);
        match interrupt.unless_asked(engine::init(&workspace)).await {
            Some(Ok(report)) => done(report, session),
            Some(Err(failure)) => session.fail(failure),
            None => Exit::Failure,
        }
    })
}

fn done(report: InitReport, session: &Session) -> Exit {
    let paint = session.console.paint();
    let mut text = String::new();
    if !report.modules.is_empty() {
        text.push_str(&format!("{}\n", paint.bold("Modules:")));
        report.modules.iter().for_each(|(name, source)| text.push_str(&format!("- {name} in {source}\n")));
    }
    if !report.providers.is_empty() {
        text.push_str(&format!("{}\n", paint.bold("Providers, built in:")));
        report.providers.iter().for_each(|(name, version)| text.push_str(&format!("- {name} (schemas of {version})\n")));
    }
    session.console.out(&text);
    let failed = report.diagnostics.has_errors();
    session.report(report.diagnostics, Some(&report.config));
    if failed {
        return Exit::Failure;
    }
    let success = paint.bold(paint.green("levee is ready."));
    session.console.out(&format!("\n{success} \"levee plan\" shows what would change.\n"));
    Exit::Success
}
