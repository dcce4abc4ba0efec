//! `levee taint` and `levee untaint`

use crate::cli::args::TaintArgs;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Marked};
use levee_model::address::AddressError;
use levee_model::{Diagnostic, InstanceAddr, Mode};

pub(super) fn run(args: &TaintArgs, tainted: bool, session: &Session) -> Exit {
    session.run(async |interrupt| mark(args, tainted, session, &interrupt).await)
}

async fn mark(args: &TaintArgs, tainted: bool, session: &Session, interrupt: &Interrupt) -> Exit {
    let addr: InstanceAddr = match args.address.parse() {
        Ok(addr) => addr,
        Err(AddressError { why, .. }) => return session.refuse(Diagnostic::error("Invalid address", why)),
    };
    if addr.mode != Mode::Managed {
        let detail = format!("{addr} is read anew by every plan: there is nothing to replace.");
        return session.refuse(Diagnostic::error("Only managed resources can be tainted", detail));
    }
    let options = planning::run_options(&args.run, session, interrupt);
    match engine::mark_tainted(&session.workspace(args.run.place.state.as_deref()), &addr, tainted, args.allow_missing, &options).await {
        Ok(Marked::Done) if tainted => session.console.out(&format!("Resource instance {addr} has been marked as tainted.\n")),
        Ok(Marked::Done) => session.console.out(&format!("Resource instance {addr} has been successfully untainted.\n")),
        Ok(Marked::Missing) => {
            let detail = format!("Resource instance {addr} was not found, but this is not an error because -allow-missing was set.");
            session.console.diagnostic(Diagnostic::warning("No such resource instance", detail));
        }
        Err(failure) => return session.fail(failure),
    }
    Exit::Success
}
