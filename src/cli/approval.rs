//! The question before anything changes.

use super::interrupt::Interrupt;
use super::question;
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

/// Asks. Only `yes` is taken for an approval, also from a pipe, as Terraform does; the end of input and Ctrl-C are refusals.
pub(crate) async fn ask(session: &Session, mode: Mode, interrupt: &Interrupt) -> Approval {
    let cancelled = if mode == Mode::Destroy { "Destroy cancelled.\n" } else { "Apply cancelled.\n" };
    ask_so(words(mode), cancelled, session, interrupt).await
}

/// Asks whether a run is to be rolled back as shown.
pub(crate) async fn ask_for_rollback(session: &Session, interrupt: &Interrupt) -> Approval {
    let words = ("Do you want to roll this back?", "levee will perform the actions described above. What cannot be undone is said there.");
    ask_so(words, "Rollback cancelled.\n", session, interrupt).await
}

async fn ask_so((question, detail): (&str, &str), cancelled: &str, session: &Session, interrupt: &Interrupt) -> Approval {
    match asked(question, detail, session, interrupt).await {
        Some(line) if line.trim() == "yes" => return Approval::Given,
        None if !std::io::stdin().is_terminal() => {
            session.refuse(approval_needed("The standard input ended before anybody said whether the plan is right."));
            return Approval::Refused;
        }
        _ => {}
    }
    session.console.out(cancelled);
    Approval::Refused
}

/// Whether a question is answered with `yes`; the end of input and Ctrl-C are other answers.
pub(crate) async fn says_yes(question: &str, detail: &str, session: &Session, interrupt: &Interrupt) -> bool {
    asked(question, detail, session, interrupt).await.is_some_and(|line| line.trim() == "yes")
}

async fn asked(question: &str, detail: &str, session: &Session, interrupt: &Interrupt) -> Option<String> {
    let paint = session.console.paint();
    session.console.out(&format!(
        "\n{}\n  {detail}\n  Only 'yes' will be accepted to approve.\n\n  {} ",
        paint.bold(question),
        paint.bold("Enter a value:")
    ));
    question::answer(session, interrupt, false).await
}

fn words(mode: Mode) -> (&'static str, &'static str) {
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
