//! Waits tell what they see.

use crate::plane::Bench;

fn deployment(pod: &str, limit: &str) -> String {
    r#"
resource "kubernetes_deployment" "this" {
  metadata { name = "stuck" }
  spec {
    replicas = 2
    selector {
      match_labels = { app = "stuck" }
    }
    template {
      metadata {
        labels      = { app = "stuck" }
        annotations = { "levee.sandbox/pod" = "POD" }
      }
      spec {
        container {
          name  = "web"
          image = "registry.test/web:1"
        }
      }
    }
  }
  timeouts {
    create = "LIMIT"
    update = "30s"
  }
}
"#
    .replace("POD", pod)
    .replace("LIMIT", limit)
}

#[test]
fn a_rollout_says_what_keeps_its_pods() {
    let bench = Bench::new("stuck", &deployment("image-pull-backoff", "4s"));
    let refused = bench.env.levee(["apply", "-auto-approve"]).refused();
    refused.says("0 of 2 pods ready, 2 ImagePullBackOff").says("is not done after 4s");
    // It is known all the same, and mended by the next run.
    bench.write(&deployment("slow", "30s"));
    bench.apply();
    bench.is_settled();
    bench.destroy();
}

#[test]
fn a_job_that_fails_says_why() {
    let job = r#"
resource "kubernetes_job_v1" "this" {
  metadata { name = "fails" }
  spec {
    backoff_limit = 0
    template {
      metadata {
        annotations = { "levee.sandbox/pod" = "fail" }
      }
      spec {
        restart_policy = "Never"
        container {
          name  = "it"
          image = "registry.test/it:1"
        }
      }
    }
  }
}
"#;
    let bench = Bench::new("fails", job);
    bench.env.levee(["apply", "-auto-approve"]).refused().says("jobs.batch default/fails: Job has reached the specified backoff limit");
    bench.destroy();
}
