//! `levee completions SHELL`

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use clap::CommandFactory;
use clap_complete::Shell;

pub(super) fn run(shell: Shell, session: &Session) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "levee", &mut script);
    session.console.out(&String::from_utf8_lossy(&script));
    Exit::Success
}
