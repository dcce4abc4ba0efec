//! The provisioner `local-exec`: a command on this machine, in a process group of its own that is ended with the run.

use levee_model::{Diagnostic, Marks, Value};
use levee_sdk::PRIVATE_VARIABLES;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// How much of a command's output its error shows.
const SHOWN: usize = 8 * 1024;

/// A line that grows longer is told in pieces.
const LONGEST_LINE: usize = 64 * 1024;

/// How long a command that was asked to end may take.
const GRACE: Duration = Duration::from_secs(5);

/// Process groups that are at work, so that leaving at once leaves none behind.
static AT_WORK: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Ends every command that is at work. For a process that is about to leave.
pub fn end_all() {
    for group in std::mem::take(&mut *AT_WORK.lock().unwrap_or_else(PoisonError::into_inner)) {
        // It may have ended by itself meanwhile.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

/// A command, ready to be run.
pub struct LocalExec {
    command: String,
    argv: Vec<String>,
    environment: Vec<(String, String)>,
    dir: Option<String>,
    quiet: bool,
    /// What is shown in place of its output when its configuration must not be shown.
    hidden: Option<&'static str>,
}

impl LocalExec {
    /// The command that a configuration asks for.
    pub fn new(config: &Value) -> Result<Self, Diagnostic> {
        let (plain, marks) = config.clone().unmark_deep();
        let text = |name: &str| plain.get(name).and_then(|v| v.as_str().map(str::to_owned));
        let command = text("command").filter(|c| !c.is_empty());
        let Some(command) = command else {
            return Err(Diagnostic::error("Invalid local-exec provisioner command", "The command must be a non-empty string."));
        };
        let interpreter = plain.get("interpreter").filter(|v| v.elements().is_some_and(|e| !e.is_empty()));
        let mut argv = match interpreter {
            Some(list) => list.elements().unwrap_or_default().iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            None => vec!["/bin/sh".to_owned(), "-c".to_owned()],
        };
        argv.push(command.clone());
        let environment = plain.get("environment");
        let members = environment.as_ref().and_then(Value::members).into_iter().flatten();
        Ok(Self {
            command,
            argv,
            environment: members.filter_map(|(k, v)| Some((k.to_string(), v.as_str()?.to_owned()))).collect(),
            dir: text("working_dir").filter(|d| !d.is_empty()),
            quiet: plain.get("quiet").and_then(|v| v.as_bool()) == Some(true),
            hidden: match (marks.contains(Marks::SENSITIVE), marks.contains(Marks::EPHEMERAL)) {
                (true, true) => Some("(output suppressed due to sensitive, ephemeral value in config)"),
                (true, false) => Some("(output suppressed due to sensitive value in config)"),
                (false, true) => Some("(output suppressed due to ephemeral value in config)"),
                (false, false) => None,
            },
        })
    }

    /// Runs it to its end, or until the run is interrupted. What it says goes to `say`, line by line.
    pub async fn run(self, interrupt: watch::Receiver<bool>, say: impl Fn(String) + Send + Sync) -> Result<(), Diagnostic> {
        let tell = |line: String| say(self.hidden.map_or(line, str::to_owned));
        tell(if self.quiet {
            "local-exec: Executing: Suppressed by quiet=true".to_owned()
        } else {
            let words: Vec<String> = self.argv.iter().map(|w| quoted(w)).collect();
            format!("Executing: [{}]", words.join(" "))
        });
        let mut output = Output { line: Vec::new(), tail: Vec::new() };
        let ended = match self.start() {
            Ok((child, pipe)) => wait(child, pipe, interrupt, &mut output, &tell).await,
            Err(why) => Err(why),
        };
        ended.map_err(|why| self.failed(&why, &output.tail))
    }

    fn failed(&self, why: &str, tail: &[u8]) -> Diagnostic {
        let detail = if self.hidden.is_some() {
            format!("Error running a command: {why}. What it is and what it said is not shown, since its configuration holds a secret.")
        } else {
            format!("Error running command '{}': {why}. Output: {}", self.command, String::from_utf8_lossy(tail))
        };
        Diagnostic::error("local-exec provisioner error", detail)
    }

    fn start(&self) -> Result<(Running, pipe::Receiver), String> {
        let Some((program, arguments)) = self.argv.split_first() else { return Err("exec: no command".to_owned()) };
        if let Some(dir) = &self.dir {
            let found = std::fs::metadata(dir).map_err(|e| format!("chdir {dir}: {}", words(&e)))?;
            if !found.is_dir() {
                return Err(format!("chdir {dir}: not a directory"));
            }
        }
        let output = || -> std::io::Result<_> {
            let (reader, writer) = std::io::pipe()?;
            Ok((pipe::Receiver::from_owned_fd(reader.into())?, writer.try_clone()?, writer))
        };
        let (reader, out, err) = output().map_err(|e| format!("no pipe for its output: {}", words(&e)))?;
        let mut command = Command::new(program);
        for name in PRIVATE_VARIABLES {
            command.env_remove(name);
        }
        command.args(arguments).envs(self.environment.iter().map(|(k, v)| (k, v)));
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0).kill_on_drop(true);
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        // The command holds the writing ends of the pipe until it is dropped here.
        let child = command.spawn().map_err(|e| unstartable(program, &e))?;
        Ok((Running::new(child), reader))
    }
}

fn unstartable(program: &str, error: &std::io::Error) -> String {
    if !program.contains('/') && error.kind() == std::io::ErrorKind::NotFound {
        return format!("exec: {}: executable file not found in $PATH", quoted(program));
    }
    format!("fork/exec {program}: {}", words(error))
}

/// An error of the operating system, in the words that Terraform's users know.
fn words(error: &std::io::Error) -> String {
    let text = error.raw_os_error().map_or_else(|| error.to_string(), |n| Errno::from_raw(n).desc().to_owned());
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// A command at work. Dropped before it has ended, it takes its whole group with it.
struct Running {
    child: Child,
    group: Option<i32>,
}

impl Running {
    fn new(child: Child) -> Self {
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).extend(group);
        Self { child, group }
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // It may have ended by itself meanwhile.
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }

    async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await;
        if let Some(group) = self.group.take() {
            AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).remove(&group);
        }
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        if let Some(group) = self.group.take() {
            AT_WORK.lock().unwrap_or_else(PoisonError::into_inner).remove(&group);
        }
    }
}

/// Waits for a command and everything that writes where it wrote.
async fn wait(
    mut running: Running,
    mut pipe: pipe::Receiver,
    interrupt: watch::Receiver<bool>,
    output: &mut Output,
    tell: &(impl Fn(String) + Send + Sync),
) -> Result<(), String> {
    let ended = async {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = pipe.read(&mut buffer).await {
            output.take(&buffer[..n], tell);
        }
        output.finish(tell);
        running.ended().await
    };
    let status = tokio::select! {
        biased;
        () = asked(interrupt) => None,
        status = ended => Some(status),
    };
    match status {
        None => Err(end(running).await),
        Some(Ok(status)) if status.success() => Ok(()),
        Some(Ok(status)) => Err(outcome(status)),
        Some(Err(error)) => Err(words(&error)),
    }
}

/// Returns when the run is to stop, which may be never.
async fn asked(mut interrupt: watch::Receiver<bool>) {
    if interrupt.wait_for(|asked| *asked).await.is_err() {
        std::future::pending().await
    }
}

/// Asks a command to end, and ends it if it does not.
async fn end(mut running: Running) -> String {
    running.signal(Signal::SIGTERM);
    let in_time = tokio::time::timeout(GRACE, running.child.wait()).await;
    // What it started may still be there when it has ended itself.
    running.signal(Signal::SIGKILL);
    let status = match in_time {
        Ok(status) => status,
        Err(_) => running.child.wait().await,
    };
    drop(running.ended().await);
    status.map_or_else(|e| words(&e), |s| format!("interrupted, {}", outcome(s)))
}

/// How a command ended, in the words that Terraform's users know.
fn outcome(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return format!("exit status {}", status.code().unwrap_or_default());
    };
    let name = match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        other => return format!("signal: signal {other}"),
    };
    let dumped = if status.core_dumped() { " (core dumped)" } else { "" };
    format!("signal: {name}{dumped}")
}

/// What a command says: the line that is not whole yet, and the end of it all.
struct Output {
    line: Vec<u8>,
    tail: Vec<u8>,
}

impl Output {
    fn take(&mut self, bytes: &[u8], tell: &impl Fn(String)) {
        self.tail.extend_from_slice(bytes);
        let over = self.tail.len().saturating_sub(SHOWN);
        self.tail.drain(..over);
        for byte in bytes {
            if *byte == b'\n' || self.line.len() >= LONGEST_LINE {
                self.flush(tell);
            }
            if *byte != b'\n' {
                self.line.push(*byte);
            }
        }
    }

    fn flush(&mut self, tell: &impl Fn(String)) {
        let line = std::mem::take(&mut self.line);
        tell(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned());
    }

    fn finish(&mut self, tell: &impl Fn(String)) {
        if !self.line.is_empty() {
            self.flush(tell);
        }
    }
}

/// A word in quotes, as Terraform shows it.
fn quoted(word: &str) -> String {
    let mut out = String::from("\"");
    for c in word.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn config(command: &str) -> Value {
        let text = |s: &str| Value::string(s.to_owned());
        let members = [("command", text(command)), ("quiet", Value::bool(false))];
        Value::object(members.into_iter().map(|(k, v)| (Arc::from(k), v)).collect())
    }

    fn said(config: &Value, interrupt: &watch::Receiver<bool>) -> (Vec<String>, Result<(), Diagnostic>) {
        let lines = Mutex::new(Vec::new());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let exec = LocalExec::new(config).expect("a command");
        let ended = runtime.block_on(exec.run(interrupt.clone(), |line| lines.lock().expect("no panic").push(line)));
        (lines.into_inner().expect("no panic"), ended)
    }

    #[test]
    fn a_command_is_run_and_heard() {
        let (_ask, quiet) = watch::channel(false);
        let (lines, ended) = said(&config("echo one; echo two >&2; printf three; exit 4"), &quiet);
        assert_eq!(lines[1..], ["one", "two", "three"]);
        let error = ended.expect_err("it failed");
        assert!(error.detail.ends_with("exit 4': exit status 4. Output: one\ntwo\nthree"), "{}", error.detail);
    }

    #[test]
    fn secrets_are_not_shown() {
        let (_ask, quiet) = watch::channel(false);
        let secret = config("echo hush; exit 1");
        let command = secret.get("command").expect("it is there").sensitive();
        let (lines, ended) = said(&secret.with("command", command), &quiet);
        let error = ended.expect_err("it failed");
        assert_eq!(lines, ["(output suppressed due to sensitive value in config)"; 2]);
        assert!(!error.detail.contains("hush") && error.detail.contains("exit status 1"), "{}", error.detail);
    }

    #[test]
    fn an_interrupt_ends_the_whole_group() {
        // The child holds the pipe as long as it lives: this ends only because it does.
        let (ask, asked) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let exec = LocalExec::new(&config("sleep 1000 & echo there; wait")).expect("a command");
        let ended = runtime.block_on(exec.run(asked, |line| {
            ask.send_replace(line == "there");
        }));
        let error = ended.expect_err("it was interrupted");
        assert!(error.detail.contains("interrupted, signal: terminated"), "{}", error.detail);
    }
}
