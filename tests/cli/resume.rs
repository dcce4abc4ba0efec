//! `levee resume`: the newest run goes on as it was agreed to, whatever has become of the directory that it was begun in.

use crate::background::Background;
use crate::test_env::TestEnv;
use std::fs::{self, File};

/// The creation of `second` fails once; what `third` says comes from files of the configuration and from variables.
const MAIN: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

variable "label" {}

variable "token" {
  sensitive = true
}

variable "slow" {
  default = 0
}

provider "sim" {
  world = "w.jsonl"
  latency {
    ms = var.slow
  }
  fault {
    kind   = "invalid"
    name   = "second"
    action = "create"
    nth    = 1
  }
}

resource "sim_object" "first" {
  name = "first"
}

resource "sim_object" "second" {
  name = "second"
  refs = [sim_object.first.id]
}

module "inner" {
  source = "./inner"
  label  = var.label
  refs   = [sim_object.second.id]
}

output "label" {
  value = module.inner.label
}

output "token" {
  value     = var.token
  sensitive = true
}
"#;

const INNER: &str = r#"
variable "label" {}
variable "refs" {}

resource "sim_object" "third" {
  name = "${templatefile("${path.module}/name.tpl", { label = var.label })}-${length(fileset(path.module, "parts/*"))}"
  refs = var.refs
}

output "label" {
  value = sim_object.third.name
}
"#;

fn written(case: &str) -> TestEnv {
    let env = TestEnv::new(case);
    env.write("main.tf", MAIN);
    env.write("inner/main.tf", INNER);
    env.write("inner/name.tpl", "of ${label}");
    env.write("inner/parts/a", "");
    env.write("inner/parts/b", "");
    env.levee(["init"]).ok();
    env
}

fn without_configuration(env: &TestEnv) {
    fs::remove_file(env.path("main.tf")).expect("the configuration");
    fs::remove_dir_all(env.path("inner")).expect("its module");
    fs::remove_file(env.path(".levee/modules/modules.json")).expect("what is installed");
}

#[test]
fn a_run_that_failed_goes_on_without_its_configuration() {
    let env = written("resume");
    let out = env.levee(["apply", "-auto-approve", "-var=label=x", "-var=token=hush"]).refused();
    let out = out.says("1 added, 0 changed, 0 destroyed; 1 failed, 1 not started").says("sim_object.second could not be created");
    let out = out.says("module.inner.sim_object.third: to be created; waits for sim_object.second, which failed");
    out.says("levee resume goes on with run 1");
    without_configuration(&env);
    env.levee(["resume", "-input=false"]).refused().says("\"token\"").says("It is a secret, so it was not kept");
    env.levee(["resume", "-var=token=hush", "-var=label=y"]).refused().says("Can't change variable").says("\"label\"");
    env.write("answers", "hush\n");
    let mut command = env.command(&["resume"]);
    command.stdin(File::open(env.path("answers")).expect("the answers"));
    env.run(command).ok().says("var.token").says("2 to add, 0 to change, 0 to destroy").says("Apply complete! Resources: 2 added");
    assert_eq!(env.levee(["output", "-raw", "label"]).ok().stdout, "of x-2");
    assert_eq!(env.levee(["output", "-raw", "token"]).ok().stdout, "hush");
    env.holds(&["sim_object.first", "sim_object.second", "module.inner.sim_object.third"]);
    env.levee(["resume", "-var=token=hush"]).refused().says("Run 1, the newest, came to its end");
}

#[test]
fn a_run_that_was_killed_is_settled_and_goes_on() {
    let env = written("resume-killed");
    let args = ["apply", "-auto-approve", "-var=label=x", "-var=token=hush", "-var=slow=200"];
    let mut run = Background::start(&env, "run", &args);
    run.wait_for("sim_object.first: Creating...");
    run.kill();
    without_configuration(&env);
    // The fault is part of what the run was begun with.
    env.levee(["resume", "-var=token=hush"]).code(4).says("Run 1 was not brought to its end").says("could not be created");
    env.levee(["resume", "-var=token=hush"]).ok().says("2 added");
    assert_eq!(env.levee(["output", "-raw", "label"]).ok().stdout, "of x-2");
}

/// Nobody has agreed to what the rest of a run would have to do now.
#[test]
fn what_goes_beyond_what_was_agreed_to_is_refused() {
    let env = TestEnv::new("resume-beyond");
    let main = |size: u8| {
        format!(
            "terraform {{\n  required_providers {{\n    sim = {{ source = \"levee/sim\" }}\n  }}\n}}\n\nprovider \"sim\" {{\n  world = \"w.jsonl\"\n  fault {{\n    kind   = \"invalid\"\n    action = \"update\"\n    nth    = 1\n  }}\n}}\n\nresource \"sim_object\" \"a\" {{\n  name = \"a\"\n  size = {size}\n}}\n"
        )
    };
    env.write("main.tf", &main(1));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &main(2));
    env.levee(["apply", "-auto-approve", "-detailed-exitcode"]).code(4).says("1 failed, 0 not started");
    // The world is begun anew: the object is gone.
    fs::remove_file(env.path("w.jsonl")).expect("the world");
    let out = env.levee(["resume"]).refused().says("The run cannot go on");
    out.says("sim_object.a would be created; agreed was that it is changed in place");
    env.levee(["apply", "-auto-approve"]).ok().says("1 added");
    env.levee(["resume"]).refused().says("the newest, came to its end");
}
