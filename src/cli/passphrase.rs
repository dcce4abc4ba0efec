//! The passphrase of an encrypted state: from the environment, from a file descriptor, or from whoever sits at the terminal. It is
//! never an argument, which everybody on the machine could read.

use super::environment::{self, Passphrase};
use super::output::console::{hidden_line, prompt};
use std::io::IsTerminal;
use zeroize::Zeroizing;

/// The passphrase that the state has.
pub(crate) fn current() -> Option<Zeroizing<String>> {
    environment::passphrase(Passphrase::Current).or_else(|| typed("Passphrase of the state: "))
}

/// The passphrase that the state is to get, typed twice where it is typed; the reason if there is none.
pub(crate) fn chosen(which: Passphrase) -> Result<Option<Zeroizing<String>>, &'static str> {
    if let Some(given) = environment::passphrase(which) {
        return if given.is_empty() { Err("The passphrase is empty.") } else { Ok(Some(given)) };
    }
    let Some(once) = typed("New passphrase: ") else { return Ok(None) };
    if once.is_empty() {
        return Err("The passphrase is empty.");
    }
    if typed("The same again: ").as_ref() != Some(&once) {
        return Err("The two are not the same.");
    }
    Ok(Some(once))
}

fn typed(question: &str) -> Option<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    prompt(question);
    hidden_line().map(Zeroizing::new)
}
