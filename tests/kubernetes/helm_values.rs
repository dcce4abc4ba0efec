//! Values that no file holds, values that are laid over earlier ones, and the rarer settings of a release.

use crate::helm::{release_of, status, three, write_chart};
use crate::plane::Bench;
use crate::test_env::holding;

fn text_in(bench: &Bench, case: &str, kind: &str, member: &str) -> String {
    let found = bench.get(&format!("/api/v1/namespaces/{case}/{kind}/web")).expect("an object");
    found["data"][member].as_str().unwrap_or_default().to_owned()
}

/// `set_wo` is in no state, no plan and no state file, and counts when its revision does.
#[test]
fn what_is_only_written_is_kept_nowhere() {
    let case = "helm-wo";
    let main = |password: &str, revision: u32| {
        release_of(case, &format!("  set_wo = [{{ name = \"db.password\", value = \"{password}\" }}]\n  set_wo_revision = {revision}"))
    };
    let bench = Bench::new(case, &main("known-to-none", 1));
    write_chart(&bench, "1.0.0");
    bench.env.levee(["apply", "-auto-approve"]).ok().hides("known-to-none");
    assert_eq!(text_in(&bench, case, "secrets", "password"), "a25vd24tdG8tbm9uZQ==");
    assert_eq!(holding(&bench.env.path(".levee"), &["known-to-none"]), [String::new(); 0]);
    bench.write(&main("another", 1));
    bench.is_settled();
    bench.write(&main("another", 2));
    bench.env.levee(["plan"]).ok().says("1 to change").says("set_wo_revision").hides("another");
    bench.apply();
    assert_eq!(text_in(&bench, case, "secrets", "password"), "YW5vdGhlcg==");
    assert_eq!(status(&bench, case, "web"), ("2".into(), "deployed".into()));
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

/// With `reuse_values` what an earlier revision was given stays; without, it is forgotten.
#[test]
fn values_are_laid_over_those_of_before() {
    let case = "helm-reuse";
    let mut bench = Bench::new(case, &release_of(case, "  values = [yamlencode({ team = \"lake\" })]\n  recreate_pods = true"));
    write_chart(&bench, "1.0.0");
    bench.apply();
    let later = |reuse: bool| release_of(case, &format!("  values = [yamlencode({{ greeting = \"bye\" }})]\n  reuse_values = {reuse}"));
    let team = |bench: &Bench| {
        let found = bench.get(&format!("/apis/apps/v1/namespaces/{case}/deployments/web")).expect("a deployment");
        found["metadata"]["labels"]["team"].as_str().unwrap_or_default().to_owned()
    };
    bench.write(&later(true));
    bench.apply();
    bench.is_settled();
    assert_eq!((team(&bench).as_str(), text_in(&bench, case, "configmaps", "upper").as_str()), ("lake", "BYE"));
    bench.write(&later(false));
    bench.apply();
    bench.is_settled();
    assert_eq!((team(&bench).as_str(), text_in(&bench, case, "configmaps", "upper").as_str()), ("sea", "BYE"));

    // Pods are made anew by Helm 3 alone; nothing is begun that Helm 4 cannot do.
    bench.write(&later(false).replace("reuse_values = false", "recreate_pods = true\n  description = \"anew\""));
    bench.env.levee(["apply", "-auto-approve"]).refused().says("Helm 4 has no way to do so");
    assert_eq!(status(&bench, case, "web"), ("3".into(), "deployed".into()));
    bench.env.set("LEVEE_HELM", &three());
    bench.apply();
    assert_eq!(status(&bench, case, "web"), ("4".into(), "deployed".into()));
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

/// With the experiment `manifest` what was rendered is an attribute, secrets left out.
#[test]
fn what_was_rendered_is_an_attribute_where_that_is_asked_for() {
    let case = "helm-manifest";
    let asked = "provider \"helm\" {\n  alias       = \"shown\"\n  experiments = { manifest = true }\n}\n";
    let release = release_of(case, "  provider = helm.shown\n  set_sensitive = [{ name = \"db.password\", value = \"hush-hush\" }]");
    let outputs = "output \"kinds\" { value = sort([for o in values(jsondecode(helm_release.web.manifest)) : o.kind]) }\n";
    let bench = Bench::new(case, &format!("{asked}{release}{outputs}"));
    write_chart(&bench, "1.0.0");
    bench.apply();
    bench.is_settled();
    let kinds = bench.env.levee(["output", "-json", "kinds"]).ok();
    kinds.says(r#"["ConfigMap","Deployment","Secret"]"#);
    bench.env.levee(["state", "show", "helm_release.web"]).ok().says("registry.test/it:1.0.0").hides("hush-hush");
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}
