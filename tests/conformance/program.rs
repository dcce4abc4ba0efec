//! The program under test, run as people run it.

use super::Result;
use super::diagnostics;
use super::document::read;
use super::normal::Place;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program, and the empty configuration of the command line that it is given.
pub(super) struct Program {
    path: PathBuf,
    settings: tempfile::NamedTempFile,
}

/// What a command printed, and how it ended.
pub(super) struct Printed {
    pub(super) exit: i32,
    pub(super) out: String,
    pub(super) err: String,
}

/// What a command with `-json` told.
pub(super) struct Told {
    pub(super) exit: i32,
    /// Its messages; none when it did not print any.
    pub(super) stream: Vec<Value>,
    pub(super) diagnostics: Vec<Value>,
    pub(super) printed: String,
}

impl Program {
    pub(super) fn new(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_path_buf(), settings: tempfile::NamedTempFile::new()? })
    }

    /// Runs the program in a directory, with `env` on top of an environment without `TF_` variables.
    pub(super) fn run(&self, arguments: &[String], place: &Place, env: &Value, stdin: &str) -> Result<Printed> {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(place.dir()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("TF_")) {
            command.env_remove(name);
        }
        command.env("CHECKPOINT_DISABLE", "1").env("HOME", "/home/user").env("LC_ALL", "C.UTF-8");
        command.env("TF_CLI_CONFIG_FILE", self.settings.path());
        for (name, value) in env.as_object().into_iter().flatten() {
            match value.as_str() {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let mut child = command.spawn()?;
        // A program that reads nothing may have closed its end already.
        let _ = child.stdin.take().map(|mut pipe| pipe.write_all(stdin.as_bytes()));
        let output = child.wait_with_output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Printed { exit: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) })
    }

    /// Runs a command that streams messages.
    pub(super) fn stream(&self, verb: &str, arguments: &[String], place: &Place, env: &Value) -> Result<Told> {
        let arguments: Vec<String> = [verb, "-json"].map(str::to_owned).iter().chain(arguments).cloned().collect();
        let printed = self.run(&arguments, place, env, "")?;
        let stream: Vec<Value> = printed.out.lines().map_while(|line| read(line).ok()).collect();
        let told = stream.iter().filter(|m| m["type"] == "diagnostic").map(|m| diagnostics::record(&m["diagnostic"], place));
        let mut diagnostics: Vec<Value> = told.collect();
        if !matches!(printed.exit, 0 | 2) && diagnostics.is_empty() {
            // What fails very early is told as text.
            diagnostics = diagnostics::from_text(&printed.err, place);
            diagnostics.extend(diagnostics::from_text(&printed.out, place));
        }
        Ok(Told { exit: printed.exit, stream, diagnostics, printed: printed.err + &printed.out })
    }

    /// `show -json` of a plan, or of the state.
    pub(super) fn show(&self, plan: Option<&str>, place: &Place) -> Result<Value> {
        let arguments: Vec<String> = ["show", "-json"].into_iter().chain(plan).map(str::to_owned).collect();
        let printed = self.run(&arguments, place, &Value::Null, "")?;
        let complaint = || format!("show -json printed no document: {}", diagnostics::squashed(&(printed.err.clone() + &printed.out)));
        read(&printed.out).map_err(|_| complaint().into())
    }
}
