//! Whether the cloud holds exactly what the state knows.

use crate::estate::Estate;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Every object of the cloud is known to the state, and every one of the state is there; so many at least.
#[track_caller]
pub(crate) fn check(estate: &Estate, objects: usize) {
    let (world, state) = (of_world(&estate.control.get("world")), of_state(&estate.state()));
    let strangers: Vec<_> = world.difference(&state).collect();
    let missing: Vec<_> = state.difference(&world).collect();
    assert!(strangers.is_empty(), "the cloud holds what the state does not know: {strangers:#?}");
    assert!(missing.is_empty(), "the state knows what is not there: {missing:#?}");
    assert!(world.len() >= objects, "both were read: {world:?}");
}

fn text<'a>(object: &'a Json, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {object}"))
}

fn texts<'a>(object: &'a Json, name: &str) -> impl Iterator<Item = &'a str> {
    object[name].as_array().into_iter().flatten().filter_map(Json::as_str)
}

/// As the sandbox lists it, without what EKS and EC2 make on their own: the cluster's group and network interfaces.
fn of_world(world: &Json) -> BTreeSet<String> {
    let objects = world.as_array().expect("a list");
    let of_eks: BTreeSet<&str> = objects.iter().filter(|o| !o["tags"]["aws:eks:cluster-name"].is_null()).map(|o| text(o, "id")).collect();
    let mut out = BTreeSet::new();
    for object in objects {
        let (kind, id) = (text(object, "type"), text(object, "id"));
        if kind == "network-interface" || of_eks.contains(id) || object["group_id"].as_str().is_some_and(|g| of_eks.contains(g)) {
            continue;
        }
        out.insert(format!("{kind} {id}"));
        match kind {
            "route-table" => {
                out.extend(texts(object, "routes").map(|cidr| format!("route {id} {cidr}")));
                out.extend(texts(object, "subnets").map(|subnet| format!("association {id} {subnet}")));
            }
            "iam-role" => {
                out.extend(texts(object, "inline").map(|name| format!("inline {id} {name}")));
                out.extend(texts(object, "attached").map(|arn| format!("attached {id} {arn}")));
            }
            _ => {}
        }
    }
    out
}

/// As `show -json` lists it.
fn of_state(state: &Json) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    walk(&state["values"]["root_module"], &mut |resource| {
        if resource["mode"] == "managed" {
            out.extend(named(text(resource, "type"), &resource["values"]));
        }
    });
    out
}

/// Calls `each` with every resource of a module and those below it.
pub(crate) fn walk(module: &Json, each: &mut dyn FnMut(&Json)) {
    module["resources"].as_array().into_iter().flatten().for_each(&mut *each);
    module["child_modules"].as_array().into_iter().flatten().for_each(|child| walk(child, each));
}

fn named(kind: &str, values: &Json) -> Option<String> {
    let with_id = |name: &str| Some(format!("{name} {}", text(values, "id")));
    let pair = |name: &str, a: &str, b: &str| Some(format!("{name} {} {}", text(values, a), text(values, b)));
    match kind {
        "aws_vpc" => with_id("vpc"),
        "aws_subnet" => with_id("subnet"),
        "aws_internet_gateway" => with_id("internet-gateway"),
        "aws_nat_gateway" => with_id("nat-gateway"),
        "aws_eip" => with_id("elastic-ip"),
        "aws_route_table" => with_id("route-table"),
        "aws_security_group" => with_id("security-group"),
        "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule" => with_id("security-group-rule"),
        "aws_vpc_peering_connection" => with_id("vpc-peering-connection"),
        "aws_eks_cluster" => with_id("eks-cluster"),
        "aws_eks_node_group" => with_id("eks-node-group"),
        "aws_eks_fargate_profile" => with_id("eks-fargate-profile"),
        "aws_eks_addon" => with_id("eks-addon"),
        "aws_eks_access_entry" => with_id("eks-access-entry"),
        "aws_eks_pod_identity_association" => {
            Some(format!("eks-pod-identity-association {}:{}", text(values, "cluster_name"), text(values, "id")))
        }
        "aws_iam_instance_profile" => with_id("iam-instance-profile"),
        "aws_iam_role" => with_id("iam-role"),
        "aws_iam_policy" => with_id("iam-policy"),
        "aws_iam_openid_connect_provider" => with_id("iam-openid-connect-provider"),
        "aws_secretsmanager_secret" => with_id("secret"),
        "aws_route" => pair("route", "route_table_id", "destination_cidr_block"),
        "aws_route_table_association" => pair("association", "route_table_id", "subnet_id"),
        "aws_iam_role_policy" => pair("inline", "role", "name"),
        "aws_iam_role_policy_attachment" => pair("attached", "role", "policy_arn"),
        // Parts of what is listed above, or of the state alone.
        "aws_vpc_peering_connection_accepter" | "aws_vpc_peering_connection_options" | "aws_secretsmanager_secret_version" => None,
        "aws_eks_access_policy_association" => None,
        "random_password" => None,
        other => panic!("how is {other} found in the cloud?"),
    }
}
