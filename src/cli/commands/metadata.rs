//! `levee metadata`

use crate::cli::args::MetadataCommand;
use crate::cli::exit::Exit;
use crate::cli::output::json;
use crate::cli::session::Session;

pub(super) fn run(command: &MetadataCommand, session: &Session) -> Exit {
    match command {
        MetadataCommand::Functions { .. } => session.console.out(&format!("{}\n", json::functions::document())),
    }
    Exit::Success
}
