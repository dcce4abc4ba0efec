//! `levee recover`

use crate::cli::args::RecoverArgs;
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Decision, Decisions, Inputs};
use levee_model::Diagnostic;

pub(super) fn run(args: &RecoverArgs, session: &Session) -> Exit {
    let decisions = match decisions(args) {
        Ok(decisions) => decisions,
        Err(mistake) => return session.refuse(*mistake),
    };
    session.run(async |interrupt| {
        planning::begin(&args.run, session);
        let (workspace, options) =
            (session.workspace(args.run.place.state.as_deref()), planning::run_options(&args.run, session, &interrupt));
        let mut inputs = Inputs { arguments: args.variables.inputs.clone(), environment: environment::input_variables() };
        let work = async |inputs: Inputs| engine::recover_with(&workspace, &inputs, &decisions, &options).await;
        match planning::with_values(&mut inputs, args.run.input, session, &interrupt, work).await {
            Ok(settled) => {
                session.progress.finish();
                session.console.out(&told(settled));
                Exit::Success
            }
            Err(failure) => {
                session.fail(failure);
                let open = engine::open_run(&workspace).is_ok_and(|open| open.is_some());
                if open { Exit::InDoubt } else { Exit::Failure }
            }
        }
    })
}

fn told(settled: usize) -> String {
    match settled {
        0 => "No run has left a step open.\n".to_owned(),
        1 => "One step was open, and is settled. \"levee resume\" goes on with the run, \"levee apply\" plans anew.\n".to_owned(),
        n => format!("{n} steps were open, and are settled. \"levee resume\" goes on with the run, \"levee apply\" plans anew.\n"),
    }
}

fn decisions(args: &RecoverArgs) -> Result<Decisions, Box<Diagnostic>> {
    let mut out = Decisions::new();
    let mut decide = |text: &str, flag: &str, decision: Decision| {
        let addr = planning::address(text, flag)?;
        if out.insert(addr.clone(), decision).is_some() {
            let detail = format!("Several decisions were given on {addr}. It is one of adopted, absent and left.");
            return Err(Box::new(Diagnostic::error("Decided twice", detail)));
        }
        Ok(())
    };
    for text in &args.adopt {
        // Keys of instances may hold an equals sign, and so may ids: the first that follows a whole address counts.
        let at = text.match_indices('=').find(|(at, _)| planning::address(&text[..*at], "-adopt").is_ok());
        let Some((at, _)) = at else {
            let detail = format!("{text:?} is no address with an id: ADDRESS=ID.");
            return Err(Box::new(Diagnostic::error("Invalid -adopt option", detail)));
        };
        decide(&text[..at], "-adopt", Decision::Adopt(text[at + 1..].to_owned()))?;
    }
    for text in &args.mark_absent {
        decide(text, "-mark-absent", Decision::Absent)?;
    }
    for text in &args.leave {
        decide(text, "-leave", Decision::Leave)?;
    }
    Ok(out)
}
