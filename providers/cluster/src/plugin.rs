//! Runs a program that says who we are, after Kubernetes' `ExecCredential` protocol.

use crate::access::Exec;
use crate::connection::configuration;
use levee_sdk::PRIVATE_VARIABLES;
use levee_sdk::error::{ErrorKind, ProviderError, Result};
use levee_sdk::token::Token;
use serde_json::Value as Json;
use std::fmt;
use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::process::Command;

/// A program that takes longer waits for somebody who is not there.
const PATIENCE: Duration = Duration::from_mins(2);
/// So much of what it complained is told.
const TOLD: usize = 600;

/// What a program said: a token, or a certificate with its key.
#[derive(Clone)]
pub(crate) struct Identity {
    pub(crate) token: Option<String>,
    /// Certificate and key, PEM.
    pub(crate) certificate: Option<(String, String)>,
    expires: Option<SystemTime>,
}

impl Identity {
    pub(crate) fn lasts(&self, long: Duration) -> bool {
        self.expires.is_none_or(|end| end > SystemTime::now() + long)
    }
}

impl From<Token> for Identity {
    fn from(token: Token) -> Self {
        Self { token: Some(token.secret), certificate: None, expires: token.expires }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Runs it and reads what it prints.
pub(crate) async fn run(exec: &Exec) -> Result<Identity> {
    let ask = serde_json::json!({ "apiVersion": exec.api_version, "kind": "ExecCredential", "spec": { "interactive": false } });
    let mut command = Command::new(&exec.command.program);
    command.args(&exec.command.args).envs(&exec.command.env).env("KUBERNETES_EXEC_INFO", ask.to_string());
    for private in PRIVATE_VARIABLES {
        command.env_remove(private);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    let program = &exec.command.program;
    let output = match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => return Err(not_run(exec, &error)),
        Err(_) => return Err(configuration(format!("{program:?} did not say who we are within {PATIENCE:?}"))),
    };
    if !output.status.success() {
        return Err(failed(program, &output));
    }
    read(&output.stdout).ok_or_else(|| {
        let error = configuration(format!("what {program:?} printed is no ExecCredential with a token or a certificate"));
        error.hint(format!("it was asked for apiVersion {}", exec.api_version))
    })
}

fn not_run(exec: &Exec, error: &std::io::Error) -> ProviderError {
    let told = configuration(format!("{:?}, which says who we are in the cluster, cannot be run: {error}", exec.command.program));
    match &exec.install_hint {
        Some(hint) => told.hint(hint.trim()),
        None => told.hint("install it, or name another command in `exec`"),
    }
}

/// Only what it complained is told, never what it printed: that may hold half a secret.
fn failed(program: &str, output: &Output) -> ProviderError {
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint: String = complaint.trim().chars().take(TOLD).collect();
    let complaint = if complaint.is_empty() { "without a word".to_owned() } else { complaint };
    ProviderError::new(ErrorKind::Configuration, format!("{program:?} did not say who we are ({}): {complaint}", output.status))
}

fn read(printed: &[u8]) -> Option<Identity> {
    let printed: Json = serde_json::from_slice(printed).ok()?;
    let status = printed.get("status")?;
    let text = |name: &str| status.get(name).and_then(Json::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let expires = text("expirationTimestamp").and_then(|t| OffsetDateTime::parse(&t, &Rfc3339).ok()).map(SystemTime::from);
    let certificate = text("clientCertificateData").zip(text("clientKeyData"));
    let token = text("token");
    (token.is_some() || certificate.is_some()).then_some(Identity { token, certificate, expires })
}

#[cfg(test)]
mod tests {
    use super::*;
    use levee_sdk::token::TokenCommand;

    fn shell(script: &str) -> Exec {
        let command =
            TokenCommand { program: "sh".into(), args: vec!["-c".into(), script.into()], env: [("WHO".into(), "me".into())].into() };
        Exec { api_version: "client.authentication.k8s.io/v1".into(), command, install_hint: None }
    }

    #[tokio::test]
    async fn a_program_says_who_we_are() {
        let exec = shell(
            r#"printf '{"status":{"token":"%s-%s","expirationTimestamp":"2099-01-01T00:00:00Z"}}' "$WHO" "$(echo "$KUBERNETES_EXEC_INFO" | grep -c ExecCredential)""#,
        );
        let said = run(&exec).await.unwrap();
        assert_eq!(said.token.as_deref(), Some("me-1"));
        assert!(said.lasts(Duration::from_hours(1)));
    }

    #[tokio::test]
    async fn what_it_printed_is_not_told() {
        let error = run(&shell("echo hush; echo 'no profile' >&2; exit 3")).await.unwrap_err();
        assert!(error.message.contains("no profile") && !error.message.contains("hush"), "{error}");
        let odd = run(&shell("echo hush")).await.unwrap_err();
        assert!(!odd.message.contains("hush"), "{odd}");
        let none = Exec { install_hint: Some("get it".into()), ..shell("") };
        let none = Exec { command: TokenCommand { program: "levee-no-such-program".into(), ..none.command }, ..none };
        assert_eq!(run(&none).await.unwrap_err().hint.as_deref(), Some("get it"));
    }
}
