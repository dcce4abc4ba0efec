//! `levee graph`

use crate::cli::args::PlaceArgs;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::engine;

pub(super) fn run(args: &PlaceArgs, session: &Session) -> Exit {
    session.run(async |_| match engine::graph(&session.workspace(args.state.as_deref())).await {
        Ok(dot) => {
            session.console.out(&dot);
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    })
}
