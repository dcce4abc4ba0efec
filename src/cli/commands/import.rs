//! `levee import`

use crate::cli::args::ImportArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::config::Config;
use crate::engine::{self, Inputs};
use levee_model::{AddressError, Diagnostic, InstanceAddr, Span};
use std::sync::Arc;

pub(super) fn run(args: &ImportArgs, session: &Session) -> Exit {
    session.run(async |interrupt| import(args, session, &interrupt).await)
}

async fn import(args: &ImportArgs, session: &Session, interrupt: &Interrupt) -> Exit {
    let addr: InstanceAddr = match args.address.parse() {
        Ok(addr) => addr,
        Err(error) => return refuse(&args.address, error, session),
    };
    let workspace = session.workspace(args.run.place.state.as_deref());
    let inputs = Inputs { arguments: args.variables.inputs.clone(), environment: environment::input_variables() };
    let options = planning::run_options(&args.run, session, interrupt);
    match engine::import(&workspace, &inputs, &addr, &args.id, &options).await {
        Ok(warnings) => {
            session.report(warnings, None);
            let paint = session.console.paint();
            let text = "The resources that were imported are shown above. These resources are now in your state and will henceforth be managed by levee.";
            session.console.out(&format!(
                "{addr}: imported [id={}]\n\n{}\n\n{text}\n",
                args.id,
                paint.bold(paint.green("Import successful!"))
            ));
            Exit::Success
        }
        Err(failure) => session.fail(failure),
    }
}

/// An address that is none, as if it stood in a file of its own.
fn refuse(text: &str, error: AddressError, session: &Session) -> Exit {
    let mut config = Config::default();
    let source = config.sources.add("<import-address>", text.to_owned());
    let mistake = Diagnostic::error(error.summary, error.why).at(Span::new(source, 0..text.len()));
    session.report(mistake.into(), Some(&Arc::new(config)));
    Exit::Failure
}
