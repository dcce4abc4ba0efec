//! Configuration in JSON syntax, beside the native one.

use crate::test_env::TestEnv;

#[test]
fn a_configuration_in_json_is_carried_out() {
    let env = TestEnv::new("json");
    env.write(
        "main.tf.json",
        r#"{
  "//": "a comment",
  "variable": { "names": { "type": "list(string)", "default": [] }, "raw": { "default": "${x}" } },
  "locals": [ { "first": "${var.names[0]}" }, { "all": ["${local.first}", 12345678901234567890.5, null] } ],
  "resource": { "terraform_data": {
    "a": { "input": "n-${local.first}" },
    "b": [ { "input": { "${local.first}": "${terraform_data.a.output}" }, "depends_on": ["terraform_data.a"],
             "lifecycle": { "ignore_changes": "all" } } ]
  } }
}"#,
    );
    env.write("out.tf", "output \"all\" {\n  value = [local.all, var.raw, terraform_data.b.output]\n}\n");
    env.write("x_override.tf.json", r#"{"resource": {"terraform_data": {"a": {"input": "over-${local.first}"}}}}"#);
    env.write("terraform.tfvars.json", r#"{"names": ["x${y}"], "//": "a comment"}"#);
    env.levee(["init"]).ok();
    env.levee(["apply", "-auto-approve"]).ok().says("2 added");
    let out = env.levee(["output", "-json", "all"]).ok();
    let expected = r#"[["x${y}",12345678901234567890.5,null],"${x}",{"x${y}":"over-x${y}"}]"#;
    assert_eq!(out.stdout.split_whitespace().collect::<String>(), expected, "{out}");
    env.levee(["plan", "-detailed-exitcode"]).code(0);
}

#[test]
fn mistakes_in_json_are_told_with_their_place() {
    let env = TestEnv::new("json");
    env.write("main.tf.json", "{\n  \"output\": {\n    \"a\": { \"value\": 1, \"valu\": 2 },\n    \"b\": tru\n  }\n}\n");
    let out = env.levee(["validate"]).refused();
    out.says("main.tf.json line 3").says("No argument or block type is named \"valu\".").says("Did you mean \"true\"?");
}
