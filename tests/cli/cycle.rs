//! From an empty directory to objects and back: init, validate, plan, apply, look, destroy.

use crate::test_env::TestEnv;
use serde_json::json;

const MAIN: &str = r#"
resource "terraform_data" "one" {
  input = "first"
}

resource "terraform_data" "two" {
  input = { from = terraform_data.one.output, list = [1, 2] }
}

output "chain" {
  value = terraform_data.two.output.from
}

output "list" {
  value = terraform_data.two.output.list
}
"#;

fn env() -> TestEnv {
    let env = TestEnv::new("cycle");
    env.write("main.tf", MAIN);
    env
}

#[test]
fn a_life_from_init_to_destroy() {
    let env = env();
    env.levee(["init"]).ok().says("terraform.io/builtin/terraform");
    env.levee(["validate"]).ok().says("Success! The configuration is valid.");
    let plan = env.levee(["plan", "-detailed-exitcode"]).code(2);
    plan.says("Plan: 2 to add, 0 to change, 0 to destroy.").says("+ resource \"terraform_data\" \"one\" {").says("+ chain = ");
    assert!(!env.path(".levee/state.db").exists(), "a plan writes nothing");
    env.levee(["apply", "-auto-approve"])
        .ok()
        .in_order(&["terraform_data.one: Creating...", "terraform_data.one: Creation complete", "terraform_data.two: Creating..."])
        .says("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.")
        .says("chain = \"first\"");
    env.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.");
    env.levee(["apply", "-auto-approve"]).ok().says("0 added, 0 changed, 0 destroyed");
    env.holds(&["terraform_data.one", "terraform_data.two"]);
    env.levee(["destroy", "-auto-approve"])
        .ok()
        .in_order(&["terraform_data.two: Destroying...", "terraform_data.two: Destruction complete", "terraform_data.one: Destroying..."])
        .says("Destroy complete! Resources: 2 destroyed.");
    env.holds(&[]);
    env.levee(["output"]).ok().says("No outputs found");
    env.levee(["plan", "-destroy", "-detailed-exitcode"]).ok().says("No changes.");
}

#[test]
fn an_update_in_place_is_planned_and_done() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &MAIN.replace("\"first\"", "\"changed\""));
    env.levee(["plan", "-detailed-exitcode"])
        .code(2)
        .says("Plan: 0 to add, 2 to change, 0 to destroy.")
        .says("~ input = \"first\" -> \"changed\"");
    env.levee(["apply", "-auto-approve"]).ok().says("0 added, 2 changed, 0 destroyed").says("chain = \"changed\"");
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

#[test]
fn what_is_no_longer_written_is_destroyed() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", "resource \"terraform_data\" \"one\" {\n  input = \"first\"\n}\n");
    env.levee(["plan", "-detailed-exitcode"])
        .code(2)
        .says("Plan: 0 to add, 0 to change, 1 to destroy.")
        .says("terraform_data.two will be destroyed");
    env.levee(["apply", "-auto-approve"]).ok();
    env.holds(&["terraform_data.one"]);
    env.levee(["output", "-json"]).ok().says("{}");
}

#[test]
fn the_state_can_be_looked_into() {
    let env = env();
    env.levee(["state", "list"]).ok();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["state", "list", "terraform_data.two"]).ok().says("terraform_data.two").hides("terraform_data.one");
    env.levee(["state", "show", "terraform_data.one"]).ok().says("# terraform_data.one:").says("output = \"first\"");
    env.levee(["state", "show", "terraform_data.none"]).refused().says("terraform_data.none");
    env.levee(["show"]).ok().says("# terraform_data.two:").says("chain = \"first\"");
}

#[test]
fn outputs_come_as_text_json_and_raw() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["output"]).ok().says("chain = \"first\"");
    let all = env.levee(["output", "-json"]).ok().json();
    assert_eq!(all["chain"], json!({ "sensitive": false, "type": "string", "value": "first" }));
    assert_eq!(all["list"]["value"], json!([1, 2]));
    assert_eq!(env.levee(["output", "-raw", "chain"]).ok().stdout, "first");
    assert_eq!(env.levee(["output", "-json", "list"]).ok().json(), json!([1, 2]));
    env.levee(["output", "-raw", "list"]).refused().says("list");
    env.levee(["output", "none"]).refused().says("Output \"none\" not found");
}

#[test]
fn nothing_is_done_without_approval() {
    let env = env();
    env.levee(["apply"]).refused().says("Approval is needed").says("-auto-approve");
    env.levee(["apply", "-input=false"]).refused().says("Approval is needed");
    env.levee(["apply", "-json"]).code(1).says("Approval is needed");
    env.holds(&[]);
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["destroy"]).refused().says("Approval is needed");
    env.holds(&["terraform_data.one", "terraform_data.two"]);
}

#[test]
fn another_directory_and_another_state() {
    let env = TestEnv::new("elsewhere");
    env.write("deep/main.tf", MAIN);
    env.levee(["-chdir=deep", "apply", "-auto-approve"]).ok();
    assert!(env.path("deep/.levee/state.db").exists());
    env.levee(["-chdir=deep", "apply", "-auto-approve", "-state=other.db"]).ok().says("2 added");
    env.levee(["-chdir=deep", "state", "list", "-state=other.db"]).ok().says("terraform_data.one");
    env.levee(["-chdir=none", "plan"]).code(1).says("Error handling -chdir option: none");
}

#[test]
fn a_state_file_is_written_and_taken_over() {
    let env = env();
    env.levee(["apply", "-auto-approve"]).ok();
    let written = std::fs::read_to_string(env.path("terraform.tfstate")).expect("a state file");
    std::fs::remove_dir_all(env.path(".levee")).expect("the store can be removed");
    env.levee(["plan"]).ok().says("No changes");
    env.levee(["state", "rm", "terraform_data.two"]).ok();
    env.holds(&["terraform_data.one"]);
    // Older than what the store holds, and not what it wrote: neither is thrown away.
    env.write("terraform.tfstate", &written.replace("1.11.4", "1.11.3"));
    env.levee(["plan"]).refused().says("The state file does not follow on the state");
}

#[test]
fn only_targets_and_what_they_need() {
    let env = TestEnv::new("target");
    let more = "resource \"terraform_data\" \"aside\" {\n  input = 1\n}\n";
    env.write("main.tf", &format!("{MAIN}{more}"));
    env.levee(["apply", "-auto-approve", "-target=terraform_data.one"]).ok().says("1 added").says("Resource targeting is in effect");
    env.holds(&["terraform_data.one"]);
    env.levee(["apply", "-auto-approve", "-target=terraform_data.two"]).ok().says("1 added");
    env.holds(&["terraform_data.one", "terraform_data.two"]);
    env.levee(["destroy", "-auto-approve", "-target=terraform_data.one"]).ok().says("2 destroyed");
    env.levee(["apply", "-auto-approve"]).ok().says("3 added");
    env.levee(["destroy", "-auto-approve", "-target=terraform_data.two"]).ok().says("1 destroyed");
    env.holds(&["terraform_data.aside", "terraform_data.one"]);
    env.levee(["plan", "-target=terraform_data.none"]).ok().says("Resource targeting is in effect");
    env.levee(["plan", "-target=two words"]).refused().says("two words");
}
