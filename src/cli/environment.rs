//! What is read from the environment.

use std::collections::BTreeMap;
use std::time::Duration;
use zeroize::Zeroizing;

const TOKEN_PREFIX: &str = "TF_TOKEN_";
const VARIABLE_PREFIX: &str = "TF_VAR_";
const WORKSPACE: &str = "TF_WORKSPACE";
const ARGUMENTS: &str = "TF_CLI_ARGS";
const INPUT: &str = "TF_INPUT";

/// Input variables: `TF_VAR_zone=...`, by their names. What is not Unicode cannot be a value and is left out.
pub(crate) fn input_variables() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.to_str()?.strip_prefix(VARIABLE_PREFIX)?.to_owned(), value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Tokens for module registries, by host: `TF_TOKEN_app_example_com`, where dots are underscores and dashes two of them,
/// and those that `terraform login` keeps.
pub(crate) fn registry_tokens() -> BTreeMap<String, String> {
    let mut out = kept_tokens().unwrap_or_default();
    for (name, value) in std::env::vars_os() {
        let Some(host) = name.to_str().and_then(|n| n.strip_prefix(TOKEN_PREFIX)) else { continue };
        if let Ok(token) = value.into_string() {
            out.insert(host.replace("__", "-").replace('_', ".").to_lowercase(), token);
        }
    }
    out
}

/// `~/.terraform.d/credentials.tfrc.json`
fn kept_tokens() -> Option<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(std::env::home_dir()?.join(".terraform.d/credentials.tfrc.json")).ok()?;
    let document: serde_json::Value = serde_json::from_str(&text).ok()?;
    let hosts = document["credentials"].as_object()?.iter();
    Some(hosts.filter_map(|(host, c)| Some((host.to_lowercase(), c["token"].as_str()?.to_owned()))).collect())
}

/// The workspace that `TF_WORKSPACE` names.
pub(crate) fn workspace() -> Option<String> {
    std::env::var(WORKSPACE).ok().filter(|name| !name.is_empty())
}

/// Whether `TF_INPUT` leaves it allowed to ask for values.
pub(crate) fn input_allowed() -> bool {
    !std::env::var(INPUT).is_ok_and(|text| matches!(text.as_str(), "0" | "f" | "F" | "false" | "FALSE" | "False"))
}

/// Arguments that `TF_CLI_ARGS_name` adds to one command, and `TF_CLI_ARGS` to every one.
pub(crate) fn extra_arguments(command: &str) -> impl Iterator<Item = (String, String)> + use<> {
    let one = format!("{ARGUMENTS}_{}", command.replace(['-', ' '], "_"));
    [one, ARGUMENTS.to_owned()].into_iter().filter_map(|name| std::env::var(&name).ok().map(|text| (name, text)))
}

/// Where programs keep what they remember between sessions (the XDG convention).
pub(crate) fn state_home() -> Option<std::path::PathBuf> {
    let set = std::env::var_os("XDG_STATE_HOME").filter(|v| !v.is_empty()).map(std::path::PathBuf::from);
    set.or_else(|| std::env::home_dir().map(|home| home.join(".local").join("state")))
}

/// For how long a cloud may hide what is new: `LEVEE_HIDDEN_SECONDS`. EC2 documents no bound, and shows most within a few.
pub(crate) fn hidden() -> Duration {
    let set = std::env::var("LEVEE_HIDDEN_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(set.unwrap_or(10))
}

/// How much is logged (`LEVEE_LOG`, or `TF_LOG`), and into which file (`TF_LOG_PATH`).
pub(crate) fn log() -> Option<(String, Option<std::path::PathBuf>)> {
    let word = ["LEVEE_LOG", "TF_LOG"].iter().find_map(|name| std::env::var(name).ok().filter(|word| !word.is_empty()))?;
    Some((word, std::env::var_os("TF_LOG_PATH").filter(|path| !path.is_empty()).map(std::path::PathBuf::from)))
}

/// Whether the user wants no colours anywhere (the convention of no-color.org).
pub(crate) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) || std::env::var_os("TERM").is_some_and(|v| v == "dumb")
}

/// Which passphrase of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passphrase {
    /// The one that it has.
    Current,
    /// The one that it is to get.
    New,
}

impl Passphrase {
    fn variable(self) -> &'static str {
        match self {
            Self::Current => "LEVEE_STATE_PASSPHRASE",
            Self::New => "LEVEE_STATE_NEW_PASSPHRASE",
        }
    }
}

/// Whether [`passphrase`] finds one. It is not read: what a file descriptor tells, it tells once.
pub(crate) fn has_passphrase(which: Passphrase) -> bool {
    let name = which.variable();
    std::env::var_os(name).is_some() || std::env::var_os(format!("{name}_FD")).is_some()
}

/// A passphrase of the state: `LEVEE_STATE_PASSPHRASE`, or the first line of the file descriptor that
/// `LEVEE_STATE_PASSPHRASE_FD` names; for the new one `LEVEE_STATE_NEW_PASSPHRASE` and so on.
pub(crate) fn passphrase(which: Passphrase) -> Option<Zeroizing<String>> {
    let name = which.variable();
    if let Ok(set) = std::env::var(name) {
        return Some(Zeroizing::new(set));
    }
    let descriptor: u32 = std::env::var(format!("{name}_FD")).ok()?.parse().ok()?;
    let text = Zeroizing::new(std::fs::read_to_string(format!("/dev/fd/{descriptor}")).ok()?);
    text.lines().next().map(|line| Zeroizing::new(line.to_owned()))
}
