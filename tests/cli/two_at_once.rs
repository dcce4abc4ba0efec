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

/// Two resources whose creations wait for each other, so that neither ends unless both are made at the same time; and one that
/// both go by.
const PAIR: &str = r#"
resource "terraform_data" "base" {
  input = "base"
}
resource "terraform_data" "one" {
  input = terraform_data.base.output
  provisioner "local-exec" {
    command = "touch one.here; for i in $(seq 3000); do test -e two.here && exit 0; sleep 0.01; done; exit 1"
  }
}
resource "terraform_data" "two" {
  input = terraform_data.base.output
  provisioner "local-exec" {
    command = "touch two.here; for i in $(seq 3000); do test -e one.here && exit 0; sleep 0.01; done; exit 1"
  }
}
output "one" {
  value = terraform_data.one.output
}
output "two" {
  value = terraform_data.two.output
}
"#;

const PAIRS: usize = 50;
/// So many pairs at a time: they wait most of the time.
const AT_A_TIME: usize = 4;

fn pair(number: usize) {
    let env = TestEnv::new(&format!("pair-{number}"));
    env.write("main.tf", PAIR);
    env.levee(["apply", "-auto-approve", "-target=terraform_data.base"]).ok();
    let one = Background::start(&env, "one", &["apply", "-auto-approve", "-target=terraform_data.one"]);
    let two = Background::start(&env, "two", &["apply", "-auto-approve", "-target=terraform_data.two"]);
    for (status, log) in [one.finish(), two.finish()] {
        assert!(status.success(), "pair {number}: {log}");
    }
    env.holds(&["terraform_data.base", "terraform_data.one", "terraform_data.two"]);
    env.levee(["plan", "-detailed-exitcode"]).code(0);
}

#[test]
fn fifty_pairs_with_targets_of_their_own_go_on_side_by_side() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let number @ 0..PAIRS = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                    pair(number);
                }
            });
        }
    });
}

#[test]
fn of_two_with_a_target_in_common_one_is_refused_with_the_name_of_the_other() {
    let env = TestEnv::new("overlap");
    env.write(
        "main.tf",
        r#"
resource "time_sleep" "hold" {
  create_duration = "10m"
}
resource "terraform_data" "on_it" {
  input = time_sleep.hold.id
}
resource "terraform_data" "apart" {}
"#,
    );
    let mut first = Background::start(&env, "first", &["apply", "-auto-approve", "-target=time_sleep.hold"]);
    first.wait_for("time_sleep.hold: Creating...");
    let holder = format!("process {}", first.pid());
    env.levee(["apply", "-auto-approve", "-target=time_sleep.hold"]).refused().says("Another run is at work").says(&holder);
    env.levee(["apply", "-auto-approve", "-target=terraform_data.on_it"]).refused().says(&holder);
    env.levee(["apply", "-auto-approve"]).refused().says(&holder);
    env.levee(["state", "rm", "time_sleep.hold"]).refused().says(&holder);
    env.levee(["apply", "-auto-approve", "-target=terraform_data.apart"]).ok().says("1 added");
    first.kill();
    env.holds(&["terraform_data.apart"]);
    env.levee(["apply", "-auto-approve", "-target=terraform_data.apart"]).ok().says("was not brought to its end");
}
