//! Calls that went through and whose answers never came: nothing is made twice, and one apply is enough.

use crate::estate::{Estate, TIDEPOOL, figure};
use crate::{inspected, ownership};
use serde_json::json;

/// Each loses one answer.
const CREATES: [&str; 12] = [
    "CreateVpc",
    "CreateSubnet",
    "CreateRole",
    "CreateSecret",
    "CreateCluster",
    "AllocateAddress",
    "CreateInternetGateway",
    "CreateRouteTable",
    "CreateNatGateway",
    "CreateSecurityGroup",
    "CreateVpcPeeringConnection",
    "CreateNodegroup",
];

fn one_apply_in_spite_of(kind: &str) {
    let estate = Estate::new(&kind.replace('_', "-"));
    let rules: Vec<_> = CREATES.iter().map(|action| json!({ "action": action, "kind": kind, "times": 1 })).collect();
    estate.control.post("faults", &rules.into());
    let out = estate.levee(["apply", "-auto-approve"]).ok();
    figure(&format!("{kind}: apply took {:?}", out.elapsed));
    let hits = estate.control.get("faults");
    assert!(hits.as_array().expect("a list").iter().all(|rule| rule["hits"] == 1), "every rule was used: {hits}");
    ownership::check(&estate, TIDEPOOL);
    inspected::check(&estate.script("inspect_estate.py").json());
    estate.is_settled();
}

#[test]
fn the_connection_broke_after_the_call() {
    one_apply_in_spite_of("drop_after");
}

#[test]
fn half_an_answer_came() {
    one_apply_in_spite_of("truncate");
}
