//! `levee apply` and `levee destroy`

use super::{resume, rollback};
use crate::cli::approval::{self, Approval};
use crate::cli::args::{ApplyArgs, OnFailure, PlanningArgs, RefreshArgs, RunArgs};
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::open_run::{self, Choice};
use crate::cli::output::{json, value_text};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Applied, Inputs, Planned, Undone};
use crate::event::{StepKind, Summary};
use crate::plan::Mode;
use levee_model::Diagnostic;
use std::path::Path;

/// Which exit codes are told apart where a run did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codes {
    /// As Terraform: it failed.
    Plain,
    /// How far it came.
    Detailed,
}

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
    run(
        &ApplyArgs { plan_file: None, auto_approve: true, on_failure: OnFailure::Stop, detailed_exitcode: false, planning, run: args.run },
        Verb::Apply,
        session,
    )
}

async fn apply(args: &ApplyArgs, verb: Verb, session: &Session, interrupt: &Interrupt) -> Exit {
    if let Some(mistake) = rollback::nobody_to_ask(args, session) {
        return session.refuse(mistake);
    }
    let planned = match &args.plan_file {
        Some(path) => from_file(path, args, verb, session, interrupt).await,
        None => from_configuration(args, verb, session, interrupt).await,
    };
    let codes = if args.detailed_exitcode { Codes::Detailed } else { Codes::Plain };
    let (exit, failed) = match planned {
        Ok(planned) => carry_out(planned, &args.run, codes, session, interrupt).await,
        Err(exit) => return exit,
    };
    match failed {
        Some(failed) => rollback::after_failure(&failed, exit, args, session, interrupt).await,
        None => exit,
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
    engine::wait_for_others(&workspace, &options).map_err(|failure| session.fail(failure))?;
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
    if verb == Verb::Apply
        && !args.auto_approve
        && let Some(open) = open_run::choice(&args.run, session, interrupt).await
    {
        return match open {
            Choice::Resume => resume::rest(None, &args.planning.variables, &args.run, session, interrupt).await,
            Choice::Rollback(run) => Err(rollback::of(run, &args.planning.variables.inputs, &args.run, session, interrupt).await),
            Choice::Nothing => Err(Exit::Failure),
        };
    }
    // What an earlier run left open is settled first: planning on it would make things twice.
    let (workspace, options) = (request.workspace.clone(), planning::run_options(&args.run, session, interrupt));
    if request.options.targets.is_empty() && request.options.exclude.is_empty() {
        engine::wait_for_others(&workspace, &options).map_err(|failure| session.fail(failure))?;
    }
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

/// A run that failed of itself.
pub(super) struct Failed {
    /// Its number.
    pub(super) run: u64,
    /// What went wrong, a line each.
    pub(super) errors: Vec<String>,
}

/// How it ended, and of what if it failed of itself.
pub(super) async fn carry_out(
    planned: Planned,
    run: &RunArgs,
    codes: Codes,
    session: &Session,
    interrupt: &Interrupt,
) -> (Exit, Option<Failed>) {
    if !run.lock {
        let detail = "Two runs on one state would undo each other's work, so levee takes its lock all the same.";
        session.console.diagnostic(Diagnostic::warning("-lock=false has no effect", detail));
    }
    let (mode, planned_counts) = (planned.plan().mode, planned.plan().counts());
    let workspace = session.workspace(run.place.state.as_deref());
    let options = planning::run_options(run, session, interrupt);
    interrupt.run_begins();
    match engine::apply(planned, &workspace, options).await {
        Ok(applied) => {
            let (code, interrupted) = (code(&applied, codes), applied.interrupted);
            let errors = applied.diagnostics.iter().filter(|d| d.is_error());
            let failed = Failed { run: applied.run.0, errors: errors.map(|d| format!("{}: {}", d.summary, d.detail)).collect() };
            report(applied, planned_counts, mode, session);
            (code, Some(failed).filter(|_| code != Exit::Success && !interrupted))
        }
        Err(failure) => (session.fail(failure), None),
    }
}

fn failed(applied: &Applied) -> bool {
    applied.interrupted || applied.diagnostics.has_errors() || applied.summary.failed > 0
}

fn code(applied: &Applied, codes: Codes) -> Exit {
    match codes {
        _ if !failed(applied) => Exit::Success,
        _ if Exit::of(&applied.diagnostics) != Exit::Failure => Exit::of(&applied.diagnostics),
        Codes::Plain => Exit::Failure,
        Codes::Detailed if applied.in_doubt > 0 => Exit::InDoubt,
        Codes::Detailed if applied.interrupted => Exit::Interrupted,
        Codes::Detailed => Exit::Partial,
    }
}

fn report(applied: Applied, planned: (usize, usize, usize), mode: Mode, session: &Session) {
    let failed = failed(&applied);
    session.report(applied.diagnostics, applied.config.as_ref());
    let console = session.console;
    let summary = summary(applied.summary, mode, applied.interrupted, failed);
    let left = if failed { left(applied.run, &applied.undone, applied.in_doubt, mode) } else { String::new() };
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
        console.out(&format!("\n{}\n{left}", paint.bold(summary)));
        if !applied.outputs.is_empty() && mode != Mode::Destroy && !failed {
            console.out(&format!("\n{}\n\n{}", paint.bold("Outputs:"), value_text::outputs(&applied.outputs)));
        }
    }
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

/// How many of the steps that were not started are told one by one.
const TOLD: usize = 20;

/// What was not started and why, what is in doubt, and what can be done about it.
fn left(run: impl std::fmt::Display, undone: &[Undone], in_doubt: usize, mode: Mode) -> String {
    let mut out = String::new();
    if !undone.is_empty() {
        out.push_str("\nNot started:\n");
        out.extend(undone.iter().take(TOLD).map(not_started));
    }
    if undone.len() > TOLD {
        out.push_str(&format!("  and {} more\n", undone.len() - TOLD));
    }
    if in_doubt > 0 {
        let steps = if in_doubt == 1 { "1 step".to_owned() } else { format!("{in_doubt} steps") };
        out.push_str(&format!("\nOf {steps} it is not known whether they were done. The next run finds out before anything else.\n"));
    }
    let again = if mode == Mode::Destroy { "destroy" } else { "apply" };
    out + &format!(
        "\nNext:\n  levee resume      goes on with run {run}, as it was agreed to\n  levee rollback    plans what undoes it\n  levee {again:<10}  plans anew, from the configuration as it is now\n"
    )
}

fn not_started(step: &Undone) -> String {
    let deed = match step.kind {
        StepKind::Create => "to be created",
        StepKind::Update => "to be changed",
        StepKind::Delete => "to be destroyed",
        StepKind::Read => "to be read",
        StepKind::Forget => "to be forgotten",
    };
    let deposed = step.subject.deposed.as_ref().map_or_else(String::new, |key| format!(" (deposed object {key})"));
    let why = match &step.waited_for {
        Some(addr) if *addr == step.subject.addr => "a step before it failed".to_owned(),
        Some(addr) => format!("waits for {addr}, which failed"),
        None => "the run was told to stop".to_owned(),
    };
    format!("  {}{deposed}: {deed}; {why}\n", step.subject.addr)
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
