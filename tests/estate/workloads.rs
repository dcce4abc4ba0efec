//! The estate with what runs on it: cluster and workloads in one apply, though it is killed while Helm installs; an upgrade, that run
//! undone, and the end of everything.

use crate::estate::{Estate, figure};
use crate::hand::Hand;
use crate::ownership;
use crate::test_env::{Output, until};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

/// Helm's record of the first revision of the environment's release.
const RECORD: &str = "/api/v1/namespaces/qa2/secrets/sh.helm.release.v1.tidepool.v1";

#[test]
fn cluster_and_workloads_are_one_estate() {
    let estate = Estate::whole("workloads");
    let hand = kill_while_helm_installs(&estate);
    let began = Instant::now();
    estate.levee(["apply", "-auto-approve"]).ok();
    figure(&format!("resumed: {:?}", began.elapsed()));
    let token = token(&estate);
    estate.is_settled();
    let first = agrees(&hand, &estate, "v1.7.0");
    admits(&estate, &hand);

    let newer = rolled_out(&estate, "v1.8.0");
    newer.says("0 added, 1 changed, 0 destroyed").hides(&token);
    assert_eq!(agrees(&hand, &estate, "v1.8.0")["tidepool"], first["tidepool"] + 1);
    estate.env.levee(["rollback", "-auto-approve"]).ok().says("Rollback complete!").hides(&token);
    assert_eq!(agrees(&hand, &estate, "v1.7.0")["tidepool"], first["tidepool"] + 2);
    estate.is_settled();

    let out = estate.levee(["destroy", "-auto-approve"]).ok();
    figure(&format!("destroyed: {:?}", out.elapsed));
    assert_eq!(estate.control.get("world"), json!([]));
    assert_eq!(estate.control.get("unimplemented"), json!([]));
    estate.env.holds(&[]);
}

/// Begins to make everything, and kills that as soon as Helm has noted that it installs the environment's release.
fn kill_while_helm_installs(estate: &Estate) -> Hand {
    let mut command = estate.command(&["apply", "-auto-approve"]);
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("levee can be started");
    let out = BufReader::new(run.stdout.take().expect("it is piped"));
    let mut told = out.lines().map_while(Result::ok);
    let is_near = |l: &String| l.contains("kubernetes_namespace_v1.this[\"qa2\"]: Creation complete");
    told.by_ref().find(is_near).expect("the namespace is made");
    let hand = Hand::of(estate, "test1", None);
    // What is told must be read, or levee waits for its reader.
    let reader = std::thread::spawn(move || told.for_each(drop));
    until("Helm's record", || hand.get(RECORD).is_some());
    run.kill().expect("it can be killed");
    run.wait().expect("it has ended");
    reader.join().expect("it reads to the end");
    figure(&format!("killed while the release was {}", hand.get(RECORD).expect("a record")["metadata"]["labels"]["status"]));
    hand
}

fn rolled_out(estate: &Estate, tag: &str) -> Output {
    let mut command = estate.command(&["apply", "-auto-approve"]);
    command.arg(format!("-var=image_tag={tag}"));
    estate.env.run(command).ok()
}

/// As whom metrics are sent: what must never be told.
fn token(estate: &Estate) -> String {
    let mut found = None;
    ownership::walk(&estate.state()["values"]["root_module"], &mut |r| {
        if r["address"] == "random_password.secret[\"datadog/datadog/token\"]" {
            found = r["values"]["result"].as_str().map(str::to_owned);
        }
    });
    found.expect("a token")
}

/// Helm and Kubernetes find what is configured. The revision of each release.
#[track_caller]
fn agrees(hand: &Hand, estate: &Estate, tag: &str) -> BTreeMap<String, u64> {
    let listed = hand.helm(estate, &["list", "--all-namespaces"]);
    let releases = listed.as_array().expect("releases");
    let row = |r: &Json| ["namespace", "name", "status", "chart"].map(|f| r[f].as_str().unwrap_or_default().to_owned());
    let rows: Vec<_> = releases.iter().map(row).collect();
    let expected = [
        ["gateway", "gateway", "deployed", "gateway-0.3.0"],
        ["datadog", "monitoring", "deployed", "monitoring-0.2.1"],
        ["qa2", "tidepool", "deployed", "tidepool-0.1.7"],
    ];
    assert_eq!(rows, expected);
    services(hand, tag);
    custom_resources(hand);
    let revision = |r: &Json| (r["name"].as_str().unwrap_or_default().to_owned(), r["revision"].as_str().and_then(|n| n.parse().ok()));
    releases.iter().map(revision).map(|(name, n)| (name, n.expect("a revision"))).collect()
}

#[track_caller]
fn services(hand: &Hand, tag: &str) {
    let deployments = hand.get("/apis/apps/v1/namespaces/qa2/deployments").expect("deployments");
    let seen: BTreeMap<&str, (&str, bool)> = deployments["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|d| {
            let image = d["spec"]["template"]["spec"]["containers"][0]["image"].as_str().expect("an image");
            let is_ready = d["status"]["readyReplicas"] == d["spec"]["replicas"];
            (d["metadata"]["name"].as_str().expect("a name"), (image.rsplit(':').next().expect("a tag"), is_ready))
        })
        .collect();
    let expected = ["blip", "blob", "hydrophone", "image", "jellyfish", "shoreline"];
    assert_eq!(seen, expected.into_iter().map(|name| (name, (tag, true))).collect());
    // The job before is gone when it is done; the one after stays.
    assert_eq!(hand.names("/apis/batch/v1/jobs"), ["qa2/tidepool-smoke"]);
    let gateway = hand.get("/api/v1/namespaces/gateway/services/gateway").expect("the gateway");
    assert!(gateway["status"]["loadBalancer"]["ingress"][0]["hostname"].is_string(), "{gateway:#}");
    let claim = hand.get("/api/v1/namespaces/datadog/persistentvolumeclaims/data-prometheus-0").expect("a claim");
    assert_eq!(claim["status"]["phase"], "Bound");
    assert_eq!(hand.names("/api/v1/nodes").len(), 4);
}

#[track_caller]
fn custom_resources(hand: &Hand) {
    for (path, expected) in [
        ("/apis/external-secrets.io/v1/externalsecrets", &["datadog/datadog", "qa2/dexcom-api", "qa2/mongo", "qa2/server"][..]),
        ("/apis/external-secrets.io/v1/clustersecretstores", &["/aws"]),
        ("/apis/cert-manager.io/v1/certificates", &["qa2/api"]),
        ("/apis/helm.toolkit.fluxcd.io/v2/helmreleases", &["external-dns/external-dns", "external-secrets/external-secrets"]),
        ("/apis/gateway.tidepool.test/v1/virtualhosts", &["qa2/tidepool"]),
    ] {
        assert_eq!(hand.names(path), expected, "{path}");
    }
}

/// Service accounts act as their roles, and who deploys may do that and nothing else.
fn admits(estate: &Estate, hand: &Hand) {
    let account = hand.get("/api/v1/namespaces/qa2/serviceaccounts/blob").expect("an account");
    assert_eq!(account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"], "arn:aws:iam::123456789012:role/test1-qa2-blob");
    let deployer = Hand::of(estate, "test1", Some("arn:aws:iam::123456789012:role/test1-deployer"));
    assert!(deployer.look("/apis/apps/v1/namespaces/qa2/deployments/blip").is_ok_and(|found| found.is_some()));
    assert_eq!(deployer.look("/api/v1/namespaces/qa2/secrets"), Err("Forbidden".to_owned()));
    let viewer = Hand::of(estate, "test1", Some("arn:aws:iam::123456789012:role/test1-viewer"));
    assert!(viewer.look("/apis/cert-manager.io/v1/certificates").is_ok_and(|found| found.is_some()));
    assert_eq!(viewer.look("/api/v1/secrets"), Err("Forbidden".to_owned()));
}
