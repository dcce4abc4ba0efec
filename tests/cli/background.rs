//! A command that runs beside the test, ended at the latest with it.

use crate::test_env::{TestEnv, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, ExitStatus};

/// A command that runs. Its output goes to a file, so that it never waits for a reader.
pub(crate) struct Background {
    child: Child,
    log: PathBuf,
}

impl Background {
    /// Starts it.
    pub(crate) fn start(env: &TestEnv, name: &str, args: &[&str]) -> Self {
        let log = env.path("..").join(format!("{name}.log"));
        let file = File::create(&log).expect("a log");
        let mut command = env.command(args);
        command.stderr(file.try_clone().expect("a second handle")).stdout(file);
        Self { child: command.spawn().expect("levee can be started"), log }
    }

    /// What it has written so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log can be read")
    }

    /// Waits until it has written this.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        until(&format!("{text:?} in the output"), || {
            let ended = self.child.try_wait().expect("its status");
            let said = self.log().contains(text);
            assert!(said || ended.is_none(), "it ended without saying {text:?}:\n{}", self.log());
            said
        });
    }

    /// Waits until it has written a text so many times; false if it ended before.
    pub(crate) fn reaches(&mut self, times: usize, text: &str) -> bool {
        let mut reached = false;
        until(&format!("{text:?} {times} times"), || {
            let ended = self.child.try_wait().expect("its status").is_some();
            reached = self.log().matches(text).count() >= times;
            reached || ended
        });
        reached
    }

    /// What Ctrl-C sends.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::SIGINT);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.pid()).expect("a process id"));
        kill(pid, signal).expect("it can be signalled");
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn finish(mut self) -> (ExitStatus, String) {
        let mut status = None;
        until("the end of a command", || {
            status = self.child.try_wait().expect("its status");
            status.is_some()
        });
        (status.expect("it has ended"), self.log())
    }

    fn end(&mut self) {
        // One that has ended already is just as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.end();
    }
}
