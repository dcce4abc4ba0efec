//! Signals to a run: what is under way comes to its end or is left to the next run, and it is said how to go on.
//!
//! The step that is under way writes to a pipe, so it lasts exactly until somebody reads there.

use crate::background::Background;
use crate::test_env::TestEnv;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::fs;

const APPLY: [&str; 2] = ["apply", "-auto-approve"];

const MAIN: &str = r#"
resource "local_file" "hold" {
  filename = "pipe"
  content  = "through"
}

resource "terraform_data" "after" {
  count = 2
  input = local_file.hold.id
}
"#;

/// A run whose first step is under way.
fn under_way(case: &str) -> (TestEnv, Background) {
    let env = TestEnv::new(case);
    mkfifo(&env.path("pipe"), Mode::S_IRWXU).expect("a pipe can be made");
    env.write("main.tf", MAIN);
    let mut run = Background::start(&env, "run", &APPLY);
    run.wait_for("local_file.hold: Creating...");
    (env, run)
}

/// From now on the pipe is a file like any other.
fn goes_on(env: &TestEnv) {
    fs::remove_file(env.path("pipe")).expect("the pipe is there");
    env.levee(APPLY).ok();
    env.holds(&["local_file.hold", "terraform_data.after[0]", "terraform_data.after[1]"]);
    env.levee(["plan", "-detailed-exitcode"]).ok().hides("was not brought to its end");
}

#[test]
fn the_first_starts_nothing_new_and_awaits_what_is_under_way() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (env, mut run) = under_way("interrupted");
        run.signal(signal);
        run.wait_for("Interrupt again to leave at once");
        assert_eq!(fs::read_to_string(env.path("pipe")).expect("somebody writes"), "through");
        let (status, log) = run.finish();
        assert_eq!(status.code(), Some(1), "{log}");
        for part in [
            "nothing new is started, and what is under way is awaited",
            "local_file.hold: creating for",
            "2 steps are left for the next run",
            "Apply interrupted: 1 added",
            "0 failed, 2 not started",
            "run \"levee apply\" again to go on",
        ] {
            assert!(log.contains(part), "{part}: {log}");
        }
        goes_on(&env);
    }
}

/// As CI ends a job: SIGINT, some seconds later SIGTERM, and soon after that SIGKILL.
#[test]
fn the_second_leaves_at_once_and_the_journal_is_whole() {
    let (env, mut run) = under_way("left");
    run.signal(Signal::SIGINT);
    run.wait_for("Interrupt again to leave at once");
    run.signal(Signal::SIGTERM);
    let (status, log) = run.finish();
    assert_eq!(status.code(), Some(1), "{log}");
    for part in ["Leaving at once. Under way:", "2 steps that have not been started", "run \"levee apply\" again"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    assert_eq!(log.matches("local_file.hold: creating for").count(), 2, "{log}");
    env.levee(["timeline"]).ok().says("was not brought to its end").says("create local_file.hold (cut off)");
    goes_on(&env);
}

/// Who only waits for the lock has nothing to bring to an end.
#[test]
fn a_wait_for_the_lock_ends_with_the_first() {
    let (env, run) = under_way("waiting");
    let mut second = Background::start(&env, "second", &["apply", "-auto-approve", "-lock-timeout=10m"]);
    second.wait_for("Waiting up to 600 s for the lock");
    second.signal(Signal::SIGTERM);
    let (status, log) = second.finish();
    assert!(status.code() == Some(1) && log.contains("Nothing was changed"), "{log}");
    run.kill();
    goes_on(&env);
}
