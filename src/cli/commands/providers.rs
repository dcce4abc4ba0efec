//! `levee providers`

use crate::cli::args::{ProvidersArgs, ProvidersCommand};
use crate::cli::exit::Exit;
use crate::cli::output::tree;
use crate::cli::session::Session;
use crate::engine;
use crate::providers::registry;
use levee_model::Diagnostic;
use levee_sdk::schema_json::{document, full_source};

pub(super) fn run(args: &ProvidersArgs, session: &Session) -> Exit {
    match &args.command {
        None => required(args, session),
        Some(ProvidersCommand::Schema { .. }) => {
            let all = registry().iter().map(|p| (full_source(p.source()), p.types().schema()));
            session.console.out(&format!("{}\n", document(all)));
            Exit::Success
        }
        Some(ProvidersCommand::Lock { .. }) => {
            session.console.out("Providers are built in to levee: there is nothing to lock.\n");
            Exit::Success
        }
        Some(ProvidersCommand::Mirror { .. }) => {
            let d = Diagnostic::error("Providers cannot be mirrored", "They are built in to levee: there are no packages of them.");
            session.refuse(d.hint("Copy the levee program itself to where it is needed."))
        }
    }
}

fn required(args: &ProvidersArgs, session: &Session) -> Exit {
    match engine::inventory(&session.workspace(args.place.state.as_deref())) {
        Ok(found) if found.config.modules.values().all(|m| m.files == 0) => {
            let detail = format!("The directory {} contains no Terraform configuration files.", found.config.root_dir.display());
            session.refuse(Diagnostic::error("No configuration files", detail))
        }
        Ok(found) => {
            session.console.out(&tree::providers(&found));
            session.report(found.diagnostics, Some(&found.config));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}
