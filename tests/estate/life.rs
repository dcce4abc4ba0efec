//! The estate from its first apply to its end, with the calls that each command costs.

use crate::estate::{Estate, TIDEPOOL, figure};
use crate::{inspected, ownership};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Calls that wait for an object that is being made: all but the first are waits.
const WAITS: [&str; 4] = ["eks.DescribeCluster", "eks.DescribeNodegroup", "eks.DescribeAddon", "ec2.DescribeNatGateways"];

#[test]
fn it_is_made_kept_mended_and_destroyed() {
    let estate = Estate::new("life");
    let objects = make(&estate);
    let before = estate.script("inspect_estate.py").json();
    inspected::check(&before);
    ownership::check(&estate, TIDEPOOL);
    plan_nothing(&estate, objects);
    see_what_was_changed(&estate);
    let after = estate.script("inspect_estate.py").json();
    assert_eq!(before, after, "it is as it was");
    estate.is_settled();
    destroy(&estate);
}

/// Applies, and yields how many objects there are.
fn make(estate: &Estate) -> u64 {
    let out = estate.levee(["apply", "-auto-approve"]).ok();
    let mut objects = 0;
    ownership::walk(&estate.state()["values"]["root_module"], &mut |r| objects += u64::from(r["mode"] == "managed"));
    let calls = estate.control.get("calls");
    let total = calls["total"].as_u64().expect("a number");
    let of = |name: &str| calls["counts"][name].as_u64().unwrap_or(0);
    let waits: u64 = WAITS.iter().map(|name| of(name).saturating_sub(1)).sum();
    figure(&format!("apply: {objects} objects in {:?}, {total} calls, {waits} of them waits", out.elapsed));
    figure(&format!("{:#}", calls["counts"]));
    assert!(total - waits <= 2 * objects, "at most two calls an object: {:#}", calls["counts"]);
    assert!(objects >= 80, "{objects}");
    assert_eq!(estate.control.get("unimplemented"), json!([]));
    objects
}

fn plan_nothing(estate: &Estate, objects: u64) {
    estate.control.post("calls/reset", &Json::Null);
    let out = estate.levee(["plan", "-detailed-exitcode"]).ok().says("No changes.").hides("Objects have changed outside of levee");
    let calls = estate.control.get("calls");
    let total = calls["total"].as_u64().expect("a number");
    figure(&format!("empty plan: {:?}, {total} calls", out.elapsed));
    assert!(2 * total <= objects, "at most one call for two objects: {:#}", calls["counts"]);
}

fn see_what_was_changed(estate: &Estate) {
    estate.script("tamper.py");
    let told = estate.levee(["plan", "-out=p", "-detailed-exitcode"]).code(2).says("Plan: 1 to add, 2 to change, 0 to destroy.");
    let plan = estate.env.levee(["show", "-json", "p"]).ok().json();
    let changing = plan["resource_changes"].as_array().into_iter().flatten().filter(|c| c["change"]["actions"] != json!(["no-op"]));
    let changes: BTreeMap<&str, &Json> = changing.map(|c| (c["address"].as_str().expect("an address"), &c["change"]["actions"])).collect();
    let (vpc, group, route) =
        ("module.network.aws_vpc.this", "aws_eks_node_group.this[\"ng\"]", "module.network.aws_route.nat[\"us-west-2d\"]");
    assert_eq!(changes, BTreeMap::from([(vpc, &json!(["update"])), (group, &json!(["update"])), (route, &json!(["create"]))]));
    let headlines: BTreeSet<&str> = told.stdout.lines().filter_map(|l| l.strip_prefix("  # ")).filter(|l| !l.starts_with('(')).collect();
    let expected = [
        format!("{vpc} has changed"),
        format!("{vpc} will be updated in-place"),
        format!("{group} has changed"),
        format!("{group} will be updated in-place"),
        format!("{route} has been deleted"),
        format!("{route} will be created"),
    ];
    assert_eq!(headlines, expected.iter().map(String::as_str).collect(), "{told}");
    estate.env.levee(["apply", "p"]).ok().says("1 added, 2 changed, 0 destroyed");
}

fn destroy(estate: &Estate) {
    estate.control.post("calls/reset", &Json::Null);
    let out = estate.levee(["destroy", "-auto-approve"]).ok();
    figure(&format!("destroy: {:?}, {} calls", out.elapsed, estate.control.get("calls")["total"]));
    assert_eq!(estate.control.get("world"), json!([]));
    assert_eq!(estate.control.get("unimplemented"), json!([]));
    estate.env.holds(&[]);
}
