//! `levee recover`: what nobody can be asked about is shown with the facts, and decided by the operator.

use crate::background::Background;
use crate::test_env::{Output, TestEnv};
use std::fs;

/// The world lies where a variable says, which is no secret; the provider needs another that is one.
const MAIN: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

variable "world" {
}

provider "sim" {
  world = var.world
  latency {
    action = "create"
    ms     = 60000
  }
}

resource "sim_object" "a" {
  name = "called-a"
}
"#;

/// A run that was killed while it made its one object; `made`: whether the call went through.
fn killed(case: &str) -> TestEnv {
    let env = TestEnv::new(case);
    env.write("main.tf", MAIN);
    fs::create_dir(env.path("w")).expect("a folder");
    let mut run = Background::start(&env, "run", &["apply", "-auto-approve", "-var=world=w/w.jsonl"]);
    run.wait_for("sim_object.a: Creating...");
    run.kill();
    // The cloud is out of reach: where its file was there is a folder.
    let _ = fs::remove_file(env.path("w/w.jsonl"));
    fs::create_dir(env.path("w/w.jsonl")).expect("a folder");
    env
}

fn in_reach(env: &TestEnv) {
    fs::remove_dir(env.path("w/w.jsonl")).expect("the folder");
}

fn undecided(env: &TestEnv) -> Output {
    let out = env.levee(["recover"]).code(6).says("A step of an earlier run cannot be settled").says("create of sim_object.a");
    let out = out.says("operation: 0").says("name: called-a").says("-adopt 'sim_object.a=ID'").says("-mark-absent 'sim_object.a'");
    out.says("-leave 'sim_object.a'").says("The earlier run stays open")
}

#[test]
fn what_cannot_be_asked_is_decided() {
    let env = killed("recover");
    undecided(&env);
    env.levee(["apply", "-auto-approve", "-var=world=elsewhere/w.jsonl"]).refused().says("cannot be settled");
    let strange = env.levee(["recover", "-mark-absent=sim_object.b"]).code(6);
    strange.says("has no open step at sim_object.b. Open are: sim_object.a (create).");
    env.levee(["recover", "-leave=sim_object.a", "-adopt=sim_object.a=x"]).refused().says("Decided twice");
    env.levee(["recover", "-adopt=nothing"]).refused().says("Invalid -adopt option");
    env.levee(["recover", "-mark-absent=sim_object.a"]).ok().says("never made").says("One step was open, and is settled");
    env.levee(["recover"]).ok().says("No run has left a step open");
    env.levee(["recover", "-leave=sim_object.a"]).refused().says("There is nothing to decide");
    env.holds(&[]);
}

#[test]
fn what_is_left_is_forgotten() {
    let env = killed("recover-leave");
    env.levee(["recover", "-leave", "sim_object.a"]).ok().says("left as it is");
    env.levee(["plan", "-var=world=w.jsonl"]).ok().hides("was not brought to its end").says("1 to add");
}

#[test]
fn what_is_adopted_is_read_first() {
    let env = killed("recover-adopt");
    in_reach(&env);
    env.levee(["recover", "-adopt", "sim_object.a=obj-none"]).code(6).says("there is no sim_object with the id \"obj-none\"");
    // Somebody else has made it meanwhile.
    let other = MAIN.replace("60000", "0").replace("\"a\"", "\"b\"");
    let elsewhere = TestEnv::new("recover-elsewhere");
    elsewhere.write("main.tf", &other);
    let world = format!("-var=world={}", env.path("w/w.jsonl").display());
    elsewhere.levee(["apply", "-auto-approve", &world]).ok();
    let id = elsewhere.levee(["state", "show", "sim_object.b"]).ok().attribute("id");
    let adopt = format!("-adopt=sim_object.a={}", id.trim_matches('"'));
    env.levee(["recover", &adopt]).ok().says("adopted");
    env.write("main.tf", &MAIN.replace("60000", "0"));
    env.levee(["plan", "-detailed-exitcode", "-var=world=w/w.jsonl"]).ok().says("No changes");
}
