//! Where sensitive values do not show, and charts that are only rendered.

use crate::helm::{three, write_chart};
use crate::plane::Bench;
use crate::test_env::until;
use std::process::Stdio;

const MAIN: &str = r#"
variable "token" {
  sensitive = true
  default   = "quiet-please"
}
resource "helm_release" "web" {
  name             = "web"
  namespace        = "helm-secrets"
  create_namespace = true
  chart            = "./chart"
  values           = [yamlencode({ team = var.token, annotations = { "levee.sandbox/pod" = "slow", "levee.sandbox/after" = "1s" } })]
  set_sensitive    = [{ name = "db.password", value = "hush-hush" }]
}
output "status" { value = helm_release.web.status }
"#;

#[test]
fn sensitive_values_show_nowhere() {
    let mut bench = Bench::new("helm-secrets", MAIN);
    write_chart(&bench, "1.0.0");
    bench.env.set("TF_LOG", "trace");
    let hidden = |text: &str, what: &str| {
        for secret in ["hush-hush", "quiet-please"] {
            assert!(!text.contains(secret), "{what} shows {secret}");
        }
    };
    let planned = bench.env.levee(["plan"]).ok();
    hidden(&planned.stdout, "the plan");
    hidden(&planned.stderr, "the log");
    let mut command = bench.env.command(&["apply", "-auto-approve"]);
    let applying = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("levee");
    let mut seen = String::new();
    until("helm at work", || {
        seen = arguments();
        seen.contains("install\0web")
    });
    hidden(&seen, "a process");
    let applied = applying.wait_with_output().expect("an end");
    assert!(applied.status.success());
    hidden(&String::from_utf8_lossy(&applied.stdout), "the apply");
    hidden(&String::from_utf8_lossy(&applied.stderr), "the log of the apply");
    hidden(&bench.env.levee(["state", "show", "helm_release.web"]).ok().stdout, "the state");
    hidden(&bench.env.levee(["show"]).ok().stdout, "what is shown");
    bench.write(&MAIN.replace("quiet-please", "quiet-please-again"));
    let changed = bench.env.levee(["plan"]).ok();
    changed
        .clone()
        .says("1 to change")
        .says("~ apps/v1/Deployment/web")
        .says("~ metadata.labels.team: (sensitive value) -> (sensitive value)");
    hidden(&changed.stdout, "the plan of a change");
    bench.destroy();
    bench.delete("/api/v1/namespaces/helm-secrets");
}

/// The arguments of all processes.
fn arguments() -> String {
    let all = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    all.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect()
}

const TEMPLATE: &str = r#"
data "helm_template" "web" {
  name      = "web"
  namespace = "somewhere"
  chart     = "./chart"
  set       = [{ name = "greeting", value = "hi" }]
  set_list  = [{ name = "list", value = ["a", "b"] }]
}
output "names" { value = keys(data.helm_template.web.manifests) }
output "notes" { value = data.helm_template.web.notes }
output "greeting" { value = yamldecode(split("---", data.helm_template.web.manifests["templates/rest.yaml"])[2]).data.upper }
output "version" { value = data.helm_template.web.version }
"#;

#[test]
fn charts_are_rendered() {
    let mut bench = Bench::new("helm-template", TEMPLATE);
    write_chart(&bench, "1.0.0");
    for program in [bench.helm4().to_owned(), three()] {
        bench.env.set("LEVEE_HELM", &program);
        bench.apply();
        let outputs = bench.env.levee(["output", "-json"]).ok().json();
        assert_eq!(outputs["names"]["value"], serde_json::json!(["templates/deployment.yaml", "templates/rest.yaml"]));
        assert_eq!((&outputs["greeting"]["value"], &outputs["version"]["value"]), (&"HI".into(), &"1.0.0".into()));
        assert_eq!(outputs["notes"]["value"].as_str().map(str::trim), Some("Say hi."));
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let refused = |case: &str, more: &str| {
        let bench =
            Bench::new(case, &format!("resource \"helm_release\" \"web\" {{\n  name  = \"web\"\n  chart = \"./chart\"\n{more}\n}}"));
        write_chart(&bench, "1.0.0");
        bench.env.levee(["plan"]).refused()
    };
    refused("helm-range", "version = \">= 1.0\"").says("The chart's version is not exact");
    refused("helm-values", "values = [\"- a\"]").says("values[0]: it is no map");
    refused("helm-render", "postrender = { binary_path = \"cat\" }").says("cannot carry out postrender");
    let mut bench = Bench::new("helm-none", MAIN);
    write_chart(&bench, "1.0.0");
    bench.env.set("LEVEE_HELM", "/no/such/helm");
    bench.env.levee(["plan"]).refused().says("/no/such/helm cannot be run").says("LEVEE_HELM");
}
