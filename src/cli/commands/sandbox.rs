//! `levee sandbox start|stop|status|reset|env`

use crate::cli::args::{SandboxArgs, SandboxCommand};
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use levee_model::Diagnostic;
use levee_sandbox::{Places, Running, Sandbox, SandboxError, StartOptions};

pub(super) fn run(command: &SandboxCommand, session: &Session) -> Exit {
    match carry_out(command, session) {
        Ok(exit) => exit,
        Err(error) => {
            let text = error.to_string();
            let (summary, detail) = text.split_once('\n').unwrap_or((&text, ""));
            let mut mistake = Diagnostic::error(sentence(summary), detail);
            mistake.hint = error.hint().map(Into::into);
            session.refuse(mistake)
        }
    }
}

/// A summary begins with a capital letter, whoever wrote it.
fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches(':').chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn carry_out(command: &SandboxCommand, session: &Session) -> Result<Exit, SandboxError> {
    let console = session.console;
    match command {
        SandboxCommand::Start { sandbox, port, region, without_kubernetes, layer } => {
            let options = StartOptions {
                port: *port,
                region: region.clone(),
                kubernetes: !without_kubernetes,
                layer_arguments: layer.clone(),
                ..StartOptions::default()
            };
            let sandbox_to_start = named(sandbox)?;
            if sandbox_to_start.must_build(&options)? {
                console.err("Building the sandbox's Kubernetes. This is needed once, and takes six minutes on two cores.\n");
            }
            let running = sandbox_to_start.start(&options)?;
            let state = if running.fresh { "is up" } else { "was running already" };
            console.out(&format!("Sandbox {} {state}: {}\n", running.name, describe(&running)));
            console.out(&format!("Point AWS clients at it:\n    eval \"$(levee sandbox env{})\"\n", flag(sandbox)));
        }
        SandboxCommand::Stop(sandbox) => {
            let was = if named(sandbox)?.stop()? { "stopped" } else { "was not running" };
            console.out(&format!("Sandbox {} {was}.\n", sandbox.name));
        }
        SandboxCommand::Status(sandbox) => {
            let Some(running) = named(sandbox)?.status()? else {
                console.out(&format!("Sandbox {} is not running.\n", sandbox.name));
                return Ok(Exit::Failure);
            };
            console.out(&format!("Sandbox {} runs: {}\n", running.name, describe(&running)));
        }
        SandboxCommand::Reset(sandbox) => {
            named(sandbox)?.reset()?;
            console.out(&format!("Sandbox {} is empty again.\n", sandbox.name));
        }
        SandboxCommand::Env(sandbox) => {
            let Some(running) = named(sandbox)?.status()? else {
                let hint = format!("Start it with \"levee sandbox start{}\".", flag(sandbox));
                let summary = format!("Sandbox {} is not running", sandbox.name);
                return Ok(session.refuse(Diagnostic::error(summary, "").hint(hint)));
            };
            console.out(&format!("unset {}\n", Running::unset().join(" ")));
            running.env().iter().for_each(|(name, value)| console.out(&format!("export {name}={value}\n")));
        }
    }
    Ok(Exit::Success)
}

fn named(args: &SandboxArgs) -> Result<Sandbox, SandboxError> {
    Sandbox::named(&args.name, Places::from_environment()?)
}

fn flag(args: &SandboxArgs) -> String {
    if args.name == levee_sandbox::sandbox::DEFAULT_NAME { String::new() } else { format!(" -name={}", args.name) }
}

fn describe(running: &Running) -> String {
    let kubernetes = if running.kubernetes.is_some() { "with Kubernetes" } else { "without Kubernetes" };
    format!("{} ({kubernetes}, region {}, process {}, log {})", running.url(), running.region, running.pid, running.log.display())
}
