//! `levee resume`

use super::apply::{Codes, carry_out};
use super::rollback;
use crate::cli::approval;
use crate::cli::args::{ResumeArgs, RunArgs, VariableArgs};
use crate::cli::environment;
use crate::cli::exit::Exit;
use crate::cli::interrupt::Interrupt;
use crate::cli::planning;
use crate::cli::session::Session;
use crate::engine::{self, Inputs, Planned};
use levee_model::Diagnostic;

pub(super) fn run(args: &ResumeArgs, session: &Session) -> Exit {
    session.run(async |interrupt| {
        planning::begin(&args.run, session);
        match rest(args.run_id, &args.variables, &args.run, session, &interrupt).await {
            Ok(planned) => carry_out(planned, &args.run, Codes::Detailed, session, &interrupt).await.0,
            Err(exit) => exit,
        }
    })
}

/// What is left of the newest run, drawn. It was agreed to when the run began, so nobody is asked again; but for a rollback, which is
/// planned from what there is by now, and ends here.
pub(super) async fn rest(
    wanted: Option<u64>,
    variables: &VariableArgs,
    run: &RunArgs,
    session: &Session,
    interrupt: &Interrupt,
) -> Result<Planned, Exit> {
    let (workspace, options) = (session.workspace(run.place.state.as_deref()), planning::run_options(run, session, interrupt));
    if let Some(of) = engine::unfinished_rollback(&workspace, wanted).map_err(|failure| session.fail(failure))? {
        if approval::impossible(session, run.input, false).is_some() {
            let detail = format!("What is left of the rollback of run {of} is planned anew, and nobody can say whether that is right.");
            let hint = "\"levee rollback -auto-approve\" goes on with it; what is to stay is to be named again, with -skip.";
            return Err(session.refuse(Diagnostic::error("Approval is needed", detail).hint(hint)));
        }
        return Err(rollback::of(of, &variables.inputs, run, session, interrupt).await);
    }
    let mut inputs = Inputs { arguments: variables.inputs.clone(), environment: environment::input_variables() };
    let work = async |inputs: Inputs| engine::resume(&workspace, wanted, &inputs, &options).await;
    let planned = planning::with_values(&mut inputs, run.input, session, interrupt, work).await;
    let planned = planned.map_err(|failure| {
        session.fail(failure);
        let open = engine::open_run(&workspace).is_ok_and(|open| open.is_some());
        if open { Exit::InDoubt } else { Exit::Failure }
    })?;
    session.progress.finish();
    planning::show(planned.plan(), session);
    planning::warn(&planned, false, session);
    Ok(planned)
}
