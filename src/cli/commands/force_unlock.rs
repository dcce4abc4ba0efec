//! `levee force-unlock`

use crate::cli::approval;
use crate::cli::args::ForceUnlockArgs;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::engine;
use levee_model::Diagnostic;

pub(super) fn run(args: &ForceUnlockArgs, session: &Session) -> Exit {
    let workspace = session.workspace(args.place.state.as_deref());
    let holders = match engine::lock_holders(&workspace) {
        Ok(holders) => holders,
        Err(failure) => return session.fail(failure),
    };
    let refuse = |detail: String| session.refuse(Diagnostic::error("Failed to unlock state", detail));
    let Some(first) = holders.first() else { return refuse("The state is not locked.".to_owned()) };
    let Some(holder) = holders.iter().find(|holder| args.lock_id == holder.id.to_string()) else {
        return refuse(format!("Lock id {:?} is not that of the holder: {} is held by {first}.", args.lock_id, first.id));
    };
    session.run(async |interrupt| {
        let detail = format!("The lock is held by {holder}. If that run is still at work, the two of them may undo each other's changes.");
        if !args.force && !approval::says_yes("Do you really want to force-unlock?", &detail, session, &interrupt).await {
            session.console.out("force-unlock cancelled.\n");
            return Exit::Failure;
        }
        match engine::break_lock(&workspace, holder.id) {
            Ok(true) => {
                session.console.out("The state has been successfully unlocked!\n");
                Exit::Success
            }
            Ok(false) => {
                let detail = format!("{holder} is a process that lives on this machine.");
                session.refuse(Diagnostic::error("Failed to unlock state", detail).hint("End that process first; its lock goes with it."))
            }
            Err(failure) => session.fail(failure),
        }
    })
}
