//! Calls that the cloud refuses: throttling is waited out, other refusals are told, and the next apply goes on.

use crate::estate::{Estate, TIDEPOOL, figure};
use crate::ownership;
use serde_json::{Value as Json, json};

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
    ownership::check(&estate, TIDEPOOL);
    estate.is_settled();
}

/// Sixty groups, and an EC2 that bears thirty calls a second: levee asks too fast at first, finds its pace, and at the end hardly
/// a call is refused any more. Nothing is made twice, and nothing gives up.
#[test]
fn a_pace_that_a_service_bears_is_found() {
    let groups = r#"
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_security_group" "many" {
  count  = 60
  name   = "many-${count.index}"
  vpc_id = aws_vpc.main.id
}
"#;
    let estate = Estate::written("paced", groups, &[]);
    estate.control.post("faults", &json!({ "service": "ec2", "kind": "error", "times": -1, "rate": 30, "burst": 10 }));
    let out = estate.levee(["apply", "-auto-approve"]).ok().says("61 added");
    let calls = estate.control.get("calls");
    let log = calls["log"].as_array().expect("a list");
    let refused = |calls: &[Json]| calls.iter().filter(|c| c["fault"] == "error").count();
    let (first, last) = log.split_at(log.len() / 2);
    figure(&format!("paced: {} and {} of {} calls were refused; apply took {:?}", refused(first), refused(last), log.len(), out.elapsed));
    let made = log.iter().filter(|c| c["action"] == "CreateSecurityGroup" && c["fault"].is_null()).count();
    assert_eq!(made, 60, "each is made once");
    assert!(refused(first) > 0, "it was too fast at first");
    assert!(refused(last) * 3 < refused(first), "{} calls were refused at first, and {} later", refused(first), refused(last));
    estate.levee(["destroy", "-auto-approve"]).ok().says("61 destroyed");
}

#[test]
fn a_refusal_is_told_and_the_rest_goes_on() {
    let estate = Estate::new("refused");
    let rule = json!({
        "service": "eks", "action": "CreateNodegroup", "kind": "error", "status": 403, "code": "AccessDeniedException",
        "message": "nobody may make node groups today",
    });
    estate.control.post("faults", &rule);
    // The add-ons wait for nodes.
    let out = estate.levee(["apply", "-auto-approve"]).refused().says("1 failed, 5 not started");
    out.says("aws_eks_node_group.this[\"ng\"]").says("nobody may make node groups today").says("on cluster.tf line");
    ownership::check(&estate, TIDEPOOL);
    estate.levee(["apply", "-auto-approve"]).ok().says("6 added, 0 changed, 0 destroyed");
    ownership::check(&estate, TIDEPOOL);
    estate.is_settled();
}
