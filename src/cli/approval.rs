//! The question before anything changes.

use super::interrupt::Interrupt;
use super::session::Session;
use crate::plan::Mode;
use levee_model::Diagnostic;
use std::io::IsTerminal;

/// What came of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Approval {
    Given,
    Refused,
}

/// The mistake of asking for a run that nobody could approve; told before anything is read.
pub(crate) fn impossible(session: &Session, input: bool, auto_approve: bool) -> Option<Diagnostic> {
    if auto_approve {
        return None;
    }
    let why = if session.console.is_json() {
        "With -json there is nobody to ask whether the plan is right."
    } else if !input {
        "With -input=false nothing may be asked, so nobody can say whether the plan is right."
    } else {
        return None;
    };
    Some(approval_needed(why))
}

fn approval_needed(why: &str) -> Diagnostic {
    Diagnostic::error("Approval is needed", why)
        .hint("Pass -auto-approve, or save a plan with \"levee plan -out=PATH\" and apply that file.")
}

/// Asks. Only `yes` is taken for an approval; the end of input and Ctrl-C are refusals.
pub(crate) async fn ask(session: &Session, mode: Mode, interrupt: &Interrupt) -> Approval {
    if !std::io::stdin().is_terminal() {
        session.refuse(approval_needed("The standard input is no terminal, so nobody can be asked whether the plan is right."));
        return Approval::Refused;
    }
    let (question, detail) = question(mode);
    if says_yes(question, detail, session, interrupt).await {
        return Approval::Given;
    }
    session.console.out(if mode == Mode::Destroy { "Destroy cancelled.\n" } else { "Apply cancelled.\n" });
    Approval::Refused
}

/// Whether a question is answered with `yes`; the end of input and Ctrl-C are other answers.
pub(crate) async fn says_yes(question: &str, detail: &str, session: &Session, interrupt: &Interrupt) -> bool {
    let paint = session.console.paint();
    session.console.out(&format!(
        "\n{}\n  {detail}\n  Only 'yes' will be accepted to approve.\n\n  {} ",
        paint.bold(question),
        paint.bold("Enter a value:")
    ));
    let answer = interrupt.unless_asked(tokio::task::spawn_blocking(read_line)).await;
    session.console.out("\n");
    matches!(answer, Some(Ok(Some(line))) if line.trim() == "yes")
}

fn question(mode: Mode) -> (&'static str, &'static str) {
    match mode {
        Mode::Normal => ("Do you want to perform these actions?", "levee will perform the actions described above."),
        Mode::Destroy => (
            "Do you really want to destroy all resources?",
            "levee will delete every object listed above. What cannot be undone is said there.",
        ),
        Mode::RefreshOnly => (
            "Would you like to update the state to reflect these detected changes?",
            "levee will write these changes to the state without touching any object.",
        ),
    }
}

fn read_line() -> Option<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).ok().filter(|n| *n > 0).map(|_| line)
}
