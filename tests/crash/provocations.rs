//! What a peer was provoked with, measured, and what it did wrong, as far as it takes an emulated AWS. The rest is in
//! `tests/cli/provocations.rs`; how many calls a first apply costs is in `tests/estate/life.rs`, and a delete that is refused while
//! a run is undone in `tests/cli/rollback.rs`.

use crate::estate::Estate;
use crate::kept_promises::FAST;
use crate::ownership;
use crate::story::SMALL;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn small(case: &str) -> Estate {
    Estate::written(case, include_str!("small.tf"), &FAST)
}

/// A quota midway: it too rolled back to nothing left, and never said at the end which error it had been.
#[test]
fn a_quota_is_rolled_back_from_and_said_at_the_end() {
    let estate = small("quota");
    let rule = json!({
        "service": "ec2", "action": "CreateNatGateway", "kind": "error", "status": 400, "code": "NatGatewayLimitExceeded",
        "message": "the limit of NAT gateways is reached",
    });
    estate.control.post("faults", &rule);
    let out = estate.levee(["apply", "-auto-approve", "-on-failure=rollback"]).code(1).says("NatGatewayLimitExceeded");
    let (_, end) = out.stdout.rsplit_once("Rollback complete!").expect("it is said");
    assert!(end.contains("aws_nat_gateway.main could not be created") && end.contains("NatGatewayLimitExceeded"), "{out}");
    assert_eq!(estate.control.get("world"), json!([]));
    estate.env.holds(&[]);
}

/// A refusal for lack of a right was taken for a right that has not spread yet: 27 calls in 48 s.
#[test]
fn what_is_not_allowed_is_asked_once() {
    let estate = small("not-allowed");
    let rule = |service: &str, action: &str, code: &str| json!({ "service": service, "action": action, "kind": "error", "status": 403, "code": code, "message": "not authorized", "times": -1 });
    let rules = [rule("ec2", "CreateInternetGateway", "UnauthorizedOperation"), rule("iam", "CreatePolicy", "AccessDenied")];
    estate.control.post("faults", &rules.to_vec().into());
    let out = estate.levee(["apply", "-auto-approve"]).refused().says("UnauthorizedOperation").says("AccessDenied");
    assert!(out.elapsed < Duration::from_secs(20), "{out}");
    let hits: Vec<Json> = estate.control.get("faults").as_array().expect("rules").iter().map(|r| r["hits"].clone()).collect();
    assert_eq!(hits, [json!(1), json!(1)], "each is asked once");
    estate.control.ask("DELETE", "faults", "");
    estate.levee(["resume"]).ok();
    ownership::check(&estate, SMALL);
    estate.is_settled();
}

/// It saw drift where there was none, and "reverted" it: four rules that were managed apart were deleted. And of nine changes by
/// hand it found three.
#[test]
fn drift_is_what_was_changed_and_nothing_else() {
    let estate = small("drift");
    estate.levee(["apply", "-auto-approve"]).ok();
    // What the accepter did to the connection is all that the state does not know yet.
    let seen = estate.levee(["plan", "-refresh-only"]).ok().says("accept_status");
    assert_eq!(seen.stdout.matches(" has changed").count(), 1, "{seen}");
    estate.levee(["apply", "-refresh-only", "-auto-approve"]).ok();
    estate.levee(["plan", "-refresh-only", "-detailed-exitcode"]).ok().says("No changes");
    estate.levee(["apply", "-auto-approve"]).ok().says("0 added, 0 changed, 0 destroyed");
    ownership::check(&estate, SMALL);
    estate.script(&Path::new("../crash/change_nine.py").display().to_string());
    estate.levee(["plan", "-out=p", "-detailed-exitcode"]).code(2);
    let plan = estate.env.levee(["show", "-json", "p"]).ok().json();
    let changing = plan["resource_changes"].as_array().into_iter().flatten().filter(|c| c["change"]["actions"] != json!(["no-op"]));
    let changes: BTreeMap<&str, &Json> = changing.map(|c| (c["address"].as_str().expect("an address"), &c["change"]["actions"])).collect();
    let (create, update) = (json!(["create"]), json!(["update"]));
    let expected = BTreeMap::from([
        ("aws_vpc.main", &update),
        ("aws_route.out", &create),
        ("aws_vpc_security_group_ingress_rule.main", &create),
        ("aws_security_group.main", &update),
        ("aws_iam_role_policy.main", &create),
        ("aws_iam_role_policy_attachment.main", &create),
        ("aws_iam_role.main[\"eks\"]", &update),
        ("aws_eks_node_group.main", &update),
        ("aws_secretsmanager_secret.main", &update),
    ]);
    assert_eq!(changes, expected);
    estate.levee(["apply", "-auto-approve"]).ok();
    ownership::check(&estate, SMALL);
    estate.is_settled();
}
