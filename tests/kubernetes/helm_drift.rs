//! What others do to a release: upgrades, rollbacks, a record that is gone, and objects of the chart that somebody edits.

use crate::helm::{helm, listed, status, write_chart};
use crate::plane::Bench;
use serde_json::json;

const MAIN: &str = r#"
resource "helm_release" "web" {
  name             = "web"
  namespace        = "CASE"
  create_namespace = true
  chart            = "./chart"
  values           = [yamlencode({ greeting = "hello" })]
  set_sensitive    = [{ name = "db.password", value = "hush-hush" }]
}
"#;

fn installed(case: &str) -> Bench {
    let bench = Bench::new(case, &MAIN.replace("CASE", case));
    write_chart(&bench, "1.0.0");
    bench.apply();
    bench
}

fn ended(bench: &Bench, case: &str) {
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

#[test]
fn what_others_did_is_told_and_undone() {
    let case = "helm-drift";
    let bench = installed(case);
    let chart = bench.env.path("chart").display().to_string();
    let upgrade = |set: &str| helm(&bench, bench.helm4(), &["upgrade", "web", &chart, "-n", case, "--reuse-values", "--set", set]);

    upgrade("greeting=bye");
    let planned = bench.env.levee(["plan"]).ok();
    planned
        .clone()
        .says("Plan: 0 to add, 1 to change, 0 to destroy.")
        .says("its values were changed outside of levee (it is at revision 2)");
    planned.says("~ v1/ConfigMap/web").says("~ data.upper: BYE -> HELLO").hides("hush-hush");
    bench.apply();
    bench.is_settled();
    assert_eq!(status(&bench, case, "web"), ("3".into(), "deployed".into()));

    // A value that is not shown is compared all the same.
    upgrade("db.password=other-one");
    bench.env.levee(["plan"]).ok().says("1 to change").says("changed outside of levee").hides("hush-hush").hides("other-one");
    bench.apply();

    helm(&bench, bench.helm4(), &["rollback", "web", "2", "-n", case]);
    bench.env.levee(["plan"]).ok().says("1 to change").says("it is at revision 6");
    bench.apply();
    bench.is_settled();

    // Objects of the chart are Helm's: what somebody edits in them is no difference of the release.
    bench.edit(&format!("/api/v1/namespaces/{case}/configmaps/web"), json!({ "data": { "greeting": "edited" } }));
    bench.is_settled();
    ended(&bench, case);
}

#[test]
fn a_release_without_its_record_is_gone() {
    let case = "helm-gone";
    let bench = installed(case);
    bench.delete(&format!("/api/v1/namespaces/{case}/secrets/sh.helm.release.v1.web.v1"));
    bench.env.levee(["plan"]).ok().says("Plan: 1 to add, 0 to change, 0 to destroy.").says("deleted outside of levee");
    bench.apply();
    bench.is_settled();

    // What is there already under that name is not taken.
    bench.env.levee(["state", "rm", "helm_release.web"]).ok();
    bench.env.levee(["apply", "-auto-approve"]).refused().says("there is a release helm-gone/web already").says("import it");
    bench.env.levee(["import", "helm_release.web", "helm-gone/web"]).ok();
    bench.apply();
    bench.is_settled();
    ended(&bench, case);
    assert!(listed(&bench, case).is_empty());
}
