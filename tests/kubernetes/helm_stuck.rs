//! Releases that were left half done, by others and by us.

use crate::helm::{listed, release_of, status, write_chart};
use crate::plane::Bench;
use crate::test_env::until;
use levee_cluster::Verb;
use serde_json::json;
use std::process::{Command, Stdio};

fn main_of(case: &str, greeting: &str) -> String {
    release_of(case, &format!("  values           = [yamlencode({{ greeting = \"{greeting}\" }})]"))
}

/// Rewrites a release record, as a helm leaves it that was killed.
fn leave(bench: &Bench, case: &str, revision: u32, wanted: &str) {
    let path = format!("/api/v1/namespaces/{case}/secrets/sh.helm.release.v1.web.v{revision}");
    let secret = bench.get(&path).expect("a record");
    let script = "import base64,gzip,json,sys\n\
        r=json.loads(gzip.decompress(base64.b64decode(base64.b64decode(sys.argv[1]))))\n\
        r['info']['status']=sys.argv[2]\n\
        print(base64.b64encode(base64.b64encode(gzip.compress(json.dumps(r).encode()))).decode())";
    let packed = secret["data"]["release"].as_str().expect("data");
    let output = Command::new("python3").args(["-c", script, packed, wanted]).output().expect("python");
    let release = String::from_utf8(output.stdout).expect("text");
    let patch = json!({ "metadata": { "labels": { "status": wanted } }, "data": { "release": release.trim() } });
    bench.ask(Verb::Merge, &path, Some(patch)).expect("it is there");
}

#[test]
fn each_status_is_mended() {
    let case = "helm-stuck";
    let bench = Bench::new(case, &main_of(case, "hello"));
    write_chart(&bench, "1.0.0");
    bench.apply();
    for (status_left, words) in [
        ("pending-install", "its installation was cut off: it is uninstalled and installed anew"),
        ("uninstalling", "its removal was cut off"),
        ("failed", "its installation has failed: it is taken over and upgraded"),
    ] {
        leave(&bench, case, 1, status_left);
        bench.env.levee(["plan"]).ok().says("1 to change").says(words).says(&format!("\"{status_left}\" -> \"deployed\""));
        bench.apply();
        bench.is_settled();
    }
    assert_eq!(status(&bench, case, "web"), ("2".into(), "deployed".into()));

    // From now on there is a revision to go back to.
    let mut revision = 2;
    for (status_left, words) in [
        ("pending-upgrade", "its upgrade to revision 3 was cut off"),
        ("failed", "revision 6 has failed: it is rolled back"),
        ("pending-rollback", "its rollback to revision 9 was cut off"),
    ] {
        bench.write(&main_of(case, &format!("hello {revision}")));
        bench.apply();
        revision += 1;
        leave(&bench, case, revision, status_left);
        leave(&bench, case, revision - 1, "deployed");
        bench.env.levee(["plan"]).ok().says("1 to change").says(words);
        bench.apply();
        bench.is_settled();
        revision += 2;
    }
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

/// The same, with pods that behave so.
fn with_pods(case: &str, annotations: &str) -> String {
    main_of(case, "hello").replace("greeting = \"hello\"", &format!("greeting = \"hello\", annotations = {{ {annotations} }}"))
}

/// Begins an apply, and kills it when helm has installed the deployment and waits for its pods.
fn killed(bench: &Bench, case: &str, and_helm: bool) {
    write_chart(bench, "1.0.0");
    let mut command = bench.env.command(&["apply", "-auto-approve"]);
    let mut levee = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("levee");
    let path = format!("/apis/apps/v1/namespaces/{case}/deployments/web");
    until("the installation", || bench.get(&path).is_some());
    let helms = children(levee.id());
    assert_eq!(helms.len(), 1, "levee runs one helm");
    levee.kill().expect("a kill");
    levee.wait().expect("an end");
    for helm in helms.iter().filter(|_| and_helm) {
        Command::new("kill").args(["-9", &helm.to_string()]).status().expect("a kill");
    }
}

/// The processes that a process has started.
fn children(of: u32) -> Vec<u32> {
    let threads = std::fs::read_dir(format!("/proc/{of}/task")).into_iter().flatten().filter_map(Result::ok);
    let texts = threads.filter_map(|t| std::fs::read_to_string(t.path().join("children")).ok());
    texts.flat_map(|t| t.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>()).collect()
}

#[test]
fn a_kill_of_all_in_the_middle_of_an_installation() {
    let case = "helm-killed";
    let bench = Bench::new(case, &with_pods(case, r#""levee.sandbox/pod" = "unready""#));
    killed(&bench, case, true);
    assert_eq!(status(&bench, case, "web"), ("1".into(), "pending-install".into()));
    bench.write(&main_of(case, "hello"));
    bench.env.levee(["apply", "-auto-approve"]).ok().says("its installation was cut off");
    bench.is_settled();
    assert_eq!(listed(&bench, case).len(), 1);
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}

#[test]
fn a_kill_that_helm_outlives() {
    let case = "helm-outlived";
    let bench = Bench::new(case, &with_pods(case, r#""levee.sandbox/pod" = "slow", "levee.sandbox/after" = "5s""#));
    killed(&bench, case, false);
    bench.env.levee(["resume"]).ok();
    bench.is_settled();
    assert_eq!(status(&bench, case, "web"), ("1".into(), "deployed".into()), "what helm has finished is not begun again");
    bench.destroy();
    bench.delete(&format!("/api/v1/namespaces/{case}"));
}
