//! The life of a release, with either Helm: installed, settled, upgraded, rolled back with its run, forgotten and imported, gone.

use crate::helm::{helm, listed, status, three, write_chart};
use crate::plane::Bench;

fn main_of(namespace: &str, greeting: &str, replicas: u32) -> String {
    format!(
        r#"
resource "helm_release" "web" {{
  name             = "web"
  namespace        = "{namespace}"
  create_namespace = true
  chart            = "./chart"
  values           = [yamlencode({{ team = "lake", greeting = "{greeting}" }})]
  set = [
    {{ name = "replicas", value = "{replicas}" }},
    {{ name = "annotations.note\\.test/a", value = "1", type = "string" }},
  ]
  set_sensitive = [{{ name = "db.password", value = "hush-hush" }}]
}}
output "status" {{ value = helm_release.web.status }}
"#
    )
}

/// What changes nothing of a release that goes well.
const SETTINGS: &str = r#"
  atomic            = true
  lint              = true
  cleanup_on_fail   = true
  wait_for_jobs     = true
  dependency_update = true
  take_ownership    = true
  description       = "by a test"
"#;

fn lives(case: &str, program: Option<String>, more: &str) {
    let main_of = |case: &str, greeting: &str, replicas: u32| {
        main_of(case, greeting, replicas).replace("  set = [", &format!("{SETTINGS}{more}\n  set = ["))
    };
    let mut bench = Bench::new(case, &main_of(case, "hello", 2));
    if let Some(program) = &program {
        bench.env.set("LEVEE_HELM", program);
    }
    write_chart(&bench, "1.0.0");
    bench.apply();
    bench.is_settled();
    assert_eq!(status(&bench, case, "web"), ("1".into(), "deployed".into()));
    let deployment = bench.get(&format!("/apis/apps/v1/namespaces/{case}/deployments/web")).expect("a deployment");
    assert_eq!(deployment["spec"]["replicas"], 2);
    assert_eq!(deployment["metadata"]["labels"]["team"], if more.is_empty() { "lake" } else { "pond" });
    assert_eq!(deployment["spec"]["template"]["metadata"]["annotations"]["note.test/a"], "1");

    bench.write(&main_of(case, "good evening", 3));
    write_chart(&bench, "1.1.0");
    let planned = bench.env.levee(["plan"]).ok();
    planned
        .clone()
        .says("~ apps/v1/Deployment/web")
        .says("~ spec.replicas: 2 -> 3")
        .says("registry.test/it:1.0.0 -> registry.test/it:1.1.0");
    planned.says("~ data.upper: HELLO -> GOOD EVENING").says("\"1.0.0\" -> \"1.1.0\"").hides("hush-hush");
    bench.apply();
    bench.is_settled();
    assert_eq!(status(&bench, case, "web"), ("2".into(), "deployed".into()));
    let map = bench.get(&format!("/api/v1/namespaces/{case}/configmaps/web")).expect("a map");
    assert_eq!(map["data"]["upper"], "GOOD EVENING");

    // The run is undone by Helm's own way back.
    bench.env.levee(["rollback", "-auto-approve"]).ok();
    assert_eq!(status(&bench, case, "web"), ("3".into(), "deployed".into()));
    let history = helm(&bench, bench.helm4(), &["history", "web", "-n", case]);
    assert!(history.contains("Rollback to 1"), "{history}");
    let map = bench.get(&format!("/api/v1/namespaces/{case}/configmaps/web")).expect("a map");
    assert_eq!(map["data"]["upper"], "HELLO");
    bench.write(&main_of(case, "hello", 2));
    write_chart(&bench, "1.0.0");
    bench.is_settled();

    bench.destroy();
    assert!(listed(&bench, case).is_empty());
    assert_eq!(bench.get(&format!("/apis/apps/v1/namespaces/{case}/deployments/web")), None);
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

#[test]
fn a_release_lives_with_helm_4() {
    lives("helm-four", None, "");
}

#[test]
fn a_release_lives_with_helm_3() {
    lives("helm-three", Some(three()), "postrender = { binary_path = \"sed\", args = [\"s/team: \\\"lake\\\"/team: \\\"pond\\\"/\"] }");
}

/// A run is undone though the revision before it is no longer kept: an upgrade brings back what there was. And what was there already is
/// upgraded where that is asked for.
#[test]
fn a_run_is_undone_without_its_revision() {
    let case = "helm-short";
    let main = |greeting: &str| {
        let more = "max_history = 1\n  force_update = true\n  upgrade_install = true\n  chart            = \"./chart\"";
        main_of(case, greeting, 1).replace("chart            = \"./chart\"", more)
    };
    let bench = Bench::new(case, &main("hello"));
    write_chart(&bench, "1.0.0");
    let chart = bench.env.path("chart").display().to_string();
    helm(&bench, bench.helm4(), &["install", "web", &chart, "-n", case, "--create-namespace", "--wait"]);
    bench.apply();
    assert_eq!(status(&bench, case, "web"), ("2".into(), "deployed".into()));
    bench.write(&main("bye"));
    bench.apply();
    bench.delete(&format!("/api/v1/namespaces/{case}/secrets/sh.helm.release.v1.web.v2"));
    bench.env.levee(["rollback", "-auto-approve"]).ok();
    let map = bench.get(&format!("/api/v1/namespaces/{case}/configmaps/web")).expect("a map");
    assert_eq!(map["data"]["upper"], "HELLO");
    let history = helm(&bench, bench.helm4(), &["history", "web", "-n", case]);
    assert!(!history.contains("Rollback"), "{history}");
    bench.write(&main("hello"));
    bench.is_settled();
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

/// Only what makes another revision makes one, and the record of a `ConfigMap` is as good as that of a Secret.
#[test]
fn settings_of_helm_are_no_revision() {
    let case = "helm-maps";
    let main = |timeout: u32| {
        let body = main_of(case, "hello", 1).replace("values  ", &format!("timeout = {timeout}\n  values  "));
        format!("provider \"helm\" {{\n  alias       = \"maps\"\n  helm_driver = \"configmap\"\n}}\n{body}")
            .replace("name             = \"web\"", "provider = helm.maps\n  name = \"web\"")
    };
    let bench = Bench::new(case, &main(100));
    write_chart(&bench, "1.0.0");
    bench.apply();
    bench.is_settled();
    bench.write(&main(200));
    bench.env.levee(["plan"]).ok().says("1 to change").hides("rendered");
    bench.apply();
    bench.is_settled();
    let records = bench.get(&format!("/api/v1/namespaces/{case}/configmaps?labelSelector=owner%3Dhelm")).expect("records");
    assert_eq!(records["items"].as_array().map(Vec::len), Some(1), "one revision");
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}
