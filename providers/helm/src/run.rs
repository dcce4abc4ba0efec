//! Runs helm: without secrets in its arguments, with an environment of ours, and no longer than its step.

use crate::desk::Desk;
use levee_sdk::PRIVATE_VARIABLES;
use levee_sdk::context::StepSink;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// How often it is looked whether the operator has given up.
pub(crate) const LOOK: Duration = Duration::from_millis(100);
/// How often what helm is known by in the cluster is renewed.
const RENEWAL: Duration = Duration::from_mins(1);
/// How long helm may take to write down that it was stopped.
const GRACE: Duration = Duration::from_secs(10);
/// So much of what it complained is told.
const TOLD: usize = 4_000;

/// One call.
pub(crate) struct Call<'a> {
    pub(crate) program: &'a Path,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(&'static str, PathBuf)>,
    /// Texts that must not be told, the longest first.
    pub(crate) secrets: Vec<String>,
    pub(crate) sink: &'a dyn StepSink,
    pub(crate) limit: Duration,
}

/// How waiting for it ended.
enum End {
    Done(std::io::Result<Output>),
    Cancelled,
    TimedOut,
}

/// Runs it and yields what it printed. `renew` is called now and then.
pub(crate) async fn run<F: Future<Output = ()>>(call: Call<'_>, desk: &Desk, renew: impl Fn() -> F) -> Result<String> {
    let verb = call.args.first().cloned().unwrap_or_default();
    let operation = format!("helm {verb}");
    let mut command = Command::new(call.program);
    command.args(&call.args).stdin(desk.stdin()?).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in crate::environment::surprises().iter().map(String::as_str).chain(PRIVATE_VARIABLES) {
        command.env_remove(name);
    }
    command.envs(call.env.iter().map(|(name, value)| (name, value))).process_group(0).kill_on_drop(true);
    let started = Instant::now();
    let child = command.spawn().map_err(|e| {
        ProviderError::new(ErrorKind::Configuration, format!("{} cannot be run: {e}", call.program.display())).during(operation.clone())
    })?;
    tracing::debug!(operation, "begun");
    let ended = attend(child, &call, renew).await;
    tracing::debug!(operation, elapsed = ?started.elapsed(), "ended");
    match ended {
        End::Done(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        End::Done(Ok(output)) => Err(failed(&output, &call.secrets).during(operation)),
        End::Done(Err(e)) => Err(ProviderError::new(ErrorKind::InDoubt, format!("helm was lost: {e}")).during(operation)),
        End::Cancelled => Err(ProviderError::new(ErrorKind::Cancelled, "it was stopped").during(operation)),
        End::TimedOut => {
            let text = format!("it was stopped after {:?}, which is all that `timeouts` allows", call.limit);
            Err(ProviderError::new(ErrorKind::TimedOut, text).during(operation))
        }
    }
}

/// Waits for its end, or brings it about.
async fn attend<F: Future<Output = ()>>(child: Child, call: &Call<'_>, renew: impl Fn() -> F) -> End {
    let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    let mut output = std::pin::pin!(child.wait_with_output());
    let deadline = Instant::now() + call.limit;
    let mut renewed = Instant::now();
    let early = loop {
        tokio::select! {
            done = &mut output => return End::Done(done),
            () = tokio::time::sleep(LOOK) => {}
        }
        if call.sink.is_cancelled() {
            break End::Cancelled;
        }
        if Instant::now() >= deadline {
            break End::TimedOut;
        }
        if renewed.elapsed() >= RENEWAL {
            renew().await;
            renewed = Instant::now();
        }
    };
    // Asked to stop, helm writes down that the release has failed; killed, it would stay pending.
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        if let Some(group) = group {
            // It may be gone by now.
            let _ = killpg(group, signal);
        }
        if tokio::time::timeout(GRACE, &mut output).await.is_ok() {
            break;
        }
    }
    early
}

/// What helm complained, without secrets.
fn failed(output: &Output, secrets: &[String]) -> ProviderError {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let at = complaint.rfind("\nError: ").map(|at| at + 1).or_else(|| complaint.find("Error: "));
    let told = at.map_or(&*complaint, |at| &complaint[at + "Error: ".len()..]);
    let told: String = without(told.trim(), secrets).chars().take(TOLD).collect();
    let told = if told.is_empty() { format!("it ended with {} and without a word", output.status) } else { told };
    let kind = match &told {
        t if t.contains("Kubernetes cluster unreachable") => ErrorKind::Transient,
        t if t.contains("cannot reuse a name that is still in use") || t.contains("cannot re-use a name") => ErrorKind::AlreadyExists,
        t if t.contains("forbidden") => ErrorKind::AccessDenied,
        t if t.contains("context deadline exceeded") || t.contains("timed out") => ErrorKind::TimedOut,
        _ => ErrorKind::Failed,
    };
    ProviderError::new(kind, told)
}

/// A text with what must not be told taken out.
pub(crate) fn without(text: &str, secrets: &[String]) -> String {
    let known = secrets.iter().filter(|s| !s.is_empty());
    known.fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), crate::values::HIDDEN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::context::NoSink;

    async fn shell(script: &str, limit: Duration) -> Result<String> {
        let desk = Desk::new(None)?;
        let args = ["-c", script].map(str::to_owned).to_vec();
        let call = Call { program: Path::new("/bin/sh"), args, env: Vec::new(), secrets: vec!["hush".into()], sink: &NoSink, limit };
        run(call, &desk, || async {}).await
    }

    #[tokio::test]
    async fn what_it_says_is_told_without_secrets() {
        let long = Duration::from_mins(1);
        assert_eq!(shell("printf out; echo err >&2", long).await.unwrap(), "out");
        let error = shell("echo warning >&2; echo 'Error: INSTALLATION FAILED: hush is no name' >&2; exit 1", long).await.unwrap_err();
        assert_eq!(error.message, "INSTALLATION FAILED: (sensitive value) is no name");
        assert!(shell("exit 3", long).await.unwrap_err().message.contains("without a word"));
    }

    #[tokio::test]
    async fn it_ends_when_its_time_is_up() {
        let error = shell("sleep 1000", Duration::from_millis(1)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::TimedOut);
    }
}
