//! `levee providers schema -json`

use crate::cli::args::ProvidersCommand;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::providers::registry;
use levee_sdk::schema_json::{document, full_source};

pub(super) fn run(command: &ProvidersCommand, session: &Session) -> Exit {
    let ProvidersCommand::Schema { .. } = command;
    let all = registry().iter().map(|p| (full_source(p.source()), p.schema()));
    session.console.out(&format!("{}\n", document(all)));
    Exit::Success
}
