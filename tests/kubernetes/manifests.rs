//! Objects of any kind, as they are written: a kind of the same run, conflicts, imports.

use crate::plane::Bench;
use serde_json::json;

const BOATS: &str = r#"
resource "kubernetes_manifest" "kind" {
  manifest = {
    apiVersion = "apiextensions.k8s.io/v1"
    kind       = "CustomResourceDefinition"
    metadata   = { name = "boats.sea.test" }
    spec = {
      group = "sea.test"
      names = { kind = "Boat", plural = "boats" }
      scope = "Namespaced"
      versions = [{
        name    = "v1"
        served  = true
        storage = true
        schema = { openAPIV3Schema = {
          type = "object"
          properties = { spec = { type = "object", properties = {
            sails = { type = "integer", minimum = 0 }
            name  = { type = "string", default = "nameless" }
            crew  = { type = "array", items = { type = "string" } }
          } } }
        } }
      }]
    }
  }
}

resource "kubernetes_manifest" "boat" {
  manifest = {
    apiVersion = "sea.test/v1"
    kind       = "Boat"
    metadata   = { name = "one", namespace = "default" }
    spec       = { sails = SAILS, crew = ["ann", "bob"] }
  }
  depends_on = [kubernetes_manifest.kind]
}

output "name" {
  value = kubernetes_manifest.boat.object.spec.name
}
"#;

const BOAT: &str = "/apis/sea.test/v1/namespaces/default/boats/one";

#[test]
fn a_kind_and_its_object_in_one_run() {
    let bench = Bench::new("boats", &BOATS.replace("SAILS", "3"));
    bench.apply();
    bench.is_settled();
    bench.env.levee(["output", "name"]).ok().says("nameless");

    bench.write(&BOATS.replace("SAILS", "-1"));
    bench.env.levee(["apply", "-auto-approve"]).refused().says("spec.sails").says("greater than or equal to 0");
    bench.write(&BOATS.replace("SAILS", "4"));
    bench.apply();
    bench.is_settled();

    bench.edit(BOAT, json!({ "spec": { "name": "theirs" }, "metadata": { "labels": { "theirs": "1" } } }));
    bench.is_settled();
    bench.edit(BOAT, json!({ "spec": { "crew": ["ann"] } }));
    bench.env.levee(["plan"]).ok().says("Plan: 0 to add, 1 to change").says("bob");
    bench.env.levee(["apply", "-auto-approve"]).refused().says(".spec.crew of kubectl-edit (since 20").says("force_conflicts");
    bench.write(&BOATS.replace("SAILS", "4").replace("  depends_on", "  field_manager { force_conflicts = true }\n  depends_on"));
    bench.apply();
    bench.is_settled();

    let id = "apiVersion=sea.test/v1,kind=Boat,namespace=default,name=one";
    bench.env.levee(["state", "rm", "kubernetes_manifest.boat"]).ok();
    bench.env.levee(["import", "kubernetes_manifest.boat", id]).ok();
    bench.env.levee(["plan"]).ok().hides("must be replaced").hides("will be created");
    bench.destroy();
    assert_eq!(bench.get("/apis/sea.test/v1"), None);
}

const TEXTS: &str = r#"
provider "kubectl" {}

resource "kubectl_manifest" "secret" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Secret
    metadata:
      name: texts
    stringData:
      pw: hush-LEVEL
  YAML
}

resource "kubectl_manifest" "web" {
  yaml_body = <<-YAML
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: texts, namespace: default } # COMMENT
    spec:
      selector: { matchLabels: { app: texts } }
      template:
        metadata: { labels: { app: texts } }
        spec:
          containers:
            - name: web
              image: registry.test/web:LEVEL
              resources: { limits: { cpu: 1 } }
  YAML
}
"#;

#[test]
fn objects_as_texts() {
    let bench = Bench::new("texts", &TEXTS.replace("LEVEL", "1"));
    bench.env.levee(["plan"]).ok().says("registry.test/web:1").hides("hush");
    bench.apply();
    bench.is_settled();
    bench.write(&TEXTS.replace("LEVEL", "1").replace("COMMENT", "another comment"));
    bench.is_settled();
    bench.write(&TEXTS.replace("LEVEL", "2"));
    bench.env.levee(["apply", "-auto-approve"]).ok().says("0 added, 2 changed, 0 destroyed");
    bench.is_settled();
    bench.edit(
        "/apis/apps/v1/namespaces/default/deployments/texts",
        json!({ "spec": { "template": { "metadata": { "labels": { "app": "texts", "theirs": "1" } } } } }),
    );
    bench.is_settled();
    bench.destroy();
    assert_eq!(bench.get("/api/v1/namespaces/default/secrets/texts"), None);
}

const SECRET: &str = r#"
resource "kubernetes_manifest" "secret" {
  manifest = {
    apiVersion = "v1"
    kind       = "Secret"
    metadata   = { name = "masked", namespace = "default" }
    stringData = { LEVEL = "hush-LEVEL" }
    data       = { more = base64encode("hush too") }
  }
}
data "kubernetes_resource" "secret" {
  api_version = "v1"
  kind        = "Secret"
  metadata { name = "masked" }
  depends_on = [kubernetes_manifest.secret]
}
"#;

#[test]
fn secrets_are_never_shown() {
    let hidden = ["hush", "aHVzaC"];
    let bench = Bench::new("masked", &SECRET.replace("LEVEL", "one"));
    let quiet = |told: crate::test_env::Output| hidden.into_iter().fold(told.ok(), |told, text| told.hides(text));
    let plan = || quiet(bench.env.levee(["plan"]));
    let apply = || quiet(bench.env.levee(["apply", "-auto-approve"]));
    plan().says("(sensitive value)");
    apply();
    bench.is_settled();
    quiet(bench.env.levee(["show"]));
    bench.write(&SECRET.replace("LEVEL", "two"));
    apply();
    bench.is_settled();
    // What the manifest does not say any more is gone, in whichever of the two it stood.
    let live = bench.get("/api/v1/namespaces/default/secrets/masked").unwrap();
    assert_eq!(live["data"].as_object().unwrap().keys().collect::<Vec<_>>(), ["more", "two"]);
    bench.edit("/api/v1/namespaces/default/secrets/masked", json!({ "stringData": { "two": "hush-edited" } }));
    plan().says("1 to change");
    bench.destroy();
}
