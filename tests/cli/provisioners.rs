//! Commands that run with objects: what an operator sees of them, and what is left when one is cut off.

use crate::background::Background;
use crate::test_env::{TestEnv, until};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;

const CHAIN: &str = r#"
variable "secret" {
  default   = "hush"
  sensitive = true
}

resource "terraform_data" "a" {
  input = "x"

  provisioner "local-exec" {
    command = "echo made ${self.input}; echo made >> log.txt"
  }

  provisioner "local-exec" {
    command     = "echo $SECRET; test \"$SECRET\" = hush"
    environment = { SECRET = var.secret }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "echo gone >> log.txt"
  }
}
"#;

/// A command that tells its process, and goes on until it is ended.
const ENDLESS: &str = r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "echo $$ > pid; sleep 600 & wait"
  }
}
"#;

#[test]
fn commands_are_run_and_told() {
    let env = TestEnv::new("provisioned");
    env.write("main.tf", CHAIN);
    let out = env.levee(["apply", "-auto-approve"]).ok().hides("hush");
    out.in_order(&[
        "terraform_data.a: Creating...",
        "terraform_data.a: Provisioning with 'local-exec'...",
        "terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-c\" \"echo made x; echo made >> log.txt\"]",
        "terraform_data.a (local-exec): made x",
        "terraform_data.a (local-exec): (output suppressed due to sensitive value in config)",
    ]);
    env.levee(["apply", "-auto-approve", "-replace=terraform_data.a"]).ok();
    env.levee(["destroy", "-auto-approve"]).ok();
    assert_eq!(fs::read_to_string(env.path("log.txt")).expect("a log"), "made\ngone\nmade\ngone\n");
}

/// Waits until the command has told its process.
fn at_work(env: &TestEnv) {
    until("a command at work", || fs::read_to_string(env.path("pid")).is_ok_and(|text| text.ends_with('\n')));
}

fn process(env: &TestEnv) -> Pid {
    let text = fs::read_to_string(env.path("pid")).expect("the command has told its process");
    Pid::from_raw(text.trim().parse().expect("a number"))
}

#[test]
fn an_interrupt_ends_the_command_and_taints_the_object() {
    let env = TestEnv::new("interrupted");
    env.write("main.tf", ENDLESS);
    let run = Background::start(&env, "run", &["apply", "-auto-approve"]);
    at_work(&env);
    run.interrupt();
    let (status, log) = run.finish();
    assert!(!status.success() && log.contains("local-exec provisioner error"), "{log}");
    until("the command's end", || kill(process(&env), None) == Err(Errno::ESRCH));
    env.levee(["plan"]).ok().says("is tainted");
}

#[test]
fn what_was_being_provisioned_when_levee_was_killed_is_tainted() {
    let env = TestEnv::new("killed");
    env.write("main.tf", ENDLESS);
    let run = Background::start(&env, "run", &["apply", "-auto-approve"]);
    at_work(&env);
    run.kill();
    // Nobody is left to end it, nor what it started.
    killpg(process(&env), Signal::SIGKILL).expect("the command is still there");
    env.write("main.tf", "resource \"terraform_data\" \"a\" {}\n");
    let out = env.levee(["apply", "-auto-approve"]).ok();
    out.says("Left open by an earlier run: adopted").says("is tainted").says("1 added, 0 changed, 1 destroyed");
}
