//! Providers whose configuration comes from what the same run makes: what is told of their objects beforehand, and what is
//! done about them once the provider can be asked.

use crate::test_env::{Output, TestEnv};
use serde_json::Value as Json;
use std::fs;

/// A cluster, and a provider that finds its way to it by the cluster's output.
const CLUSTER: &str = r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

variable "world" {
  default = "first.jsonl"
}

variable "generation" {
  default = 1
}

resource "terraform_data" "cluster" {
  triggers_replace = var.generation
  input            = var.world
}

provider "sim" {
  world = terraform_data.cluster.output
}
"#;

fn env(case: &str, objects: &str) -> TestEnv {
    let env = TestEnv::new(case);
    env.write("cluster.tf", CLUSTER);
    env.write("main.tf", objects);
    env
}

fn object(name: &str, arguments: &str) -> String {
    format!("resource \"sim_object\" \"{name}\" {{\n  name = \"{name}\"\n  {arguments}\n}}\n")
}

/// What was done in a world: `create web`, `delete web`, ...
fn done(env: &TestEnv, world: &str) -> Vec<String> {
    let lines = fs::read_to_string(env.path(world)).expect("a world");
    let events = lines.lines().map(|l| serde_json::from_str::<Json>(l).expect("a line of JSON"));
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let names = |e: &Json| format!("{} {}", text(&e["action"]), text(&e["name"]));
    events.filter(|e| e["event"] == "done").map(|e| names(&e)).collect()
}

/// The line in which something begins, counted from the first.
#[track_caller]
fn line_of(out: &Output, wanted: &str) -> usize {
    out.stdout.lines().position(|l| l.contains(wanted)).unwrap_or_else(|| panic!("{wanted:?} is not said: {out}"))
}

#[test]
fn objects_of_a_provider_that_is_not_configured_yet_are_planned_twice() {
    let lookup = "data \"sim_lookup\" \"web\" {\n  id = sim_object.web.id\n}\n\noutput \"name\" {\n  value = data.sim_lookup.web.name\n}\n";
    let env = env("late", &format!("{}{lookup}", object("web", "size = 2")));
    let plan = env.levee(["plan", "-out=p"]).ok().says("Plan: 2 to add, 0 to change, 0 to destroy.");
    let plan = plan.says("# (planned in full during the apply, once provider.sim is configured)");
    plan.says("(it is read during the apply, once provider.sim is configured)")
        .says("Note: sim_object.web was planned from the configuration");
    let out = env.levee(["apply", "p"]).ok().says("2 added, 0 changed, 0 destroyed").says("name = \"web\"");
    let full = line_of(&out, "Planned in full, now that provider.sim is configured:");
    assert!(line_of(&out, "terraform_data.cluster: Creation complete") < full, "{out}");
    assert!(full < line_of(&out, "sim_object.web: Creating..."), "{out}");
    assert_eq!(out.attribute("+ size"), "2");
    env.levee(["plan", "-detailed-exitcode"]).ok().hides("planned in full");
}

#[test]
fn the_second_plan_is_an_event() {
    let env = env("late-json", &object("web", ""));
    let out = env.levee(["apply", "-json", "-auto-approve"]).ok();
    let events: Vec<Json> = out.stdout.lines().map(|l| serde_json::from_str(l).expect("an event")).collect();
    let about = |e: &Json| e["change"]["resource"]["addr"] == "sim_object.web" || e["hook"]["resource"]["addr"] == "sim_object.web";
    let told: Vec<&str> = events.iter().filter(|e| about(e)).filter_map(|e| e["type"].as_str()).collect();
    assert_eq!(told, ["planned_change", "planned_change", "apply_start", "apply_complete"], "{out}");
}

#[test]
fn what_was_there_before_is_planned_from_the_state_and_then_read() {
    let env = env("late-prior", &format!("{}{}", object("web", "size = 1"), object("same", "")));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &format!("{}{}", object("web", "size = 2"), object("same", "")));
    let plan = env.levee(["plan", "-var=generation=2"]).ok().says("Plan: 1 to add, 1 to change, 1 to destroy.");
    let plan = plan.says("Note: 2 objects were planned from the configuration and what the state remembers");
    plan.says("Of 1 of them nothing is shown").hides("sim_object.web: Refreshing state...");
    let out = env.levee(["apply", "-auto-approve", "-var=generation=2"]).ok().says("1 added, 1 changed, 1 destroyed");
    assert!(line_of(&out, "sim_object.same: Refreshing state...") > line_of(&out, "terraform_data.cluster: Creation complete"), "{out}");
    assert_eq!(done(&env, "first.jsonl").last().map(String::as_str), Some("update web"));
    env.levee(["plan", "-detailed-exitcode", "-var=generation=2"]).ok();
}

/// The cluster is replaced by another one, where nothing is yet: what stays is made there anew, what goes is deleted where it
/// was, and before the old cluster goes.
#[test]
fn another_cluster_means_other_objects() {
    let env = env("late-other", &format!("{}{}", object("web", ""), object("gone", "")));
    env.levee(["apply", "-auto-approve"]).ok();
    env.write("main.tf", &object("web", ""));
    let other = ["-var=generation=2", "-var=world=second.jsonl"];
    let out = env.levee(["apply", "-auto-approve", other[0], other[1]]).ok().says("An object is made anew");
    assert!(line_of(&out, "sim_object.gone: Destruction complete") < line_of(&out, "terraform_data.cluster: Destroying..."), "{out}");
    assert_eq!(done(&env, "first.jsonl").last().map(String::as_str), Some("delete gone"));
    assert_eq!(done(&env, "second.jsonl"), ["create web"]);
    env.levee(["plan", "-detailed-exitcode", other[0], other[1]]).ok();
    env.levee(["destroy", "-auto-approve", other[0], other[1]]).ok().says("2 destroyed");
}

/// The cluster is found to be gone: nobody asks it for its objects, though the state still knows the way to it.
#[test]
fn a_cluster_that_is_gone_is_not_asked() {
    let env = TestEnv::new("late-gone");
    env.write(
        "main.tf",
        r#"
terraform {
  required_providers {
    sim = { source = "levee/sim" }
  }
}

provider "sim" {
  alias = "outer"
  world = "outer.jsonl"
}

resource "sim_cluster" "main" {
  provider = sim.outer
  name     = "main"
}

provider "sim" {
  world = "${sim_cluster.main.id}.jsonl"
}

resource "sim_object" "web" {
  name = "web"
}
"#,
    );
    env.levee(["apply", "-auto-approve"]).ok().says("2 added");
    env.levee(["plan", "-detailed-exitcode"]).ok().in_order(&["sim_cluster.main: Refreshing", "sim_object.web: Refreshing"]);
    fs::remove_file(env.path("outer.jsonl")).expect("the outer world is there");
    let plan = env.levee(["plan"]).ok().says("# sim_cluster.main will be created").hides("sim_object.web: Refreshing state...");
    plan.says("Note: sim_object.web was planned from the configuration and what the state remembers");
    env.levee(["apply", "-auto-approve"]).ok();
    env.levee(["plan", "-detailed-exitcode"]).ok();
}

/// What is replaced is made where its provider looks by now, and deleted where it was: before the old cluster goes, or while both are there.
#[test]
fn what_is_replaced_is_deleted_where_it_was() {
    for (case, first) in [("late-delete-first", ""), ("late-create-first", "lifecycle {\n    create_before_destroy = true\n  }")] {
        let env = env(case, &object("web", &format!("zone = \"a\"\n  {first}")));
        env.levee(["apply", "-auto-approve"]).ok();
        env.write("main.tf", &object("web", &format!("zone = \"b\"\n  {first}")));
        let other = ["-var=generation=2", "-var=world=second.jsonl"];
        let plan = env.levee(["plan", other[0], other[1]]).ok().says("Plan: 2 to add, 0 to change, 2 to destroy.");
        plan.says("# sim_object.web must be replaced").says("# (planned in full during the apply, once provider.sim is configured)");
        env.levee(["apply", "-auto-approve", other[0], other[1]]).ok().says("2 added, 0 changed, 2 destroyed");
        assert_eq!(done(&env, "first.jsonl"), ["create web", "delete web"], "{case}");
        assert_eq!(done(&env, "second.jsonl"), ["create web"], "{case}");
        env.levee(["plan", "-detailed-exitcode", other[0], other[1]]).ok();
    }
}

/// The state says what the configuration says; the world does not, and only a replacement would mend that.
#[test]
fn a_replacement_that_was_not_announced_is_not_carried_out() {
    let env = env("late-replace", &object("web", "zone = \"b\""));
    env.levee(["apply", "-auto-approve"]).ok();
    let mut state = env.levee(["state", "pull"]).ok().json();
    state["serial"] = (state["serial"].as_u64().expect("a serial") + 1).into();
    let web = state["resources"].as_array_mut().expect("resources").iter_mut().find(|r| r["type"] == "sim_object").expect("the object");
    web["instances"][0]["attributes"]["zone"] = "a".into();
    env.write("state.json", &state.to_string());
    env.levee(["state", "push", "state.json"]).ok();
    env.write("main.tf", &object("web", "zone = \"a\""));
    env.levee(["plan", "-var=generation=2"]).ok().says("Plan: 1 to add, 0 to change, 1 to destroy.");
    let out = env.levee(["apply", "-auto-approve", "-var=generation=2"]).refused();
    out.says("A replacement that the plan did not announce")
        .says("sim_object.web")
        .says("zone")
        .says("1 added, 0 changed, 1 destroyed; 1 failed");
    assert_eq!(done(&env, "first.jsonl"), ["create web"]);
    env.levee(["plan", "-var=generation=2"]).ok().says("# sim_object.web must be replaced");
    env.levee(["apply", "-auto-approve", "-var=generation=2"]).ok().says("1 added, 0 changed, 1 destroyed");
    env.levee(["plan", "-detailed-exitcode", "-var=generation=2"]).ok();
}
