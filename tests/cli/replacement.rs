//! Objects that are made anew: by request, by what cannot be changed, before or after the old one goes, and what is left
//! when the old one does not go.

use crate::test_env::TestEnv;
use std::fs;

fn main(trigger: &str, lifecycle: &str) -> String {
    format!(
        "resource \"terraform_data\" \"base\" {{\n  triggers_replace = \"{trigger}\"\n{lifecycle}}}\n\n\
         resource \"terraform_data\" \"user\" {{\n  triggers_replace = terraform_data.base.id\n}}\n"
    )
}

const BEFORE: &str = "  lifecycle {\n    create_before_destroy = true\n  }\n";

#[test]
fn by_request() {
    let env = TestEnv::new("replace");
    env.write("main.tf", "resource \"terraform_data\" \"a\" {\n  count = 2\n}\n");
    env.levee(["apply", "-auto-approve"]).ok();
    let id = |env: &TestEnv, n: usize| env.levee(["state", "show", &format!("terraform_data.a[{n}]")]).ok().attribute("id");
    let before = [id(&env, 0), id(&env, 1)];
    env.levee(["plan", "-replace=terraform_data.a[1]"]).ok().says("1 to add, 0 to change, 1 to destroy").says("terraform_data.a[1]");
    env.levee(["apply", "-auto-approve", "-replace=terraform_data.a[1]"])
        .ok()
        .in_order(&["terraform_data.a[1]: Destroying...", "terraform_data.a[1]: Creating..."])
        .says("1 added, 0 changed, 1 destroyed");
    assert_eq!(id(&env, 0), before[0]);
    assert_ne!(id(&env, 1), before[1]);
    env.levee(["plan", "-replace=nonsense"]).refused().says("nonsense");
}

#[test]
fn the_old_goes_first() {
    let env = TestEnv::new("destroy-first");
    env.write("main.tf", &main("1", ""));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &main("2", ""));
    env.levee(["plan"]).ok().says("# forces replacement").says("-/+ resource").says("2 to add, 0 to change, 2 to destroy");
    env.levee(["apply", "-auto-approve"]).ok().in_order(&[
        "terraform_data.user: Destruction complete",
        "terraform_data.base: Destruction complete",
        "terraform_data.base: Creation complete",
        "terraform_data.user: Creation complete",
    ]);
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn the_new_comes_first_and_so_for_what_depends_on_it() {
    let env = TestEnv::new("create-first");
    env.write("main.tf", &main("1", BEFORE));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &main("2", BEFORE));
    env.levee(["plan"]).ok().says("+/- resource \"terraform_data\" \"base\"").says("2 to add, 0 to change, 2 to destroy");
    let out = env.levee(["apply", "-auto-approve"]).ok();
    let out = out.in_order(&["terraform_data.base: Creation complete", "terraform_data.user: Creation complete"]);
    out.in_order(&["terraform_data.base: Creation complete", "terraform_data.base (deposed object "]);
    env.holds(&["terraform_data.base", "terraform_data.user"]);
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

/// A file is replaced by another one; the old one cannot be deleted.
#[test]
fn an_old_object_that_did_not_go_is_remembered_and_deleted_later() {
    let env = TestEnv::new("deposed");
    let file = |name: &str| format!("resource \"local_file\" \"a\" {{\n  filename = \"{name}\"\n  content  = \"same\"\n{BEFORE}}}\n");
    env.write("main.tf", &file("old.txt"));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &file("new.txt"));
    env.levee(["plan", "-out=p"]).ok().says("+/- resource \"local_file\" \"a\"");
    fs::remove_file(env.path("old.txt")).expect("it is there");
    env.write("old.txt/inside", "a folder that is not empty cannot be deleted like a file");
    env.levee(["apply", "p"]).refused().says("old.txt").says("1 failed");
    assert_eq!(fs::read_to_string(env.path("new.txt")).ok().as_deref(), Some("same"));
    let listed = env.levee(["state", "list"]).ok();
    assert_eq!(listed.stdout.lines().count(), 2, "{listed}");
    listed.says("local_file.a (deposed object ");
    fs::remove_dir_all(env.path("old.txt")).expect("it can be removed");
    env.write("old.txt", "same");
    env.levee(["plan", "-detailed-exitcode"]).code(2).says("0 to add, 0 to change, 1 to destroy").says("deposed object");
    env.levee(["apply", "-auto-approve"]).ok().says("1 destroyed");
    env.holds(&["local_file.a"]);
    assert!(!env.path("old.txt").exists());
    assert!(env.path("new.txt").exists());
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn what_must_not_be_destroyed_is_not() {
    let env = TestEnv::new("prevent");
    let guard = "  lifecycle {\n    prevent_destroy = true\n  }\n";
    env.write("main.tf", &main("1", guard));
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["destroy", "-auto-approve"]).refused().says("terraform_data.base").says("prevent_destroy");
    env.write("main.tf", &main("2", guard));
    env.levee(["apply", "-auto-approve"]).refused().says("prevent_destroy");
    env.holds(&["terraform_data.base", "terraform_data.user"]);
}

#[test]
fn changes_that_are_to_be_ignored_are() {
    let env = TestEnv::new("ignore");
    let file = |input: &str| {
        format!("resource \"terraform_data\" \"a\" {{\n  input = \"{input}\"\n  lifecycle {{\n    ignore_changes = [input]\n  }}\n}}\n")
    };
    env.write("main.tf", &file("1"));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &file("2"));
    env.levee(["plan", "-detailed-exitcode"]).ok();
}
