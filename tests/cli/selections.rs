//! `-target` and `-exclude`: what a plan takes in, what it leaves out, and that it says so.

use crate::test_env::TestEnv;

const CONFIG: &str = r#"
resource "terraform_data" "a" { count = 2 }
resource "terraform_data" "b" { input = terraform_data.a[0].id }
resource "terraform_data" "c" { input = terraform_data.b.id }
resource "terraform_data" "other" {}
output "c" { value = terraform_data.c.id }
output "other" { value = terraform_data.other.id }
"#;

#[test]
fn an_exclusion_leaves_out_what_depends_on_it() {
    let env = TestEnv::new("exclude");
    env.write("main.tf", CONFIG);
    let plan = env.levee(["plan", "-exclude=terraform_data.b"]).ok();
    let plan =
        plan.says("3 to add").says("terraform_data.b: excluded").says("terraform_data.c: depends on terraform_data.b, which is excluded");
    plan.says("Resource targeting is in effect");
    env.levee(["apply", "-auto-approve", "-exclude=terraform_data.b"]).ok();
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.a[0]\nterraform_data.a[1]\nterraform_data.other\n");
    env.levee(["output", "c"]).code(1);
    env.levee(["apply", "-auto-approve"]).ok().says("2 added");
    env.levee(["plan", "-destroy", "-exclude=terraform_data.b"]).ok().says("2 to destroy");
    env.levee(["destroy", "-auto-approve", "-exclude=terraform_data.b"]).ok();
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.a[0]\nterraform_data.a[1]\nterraform_data.b\n");
}

#[test]
fn patterns_name_many() {
    let env = TestEnv::new("patterns");
    env.write("main.tf", CONFIG);
    env.levee(["plan", "-target=terraform_data.o*"]).ok().says("1 to add").says("terraform_data.a: no -target names it or needs it");
    env.levee(["plan", "-target=*.b"]).ok().says("3 to add");
    env.levee(["plan", "-exclude=terraform_data.a[*]", "-out=p"]).ok().says("1 to add");
    env.levee(["apply", "p"]).ok();
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.other\n");
    env.levee(["plan", "-target=terraform_data."]).refused().says("Invalid target");
}

/// Outputs of a module whose instances are left out refer to objects that are not there; nobody asks for them.
#[test]
fn an_instance_of_a_module_can_be_chosen() {
    let env = TestEnv::new("module-instance");
    env.write("main.tf", "module \"m\" {\n  source = \"./m\"\n  count  = 3\n}\n");
    env.write("m/main.tf", "resource \"terraform_data\" \"a\" {\n}\n\nresource \"terraform_data\" \"many\" {\n  count = 2\n}\n\noutput \"first\" {\n  value = terraform_data.many[0].id\n}\n");
    env.levee(["init"]).ok();
    env.levee(["apply", "-auto-approve", "-target=module.m[1]"]).ok().says("3 added");
    env.holds(&["module.m[1].terraform_data.a", "module.m[1].terraform_data.many[0]", "module.m[1].terraform_data.many[1]"]);
    env.levee(["apply", "-auto-approve"]).ok().says("6 added");
}
