//! What is printed whole: `validate -json`, `show -json`, the graph, the version, completions, help.

use crate::test_env::TestEnv;

const MAIN: &str = r#"
module "inner" {
  source = "./inner"
}

resource "terraform_data" "a" {
  input = { n = 12345678901234567890123, secret = sensitive("s"), from = module.inner.id }
}
"#;

fn env() -> TestEnv {
    let env = TestEnv::new("documents");
    env.write("main.tf", MAIN);
    env.write("inner/main.tf", "resource \"terraform_data\" \"b\" {\n}\n\noutput \"id\" {\n  value = terraform_data.b.id\n}\n");
    env.levee(["init"]).ok();
    env
}

#[test]
fn validation() {
    let env = env();
    let good = env.levee(["validate", "-json"]).ok().json();
    assert_eq!((&good["valid"], &good["error_count"]), (&true.into(), &0.into()));
    env.write("more.tf", "locals {\n  a = var.none\n}\n\noutput \"b\" {\n  value = local.none\n}\n");
    let bad = env.levee(["validate", "-json"]).code(1).json();
    assert_eq!((&bad["valid"], &bad["error_count"]), (&false.into(), &2.into()), "all mistakes are told: {bad}");
    let lines: Vec<_> = bad["diagnostics"].as_array().expect("a list").iter().map(|d| d["range"]["start"]["line"].as_u64()).collect();
    assert_eq!(lines, [Some(2), Some(6)]);
}

#[test]
fn the_state_as_json() {
    let env = env();
    let empty = env.levee(["show", "-json"]).ok().json();
    assert_eq!(empty["format_version"], "1.0");
    assert!(empty["values"].is_null());
    env.levee(["apply", "-auto-approve"]).ok();
    let text = env.levee(["show", "-json"]).ok();
    assert!(text.stdout.contains("12345678901234567890123"), "every digit is kept: {text}");
    let state = text.json();
    let root = &state["values"]["root_module"];
    let a = &root["resources"][0];
    assert_eq!((&a["address"], &a["type"], &a["mode"]), (&"terraform_data.a".into(), &"terraform_data".into(), &"managed".into()));
    assert_eq!(a["sensitive_values"]["input"]["secret"], true);
    assert_eq!(a["depends_on"][0], "module.inner.terraform_data.b");
    assert_eq!(root["child_modules"][0]["address"], "module.inner");
    assert_eq!(root["child_modules"][0]["resources"][0]["address"], "module.inner.terraform_data.b");
}

#[test]
fn a_plan_as_json() {
    let env = env();
    env.levee(["plan", "-out=p"]).ok();
    let plan = env.levee(["show", "-json", "p"]).ok().json();
    let changes = plan["resource_changes"].as_array().expect("a list");
    let of = |address: &str| changes.iter().find(|c| c["address"] == address).expect("the change");
    assert_eq!(changes.len(), 2);
    assert_eq!(of("terraform_data.a")["change"]["actions"], serde_json::json!(["create"]));
    assert_eq!(of("terraform_data.a")["change"]["after_unknown"]["id"], true);
    assert_eq!(of("module.inner.terraform_data.b")["module_address"], "module.inner");
    assert_eq!((&plan["errored"], &plan["complete"], &plan["applyable"]), (&false.into(), &true.into(), &true.into()));
}

#[test]
fn the_graph() {
    let graph = env().levee(["graph"]).ok();
    graph.says("digraph G {").says("\"terraform_data.a\" -> \"module.inner.terraform_data.b\";");
}

#[test]
fn the_same_input_gives_the_same_plan() {
    let env = TestEnv::new("repeatable");
    env.write(
        "main.tf",
        "resource \"terraform_data\" \"a\" {\n  for_each = toset([for n in range(40) : \"k${n}\"])\n  input    = { for k in [\"z\", \"a\", \"m\"] : k => each.key }\n}\n\n\
         resource \"terraform_data\" \"b\" {\n  count = 20\n  input = terraform_data.a\n}\n",
    );
    let first = env.levee(["plan"]).ok().stdout;
    assert_eq!(env.levee(["plan"]).ok().stdout, first);
    assert_eq!(env.levee(["plan", "-parallelism=1"]).ok().stdout, first);
}

#[test]
fn the_version() {
    let env = TestEnv::new("version");
    env.levee(["version"]).ok().says(concat!("levee v", env!("CARGO_PKG_VERSION")));
    assert_eq!(env.levee(["version", "-json"]).ok().json()["levee_version"], env!("CARGO_PKG_VERSION"));
    env.levee(["-version"]).ok().says(env!("CARGO_PKG_VERSION"));
}

#[test]
fn completions_and_help() {
    let env = TestEnv::new("help");
    for (shell, part) in [("bash", "complete -F"), ("zsh", "#compdef levee"), ("fish", "complete -c levee")] {
        env.levee(["completions", shell]).ok().says(part);
    }
    env.levee(["-help"]).ok().says("Usage").says("destroy");
    env.levee(["plan", "-help"]).ok().says("-detailed-exitcode");
    env.levee(["frobnicate"]).code(1).says("frobnicate");
    env.levee(["plan", "-frobnicate"]).code(1).says("-frobnicate");
    env.levee([]).code(1).says("Usage");
}

/// Colours are for people at a terminal.
#[test]
fn no_escapes_in_a_pipe() {
    let env = env();
    for args in [&["plan"][..], &["plan", "-no-color"], &["apply", "-auto-approve"], &["show"], &["plan", "-target=x"]] {
        let out = env.run(env.command(args));
        assert!(!out.stdout.contains('\u{1b}') && !out.stderr.contains('\u{1b}'), "{out}");
    }
}
