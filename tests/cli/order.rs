//! What waits for what: dependencies that are written out, conditions, and a run that fails half way.

use crate::test_env::TestEnv;

#[test]
fn what_depends_on_is_waited_for_both_ways() {
    let env = TestEnv::new("depends-on");
    env.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  depends_on = [time_sleep.b]\n}\n\nresource \"time_sleep\" \"b\" {\n  create_duration = \"50ms\"\n}\n",
    );
    env.levee(["apply", "-auto-approve"]).ok().in_order(&["time_sleep.b: Creation complete", "terraform_data.a: Creating..."]);
    env.levee(["destroy", "-auto-approve"]).ok().in_order(&["terraform_data.a: Destruction complete", "time_sleep.b: Destroying..."]);
}

#[test]
fn what_has_nothing_to_do_with_each_other_goes_side_by_side() {
    let env = TestEnv::new("parallel");
    env.write("main.tf", "resource \"time_sleep\" \"a\" {\n  count           = 20\n  create_duration = \"1s\"\n}\n");
    let out = env.levee(["apply", "-auto-approve"]).ok().says("20 added");
    assert!(out.elapsed.as_secs() < 10, "{out}");
    env.levee(["destroy", "-auto-approve", "-parallelism=1"]).ok().says("20 destroyed");
}

/// One file cannot be written: what depends on it is not begun, the rest is done, and the next apply goes on.
#[test]
fn a_failure_stops_only_what_depends_on_it() {
    let env = TestEnv::new("failure");
    env.write("in-the-way", "a file where a folder is wanted");
    env.write(
        "main.tf",
        r#"
resource "local_file" "fails" {
  filename = "in-the-way/a.txt"
  content  = "a"
}

resource "terraform_data" "after" {
  input = local_file.fails.id
}

resource "terraform_data" "aside" {
}
"#,
    );
    let out = env.levee(["apply", "-auto-approve"]).refused().says("1 failed, 1 not started").says("1 added").says("local_file.fails");
    out.says("main.tf line 2");
    env.holds(&["terraform_data.aside"]);
    std::fs::remove_file(env.path("in-the-way")).expect("it is there");
    env.levee(["apply", "-auto-approve"]).ok().says("2 added, 0 changed, 0 destroyed");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn conditions_that_do_not_hold_stop_the_plan() {
    let env = TestEnv::new("conditions");
    env.write(
        "main.tf",
        r#"
variable "limit" {
  default = 1
}

resource "terraform_data" "a" {
  input = 2
  lifecycle {
    precondition {
      condition     = var.limit > 1
      error_message = "The limit of ${var.limit} is too low."
    }
    postcondition {
      condition     = self.output < var.limit
      error_message = "It is ${self.output}."
    }
  }
}
"#,
    );
    env.levee(["plan"]).refused().says("The limit of 1 is too low.").says("main.tf line 10");
    env.levee(["apply", "-auto-approve", "-var=limit=2"]).refused().says("It is 2.");
    env.levee(["apply", "-auto-approve", "-var=limit=3"]).ok();
    env.levee(["plan", "-detailed-exitcode", "-var=limit=3"]).ok();
}

/// Two may go on at a time, and a service lets twenty a second through: while its objects wait for their turn, what has nothing
/// to do with it goes on.
#[test]
fn a_service_that_makes_its_steps_wait_does_not_hold_up_the_others() {
    let env = TestEnv::new("throttled");
    env.write(
        "main.tf",
        r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  world = "world.jsonl"
  throttle {
    rate = 20
  }
}

resource "sim_object" "many" {
  count = 20
  name  = "many-${count.index}"
}

resource "terraform_data" "aside" {
}

resource "terraform_data" "after" {
  input = terraform_data.aside.id
}
"#,
    );
    let out = env.levee(["apply", "-auto-approve", "-parallelism=2"]).ok().says("22 added");
    let ended: Vec<&str> = out.stdout.lines().filter(|l| l.contains(": Creation complete")).collect();
    let aside = ended.iter().position(|l| l.starts_with("terraform_data.after:")).expect("it is made");
    assert!(aside < 15, "{aside} objects were waited for: {out}");
}
