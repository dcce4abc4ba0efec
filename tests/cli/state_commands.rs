//! Commands that work on the state alone: documents taken out of it and put into it, providers that change, dry runs.

use crate::test_env::TestEnv;
use serde_json::Value as Json;
use std::io::Write as _;
use std::process::Stdio;

fn applied(case: &str) -> TestEnv {
    let env = TestEnv::new(case);
    env.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  input = 1\n}\nresource \"terraform_data\" \"b\" {\n  input = terraform_data.a.id\n}\n",
    );
    env.levee(["apply", "-auto-approve"]).ok();
    env
}

#[test]
fn a_document_goes_out_and_in_again() {
    let env = applied("state-documents");
    let pulled = env.levee(["state", "pull"]).ok();
    let mut document: Json = pulled.json();
    assert_eq!(document["version"], 4);
    assert_eq!(document["resources"].as_array().map(Vec::len), Some(2));
    env.write("same.json", &pulled.stdout);
    env.levee(["state", "push", "same.json"]).ok();
    assert_eq!(env.levee(["state", "pull"]).ok().stdout, pulled.stdout);

    document["resources"].as_array_mut().expect("resources").truncate(1);
    env.write("other.json", &document.to_string());
    env.levee(["state", "push", "other.json"]).refused().says("cannot overwrite existing state with serial");
    document["serial"] = Json::from(0);
    env.write("older.json", &document.to_string());
    env.levee(["state", "push", "older.json"]).refused().says("over newer state");
    document["serial"] = Json::from(9);
    env.write("newer.json", &document.to_string());
    env.levee(["state", "push", "newer.json"]).ok();
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.a\n");
    document["lineage"] = Json::from("0b1c2d3e-0000-4000-8000-000000000000");
    env.write("stranger.json", &document.to_string());
    env.levee(["state", "push", "stranger.json"]).refused().says("unrelated state with lineage");

    let mut command = env.command(&["state", "push", "-force", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.spawn().expect("levee can be started");
    child.stdin.take().expect("a pipe").write_all(document.to_string().as_bytes()).expect("levee reads");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(env.levee(["state", "pull"]).ok().json()["lineage"], document["lineage"]);
    env.levee(["state", "push", "main.tf"]).refused().says("Error reading source state");
    assert_eq!(TestEnv::new("state-none").levee(["state", "pull"]).ok().stdout, "");
}

#[test]
fn the_state_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = applied("state-mode");
    for file in ["terraform.tfstate", ".levee/state.db"] {
        let mode = std::fs::metadata(env.path(file)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn objects_change_their_provider() {
    let env = applied("state-provider");
    let builtin = "terraform.io/builtin/terraform";
    env.levee(["state", "replace-provider", "-auto-approve", "hashicorp/aws", "acme/aws"]).ok().says("No matching resources found.");
    env.levee(["state", "replace-provider", builtin, "acme/data"]).ok().says("Cancelled");
    env.levee(["state", "replace-provider", "-auto-approve", builtin, "acme/data"]).ok().says("replaced provider for 2 resources");
    let document = env.levee(["state", "pull"]).ok().json();
    assert_eq!(document["resources"][0]["provider"], "provider[\"registry.terraform.io/acme/data\"]");
    env.levee(["state", "replace-provider", "-auto-approve", "acme/data", builtin]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
    env.levee(["state", "replace-provider", "a/b/c/d", "x"]).refused().says("Invalid \"from\" provider");
}

#[test]
fn what_is_only_tried_changes_nothing() {
    let env = applied("state-dry");
    env.levee(["state", "rm", "-dry-run", "terraform_data.a"]).ok().says("Would remove terraform_data.a");
    env.levee(["state", "mv", "-dry-run", "terraform_data.a", "terraform_data.c"]).ok().says("Would move \"terraform_data.a\"");
    assert_eq!(env.levee(["state", "list"]).ok().stdout, "terraform_data.a\nterraform_data.b\n");
    let id = env.levee(["state", "show", "terraform_data.b"]).ok().attribute("id");
    let flag = format!("-id={}", id.trim_matches('"'));
    assert_eq!(env.levee(["state", "list", &flag]).ok().stdout, "terraform_data.b\n");
    env.levee(["refresh"]).ok();
    env.levee(["force-unlock", "-force", "x"]).refused().says("not locked");
}
