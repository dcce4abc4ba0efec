//! Files as objects and as data: what changes outside is noticed.

use crate::test_env::TestEnv;
use std::fs;

const MAIN: &str = r#"
data "local_file" "given" {
  filename = "given.txt"
}

resource "local_file" "made" {
  filename = "out/made.txt"
  content  = upper(data.local_file.given.content)
}

data "local_file" "back" {
  filename   = local_file.made.filename
  depends_on = [local_file.made]
}

output "back" {
  value = data.local_file.back.content
}
"#;

fn env() -> TestEnv {
    let env = TestEnv::new("files");
    env.write("main.tf", MAIN);
    env.write("given.txt", "abc");
    env
}

#[test]
fn data_is_read_when_planning_or_as_soon_as_it_can_be() {
    let env = env();
    env.levee(["plan"]).ok().says("+ content = \"ABC\"").says("1 to add");
    env.levee(["apply", "-auto-approve"]).ok().says("back = \"ABC\"");
    assert_eq!(fs::read_to_string(env.path("out/made.txt")).ok().as_deref(), Some("ABC"));
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.write("given.txt", "abcd");
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("1 to add, 0 to change, 1 to destroy").says("forces replacement");
    env.levee(["apply", "-auto-approve"]).ok().says("back = \"ABCD\"");
    fs::remove_file(env.path("given.txt")).expect("it is there");
    env.levee(["plan"]).refused().says("given.txt").says("main.tf line 2");
    env.levee(["state", "list"]).ok().says("local_file.made");
}

#[test]
fn what_is_gone_is_made_again() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    fs::remove_file(env.path("out/made.txt")).expect("it is there");
    env.levee(["plan", "-refresh=false", "-detailed-exitcode", "-target=local_file.made"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("1 to add").says("Objects have changed outside of levee");
    env.levee(["apply", "-auto-approve"]).ok().says("1 added, 0 changed, 0 destroyed");
    assert!(env.path("out/made.txt").exists());
}

#[test]
fn a_refresh_only_takes_over_what_is_found() {
    let env = TestEnv::new("refresh-only");
    env.write("main.tf", "resource \"local_file\" \"a\" {\n  filename = \"a.txt\"\n  content  = \"a\"\n}\n");
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-refresh-only", "-detailed-exitcode"]).ok().says("still matches the state");
    fs::remove_file(env.path("a.txt")).expect("it is there");
    env.levee(["plan", "-refresh-only", "-detailed-exitcode"]).code(2).says("local_file.a");
    env.levee(["apply", "-refresh-only", "-auto-approve"]).ok();
    env.holds(&[]);
    assert!(!env.path("a.txt").exists(), "it only looks");
    env.levee(["apply", "-auto-approve"]).ok().says("1 added");
}
