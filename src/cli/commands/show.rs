//! `levee show`

use crate::cli::args::ShowArgs;
use crate::cli::exit::Exit;
use crate::cli::output::{json, state_text};
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine;
use crate::event::Silent;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(args: &ShowArgs, session: &Session) -> Exit {
    match &args.plan_file {
        Some(path) => plan(path, args, session),
        None => state(args, session),
    }
}

fn plan(path: &Path, args: &ShowArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.print.place.state.as_deref());
    session.run(async |_| match engine::load_plan(&workspace, path, None, Arc::new(Silent)).await {
        Ok(planned) => {
            if args.print.json {
                let (schemas, relevant) = (Session::schemas(), engine::relevant_attributes(&planned));
                session.console.out(&format!("{}\n", json::plan::document(planned.plan(), &planned.config, &relevant, &schemas)));
            } else {
                planning::draw(planned.plan(), session);
            }
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    })
}

fn state(args: &ShowArgs, session: &Session) -> Exit {
    match engine::state(&session.workspace(args.print.place.state.as_deref())) {
        Ok(state) => {
            let schemas = Session::schemas();
            session.console.out(&if args.print.json {
                format!("{}\n", json::state::document(&state, &schemas))
            } else {
                state_text::page(&state, &schemas, session.console.paint())
            });
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}
