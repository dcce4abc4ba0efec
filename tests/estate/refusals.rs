//! Calls that the cloud refuses: throttling is waited out, other refusals are told, and the next apply goes on.

use crate::estate::{Estate, figure};
use crate::ownership;
use serde_json::json;

#[test]
fn throttling_is_waited_out() {
    let estate = Estate::new("throttled");
    let rule = |action: &str, skip: u32| json!({ "action": action, "kind": "error", "skip": skip, "times": 3 });
    let rules = [rule("Create.*", 2), rule("Describe.*", 1), rule("Attach.*|Put.*", 0), rule("Modify.*|Associate.*", 1)];
    estate.control.post("faults", &rules.to_vec().into());
    let out = estate.levee(["apply", "-auto-approve"]).ok();
    figure(&format!("throttled: apply took {:?}", out.elapsed));
    let hits = estate.control.get("faults");
    assert!(hits.as_array().expect("a list").iter().all(|rule| rule["hits"] == 3), "every rule was used: {hits}");
    ownership::check(&estate);
    estate.is_settled();
}

#[test]
fn a_refusal_is_told_and_the_rest_goes_on() {
    let estate = Estate::new("refused");
    let rule = json!({
        "service": "eks", "action": "CreateNodegroup", "kind": "error", "status": 403, "code": "AccessDeniedException",
        "message": "nobody may make node groups today",
    });
    estate.control.post("faults", &rule);
    let out = estate.levee(["apply", "-auto-approve"]).refused().says("1 failed, 0 not started");
    out.says("aws_eks_node_group.this[\"ng\"]").says("nobody may make node groups today").says("on cluster.tf line");
    ownership::check(&estate);
    estate.levee(["apply", "-auto-approve"]).ok().says("1 added, 0 changed, 0 destroyed");
    ownership::check(&estate);
    estate.is_settled();
}
