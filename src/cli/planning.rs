//! From flags to a plan on the screen: what `plan`, `apply` and `destroy` have in common.

use super::args::{PlanningArgs, RunArgs};
use super::environment;
use super::exit::Exit;
use super::interrupt::Interrupt;
use super::output::{json, plan as plan_text};
use super::question;
use super::session::Session;
use crate::engine::{self, Failure, InputArgument, Inputs, PlanRequest, Planned, RunOptions, UnsetVariable};
use crate::plan::{Choice, Mode, Plan, PlanOptions};
use levee_model::address::AddressError;
use levee_model::{Action, Diagnostic, Diagnostics, InstanceAddr, Mode as ResourceMode};

/// What the engine is asked for. `destroy`: the verb says so, whatever the flags are.
pub(crate) fn request(planning: &PlanningArgs, run: &RunArgs, destroy: bool, session: &Session) -> Result<PlanRequest, Diagnostics> {
    let mode = match (destroy || planning.destroy, planning.refresh_only) {
        (true, _) => Mode::Destroy,
        (_, true) => Mode::RefreshOnly,
        _ => Mode::Normal,
    };
    let mut mistakes = Diagnostics::new();
    if (destroy || planning.destroy) && planning.refresh_only {
        let detail = "The -destroy and -refresh-only options are mutually-exclusive.";
        mistakes.push(Diagnostic::error("Incompatible plan mode options", detail));
    } else if mode == Mode::RefreshOnly && !planning.refresh {
        let detail =
            "It doesn't make sense to use -refresh-only at the same time as -refresh=false, because Levee would have nothing to do.";
        mistakes.push(Diagnostic::error("Incompatible refresh options", detail));
    } else if mode != Mode::Normal && !planning.replace.is_empty() {
        let detail = "Forcing resource instance replacement (with -replace=...) is allowed only in normal planning mode.";
        mistakes.push(Diagnostic::error("Unsupported plan mode", detail));
    }
    let replace = planning.replace.iter().filter_map(|text| mistakes.keep(replaced(text).map_err(|d| *d))).collect();
    let targets = chosen(&planning.target, "target", &mut mistakes);
    let exclude = chosen(&planning.exclude, "exclusion", &mut mistakes);
    if mistakes.has_errors() {
        return Err(mistakes);
    }
    Ok(PlanRequest {
        workspace: session.workspace(run.place.state.as_deref()),
        inputs: Inputs { arguments: planning.variables.inputs.clone(), environment: environment::input_variables() },
        options: PlanOptions { mode, refresh: planning.refresh, targets, exclude, replace, parallelism: run.parallelism, generate: None },
        listener: session.progress.clone(),
    })
}

/// What `-target` or `-exclude` names.
pub(crate) fn chosen(texts: &[String], what: &str, mistakes: &mut Diagnostics) -> Vec<Choice> {
    let mistaken = |text: &str, error: AddressError| Diagnostic::error(format!("Invalid {what} {text:?}"), error.why);
    texts.iter().filter_map(|text| mistakes.keep(text.parse().map_err(|error| mistaken(text, error)))).collect()
}

/// What `-replace` names.
fn replaced(text: &str) -> Result<InstanceAddr, Box<Diagnostic>> {
    let invalid = |why: String| Box::new(Diagnostic::error(format!("Invalid force-replace address {text:?}"), why));
    let addr: InstanceAddr = text.parse().map_err(|error: AddressError| invalid(error.why))?;
    if addr.mode == ResourceMode::Managed {
        Ok(addr)
    } else {
        Err(invalid("Only managed resources can be used with the -replace=... option.".into()))
    }
}

/// An object's address as the user typed it.
pub(crate) fn address(text: &str, flag: &str) -> Result<InstanceAddr, Box<Diagnostic>> {
    text.parse().map_err(|error: AddressError| {
        let hint = "Addresses look like aws_vpc.main or module.net.aws_subnet.a[\"x\"]; quote them for the shell.";
        Box::new(Diagnostic::error(format!("Invalid address for {flag}"), format!("{error}.")).hint(hint))
    })
}

/// What the engine is given to carry out a plan.
pub(crate) fn run_options(run: &RunArgs, session: &Session, interrupt: &Interrupt) -> RunOptions {
    RunOptions {
        parallelism: run.parallelism,
        lock_timeout: run.lock_timeout,
        hidden: environment::hidden(),
        listener: session.progress.clone(),
        interrupt: interrupt.receiver(),
    }
}

/// The first event of a stream, and what is said about flags that are on their way out.
pub(crate) fn begin(run: &RunArgs, session: &Session) {
    if session.console.is_json() {
        session.console.out(&format!("{}\n", json::ui::version()));
    }
    // A store of levee's own can be named in no other way.
    if run.place.state.as_ref().is_some_and(|path| path.extension().is_none_or(|e| e != "db")) {
        let detail = "Use `path` attribute within the `local` backend instead: https://developer.hashicorp.com/terraform/language/v1.10.x/settings/backends/local#path";
        session.report(Diagnostic::warning("Deprecated flag: -state", detail).into(), None);
    }
}

/// Plans and shows the plan, or tells why that failed.
/// `ask`: whether values of variables that have none may be asked for.
pub(crate) async fn plan(mut request: PlanRequest, ask: bool, session: &Session, interrupt: &Interrupt) -> Result<Planned, Exit> {
    let mut inputs = std::mem::take(&mut request.inputs);
    let result = with_values(&mut inputs, ask, session, interrupt, async |inputs| {
        let request = PlanRequest { inputs, ..request.clone() };
        interrupt.unless_asked(engine::plan(request)).await.map_or(Ok(None), |result| result.map(Some))
    });
    let result = match result.await {
        Ok(None) => return Err(session.refuse(Diagnostic::error("Interrupted", "Planning was given up. Nothing was changed."))),
        Ok(Some(planned)) => Ok(planned),
        Err(failure) => Err(failure),
    };
    let planned = result.map_err(|failure| {
        if let Some(partial) = &failure.partial {
            session.progress.finish();
            show_partial(partial, session);
        }
        session.fail(failure)
    })?;
    session.progress.finish();
    show(planned.plan(), session);
    Ok(planned)
}

/// Does something for which variables need values, and asks for those that have none, if anybody may be asked. What is
/// answered joins the inputs.
pub(crate) async fn with_values<T>(
    inputs: &mut Inputs,
    ask: bool,
    session: &Session,
    interrupt: &Interrupt,
    work: impl AsyncFn(Inputs) -> Result<T, Failure>,
) -> Result<T, Failure> {
    loop {
        match work(inputs.clone()).await {
            Err(failure) if ask && !session.console.is_json() && environment::input_allowed() => {
                let Some(answers) = values_of(&failure.unset, session, interrupt).await else { return Err(failure) };
                inputs.arguments.extend(answers);
            }
            result => return result,
        }
    }
}

/// Tells a plan's warnings; with `assertions` also what its check blocks found, which an apply finds anew.
pub(crate) fn warn(planned: &Planned, assertions: bool, session: &Session) {
    let mut all = planned.diagnostics.clone();
    if assertions {
        all.extend(planned.assertions.clone());
    }
    session.report(all, Some(&planned.config));
}

/// Asks for values; `None` if there is nothing to ask, or nobody to answer.
async fn values_of(unset: &[UnsetVariable], session: &Session, interrupt: &Interrupt) -> Option<Vec<InputArgument>> {
    let mut out = Vec::new();
    for variable in unset {
        let value = question::value_of(variable, session, interrupt).await?;
        out.push(InputArgument::Var(format!("{}={value}", variable.name)));
    }
    (!out.is_empty()).then_some(out)
}

/// Draws a plan, or tells it as events.
pub(crate) fn show(plan: &Plan, session: &Session) {
    if session.console.is_json() {
        for event in json::ui::plan(plan) {
            session.console.out(&format!("{event}\n"));
        }
    } else {
        draw(plan, session);
    }
}

/// Draws a plan.
pub(crate) fn draw(plan: &Plan, session: &Session) {
    plan_text::page(plan, &Session::schemas(), session.console.paint(), &mut |piece| session.console.out(piece));
}

/// Draws what could be planned, or tells it as events, before it is told what could not.
fn show_partial(plan: &Plan, session: &Session) {
    if session.console.is_json() || !plan.changes.iter().any(|c| c.action != Action::NoOp) {
        // What is drawn of a plan without changes would say that all is well.
        if session.console.is_json() {
            show(plan, session);
        }
        return;
    }
    session.console.out("This could be planned, but something else could not:\n\n");
    show(plan, session);
}

/// Whether carrying the plan out would change anything that the user should be asked about.
pub(crate) fn is_worth_asking(plan: &Plan) -> bool {
    match plan.mode {
        Mode::RefreshOnly => plan.has_drift() || plan.outputs.values().any(|o| o.action != Action::NoOp),
        _ => plan.has_changes(),
    }
}
