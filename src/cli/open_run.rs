//! What is to become of a run that did not come to its end: asked on a terminal, before anything else is planned.

use super::args::RunArgs;
use super::environment;
use super::interrupt::Interrupt;
use super::question;
use super::session::Session;
use crate::engine;
use std::io::IsTerminal;

/// What was answered, unless it was to plan anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It goes on.
    Resume,
    /// It is undone.
    Rollback(u64),
    /// Nothing is done.
    Nothing,
}

/// Asks, if a run is open and somebody sits there. `None`: all goes its usual way, which settles it and plans anew.
pub(crate) async fn choice(run: &RunArgs, session: &Session, interrupt: &Interrupt) -> Option<Choice> {
    let is_asked = run.input && environment::input_allowed() && !session.console.is_json() && std::io::stdin().is_terminal();
    // What cannot be read is told by whoever needs it next.
    let (id, steps) = engine::open_run(&session.workspace(run.place.state.as_deref())).ok().flatten().filter(|_| is_asked)?;
    let paint = session.console.paint();
    let steps = if steps == 1 { "1 step is".to_owned() } else { format!("{steps} steps are") };
    session.console.out(&format!(
        "\n{}\n  {steps} in doubt. Whatever you choose, it is first found out what became of them.\n\n  resume    go on with run {id}, as it was agreed to\n  rollback  plan what undoes it, and ask\n  replan    plan anew, from the configuration as it is now\n  no        leave it as it is\n\n  {} ",
        paint.bold(format!("Run {id} was not brought to its end. What is to be done?")),
        paint.bold("Enter a value:")
    ));
    match question::answer(session, interrupt, false).await.as_deref().map(str::trim) {
        Some("resume") => Some(Choice::Resume),
        Some("rollback") => Some(Choice::Rollback(id.0)),
        Some("replan") => None,
        _ => {
            session.console.out("Apply cancelled.\n");
            Some(Choice::Nothing)
        }
    }
}
