//! What others write: into fields of their own it is nothing to us, into ours it is told exactly.

use crate::plane::Bench;
use levee_cluster::Verb;
use serde_json::json;

const MAIN: &str = r#"
resource "kubernetes_namespace" "this" {
  metadata { name = "drift" }
}
resource "kubernetes_config_map" "this" {
  metadata {
    name      = "settings"
    namespace = kubernetes_namespace.this.metadata[0].name
    labels    = { ours = "1" }
  }
  data = { ours = "1" }
}
resource "kubernetes_deployment" "this" {
  metadata {
    name      = "web"
    namespace = kubernetes_namespace.this.metadata[0].name
  }
  spec {
    selector {
      match_labels = { app = "web" }
    }
    template {
      metadata {
        labels = { app = "web" }
      }
      spec {
        container {
          name  = "web"
          image = "registry.test/web:1"
        }
      }
    }
  }
}
"#;

const MAP: &str = "/api/v1/namespaces/drift/configmaps/settings";
const WEB: &str = "/apis/apps/v1/namespaces/drift/deployments/web";

#[test]
fn what_others_write_is_theirs() {
    let bench = Bench::new("drift", MAIN);
    bench.apply();
    bench.edit(MAP, json!({ "metadata": { "labels": { "theirs": "1" }, "annotations": { "theirs": "1" } }, "data": { "theirs": "1" } }));
    let proxy = json!({ "name": "proxy", "image": "registry.test/proxy:1" });
    let web = json!({ "name": "web", "image": "registry.test/web:1", "env": [{ "name": "INJECTED", "value": "1" }] });
    let tolerations = json!([{ "key": "theirs", "operator": "Exists" }]);
    let template = json!({ "metadata": { "annotations": { "restarted": "now" } }, "spec": { "containers": [proxy, web], "tolerations": tolerations } });
    bench.edit(WEB, json!({ "spec": { "replicas": 3, "template": template } }));
    bench.is_settled();

    // What we change leaves what they wrote alone, the number of pods as well, of which we never said anything.
    bench.write(&MAIN.replace("web:1", "web:2").replace("ours = \"1\"", "ours = \"2\""));
    bench.apply();
    bench.is_settled();
    let (map, live) = (bench.get(MAP).unwrap(), bench.get(WEB).unwrap());
    assert_eq!((&map["data"]["ours"], &map["data"]["theirs"]), (&json!("2"), &json!("1")));
    assert_eq!(live["spec"]["replicas"], 3);
    let containers = live["spec"]["template"]["spec"]["containers"].as_array().unwrap();
    assert_eq!(
        containers.iter().map(|c| c["image"].as_str().unwrap()).collect::<Vec<_>>(),
        ["registry.test/proxy:1", "registry.test/web:2"]
    );

    // Our own fields are another matter.
    bench.edit(MAP, json!({ "data": { "ours": "changed" } }));
    let told = bench.env.levee(["plan"]).ok().says("Objects have changed outside of levee").says("Plan: 0 to add, 1 to change");
    told.says(r#""ours" = "changed" -> "2""#).hides("theirs");
    let applied = bench.env.levee(["apply", "-auto-approve"]).ok();
    assert_eq!(bench.get(MAP).unwrap()["data"]["ours"], "2", "{applied}");
    bench.is_settled();

    bench.delete(MAP);
    bench.env.levee(["plan"]).ok().says("kubernetes_config_map.this").says("Plan: 1 to add, 0 to change, 0 to destroy.");
    bench.apply();
    bench.is_settled();
    bench.destroy();
}

const SCALED: &str = r#"
resource "kubernetes_deployment" "this" {
  metadata { name = "scaled" }
  spec {
    REPLICAS
    selector { match_labels = { app = "scaled" } }
    template {
      metadata { labels = { app = "scaled" } }
      spec {
        container {
          name  = "web"
          image = "registry.test/web:1"
        }
      }
    }
  }
  LIFECYCLE
}
"#;

/// How many pods there are may be ours to say, or somebody else's: an autoscaler's.
#[test]
fn replicas_are_whose_they_are() {
    const PATH: &str = "/apis/apps/v1/namespaces/default/deployments/scaled";
    let main = |replicas: &str, lifecycle: &str| SCALED.replace("REPLICAS", replicas).replace("LIFECYCLE", lifecycle);
    let bench = Bench::new("scaled", &main("replicas = 2", ""));
    let scale = |n: u32| {
        let path = format!("{PATH}/scale?fieldManager=kube-controller-manager");
        bench.ask(Verb::Merge, &path, Some(json!({ "spec": { "replicas": n } }))).unwrap();
    };
    let replicas = || bench.get(PATH).unwrap()["spec"]["replicas"].clone();
    bench.apply();
    bench.is_settled();
    scale(4);
    let told = bench.env.levee(["plan"]).ok().says("Objects have changed outside of levee").says("Plan: 0 to add, 1 to change");
    told.says(r#"replicas = "2" -> "4""#).says(r#"replicas = "4" -> "2""#).hides("image");
    bench.apply();
    assert_eq!(replicas(), 2);
    bench.is_settled();

    bench.write(&main("replicas = 2", "lifecycle {\n    ignore_changes = [spec[0].replicas]\n  }"));
    scale(3);
    bench.is_settled();
    bench.write(&main("", "").replace("web:1", "web:2"));
    bench.env.levee(["plan"]).ok().says("Plan: 0 to add, 1 to change, 0 to destroy.").hides(r#"-> "2""#);
    bench.apply();
    assert_eq!(replicas(), 3, "of what we say nothing, we change nothing");
    scale(1);
    bench.is_settled();
    bench.destroy();
}

/// What somebody takes away of ours, or puts in its place, is told with its value before and after.
#[test]
fn what_is_taken_from_us_is_told() {
    let bench = Bench::new(
        "taken-from",
        r#"resource "kubernetes_config_map" "this" {
  metadata {
    name        = "taken-from"
    labels      = { ours = "1" }
    annotations = { ours = "1" }
  }
  data = { a = "1", b = "2" }
}"#,
    );
    bench.apply();
    let path = "/api/v1/namespaces/default/configmaps/taken-from";
    bench.edit(path, json!({ "data": { "a": null, "b": "3", "theirs": "4" }, "metadata": { "labels": { "ours": null, "theirs": "1" } } }));
    let told = bench.env.levee(["plan"]).ok().says("kubernetes_config_map.this has changed").says(r#""a" = "1" -> null"#);
    told.says(r#""b" = "2" -> "3""#).says(r#""ours" = "1" -> null"#).hides("theirs").hides("annotations").hides("generation");
    bench.apply();
    bench.is_settled();
    let live = bench.get(path).unwrap();
    assert_eq!(live["data"], json!({ "a": "1", "b": "2", "theirs": "4" }));
    assert_eq!(live["metadata"]["labels"], json!({ "ours": "1", "theirs": "1" }));
    bench.destroy();
}
