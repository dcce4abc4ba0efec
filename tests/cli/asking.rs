//! What is asked, and how it may be answered: from any standard input, as Terraform takes it.

use crate::test_env::{Output, TestEnv};
use std::fs::File;

const MAIN: &str = r#"
variable "name" {
  description = "What it is called."
}

variable "size" {
  type = number
}

resource "terraform_data" "a" {
  count = var.size
  input = var.name
}
"#;

/// Runs a command whose standard input says this.
fn answered(env: &TestEnv, args: &[&str], answers: &str) -> Output {
    env.write("answers", answers);
    let mut command = env.command(args);
    command.stdin(File::open(env.path("answers")).expect("the answers"));
    env.run(command)
}

#[test]
fn values_that_are_missing_and_then_the_approval() {
    let mut env = TestEnv::new("asking");
    env.write("main.tf", MAIN);
    let out = answered(&env, &["apply"], "the name\n3\nyes\n").ok().says("3 added");
    out.says("What it is called.").in_order(&["var.name", "var.size", "Do you want to perform these actions?"]);
    env.levee(["state", "show", "terraform_data.a[2]"]).ok().says("\"the name\"");
    answered(&env, &["apply", "-var=name=x"], "3\nno\n").code(1).says("Apply cancelled");
    answered(&env, &["apply", "-var=name=x"], "3\n").refused().says("ended before anybody said");
    answered(&env, &["plan", "-var=size=x"], "a\n").refused().says("number");
    for end in ["", "x\n"] {
        answered(&env, &["plan"], end).refused().says("No value for required variable");
    }
    answered(&env, &["plan", "-input=false"], "x\n3\n").refused().says("No value for required variable").hides("Enter a value");
    env.set("TF_INPUT", "0");
    answered(&env, &["plan"], "x\n3\n").refused().hides("Enter a value");
}
