//! `kill -9` while a run is at work: the next command knows of it and goes on.

use crate::background::Background;
use crate::test_env::TestEnv;
use std::fs::{self, File};

#[test]
fn what_was_done_stays_and_the_rest_follows() {
    let env = TestEnv::new("crash");
    let main = |length: &str| {
        format!(
            "resource \"local_file\" \"a\" {{\n  count    = 20\n  filename = \"out/${{count.index}}\"\n  content  = count.index\n}}\n\n\
             resource \"time_sleep\" \"hold\" {{\n  depends_on      = [local_file.a]\n  create_duration = \"{length}\"\n}}\n"
        )
    };
    env.write("main.tf", &main("10m"));
    let mut run = Background::start(&env, "run", &["apply", "-auto-approve"]);
    run.wait_for("time_sleep.hold: Creating...");
    run.kill();
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("was not brought to its end").says("1 to add");
    env.write("main.tf", &main("0s"));
    let out = env.levee(["apply", "-auto-approve"]).ok().says("Run 1 was not brought to its end");
    out.says("1 added, 0 changed, 0 destroyed");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 20);
    env.levee(["plan", "-detailed-exitcode"]).ok().hides("was not brought to its end");
    env.levee(["destroy", "-auto-approve"]).ok().says("21 destroyed");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 0);
}

/// Killed again and again, at any moment, a run still comes to its end, and nothing is lost or made twice.
#[test]
fn any_number_of_kills() {
    let env = TestEnv::new("kills");
    env.write(
        "main.tf",
        "resource \"local_file\" \"a\" {\n  count    = 60\n  filename = \"out/${count.index}\"\n  content  = terraform_data.b[count.index].output\n}\n\n\
         resource \"terraform_data\" \"b\" {\n  count = 60\n  input = \"b${count.index}\"\n}\n",
    );
    for n in [1, 7, 20, 33, 50] {
        let mut run = Background::start(&env, "run", &["apply", "-auto-approve"]);
        if !run.reaches(n, "Creation complete") {
            break;
        }
        run.kill();
        env.levee(["state", "list"]).ok();
    }
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    let listed = env.levee(["state", "list"]).ok();
    assert_eq!(listed.stdout.lines().count(), 120, "{listed}");
    assert_eq!(fs::read_dir(env.path("out")).expect("the folder").count(), 60);
}

/// The provider is configured with a variable that has no default.
const ASKING: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

variable "world" {
}

variable "ms" {
  default = 600000
}

provider "sim" {
  world = var.world
  latency {
    ms = var.ms
  }
}

resource "sim_object" "a" {
  name = "a"
}
"#;

fn killed(env: &TestEnv, args: &[&str]) {
    let mut run = Background::start(env, "run", args);
    run.wait_for("sim_object.a: Creating...");
    run.kill();
}

/// Whoever goes on is asked for what is missing, once; whoever may not be asked is told what is missing, and nothing is lost.
#[test]
fn what_a_provider_needs_to_go_on_is_asked_for() {
    let env = TestEnv::new("crash-asking");
    env.write("main.tf", ASKING);
    killed(&env, &["apply", "-auto-approve", "-var=world=w.jsonl"]);
    let out = env.levee(["apply", "-auto-approve", "-input=false", "-var=ms=0"]).refused();
    out.says("No value for required variable").says("\"world\"").hides("Enter a value");
    env.levee(["plan", "-var=world=w.jsonl", "-var=ms=0"]).ok().says("was not brought to its end");
    env.write("answers", "w.jsonl\n");
    let mut command = env.command(&["apply", "-auto-approve", "-var=ms=0"]);
    command.stdin(File::open(env.path("answers")).expect("the answers"));
    let out = env.run(command).ok().says("sim_object.a: Left open by an earlier run: never made").says("1 added");
    assert_eq!(out.stdout.matches("var.world").count(), 1, "{out}");
    env.levee(["plan", "-detailed-exitcode", "-var=world=w.jsonl", "-var=ms=0"]).ok();
}

/// A saved plan holds what was given for the variables, for whoever goes on as well.
#[test]
fn a_saved_plan_knows_what_its_providers_need() {
    let env = TestEnv::new("crash-saved");
    env.write("main.tf", ASKING);
    env.levee(["plan", "-out=p", "-var=world=w.jsonl", "-var=ms=2000"]).ok();
    killed(&env, &["apply", "p"]);
    env.levee(["apply", "-input=false", "p"])
        .refused()
        .says("sim_object.a: Left open by an earlier run")
        .says("the state has changed since");
}
