//! Parts of objects that somebody else made, and objects that are looked up.

use crate::plane::Bench;
use levee_cluster::Verb;
use serde_json::json;

const MAIN: &str = r#"
resource "kubernetes_config_map_v1_data" "auth" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  data  = { mapRoles = "ours" }
  force = FORCE
}
resource "kubernetes_labels" "this" {
  api_version = "v1"
  kind        = "ConfigMap"
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  labels = { ours = "1" }
}
data "kubernetes_config_map_v1" "auth" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  depends_on = [kubernetes_config_map_v1_data.auth]
}
data "kubernetes_resources" "nodes" {
  api_version = "v1"
  kind        = "Node"
}
data "kubernetes_server_version" "this" {}
output "told" {
  value = "${length(data.kubernetes_config_map_v1.auth.data)} keys, ${length(data.kubernetes_resources.nodes.objects)} nodes, v${data.kubernetes_server_version.this.version}"
}
"#;

const MAP: &str = "/api/v1/namespaces/kube-system/configmaps/aws-auth";

#[test]
fn some_keys_of_another_ones_config_map() {
    let bench = Bench::new("parts", &MAIN.replace("FORCE", "false"));
    let data = json!({ "mapUsers": "theirs", "mapRoles": "theirs" });
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "aws-auth" }, "data": data });
    bench.ask(Verb::Create, "/api/v1/namespaces/kube-system/configmaps?fieldManager=eks", Some(map)).unwrap();
    bench.env.levee(["apply", "-auto-approve"]).refused().says(".data.mapRoles of eks").says("force = true");

    bench.write(&MAIN.replace("FORCE", "true"));
    bench.apply();
    bench.is_settled();
    bench.env.levee(["output", "told"]).ok().says("2 keys, 2 nodes, v1.");
    bench.edit(MAP, json!({ "data": { "mapUsers": "theirs too" } }));
    bench.is_settled();

    bench.destroy();
    let left = bench.get(MAP).unwrap();
    assert_eq!(left["data"], json!({ "mapUsers": "theirs too" }));
    assert_eq!(left["metadata"].get("labels"), None);
    bench.delete(MAP);
}
