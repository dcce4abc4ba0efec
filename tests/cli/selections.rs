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
