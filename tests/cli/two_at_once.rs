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
