//! For each type of the AWS provider: its create goes through, the process is gone before the answer comes, and the next run adopts
//! exactly that object.

use crate::estate::{Estate, figure};
use crate::kept_promises::FAST;
use crate::ownership;
use crate::story::SMALL;
use crate::test_env::until;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Instant;

/// The call that makes an object of a type.
const CALLS: [(&str, &str); 27] = [
    ("aws_vpc", "CreateVpc"),
    ("aws_subnet", "CreateSubnet"),
    ("aws_internet_gateway", "CreateInternetGateway"),
    ("aws_eip", "AllocateAddress"),
    ("aws_nat_gateway", "CreateNatGateway"),
    ("aws_route_table", "CreateRouteTable"),
    ("aws_route", "CreateRoute"),
    ("aws_route_table_association", "AssociateRouteTable"),
    ("aws_security_group", "CreateSecurityGroup"),
    ("aws_vpc_security_group_ingress_rule", "AuthorizeSecurityGroupIngress"),
    ("aws_vpc_security_group_egress_rule", "AuthorizeSecurityGroupEgress"),
    ("aws_vpc_peering_connection", "CreateVpcPeeringConnection"),
    ("aws_vpc_peering_connection_accepter", "AcceptVpcPeeringConnection"),
    ("aws_vpc_peering_connection_options", "ModifyVpcPeeringConnectionOptions"),
    ("aws_iam_role", "CreateRole"),
    ("aws_iam_policy", "CreatePolicy"),
    ("aws_iam_role_policy", "PutRolePolicy"),
    ("aws_iam_role_policy_attachment", "AttachRolePolicy"),
    ("aws_iam_instance_profile", "CreateInstanceProfile"),
    ("aws_iam_openid_connect_provider", "CreateOpenIDConnectProvider"),
    ("aws_eks_cluster", "CreateCluster"),
    ("aws_eks_node_group", "CreateNodegroup"),
    ("aws_eks_fargate_profile", "CreateFargateProfile"),
    ("aws_eks_access_entry", "CreateAccessEntry"),
    ("aws_eks_access_policy_association", "AssociateAccessPolicy"),
    ("aws_eks_pod_identity_association", "CreatePodIdentityAssociation"),
    ("aws_eks_addon", "CreateAddon"),
];
/// These make their objects in two calls.
const SECRETS: [(&str, &str); 2] = [("aws_secretsmanager_secret", "CreateSecret"), ("aws_secretsmanager_secret_version", "PutSecretValue")];

#[test]
fn an_object_whose_answer_never_came_is_adopted() {
    let estate = Estate::written("every-type", include_str!("small.tf"), &FAST);
    for (kind, call) in CALLS.into_iter().chain(SECRETS) {
        let began = Instant::now();
        estate.start_over();
        // It happens at once, and its answer would come when the process is long gone.
        estate.control.post("faults", &json!({ "action": call, "kind": "delay_after", "seconds": 20, "times": 1 }));
        let mut run = estate.command(&["apply", "-auto-approve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        until(call, || estate.control.get("faults")[0]["hits"] == 1 && is_at_rest(&estate));
        run.kill().expect("it can be killed");
        run.wait().expect("it has ended");
        let before = ids(&estate);
        let out = estate.levee(["apply", "-auto-approve"]).ok().says(&format!("{kind}."));
        assert!(out.stdout.contains("Left open by an earlier run: adopted"), "{kind}: {out}");
        let lost: Vec<_> = before.difference(&ids(&estate)).cloned().collect();
        assert!(lost.is_empty(), "{kind}: made anew: {lost:?}");
        ownership::check(&estate, SMALL);
        estate.is_settled();
        figure(&format!("{kind}: adopted, {:?}", began.elapsed()));
    }
}

/// Whether nothing happens any more: the call whose answer is held back is all that is waited for.
fn is_at_rest(estate: &Estate) -> bool {
    let total = || estate.control.get("calls")["total"].clone();
    let before = total();
    std::thread::sleep(std::time::Duration::from_millis(400));
    before == total()
}

fn ids(estate: &Estate) -> BTreeSet<String> {
    let world = estate.control.get("world");
    let id = |object: &Json| format!("{} {}", object["type"], object["id"]);
    world.as_array().into_iter().flatten().map(id).collect()
}
