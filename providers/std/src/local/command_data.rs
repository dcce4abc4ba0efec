//! Data source `local_command`: runs a program and keeps what it says.

use crate::offline::NoClient;
use levee_sdk::error::Result;
use levee_sdk::{Ctx, DataSource, ErrorKind, PRIVATE_VARIABLES, ProviderError, Shape};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// What a program on the machine that levee runs on says. It runs each time a plan is made.
#[derive(Clone, Default, Shape)]
pub(crate) struct CommandData {
    /// The program: a path, or a name to look for on PATH. No shell is involved.
    #[attr(required)]
    command: Option<String>,
    /// Its arguments. Null ones are left out.
    #[attr(optional)]
    arguments: Option<Vec<Option<String>>>,
    /// Where it runs; where levee runs if it is not set.
    #[attr(optional)]
    working_directory: Option<String>,
    /// What it reads from its standard input.
    #[attr(optional)]
    stdin: Option<String>,
    /// Whether an exit code other than 0 is no error.
    #[attr(optional)]
    allow_non_zero_exit_code: Option<bool>,
    /// Its exit code.
    #[attr(computed)]
    exit_code: Option<i64>,
    /// Its standard output.
    #[attr(computed)]
    stdout: Option<String>,
    /// Its standard error.
    #[attr(computed)]
    stderr: Option<String>,
}

impl CommandData {
    fn run(&self) -> std::io::Result<Output> {
        let mut command = Command::new(self.command.as_deref().unwrap_or_default());
        command.args(self.arguments.iter().flatten().flatten());
        for name in PRIVATE_VARIABLES {
            command.env_remove(name);
        }
        if let Some(folder) = &self.working_directory {
            command.current_dir(folder);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let (input, pipe) = (self.stdin.clone().unwrap_or_default(), child.stdin.take());
        // Beside the reading: a program may answer before it has read everything.
        let writer = std::thread::spawn(move || pipe.map_or(Ok(()), |mut pipe| pipe.write_all(input.as_bytes())));
        let output = child.wait_with_output();
        // A program that does not want its input has closed it; that is its own business.
        let _ = writer.join();
        output
    }
}

impl DataSource for CommandData {
    type Client = NoClient;
    const TYPE: &'static str = "local_command";

    async fn read(_: &Ctx<NoClient>, config: Self) -> Result<Self> {
        let name = config.command.clone().unwrap_or_default();
        let failed = |what: String| ProviderError::new(ErrorKind::Failed, format!("{name}: {what}"));
        let (config, output) = tokio::task::spawn_blocking(move || {
            let output = config.run();
            (config, output)
        })
        .await
        .map_err(|e| failed(e.to_string()))?;
        let output = output.map_err(|e| failed(e.to_string()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let stderr = text(&output.stderr);
        if !output.status.success() && config.allow_non_zero_exit_code != Some(true) {
            return Err(failed(format!("{}: {}", output.status, stderr.trim())));
        }
        let exit_code = output.status.code().map(i64::from);
        Ok(Self { exit_code, stdout: Some(text(&output.stdout)), stderr: Some(stderr), ..config })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use levee_sdk::context::NoSink;
    use std::sync::Arc;

    async fn run(script: &str, stdin: Option<&str>, allow: bool) -> Result<CommandData> {
        let ctx = Ctx { client: Arc::new(()), sink: Arc::new(NoSink), timeout: None };
        let config = CommandData {
            command: Some("sh".into()),
            arguments: Some(vec![Some("-c".into()), None, Some(script.into())]),
            stdin: stdin.map(str::to_owned),
            allow_non_zero_exit_code: Some(allow),
            ..CommandData::default()
        };
        CommandData::read(&ctx, config).await
    }

    #[tokio::test]
    async fn keeps_what_it_says() {
        let said = run("cat; echo oops >&2; exit 3", Some("in"), true).await.expect("any exit code");
        assert_eq!((said.stdout.as_deref(), said.stderr.as_deref(), said.exit_code), (Some("in"), Some("oops\n"), Some(3)));
    }

    #[tokio::test]
    async fn a_failure_is_an_error_with_its_words() {
        let error = run("echo oops >&2; exit 3", None, false).await.expect_err("exit code 3");
        assert!(error.message.contains("oops"), "{error}");
    }
}
