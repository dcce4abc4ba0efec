//! `levee plan`

use crate::cli::args::PlanArgs;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Planned};
use std::path::Path;

/// The line between the plan and what to do with it.
const RULE: &str = "─────────────────────────────────────────────────────────────────────────────";

pub(super) fn run(args: &PlanArgs, session: &Session) -> Exit {
    session.run(async |interrupt| plan(args, session, &interrupt).await)
}

async fn plan(args: &PlanArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let request = match planning::request(&args.planning, &args.run, false, session) {
        Ok(mut request) => {
            request.options.generate.clone_from(&args.generate_config_out);
            request
        }
        Err(mistakes) => {
            session.report(mistakes, None);
            return Exit::Failure;
        }
    };
    planning::begin(&args.run, session);
    let workspace = request.workspace.clone();
    let planned = match planning::plan(request, args.run.input, session, interrupt).await {
        Ok(planned) => planned,
        Err(exit) => return exit,
    };
    planning::warn(&planned, true, session);
    let changes = planning::is_worth_asking(planned.plan());
    if let Some(path) = &args.out
        && let Err(failure) = engine::save(&planned, path, &workspace)
    {
        return session.fail(failure);
    }
    if !session.console.is_json() {
        session.console.out(&advice(&planned, args.out.as_deref(), changes));
    }
    // The program ends: to take a large plan apart before that is a tenth of its time.
    std::mem::forget(planned);
    if args.detailed_exitcode && changes { Exit::Changes } else { Exit::Success }
}

fn advice(planned: &Planned, out: Option<&Path>, changes: bool) -> String {
    match out {
        Some(path) => {
            let path = path.display();
            let what = if planned.plan().has_changes() { "do exactly this" } else { "store its values" };
            format!("\n{RULE}\n\nThe plan is saved in {path}. To {what}, run:\n    levee apply \"{path}\"\n")
        }
        None if changes => {
            format!("\n{RULE}\n\nNote: without -out the plan is not saved, and \"levee apply\" makes a new one before it asks.\n")
        }
        None => String::new(),
    }
}
