//! Two commands on one state: the second says who is at work, or waits.

use crate::background::Background;
use crate::test_env::TestEnv;

fn env(length: &str) -> TestEnv {
    let env = TestEnv::new("two-at-once");
    env.write("main.tf", &format!("resource \"time_sleep\" \"hold\" {{\n  create_duration = \"{length}\"\n}}\n"));
    env
}

const APPLY: [&str; 2] = ["apply", "-auto-approve"];

#[test]
fn the_second_says_who_is_at_work() {
    let env = env("10m");
    let mut first = Background::start(&env, "first", &APPLY);
    first.wait_for("time_sleep.hold: Creating...");
    env.levee(APPLY).refused().says("Another run is at work on this state").says(&format!("process {}", first.pid()));
    env.levee(["apply", "-auto-approve", "-lock-timeout=300ms"]).refused().says("Another run is at work");
    env.levee(["destroy", "-auto-approve"]).refused().says("Another run is at work");
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("1 to add");
    env.levee(["state", "list"]).ok();
    first.kill();
    env.write("main.tf", "resource \"time_sleep\" \"hold\" {\n  create_duration = \"0s\"\n}\n");
    env.levee(APPLY).ok().says("1 added");
    env.holds(&["time_sleep.hold"]);
}

#[test]
fn the_second_waits_if_it_may() {
    let env = env("2s");
    let mut first = Background::start(&env, "first", &APPLY);
    first.wait_for("time_sleep.hold: Creating...");
    env.levee(["apply", "-auto-approve", "-lock-timeout=50s"]).ok().says("0 added, 0 changed, 0 destroyed");
    let (status, log) = first.finish();
    assert!(status.success(), "{log}");
    env.holds(&["time_sleep.hold"]);
}

/// Beside the one that holds, one object is done and one waits.
fn env_with_more(length: &str) -> TestEnv {
    let env = env(length);
    let more =
        "resource \"terraform_data\" \"after\" {\n  depends_on = [time_sleep.hold]\n}\n\nresource \"terraform_data\" \"aside\" {\n}\n";
    env.write("more.tf", more);
    env
}

#[track_caller]
fn goes_on(env: &TestEnv) {
    env.write("main.tf", "resource \"time_sleep\" \"hold\" {\n  create_duration = \"0s\"\n}\n");
    env.levee(APPLY).ok();
    env.holds(&["terraform_data.after", "terraform_data.aside", "time_sleep.hold"]);
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn an_interrupt_ends_a_run_in_good_order() {
    let env = env_with_more("5s");
    let mut first = Background::start(&env, "first", &APPLY);
    first.wait_for("terraform_data.aside: Creation complete");
    first.wait_for("time_sleep.hold: Creating...");
    first.interrupt();
    first.wait_for("nothing new is started");
    let (status, log) = first.finish();
    assert_eq!(status.code(), Some(1), "{log}");
    for part in ["time_sleep.hold: Creation complete", "Apply interrupted: 2 added", "0 failed, 1 not started"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    env.levee(["plan"]).ok().hides("was not brought to its end").says("1 to add");
    goes_on(&env);
}

#[test]
fn a_second_interrupt_ends_it_at_once() {
    let env = env_with_more("10m");
    let mut first = Background::start(&env, "first", &APPLY);
    first.wait_for("terraform_data.aside: Creation complete");
    first.wait_for("time_sleep.hold: Creating...");
    first.interrupt();
    first.wait_for("nothing new is started");
    first.interrupt();
    first.wait_for("Leaving at once");
    let (status, log) = first.finish();
    assert_eq!(status.code(), Some(1), "{log}");
    goes_on(&env);
}
