//! `levee rollback`, and what `apply -on-failure` does

use super::apply::Failed;
use crate::cli::approval::{self, Approval};
use crate::cli::args::{ApplyArgs, OnFailure, RollbackArgs, RunArgs};
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::output::{json, rollback as text};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Applied, Decisions, InputArgument, Inputs, Rollback, RollbackRequest};
use crate::event::Summary;
use levee_model::{Diagnostic, Diagnostics};
use std::io::IsTerminal;

/// What is asked for.
struct Wish<'a> {
    run: Option<u64>,
    skip: &'a [String],
    auto_approve: bool,
    inputs: &'a [InputArgument],
    how: &'a RunArgs,
}

pub(super) fn run(args: &RollbackArgs, session: &Session) -> Exit {
    session.run(async |interrupt| {
        if let Some(mistake) = approval::impossible(session, args.run.input, args.auto_approve) {
            return session.refuse(mistake);
        }
        planning::begin(&args.run, session);
        let inputs = &args.variables.inputs;
        let wish = Wish { run: args.run_id, skip: &args.skip, auto_approve: args.auto_approve, inputs, how: &args.run };
        roll_back(&wish, session, &interrupt).await.unwrap_or_else(|exit| exit)
    })
}

/// Undoes a run, once it is agreed to.
pub(super) async fn of(run: u64, inputs: &[InputArgument], how: &RunArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let wish = Wish { run: Some(run), skip: &[], auto_approve: false, inputs, how };
    roll_back(&wish, session, interrupt).await.unwrap_or_else(|exit| exit)
}

/// The mistake of asking to be asked where nobody can be.
pub(super) fn nobody_to_ask(args: &ApplyArgs, session: &Session) -> Option<Diagnostic> {
    let can_ask = std::io::stdin().is_terminal() && args.run.input && !session.console.is_json();
    (args.on_failure == OnFailure::Ask && !can_ask).then(|| {
        Diagnostic::error("Nobody can be asked", "With -on-failure=ask it is asked after a failure, which needs a terminal.")
            .hint("Use -on-failure=rollback or -on-failure=stop.")
    })
}

/// What follows on a run that failed with this exit code. That stays, unless its rollback remains incomplete.
pub(super) async fn after_failure(failed: &Failed, exit: Exit, args: &ApplyArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let run = failed.run;
    let wanted = match args.on_failure {
        OnFailure::Stop => false,
        OnFailure::Rollback => true,
        OnFailure::Ask => {
            let detail = format!("levee will plan what undoes run {run}, and carry that out.");
            approval::says_yes("The run failed. Do you want to roll it back?", &detail, session, interrupt).await
        }
    };
    if !wanted {
        return exit;
    }
    let inputs = &args.planning.variables.inputs;
    let wish = Wish { run: Some(run), skip: &[], auto_approve: true, inputs, how: &args.run };
    let rolled_back = roll_back(&wish, session, interrupt).await;
    // What all this was about is above all that was told of the rollback.
    let why = text::failed_because(run, &failed.errors);
    session.console.out(&if session.console.is_json() { format!("{}\n", json::ui::log(&why)) } else { format!("\n{why}\n") });
    match rolled_back {
        Ok(incomplete @ (Exit::Partial | Exit::Interrupted | Exit::InDoubt)) => incomplete,
        _ => exit,
    }
}

async fn roll_back(wish: &Wish<'_>, session: &Session, interrupt: &Interrupt) -> Result<Exit, Exit> {
    let mut mistakes = Diagnostics::new();
    let skip = planning::chosen(wish.skip, "address to skip", &mut mistakes);
    if mistakes.has_errors() {
        session.report(mistakes, None);
        return Err(Exit::Failure);
    }
    let workspace = session.workspace(wish.how.place.state.as_deref());
    let inputs = Inputs { arguments: wish.inputs.to_vec(), environment: environment::input_variables() };
    let options = planning::run_options(wish.how, session, interrupt);
    // What is undone must be known first.
    engine::recover_with(&workspace, &inputs, &Decisions::default(), &options).await.map_err(|failure| {
        let exit = session.fail(failure);
        let open = engine::open_run(&workspace).is_ok_and(|open| open.is_some_and(|(_, steps)| steps > 0));
        if open { Exit::InDoubt } else { exit }
    })?;
    let (listener, parallelism) = (session.progress.clone(), wish.how.parallelism);
    let request = RollbackRequest { workspace: workspace.clone(), inputs, run: wish.run, skip, parallelism, listener };
    let made = interrupt.unless_asked(engine::rollback(request)).await;
    let Some(made) = made else {
        return Err(session.refuse(Diagnostic::error("Interrupted", "Planning was given up. Nothing was changed.")));
    };
    let made = made.map_err(|failure| session.fail(failure))?;
    session.progress.finish();
    show(&made, session);
    let left = made.kept.values().any(|why| !why.is_wanted());
    let something = planning::is_worth_asking(made.planned.plan());
    if left && !something {
        // A rollback on record would say that the run is undone.
        session.console.out(&text::nothing_done(session.console.is_json()));
        return Ok(Exit::Partial);
    }
    if !wish.auto_approve && something && approval::ask_for_rollback(session, interrupt).await == Approval::Refused {
        return Err(Exit::Failure);
    }
    let (planned, number) = (made.planned.plan().counts(), made.run.id.0);
    interrupt.run_begins();
    let applied = engine::apply(made.planned, &workspace, options).await.map_err(|failure| session.fail(failure))?;
    Ok(report(applied, planned, number, left, session))
}

/// Shows what is to be undone, how, and what is not.
fn show(made: &Rollback, session: &Session) {
    let heading = text::heading(&made.run);
    if session.console.is_json() {
        session.console.out(&format!("{}\n", json::ui::log(&heading)));
    } else {
        session.console.out(&format!("{}\n\n", session.console.paint().bold(&heading)));
    }
    planning::show(made.planned.plan(), session);
    let mut told = made.planned.diagnostics.clone();
    told.extend(text::kept(&made.run, &made.kept));
    session.report(told, Some(&made.planned.config));
}

fn report(applied: Applied, planned: (usize, usize, usize), run: u64, left: bool, session: &Session) -> Exit {
    let failed = applied.interrupted || applied.diagnostics.has_errors() || applied.summary.failed > 0;
    session.report(applied.diagnostics, applied.config.as_ref());
    let line = text::summary(applied.summary, run, applied.interrupted, failed, left);
    let console = session.console;
    if console.is_json() {
        let (added, changed, destroyed) = planned;
        let counts = if failed { Summary { added, changed, destroyed, ..applied.summary } } else { applied.summary };
        console.out(&format!("{}\n", json::ui::change_summary(line, counts, "rollback")));
    } else {
        let paint = console.paint();
        let line = if failed || left { paint.red(line) } else { paint.green(line) };
        console.out(&format!("\n{}\n", paint.bold(line)));
    }
    let Summary { added, changed, destroyed, .. } = applied.summary;
    match (failed, left) {
        (true, _) if applied.in_doubt > 0 => Exit::InDoubt,
        (true, _) if applied.interrupted => Exit::Interrupted,
        (true, _) if added + changed + destroyed == 0 => Exit::Failure,
        (true, _) | (false, true) => Exit::Partial,
        (false, false) => Exit::Success,
    }
}
