//! What is asked only where somebody sits at a terminal: what is to become of a run that did not come to its end.

use crate::test_env::{PATIENCE, TestEnv};
use nix::pty::{Winsize, openpty};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

const MAIN: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  world = "world.jsonl"
}

resource "sim_object" "first" {
  name = "first"
}

resource "sim_object" "second" {
  name = "second"
  refs = [sim_object.first.id]
}
"#;

/// A program on a terminal of its own, and all that it has shown.
struct Terminal {
    child: Child,
    keys: File,
    shows: Receiver<Vec<u8>>,
    shown: String,
}

impl Terminal {
    fn start(mut command: Command) -> Self {
        let size = Winsize { ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(Some(&size), None).expect("a terminal");
        command.env("NO_COLOR", "1");
        let end = || Stdio::from(pty.slave.try_clone().expect("another handle"));
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().expect("levee can be started");
        // The command holds handles of its own: once it is gone, nothing more is shown.
        drop((command, pty.slave));
        let keys = File::from(pty.master);
        let (mut screen, (sender, shows)) = (keys.try_clone().expect("another handle"), channel());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, shows, shown: String::new() }
    }

    /// Waits until it shows a text, beyond what was waited for before; then types a line.
    #[track_caller]
    fn answers(&mut self, question: &str, line: &str) {
        let began = Instant::now();
        while !self.shown.contains(question) {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let more = self.shows.recv_timeout(left).unwrap_or_else(|e| panic!("{question:?} is not asked ({e}):\n{}", self.shown));
            self.shown.push_str(&String::from_utf8_lossy(&more));
        }
        self.shown = self.shown.rsplit_once(question).map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        writeln!(self.keys, "{line}").expect("somebody reads");
    }

    /// The exit code, and what was shown since the last answer.
    fn ends(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().expect("it ends").code();
        self.shown.extend(self.shows.iter().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
        (code, self.shown)
    }
}

/// A run that was killed after the call that made its second object.
fn killed(case: &str) -> TestEnv {
    let env = TestEnv::new(case);
    env.write("main.tf", MAIN);
    let mut command = env.command(&["apply", "-auto-approve"]);
    command.env("LEVEE_FAIL_POINT", "call.after=2");
    assert_eq!(env.run(command).code, None, "it is killed");
    env
}

/// `apply` on a terminal, which asks what is to become of the run.
fn asked(env: &TestEnv, answer: &str) -> Terminal {
    let mut terminal = Terminal::start(env.command(&["apply"]));
    terminal.answers("was not brought to its end. What is to be done?", answer);
    terminal
}

#[track_caller]
fn ends(terminal: Terminal, code: i32) -> String {
    let (found, shown) = terminal.ends();
    assert_eq!(found, Some(code), "{shown}");
    shown
}

#[test]
fn an_open_run_goes_on_where_that_is_chosen() {
    let env = killed("offer-resume");
    for nothing in ["no", "", "yes"] {
        assert!(ends(asked(&env, nothing), 1).contains("Apply cancelled."), "{nothing:?} chooses nothing");
    }
    let shown = ends(asked(&env, "resume"), 0);
    assert!(!shown.contains("Do you want to perform these actions?"), "it was agreed to: {shown}");
    env.holds(&["sim_object.first", "sim_object.second"]);
    env.levee(["plan", "-detailed-exitcode"]).code(0);
    assert_eq!(env.levee(["history", "-json"]).ok().json()["runs"].as_array().map(Vec::len), Some(1), "it is one run");
}

#[test]
fn an_open_run_is_undone_where_that_is_chosen() {
    let env = killed("offer-rollback");
    let mut terminal = asked(&env, "rollback");
    terminal.answers("Do you want to roll this back?", "no");
    assert!(ends(terminal, 1).contains("Rollback cancelled."));
    env.levee(["state", "list"]).ok().says("sim_object.first");
    env.levee(["rollback", "-auto-approve"]).ok().says("2 destroyed");
    let env = killed("offer-rollback");
    let mut terminal = asked(&env, "rollback");
    terminal.answers("Do you want to roll this back?", "yes");
    assert!(ends(terminal, 0).contains("2 destroyed"));
    env.holds(&[]);
}

#[test]
fn an_open_run_is_planned_anew_where_that_is_chosen() {
    let env = killed("offer-replan");
    env.write("main.tf", MAIN.split("resource \"sim_object\" \"second\"").next().expect("the first part"));
    let mut terminal = asked(&env, "replan");
    terminal.answers("Do you want to perform these actions?", "yes");
    assert!(ends(terminal, 0).contains("1 destroyed"));
    env.holds(&["sim_object.first"]);
}

/// Its rest is planned anew, so somebody has to agree.
#[test]
fn a_rollback_that_was_killed_is_resumed_where_somebody_agrees() {
    let env = TestEnv::new("resume-rollback");
    env.write("main.tf", MAIN);
    env.levee(["apply", "-auto-approve"]).ok();
    let mut command = env.command(&["rollback", "-auto-approve"]);
    command.env("LEVEE_FAIL_POINT", "call.after=1");
    assert_eq!(env.run(command).code, None, "it is killed");
    env.levee(["resume", "-input=false"]).refused().says("Approval is needed").says("levee rollback -auto-approve");
    env.levee(["resume", "1"]).code(6).says("Run 1 is not the newest: that is run 2");
    let mut terminal = asked(&env, "resume");
    terminal.answers("Do you want to roll this back?", "no");
    ends(terminal, 1);
    let mut terminal = Terminal::start(env.command(&["resume", "2"]));
    terminal.answers("Do you want to roll this back?", "yes");
    assert!(ends(terminal, 0).contains("1 destroyed"));
    env.holds(&[]);
    env.levee(["resume"]).refused().says("came to its end");
}
