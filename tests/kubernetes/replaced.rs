//! What cannot be changed is made anew, and the plan says because of what; what can, is changed.

use crate::plane::Bench;
use serde_json::Value as Json;

const MAIN: &str = r#"
resource "kubernetes_namespace" "this" {
  metadata { name = "replaced" }
}
locals {
  ns = kubernetes_namespace.this.metadata[0].name
}
resource "kubernetes_job_v1" "this" {
  metadata {
    name      = "job"
    namespace = local.ns
  }
  spec {
    template {
      metadata {}
      spec {
        restart_policy = "Never"
        container {
          name  = "it"
          image = "registry.test/it:LEVEL"
        }
      }
    }
  }
}
resource "kubernetes_service" "this" {
  metadata {
    name      = "web"
    namespace = local.ns
  }
  spec {
    cluster_ip = LEVEL == 1 ? null : "None"
    port { port = 80 }
  }
}
resource "kubernetes_persistent_volume_claim" "this" {
  metadata {
    name      = "data"
    namespace = local.ns
  }
  wait_until_bound = false
  spec {
    access_modes       = ["ReadWriteOnce"]
    storage_class_name = "class-LEVEL"
    resources { requests = { storage = "1Gi" } }
  }
}
resource "kubernetes_stateful_set" "this" {
  metadata {
    name      = "db"
    namespace = local.ns
  }
  wait_for_rollout = false
  spec {
    service_name = "db"
    selector { match_labels = { app = "db" } }
    template {
      metadata { labels = { app = "db" } }
      spec {
        container {
          name  = "db"
          image = "registry.test/db:1"
        }
      }
    }
    volume_claim_template {
      metadata { name = "data" }
      spec {
        access_modes = ["ReadWriteOnce"]
        resources { requests = { storage = "LEVELGi" } }
      }
    }
  }
}
resource "kubernetes_config_map" "frozen" {
  metadata {
    name      = "frozen"
    namespace = local.ns
  }
  immutable = true
  data      = { level = "LEVEL" }
}
resource "kubernetes_manifest" "this" {
  manifest = {
    apiVersion = "apps/v1"
    kind       = "Deployment"
    metadata   = { name = "web", namespace = local.ns }
    spec = {
      selector = { matchLabels = { app = "web-LEVEL" } }
      template = {
        metadata = { labels = { app = "web-LEVEL" } }
        spec     = { containers = [{ name = "web", image = "registry.test/web:1" }] }
      }
    }
  }
}
resource "kubernetes_config_map" "open" {
  metadata {
    name      = "open"
    namespace = local.ns
  }
  data = { level = "LEVEL" }
}
"#;

const BECAUSE: &[(&str, &str)] = &[
    ("kubernetes_job_v1.this", "spec[0].template[0].spec[0].container[0].image"),
    ("kubernetes_service.this", "spec[0].cluster_ip"),
    ("kubernetes_persistent_volume_claim.this", "spec[0].storage_class_name"),
    ("kubernetes_stateful_set.this", "spec[0].volume_claim_template[0].spec[0].resources[0].requests"),
    ("kubernetes_config_map.frozen", "data"),
    ("kubernetes_manifest.this", "manifest.spec.selector"),
];

#[test]
fn what_cannot_be_changed_is_made_anew() {
    let bench = Bench::new("replaced", &MAIN.replace("LEVEL", "1"));
    bench.apply();
    let uid = |live: Option<Json>| live.expect("it is there")["metadata"]["uid"].clone();
    let path = "/apis/apps/v1/namespaces/replaced/deployments/web";
    let before = uid(bench.get(path));
    bench.write(&MAIN.replace("LEVEL", "2"));
    let mut planned = bench.env.levee(["plan"]).ok().says("Plan: 6 to add, 1 to change, 6 to destroy.");
    for (address, why) in BECAUSE {
        planned = planned.says(&format!("{address} must be replaced: {why} cannot be changed in place"));
    }
    bench.apply();
    bench.is_settled();
    assert_ne!(uid(bench.get(path)), before);
    bench.destroy();
}
