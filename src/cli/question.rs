//! A question, and the line that answers it: from a terminal, or from whatever the standard input is.

use super::interrupt::Interrupt;
use super::output::console::hidden_line;
use super::session::Session;
use crate::engine::UnsetVariable;
use std::io::IsTerminal;

/// Reads one line, without its line break. `None` at the end of input, and when Ctrl-C was the answer. `hidden`: what is typed
/// on a terminal is not shown.
pub(crate) async fn answer(session: &Session, interrupt: &Interrupt, hidden: bool) -> Option<String> {
    let read = tokio::task::spawn_blocking(move || if hidden && std::io::stdin().is_terminal() { hidden_line() } else { read_line() });
    let answer = interrupt.unless_asked(read).await;
    session.console.out("\n");
    answer.and_then(Result::ok).flatten()
}

/// Asks for the value of a variable that has none, as Terraform does.
pub(crate) async fn value_of(variable: &UnsetVariable, session: &Session, interrupt: &Interrupt) -> Option<String> {
    let paint = session.console.paint();
    let description = variable.description.as_ref().map(|text| format!("  {text}\n\n")).unwrap_or_default();
    session.console.out(&format!("{}\n{description}  {} ", paint.bold(format!("var.{}", variable.name)), paint.bold("Enter a value:")));
    answer(session, interrupt, variable.sensitive).await
}

fn read_line() -> Option<String> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line).ok().filter(|n| *n > 0);
    read.map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
}
