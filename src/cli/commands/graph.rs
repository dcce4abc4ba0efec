//! `levee graph`

use crate::cli::args::{GraphArgs, GraphForm};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::engine::{self, GraphFormat};
use levee_model::Diagnostic;

pub(super) fn run(args: &GraphArgs, session: &Session) -> Exit {
    if let Some(kind) = &args.kind {
        let detail = format!("There is no graph of type {kind:?}: levee draws one, of resources and what they depend on.");
        return session.refuse(
            Diagnostic::error("Unsupported flag: -type", detail).hint("Drop the flag; a cycle is told as an error by every command."),
        );
    }
    let format = match args.format {
        GraphForm::Dot => GraphFormat::Dot,
        GraphForm::Mermaid => GraphFormat::Mermaid,
        GraphForm::Json => GraphFormat::Json,
    };
    let workspace = session.workspace(args.place.state.as_deref());
    session.run(async |_| match engine::graph(&workspace, args.plan.as_deref(), format).await {
        Ok(text) => {
            session.console.out(&text);
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    })
}
