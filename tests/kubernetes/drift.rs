//! What others write: into fields of their own it is nothing to us, into ours it is told exactly.

use crate::plane::Bench;
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
