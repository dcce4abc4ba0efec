//! `fmt`: which files are laid out, what is told of it, and with which exit code.

use crate::test_env::TestEnv;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

fn env() -> TestEnv {
    let env = TestEnv::new("fmt");
    env.write("main.tf", "a=1\nlong =\"${var.x}\"\n");
    env.write("fine.tf", "a = 1\n");
    env.write("x.tfvars", "b=1\n");
    env.write("data.tf.json", "{ }");
    env.write("deeper/main.tf", "c=1\n");
    env
}

#[test]
fn files_are_named_and_written() {
    let env = env();
    assert_eq!(env.levee(["fmt", "-check"]).code(3).stdout, "main.tf\nx.tfvars\n");
    assert_eq!(env.levee(["fmt", "-check", "-list=false"]).code(3).stdout, "");
    assert_eq!(fs::read_to_string(env.path("x.tfvars")).expect("there"), "b=1\n");
    assert_eq!(env.levee(["fmt"]).ok().stdout, "main.tf\nx.tfvars\n");
    assert_eq!(fs::read_to_string(env.path("main.tf")).expect("there"), "a    = 1\nlong = var.x\n");
    assert_eq!(fs::read_to_string(env.path("data.tf.json")).expect("there"), "{ }");
    assert_eq!(env.levee(["fmt", "-recursive"]).ok().stdout, "deeper/main.tf\n");
    assert_eq!(env.levee(["fmt", "-check", "-recursive", "."]).ok().stdout, "");
}

#[test]
fn differences_are_shown() {
    let env = env();
    let shown = env.levee(["fmt", "-diff", "-write=false", "x.tfvars"]).ok().stdout;
    assert_eq!(shown, "x.tfvars\n--- old/x.tfvars\n+++ new/x.tfvars\n@@ -1 +1 @@\n-b=1\n+b = 1\n");
    assert_eq!(env.levee(["fmt", "-list=false", "-write=false", "x.tfvars"]).ok().stdout, "b = 1\n");
}

#[test]
fn what_cannot_be_parsed_is_told_and_left_alone() {
    let env = env();
    env.write("broken.tf", "a = {\n");
    let out = env.levee(["fmt"]).code(2).says("broken.tf line");
    assert_eq!(out.stdout, "main.tf\nx.tfvars\n", "the others are laid out");
    assert_eq!(fs::read_to_string(env.path("broken.tf")).expect("there"), "a = {\n");
    env.levee(["fmt", "nowhere"]).code(2).says("No file or directory at nowhere");
    env.levee(["fmt", "data.tf.json"]).code(2).says("Only .tf, .tfvars, and .tftest.hcl files can be processed");
}

#[test]
fn the_standard_input_is_laid_out() {
    let env = env();
    let mut command = env.command(&["fmt", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(b"x  =  [1,2]").expect("read");
    let out = child.wait_with_output().expect("ended");
    assert_eq!((out.status.code(), &*out.stdout), (Some(0), &b"x = [1, 2]\n"[..]));
}
