//! levee ends between the making of an object and the note of it: the next run finds what the first one made, and makes
//! nothing twice.

use crate::plane::Bench;
use levee_cluster::Verb;
use serde_json::json;

const MAIN: &str = r#"
resource "kubernetes_namespace" "this" {
  metadata { name = "lost" }
}
resource "kubernetes_service_account" "this" {
  metadata {
    generate_name = "web-"
    namespace     = kubernetes_namespace.this.metadata[0].name
    labels        = { ours = "1" }
  }
}
resource "kubernetes_manifest" "this" {
  manifest = {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "settings", namespace = "lost" }
    data       = { a = "1" }
  }
  depends_on = [kubernetes_service_account.this]
}
resource "kubectl_manifest" "this" {
  yaml_body  = "{apiVersion: v1, kind: ConfigMap, metadata: {name: texts, namespace: lost}, data: {a: '1'}}"
  depends_on = [kubernetes_manifest.this]
}
"#;

#[test]
fn what_was_made_unnoted_is_found() {
    let bench = Bench::new("lost", MAIN);
    for made in ["kubernetes_namespace", "kubernetes_service_account", "kubernetes_manifest", "kubectl_manifest"] {
        let mut command = bench.env.command(&["apply", "-auto-approve"]);
        // What an earlier round made is found without being made again, so the next making is always the first.
        command.env("LEVEE_FAIL_POINT", "checkpoint.before");
        let ended = bench.env.run(command);
        assert_eq!(ended.code, None, "{made}: {ended}");
    }
    bench.apply();
    bench.is_settled();
    let accounts = bench.get("/api/v1/namespaces/lost/serviceaccounts?labelSelector=ours%3D1").unwrap();
    assert_eq!(accounts["items"].as_array().unwrap().len(), 1, "{accounts}");
    bench.destroy();
}

/// An object of the same name that somebody else makes while levee is away is not taken for ours.
#[test]
fn what_others_made_meanwhile_is_not_ours() {
    let main = "resource \"kubernetes_config_map\" \"this\" {\n  metadata {\n    name = \"meanwhile\"\n  }\n  data = { a = \"1\" }\n}\n";
    let bench = Bench::new("meanwhile", main);
    let mut command = bench.env.command(&["apply", "-auto-approve"]);
    command.env("LEVEE_FAIL_POINT", "checkpoint.before");
    assert_eq!(bench.env.run(command).code, None);
    let path = "/api/v1/namespaces/default/configmaps";
    bench.delete(&format!("{path}/meanwhile"));
    let theirs = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "meanwhile" }, "data": { "a": "theirs" } });
    bench.ask(Verb::Create, path, Some(theirs)).unwrap();
    bench.env.levee(["apply", "-auto-approve"]).refused().says("exists already");
    assert_eq!(bench.get(&format!("{path}/meanwhile")).unwrap()["data"]["a"], "theirs");
    bench.delete(&format!("{path}/meanwhile"));
}
