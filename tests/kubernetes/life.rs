//! The life of every kind: made, settled, changed, settled, forgotten and imported, gone.

use crate::plane::Bench;
use serde_json::json;

const ALL: &str = include_str!("life.tf");

fn at(level: &str) -> String {
    ALL.replace("LEVEL", level)
}

#[test]
fn every_kind_lives() {
    let bench = Bench::new("life", &at("1"));
    bench.apply();
    bench.is_settled();
    let account = bench.env.levee(["state", "show", "kubernetes_service_account_v1.this"]).ok().attribute("id");
    assert!(account.starts_with("\"life/web-"), "{account}");

    bench.write(&at("2"));
    let planned = bench.env.levee(["plan"]).ok();
    // A job cannot change, and a namespace, an account and the bindings say nothing of a level.
    planned.clone().says("Plan: 0 to add, 23 to change, 0 to destroy.").hides("hush");
    bench.apply();
    bench.is_settled();
    let deployment = bench.get("/apis/apps/v1/namespaces/life/deployments/web").unwrap();
    assert_eq!(deployment["spec"]["template"]["spec"]["containers"][0]["image"], "registry.test/web:2");
    assert_eq!(deployment["metadata"]["annotations"].get("levee/op"), None, "a note of the making is not kept for ever");

    import_all(&bench);
    bench.destroy();
    assert_eq!(bench.get("/api/v1/namespaces/life"), None);
    assert_eq!(bench.get("/apis/scheduling.k8s.io/v1/priorityclasses/life-first"), None);
}

/// What state forgot is what it was when it is imported by its id. Of some kinds state knows what no cluster tells: whether
/// to wait, and which values are binary.
fn import_all(bench: &Bench) {
    let kept = [
        ("kubernetes_secret", "binary_data"),
        ("kubernetes_service_account_v1", "generate_name"),
        ("kubernetes_persistent_volume_claim_v1", "wait"),
    ];
    let listed = bench.env.levee(["state", "list"]).ok().stdout;
    for address in
        listed.lines().filter(|a| !a.starts_with("data.")).filter(|a| !kept.iter().any(|(kind, _)| a.starts_with(&format!("{kind}."))))
    {
        let id = bench.env.levee(["state", "show", address]).ok().attribute("id");
        bench.env.levee(["state", "rm", address]).ok();
        bench.env.levee(["import", address, id.trim_matches('"')]).ok();
    }
    bench.is_settled();
}

#[test]
fn what_is_there_is_not_taken() {
    let bench = Bench::new(
        "taken",
        r#"resource "kubernetes_config_map" "this" {
  metadata { name = "taken" }
  data = { a = "1" }
}"#,
    );
    let theirs = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "taken" }, "data": { "a": "theirs" } });
    let path = "/api/v1/namespaces/default/configmaps";
    bench.ask(levee_cluster::Verb::Create, path, Some(theirs)).unwrap();
    let refused = bench.env.levee(["apply", "-auto-approve"]).refused();
    refused.says("ConfigMap default/taken exists already").says("import it");
    assert_eq!(bench.get(&format!("{path}/taken")).unwrap()["data"]["a"], "theirs");
    bench.delete(&format!("{path}/taken"));
}

#[test]
fn what_no_cluster_knows_any_more_is_refused_by_name() {
    let bench = Bench::new("old", "resource \"kubernetes_ingress\" \"this\" {\n  metadata {\n    name = \"old\"\n  }\n}\n");
    let refused = bench.env.levee(["plan"]).refused();
    refused.says("\"kubernetes_ingress\"").says("use kubernetes_ingress_v1");
}
