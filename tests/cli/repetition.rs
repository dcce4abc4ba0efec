//! Resources with many instances: growing, shrinking, and getting or losing their keys.

use crate::test_env::TestEnv;

fn counted(count: usize) -> String {
    format!("resource \"terraform_data\" \"a\" {{\n  count = {count}\n  input = \"n${{count.index}}\"\n}}\n")
}

fn each(keys: &str) -> String {
    format!("resource \"terraform_data\" \"a\" {{\n  for_each = toset([{keys}])\n  input    = each.value\n}}\n")
}

#[test]
fn a_count_grows_and_shrinks() {
    let env = TestEnv::new("count");
    env.write("main.tf", &counted(2));
    env.levee(["apply", "-auto-approve"]).ok().says("2 added");
    env.write("main.tf", &counted(12));
    env.levee(["apply", "-auto-approve"]).ok().says("10 added, 0 changed, 0 destroyed");
    env.write("main.tf", &counted(1));
    env.levee(["plan"]).ok().says("0 to add, 0 to change, 11 to destroy").says("terraform_data.a[11] will be destroyed");
    env.levee(["apply", "-auto-approve"]).ok();
    env.holds(&["terraform_data.a[0]"]);
    env.write("main.tf", &counted(0));
    env.levee(["apply", "-auto-approve"]).ok().says("1 destroyed");
    env.holds(&[]);
}

#[test]
fn an_object_stays_when_its_resource_gets_or_loses_a_count() {
    let env = TestEnv::new("moved");
    let single = "resource \"terraform_data\" \"a\" {\n  input = \"n0\"\n}\n";
    env.write("main.tf", single);
    env.levee(["apply", "-auto-approve"]).ok();
    let id = env.levee(["state", "show", "terraform_data.a"]).ok().attribute("id");
    env.write("main.tf", &counted(1));
    env.levee(["plan", "-detailed-exitcode"]).says("0 to add, 0 to change, 0 to destroy").hides("will be destroyed");
    env.levee(["plan", "-out=p"]).ok().says("terraform_data.a has moved to terraform_data.a[0]");
    env.levee(["apply", "p"]).ok().says("0 added, 0 changed, 0 destroyed");
    env.holds(&["terraform_data.a[0]"]);
    env.write("main.tf", single);
    env.levee(["apply", "-auto-approve"]).ok().says("0 added, 0 changed, 0 destroyed");
    env.holds(&["terraform_data.a"]);
    assert_eq!(env.levee(["state", "show", "terraform_data.a"]).ok().attribute("id"), id, "it is the same object");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn keys_come_and_go_alone() {
    let env = TestEnv::new("each");
    env.write("main.tf", &each("\"x\", \"y\""));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &each("\"y\", \"z z\""));
    env.levee(["plan"]).ok().says("1 to add, 0 to change, 1 to destroy").says("terraform_data.a[\"x\"] will be destroyed");
    env.levee(["apply", "-auto-approve"]).ok().says("1 added, 0 changed, 1 destroyed");
    env.holds(&["terraform_data.a[\"y\"]", "terraform_data.a[\"z z\"]"]);
    env.levee(["state", "show", "terraform_data.a[\"z z\"]"]).ok().says("\"z z\"");
}

#[test]
fn keys_that_are_known_only_after_apply_are_refused() {
    let env = TestEnv::new("unknown-keys");
    let unknown =
        "resource \"terraform_data\" \"b\" {\n}\n\nresource \"terraform_data\" \"a\" {\n  for_each = toset([terraform_data.b.id])\n}\n";
    env.write("main.tf", unknown);
    env.levee(["plan"]).refused().says("for_each").says("main.tf line 5");
}

#[test]
fn references_to_one_instance_and_to_all() {
    let env = TestEnv::new("instances");
    let refer = "output \"one\" {\n  value = terraform_data.a[1].output\n}\n\noutput \"all\" {\n  value = join(\",\", terraform_data.a[*].output)\n}\n";
    env.write("main.tf", &format!("{}{refer}", counted(3)));
    env.levee(["apply", "-auto-approve"]).ok().says("all = \"n0,n1,n2\"").says("one = \"n1\"");
    env.write("main.tf", &format!("{}{refer}", counted(1)));
    env.levee(["plan"]).refused().says("main.tf line 6");
    env.levee(["state", "list"]).ok().says("terraform_data.a[2]");
}
