//! What a manifest waits for: fields, conditions, a rollout; and what of it the cluster fills in.

use crate::plane::Bench;
use levee_cluster::Verb;
use serde_json::json;

const SHELLS: &str = r#"
resource "kubernetes_manifest" "kind" {
  manifest = {
    apiVersion = "apiextensions.k8s.io/v1"
    kind       = "CustomResourceDefinition"
    metadata   = { name = "shells.waits.test" }
    spec = {
      group = "waits.test"
      names = { kind = "Shell", plural = "shells" }
      scope = "Cluster"
      versions = [{
        name         = "v1"
        served       = true
        storage      = true
        subresources = { status = {} }
        schema = { openAPIV3Schema = { type = "object", x-kubernetes-preserve-unknown-fields = true } }
      }]
    }
  }
}
resource "kubernetes_manifest" "shell" {
  manifest = {
    apiVersion = "waits.test/v1"
    kind       = "Shell"
    metadata   = { name = "one" }
    spec       = { tone = "low" }
  }
  computed_fields = ["spec.tone"]
  wait {
    fields = { "status.phase" = "^Up" }
    condition {
      type   = "Ready"
      status = "True"
    }
  }
  timeouts { create = "LIMIT" }
  depends_on = [kubernetes_manifest.kind]
}
"#;

const SHELL: &str = "/apis/waits.test/v1/shells/one";

#[test]
fn fields_and_conditions_are_waited_for() {
    let bench = Bench::new("shells", &SHELLS.replace("LIMIT", "2s"));
    let refused = bench.env.levee(["apply", "-auto-approve"]).refused();
    refused.says("not done after 2s").says("no condition Ready yet, no status.phase yet");
    let status = |phase: &str, ready: &str| {
        let conditions = json!([{ "type": "Ready", "status": ready, "message": "wet" }]);
        let body = json!({ "status": { "phase": phase, "conditions": conditions } });
        bench.ask(Verb::Merge, &format!("{SHELL}/status"), Some(body)).unwrap();
    };
    // It was given up, so it is made anew: the next one is looked after while levee waits.
    bench.write(&SHELLS.replace("LIMIT", "1m"));
    std::thread::scope(|scope| {
        let before = bench.get(SHELL).unwrap()["metadata"]["uid"].clone();
        let waiting = scope.spawn(|| bench.env.levee(["apply", "-auto-approve"]));
        crate::test_env::until("the new one", || bench.get(SHELL).is_some_and(|live| live["metadata"]["uid"] != before));
        status("Down", "False");
        status("Upright", "True");
        waiting.join().unwrap().ok();
    });
    bench.is_settled();
    // What the cluster fills in is no difference, whatever it is.
    bench.edit(SHELL, json!({ "spec": { "tone": "high" } }));
    bench.env.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.");
    bench.destroy();
}

#[test]
fn the_rollout_of_a_manifest_is_waited_for() {
    let main = r#"
resource "kubernetes_manifest" "this" {
  manifest = {
    apiVersion = "apps/v1"
    kind       = "Deployment"
    metadata   = { name = "rolled", namespace = "default" }
    spec = {
      replicas = 2
      selector = { matchLabels = { app = "rolled" } }
      template = {
        metadata = { labels = { app = "rolled" }, annotations = { "levee.sandbox/pod" = "POD" } }
        spec     = { hostNetwork = true, containers = [{ name = "web", image = "registry.test/web:1" }] }
      }
    }
  }
  wait { rollout = true }
  timeouts { create = "LIMIT" }
}
"#;
    let bench = Bench::new("rolled", &main.replace("POD", "crash-loop").replace("LIMIT", "3s"));
    let refused = bench.env.levee(["apply", "-auto-approve"]).refused();
    refused.says("0 of 2 pods ready, 2 CrashLoopBackOff").says("not done after 3s");
    bench.write(&main.replace("POD", "slow").replace("LIMIT", "1m"));
    bench.apply();
    bench.is_settled();
    let live = bench.get("/apis/apps/v1/namespaces/default/deployments/rolled").unwrap();
    assert_eq!(live["status"]["readyReplicas"], 2);
    bench.destroy();
}
