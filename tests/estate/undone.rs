//! Every type of the AWS provider and every kind of change, undone: what boto3 sees is what it was before, up to ids, and the
//! earlier configuration has nothing left to do.

use crate::estate::Estate;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const MAIN: &str = include_str!("every_type.tf");

/// What an account holds, with names in place of ids and without what counts changes, in one order.
fn seen(estate: &Estate) -> String {
    let dump = estate.script("inspect_estate.py").json();
    let mut names = BTreeMap::new();
    named(&dump, &mut names);
    let text = names.iter().fold(dump.to_string(), |text, (id, name)| text.replace(id, name));
    let dump: Json = serde_json::from_str(&text).expect("names need no quotes");
    format!("{:#}", ordered(&dump))
}

fn named(value: &Json, names: &mut BTreeMap<String, String>) {
    if let (Some(id), Some(name)) = (value["id"].as_str(), value["tags"]["Name"].as_str()) {
        // The group that a cluster makes for itself has a number in its name.
        let said = if name.starts_with("eks-cluster-sg-") { name.trim_end_matches(|c: char| c.is_ascii_digit()) } else { name };
        names.insert(id.to_owned(), format!("<{said}>"));
        names.insert(name.to_owned(), said.to_owned());
    }
    match value {
        Json::Object(members) => members.values().for_each(|v| named(v, names)),
        Json::Array(items) => items.iter().for_each(|v| named(v, names)),
        _ => {}
    }
}

fn ordered(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            // Tables, groups and versions that AWS makes itself have no name; there are as many as before.
            let kept = members.iter().filter(|(name, _)| *name != "versions" && *name != "issuer");
            let nameless = members.contains_key("id") && value["tags"]["Name"].is_null();
            Json::Object(kept.filter(|(name, _)| !nameless || *name != "id").map(|(n, v)| (n.clone(), ordered(v))).collect())
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(ordered).collect();
            items.sort_by_key(ToString::to_string);
            Json::Array(items)
        }
        other => other.clone(),
    }
}

fn stage(estate: &Estate, verb: &[&str], stage: u8) -> crate::test_env::Output {
    let mut command = estate.env.command(verb);
    command.arg(format!("-var=stage={stage}"));
    estate.env.run(command)
}

/// Goes from one stage to another, and back by a rollback.
#[track_caller]
fn there_and_back(estate: &Estate, from: u8, to: u8) {
    let before = seen(estate);
    stage(estate, &["apply", "-auto-approve"], to).ok();
    assert_ne!(seen(estate), before, "nothing was done on the way from {from} to {to}");
    let out = estate.env.levee(["rollback", "-auto-approve"]).ok().says("Rollback complete!");
    let after = seen(estate);
    assert_eq!(after, before, "from {from} to {to} and back: {out}");
    stage(estate, &["plan", "-detailed-exitcode"], from).ok();
}

#[test]
fn every_type_and_every_kind_of_change() {
    let mut estate = Estate::written("undone", MAIN, &[]);
    stage(&estate, &["apply", "-auto-approve"], 0).ok();
    there_and_back(&estate, 0, 1);
    estate.env.set("TF_VAR_round", "2");
    stage(&estate, &["apply", "-auto-approve"], 1).ok();
    there_and_back(&estate, 1, 2);
    there_and_back(&estate, 1, 3);
    there_and_back(&estate, 1, 0);
    // What cannot be undone is told before, and left.
    let newer = "-var=cluster_version=1.31";
    stage(&estate, &["plan", newer], 1).ok().says("a Kubernetes version cannot be lowered");
    stage(&estate, &["apply", "-auto-approve", newer], 1).ok();
    estate.env.levee(["rollback", "-auto-approve"]).code(4).says("aws_eks_cluster.a[0]: a Kubernetes version cannot be lowered");
    stage(&estate, &["plan", "-detailed-exitcode", newer], 1).ok();
    assert_eq!(estate.control.get("unimplemented"), Json::Array(Vec::new()));
}
