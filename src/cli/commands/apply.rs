//! `levee apply` and `levee destroy`

use crate::cli::approval::{self, Approval};
use crate::cli::args::{ApplyArgs, PlanningArgs, RefreshArgs, RunArgs};
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{json, value_text};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Applied, Inputs, Planned};
use crate::event::Summary;
use crate::plan::Mode;
use levee_model::Diagnostic;
use std::path::Path;

/// Which of the two verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// As the configuration says.
    Apply,
    /// Delete everything.
    Destroy,
}

pub(super) fn run(args: &ApplyArgs, verb: Verb, session: &Session) -> Exit {
    session.run(async |interrupt| apply(args, verb, session, &interrupt).await)
}

/// `levee refresh` is an apply that only reads, approved beforehand.
pub(super) fn refresh(args: RefreshArgs, session: &Session) -> Exit {
    let planning = PlanningArgs { refresh_only: true, ..args.planning };
    run(&ApplyArgs { plan_file: None, auto_approve: true, planning, run: args.run }, Verb::Apply, session)
}

async fn apply(args: &ApplyArgs, verb: Verb, session: &Session, interrupt: &Interrupt) -> Exit {
    let planned = match &args.plan_file {
        Some(path) => from_file(path, args, verb, session, interrupt).await,
        None => from_configuration(args, verb, session, interrupt).await,
    };
    match planned {
        Ok(planned) => carry_out(planned, &args.run, session, interrupt).await,
        Err(exit) => exit,
    }
}

/// A saved plan was approved when it was saved.
async fn from_file(path: &Path, args: &ApplyArgs, verb: Verb, session: &Session, interrupt: &Interrupt) -> Result<Planned, Exit> {
    let planning = &args.planning;
    let chosen = verb == Verb::Destroy || planning.destroy || planning.refresh_only;
    if chosen || !planning.target.is_empty() || !planning.exclude.is_empty() || !planning.replace.is_empty() {
        let detail = "A saved plan holds its own targets and mode; they cannot be changed any more.";
        let hint = "Drop the flags, or make a new plan with them.";
        return Err(session.refuse(Diagnostic::error("Flags do not go with a saved plan", detail).hint(hint)));
    }
    planning::begin(&args.run, session);
    let workspace = session.workspace(args.run.place.state.as_deref());
    let inputs = Inputs { arguments: planning.variables.inputs.clone(), environment: environment::input_variables() };
    let options = planning::run_options(&args.run, session, interrupt);
    engine::recover(&workspace, &inputs, Some(path), &options).await.map_err(|failure| session.fail(failure))?;
    engine::load_plan(&workspace, path, Some(&inputs), session.progress.clone()).await.map_err(|failure| session.fail(failure))
}

async fn from_configuration(args: &ApplyArgs, verb: Verb, session: &Session, interrupt: &Interrupt) -> Result<Planned, Exit> {
    if let Some(mistake) = approval::impossible(session, args.run.input, args.auto_approve) {
        return Err(session.refuse(mistake));
    }
    let mut request = planning::request(&args.planning, &args.run, verb == Verb::Destroy, session).map_err(|mistakes| {
        session.report(mistakes, None);
        Exit::Failure
    })?;
    planning::begin(&args.run, session);
    // What an earlier run left open is settled first: planning on it would make things twice.
    let (workspace, options) = (request.workspace.clone(), planning::run_options(&args.run, session, interrupt));
    let recovering = async |inputs: Inputs| engine::recover(&workspace, &inputs, None, &options).await;
    let recovered = planning::with_values(&mut request.inputs, args.run.input, session, interrupt, recovering).await;
    recovered.map_err(|failure| session.fail(failure))?;
    let planned = planning::plan(request, args.run.input, session, interrupt).await?;
    let ask = !args.auto_approve && planning::is_worth_asking(planned.plan());
    planning::warn(&planned, ask, session);
    if ask && approval::ask(session, planned.plan().mode, interrupt).await == Approval::Refused {
        return Err(Exit::Failure);
    }
    Ok(planned)
}

async fn carry_out(planned: Planned, run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    if !run.lock {
        let detail = "Two runs on one state would undo each other's work, so levee takes its lock all the same.";
        session.console.diagnostic(Diagnostic::warning("-lock=false has no effect", detail));
    }
    let (mode, planned_counts) = (planned.plan().mode, planned.plan().counts());
    let workspace = session.workspace(run.place.state.as_deref());
    let options = planning::run_options(run, session, interrupt);
    interrupt.run_begins();
    match engine::apply(planned, &workspace, options).await {
        Ok(applied) => report(applied, planned_counts, mode, session),
        Err(failure) => session.fail(failure),
    }
}

fn report(applied: Applied, planned: (usize, usize, usize), mode: Mode, session: &Session) -> Exit {
    let failed = applied.interrupted || applied.diagnostics.has_errors() || applied.summary.failed > 0;
    session.report(applied.diagnostics, applied.config.as_ref());
    let console = session.console;
    let summary = summary(applied.summary, mode, applied.interrupted, failed);
    if console.is_json() {
        let operation = if mode == Mode::Destroy { "destroy" } else { "apply" };
        // Of a run that failed, programs are told what was to be done; the message and the events say what was.
        let (added, changed, destroyed) = planned;
        let counts = if failed { Summary { added, changed, destroyed, ..applied.summary } } else { applied.summary };
        console.out(&format!("{}\n", json::ui::change_summary(summary, counts, operation)));
        if !applied.outputs.is_empty() {
            console.out(&format!("{}\n", json::ui::outputs(&applied.outputs)));
        }
    } else {
        let paint = console.paint();
        let summary = if failed { paint.red(summary) } else { paint.green(summary) };
        console.out(&format!("\n{}\n", paint.bold(summary)));
        if !applied.outputs.is_empty() && mode != Mode::Destroy && !failed {
            console.out(&format!("\n{}\n\n{}", paint.bold("Outputs:"), value_text::outputs(&applied.outputs)));
        }
    }
    if failed { Exit::Failure } else { Exit::Success }
}

/// What was done in one line; when something is left to do, what to do about it.
fn summary(done: Summary, mode: Mode, interrupted: bool, failed: bool) -> String {
    let Summary { imported, added, changed, destroyed, failed: errors, skipped } = done;
    let import = if imported > 0 { format!("{imported} imported, ") } else { String::new() };
    let counts = match mode {
        Mode::Destroy => format!("{destroyed} destroyed"),
        _ => format!("{import}{added} added, {changed} changed, {destroyed} destroyed"),
    };
    let verb = if mode == Mode::Destroy { "Destroy" } else { "Apply" };
    if !failed {
        return format!("{verb} complete! Resources: {counts}.");
    }
    let word = if interrupted { "interrupted" } else { "incomplete" };
    let left = format!("{errors} failed, {skipped} not started");
    let again = verb.to_lowercase();
    format!("{verb} {word}: {counts}; {left}. What was done is recorded: run \"levee {again}\" again to go on.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_say_what_is_left() {
        let all = Summary { added: 3, ..Summary::default() };
        assert_eq!(summary(all, Mode::Normal, false, false), "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.");
        let part = Summary { destroyed: 2, failed: 1, skipped: 4, ..Summary::default() };
        let expected =
            "Destroy incomplete: 2 destroyed; 1 failed, 4 not started. What was done is recorded: run \"levee destroy\" again to go on.";
        assert_eq!(summary(part, Mode::Destroy, false, true), expected);
        assert!(summary(part, Mode::Normal, true, true).starts_with("Apply interrupted: "));
    }
}
