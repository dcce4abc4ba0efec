//! `-json` of the verbs that take time: one JSON object a line, and nothing else.

use crate::test_env::{Output, TestEnv};
use serde_json::Value as Json;

const MAIN: &str = r#"
variable "size" {
  default = 2
}

resource "terraform_data" "a" {
  count = var.size
  input = count.index
}

resource "local_file" "b" {
  filename = "b.txt"
  content  = "b"
}

output "count" {
  value = length(terraform_data.a)
}
"#;

/// Every line as an event of Terraform's format.
#[track_caller]
fn events(out: &Output) -> Vec<Json> {
    assert_eq!(out.stderr, "", "everything is an event: {out}");
    let parsed = out.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e}")));
    let events: Vec<Json> = parsed.collect();
    for event in &events {
        for field in ["@level", "@message", "@module", "@timestamp", "type"] {
            assert!(event[field].is_string(), "{field} is missing in {event}");
        }
    }
    assert_eq!(events[0]["type"], "version", "{out}");
    events
}

fn of_type<'a>(events: &'a [Json], kind: &str) -> Vec<&'a Json> {
    events.iter().filter(|e| e["type"] == kind).collect()
}

#[test]
fn a_plan_and_its_apply() {
    let env = TestEnv::new("streams");
    env.write("main.tf", MAIN);
    let plan = events(&env.levee(["plan", "-json", "-detailed-exitcode"]).code(2));
    let planned: Vec<&Json> = of_type(&plan, "planned_change").into_iter().map(|e| &e["change"]["resource"]["addr"]).collect();
    assert_eq!(planned, ["local_file.b", "terraform_data.a[0]", "terraform_data.a[1]"]);
    let summary = of_type(&plan, "change_summary")[0];
    assert_eq!(summary["changes"]["add"], 3);
    assert!(summary["expected_seconds"].is_number(), "{summary}");
    let apply = events(&env.levee(["apply", "-json", "-auto-approve"]).ok());
    for kind in ["apply_start", "apply_complete"] {
        assert_eq!(of_type(&apply, kind).len(), 3, "{kind}");
    }
    let summaries = of_type(&apply, "change_summary");
    let last = summaries.last().expect("a summary");
    assert_eq!((&last["changes"]["operation"], &last["changes"]["add"]), (&"apply".into(), &3.into()));
    assert_eq!(of_type(&apply, "outputs").last().expect("outputs")["outputs"]["count"]["value"], 2);
    let empty = events(&env.levee(["plan", "-json", "-detailed-exitcode"]).ok());
    assert!(of_type(&empty, "planned_change").is_empty());
    assert!(of_type(&empty, "change_summary")[0]["expected_seconds"].is_null());
    assert_eq!(of_type(&empty, "refresh_complete")[0]["hook"]["resource"]["addr"], "local_file.b");
    let destroy = events(&env.levee(["destroy", "-json", "-auto-approve"]).ok());
    assert_eq!(of_type(&destroy, "change_summary").last().expect("a summary")["changes"]["remove"], 3);
}

#[test]
fn a_mistake_is_an_event_with_its_place() {
    let env = TestEnv::new("stream-mistakes");
    env.write("main.tf", "resource \"terraform_data\" \"a\" {\n  input = none.of\n}\n");
    for verb in [&["plan", "-json"][..], &["apply", "-json", "-auto-approve"]] {
        let found = events(&env.run(env.command(verb)).code(1));
        let mistakes = of_type(&found, "diagnostic");
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0]["diagnostic"]["severity"], "error");
        assert_eq!(mistakes[0]["diagnostic"]["range"]["filename"], "main.tf");
        assert_eq!(mistakes[0]["diagnostic"]["range"]["start"]["line"], 2);
    }
}

#[test]
fn a_failed_step_is_an_event() {
    let env = TestEnv::new("stream-failures");
    env.write("x", "in the way");
    env.write("main.tf", "resource \"local_file\" \"a\" {\n  filename = \"x/y\"\n  content  = \"\"\n}\n");
    let found = events(&env.levee(["apply", "-json", "-auto-approve"]).code(1));
    assert_eq!(of_type(&found, "apply_errored").len(), 1);
    assert_eq!(of_type(&found, "diagnostic")[0]["diagnostic"]["address"], "local_file.a");
}

/// Compared with what `terraform plan -json` of 1.11.4 tells: objects of the state by their ids, data sources as steps that read.
#[test]
fn what_is_read_again_is_told_in_terraforms_words() {
    let env = TestEnv::new("stream-refresh");
    env.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n}\n\ndata \"terraform_remote_state\" \"r\" {\n  backend = \"local\"\n  config = { path = \"other.tfstate\" }\n}\n",
    );
    env.write("other.tfstate", r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[]}"#);
    env.levee(["apply", "-auto-approve"]).ok();
    let id = env.levee(["state", "show", "terraform_data.a"]).ok().attribute("id").replace('"', "");
    let found = events(&env.levee(["plan", "-json"]).ok());
    let started = of_type(&found, "refresh_start")[0];
    assert_eq!(started["@message"], format!("terraform_data.a: Refreshing state... [id={id}]"));
    assert_eq!((&started["hook"]["id_key"], &started["hook"]["id_value"]), (&"id".into(), &id.clone().into()));
    assert_eq!(of_type(&found, "refresh_complete")[0]["@message"], format!("terraform_data.a: Refresh complete [id={id}]"));
    let read = of_type(&found, "apply_start")[0];
    let address = "data.terraform_remote_state.r";
    assert_eq!((&read["@message"], &read["hook"]["action"]), (&format!("{address}: Refreshing...").into(), &"read".into()));
    let complete = of_type(&found, "apply_complete")[0]["@message"].as_str().unwrap_or_default().to_owned();
    assert!(complete.starts_with(&format!("{address}: Refresh complete after ")), "{complete}");
    let quiet = events(&env.levee(["plan", "-json", "-refresh=false"]).ok());
    assert!(of_type(&quiet, "refresh_start").is_empty());
}
