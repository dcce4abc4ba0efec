//! One running layer as a process: spawned apart from us, told apart from strangers, ended for sure.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;

use crate::error::SandboxError;
use crate::http;
use crate::install::{Installed, tail};
use crate::programs::Binaries;
use crate::sandbox::StartOptions;

/// The layer's exit code for a port in use.
const EXIT_PORT_TAKEN: i32 = 98;
const POLL: Duration = Duration::from_millis(20);
/// How long a layer may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);
const HEALTH_PATIENCE: Duration = Duration::from_secs(5);

/// What the layer writes into its ready file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Ready {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    /// Random text that the process carries in its arguments and repeats in its health answer.
    pub(crate) nonce: String,
}

/// Reads a ready file, if there is a whole one.
pub(crate) fn read_ready(path: &Path) -> Option<Ready> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Starts the layer in the background, with its log and ready file in `folder`, and waits until it answers.
pub(crate) fn start(
    installed: &Installed,
    kubernetes: Option<&Binaries>,
    folder: &Path,
    nonce: &str,
    options: &StartOptions,
) -> Result<Ready, SandboxError> {
    let ready_file = folder.join("ready.json");
    let log_file = folder.join("log");
    let mut child = spawn(command(installed, kubernetes, &ready_file, nonce, options), &log_file)?;
    let deadline = Instant::now() + options.patience;
    loop {
        if let Some(ready) = read_ready(&ready_file) {
            // Without a waiting parent an ended child would stay as a zombie of a long-lived caller.
            thread::spawn(move || child.wait());
            return Ok(ready);
        }
        if let Some(status) = child.try_wait().map_err(SandboxError::io("waiting for the sandbox"))? {
            if status.code() == Some(EXIT_PORT_TAKEN) {
                return Err(SandboxError::PortTaken { port: options.port });
            }
            return Err(SandboxError::Died { status: status.to_string(), log: log_tail(&log_file) });
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            let seconds = options.patience.as_secs();
            return Err(SandboxError::StartTimeout { seconds, log: log_tail(&log_file) });
        }
        thread::sleep(POLL);
    }
}

fn command(installed: &Installed, kubernetes: Option<&Binaries>, ready_file: &Path, nonce: &str, options: &StartOptions) -> Command {
    let mut command = Command::new(&installed.python);
    command
        .args(["-m", "levee_layer", "--detach", "1", "--nonce", nonce, "--region", &options.region])
        .args(["--port", &options.port.to_string(), "--ready-file"])
        .arg(ready_file);
    if let Some(binaries) = kubernetes {
        command.arg("--kubernetes-binaries").arg(binaries.folder());
    }
    command
        .args(&options.layer_arguments)
        .env("PYTHONPATH", &installed.layer)
        .env_remove("PYTHONHOME")
        .env_remove("AWS_PROFILE")
        .current_dir("/")
        .stdin(Stdio::null());
    command
}

fn spawn(mut command: Command, log_file: &Path) -> Result<Child, SandboxError> {
    let doing = || format!("writing {}", log_file.display());
    let log = fs::File::create(log_file).map_err(SandboxError::io(doing()))?;
    let errors = log.try_clone().map_err(SandboxError::io(doing()))?;
    let program = command.get_program().display().to_string();
    command.stdout(log).stderr(errors).spawn().map_err(SandboxError::io(format!("running {program}")))
}

fn log_tail(path: &Path) -> String {
    tail(&fs::read_to_string(path).unwrap_or_default())
}

/// Whether the process of the ready file still runs and is the one that wrote it.
pub(crate) fn is_ours(ready: &Ready) -> bool {
    is_alive(ready.pid) && (answers(ready) || carries_nonce(ready))
}

fn answers(ready: &Ready) -> bool {
    http::ask(ready.port, "GET", "/_levee/health", HEALTH_PATIENCE).is_ok_and(|body| body.contains(&ready.nonce))
}

/// A process that hangs cannot answer, but still carries the nonce in its arguments.
fn carries_nonce(ready: &Ready) -> bool {
    fs::read(format!("/proc/{}/cmdline", ready.pid)).is_ok_and(|line| String::from_utf8_lossy(&line).contains(&ready.nonce))
}

fn is_alive(pid: i32) -> bool {
    pid > 0 && kill(Pid::from_raw(pid), None).is_ok() && !is_zombie(pid)
}

/// An ended process that nobody has waited for; where there is no /proc, kill(2) must do.
fn is_zombie(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
}

/// Ends the process: politely first, then by force; returns once it is gone and its port is free.
pub(crate) fn end(ready: &Ready) -> Result<(), SandboxError> {
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let _ = kill(Pid::from_raw(ready.pid), signal);
        // The threads of an ending process may hold the port a moment longer than the process seems to live.
        wait_until(|| !is_alive(ready.pid) && !http::listens(ready.port));
        if !is_alive(ready.pid) {
            return Ok(());
        }
    }
    Err(SandboxError::StopTimeout { pid: ready.pid })
}

/// Polls for as long as a process may take to end.
fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + GRACE;
    while !is_so() && Instant::now() < deadline {
        thread::sleep(POLL);
    }
}
