//! Input variables: where they come from, and which of them wins.

use crate::test_env::TestEnv;

const MAIN: &str = r#"
variable "v" {
  default = "default"
}

output "v" {
  value = var.v
}
"#;

#[test]
fn the_later_and_the_nearer_wins() {
    let mut env = TestEnv::new("precedence");
    env.write("main.tf", MAIN);
    let check = |env: &TestEnv, args: &[&str], expected: &str| {
        let args = [&["apply", "-auto-approve"], args].concat();
        let out = env.run(env.command(&args)).ok();
        assert_eq!(env.levee(["output", "-raw", "v"]).stdout, expected, "{out}");
    };
    check(&env, &[], "default");
    env.set("TF_VAR_v", "environment");
    check(&env, &[], "environment");
    env.write("terraform.tfvars", "v = \"terraform.tfvars\"\n");
    check(&env, &[], "terraform.tfvars");
    env.write("a.auto.tfvars", "v = \"a.auto\"\n");
    check(&env, &[], "a.auto");
    env.write("b.auto.tfvars", "v = \"b.auto\"\n");
    check(&env, &[], "b.auto");
    env.write("given.tfvars", "v = \"given\"\n");
    check(&env, &["-var-file=given.tfvars"], "given");
    check(&env, &["-var-file=given.tfvars", "-var", "v=argument"], "argument");
    check(&env, &["-var=v=argument", "-var-file=given.tfvars"], "given");
}

#[test]
fn values_are_of_the_variables_types() {
    let env = TestEnv::new("types");
    env.write(
        "main.tf",
        r#"
variable "sizes" {
  type = map(object({ cpu = number, spot = optional(bool, true) }))
}

variable "count_of" {
  type = number
  validation {
    condition     = var.count_of > 1
    error_message = "Too few: ${var.count_of}."
  }
}

output "sizes" {
  value = var.sizes
}
"#,
    );
    let sizes = "-var=sizes={ a = { cpu = \"2\" } }";
    env.levee(["apply", "-auto-approve", sizes, "-var=count_of=2"]).ok();
    let found = env.levee(["output", "-json", "sizes"]).ok().json();
    assert_eq!(found, serde_json::json!({ "a": { "cpu": 2, "spot": true } }));
    env.levee(["plan", sizes, "-var=count_of=1"]).refused().says("Too few: 1.").says("main.tf:8,3-13");
    env.levee(["plan", sizes, "-var=count_of=many"]).refused().says("count_of");
    env.levee(["plan", "-var=sizes={ a = {} }", "-var=count_of=2"]).refused().says("cpu");
    env.levee(["plan", sizes]).refused().says("count_of").says("main.tf line 6");
    env.levee(["plan", sizes, "-var=count_of=2", "-var=none=1"]).refused().says("none");
    env.levee(["plan", sizes, "-var=count_of=2", "-var-file=none.tfvars"]).refused().says("none.tfvars");
}
