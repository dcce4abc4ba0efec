"""Access entries: which principals of IAM a cluster lets in, and as whom."""

from __future__ import annotations

import re
import time
import uuid

from .. import tokens
from ..paging import page_of
from ..rules import handles
from .callers import principal_exists
from .model import EKS, MAX_PAGE, Child, Cluster, bad_request, in_use, invalid, not_found

PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(role|user)/(.+)")
RESERVED = ("system:", "eks:", "aws:", "amazon:", "iam:")
# What nodes are taken for, by the type of their entry.
NODE_GROUPS = {
    "EC2_LINUX": ["system:nodes"], "EC2_WINDOWS": ["eks:kube-proxy-windows", "system:nodes"],
    "FARGATE_LINUX": ["system:nodes"], "HYBRID_LINUX": ["system:nodes"], "EC2": [],
}
TYPES = ("STANDARD", *NODE_GROUPS)


def cluster_with_entries(call) -> Cluster:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    if cluster.data["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        raise bad_request("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform "
                          "this operation.")
    return cluster


def found(call) -> tuple:
    cluster = cluster_with_entries(call)
    arn = call.get("principalArn", "")
    if arn not in cluster.entries:
        raise not_found("The specified principalArn could not be found. You can view your available access entries with "
                        "'list-access-entries'.", clusterName=cluster.name)
    return cluster, cluster.entries[arn]


@handles("eks", "CreateAccessEntry")
def create_access_entry(call) -> dict:
    cluster = cluster_with_entries(call)
    principal = call.get("principalArn", "")
    kind = call.get("type") or "STANDARD"
    if not PRINCIPAL.fullmatch(principal) or not principal_exists(principal):
        raise invalid("The specified principalArn is invalid: invalid principal.", clusterName=cluster.name)
    if kind not in TYPES:
        raise invalid(f"The specified type is invalid: {kind}", clusterName=cluster.name)
    if principal in cluster.entries:
        raise in_use("The specified access entry resource is already in use on this cluster.", clusterName=cluster.name)
    if kind != "STANDARD" and (call.get("kubernetesGroups") or call.get("username")):
        raise invalid("The kubernetesGroups and username parameters are only valid for access entries of type STANDARD.")
    check_names(call)
    entry = add_entry(cluster, principal, kind, call.get("username"), call.get("kubernetesGroups"), call.get("tags"))
    return {"accessEntry": shown(cluster, entry)}


def check_names(call) -> None:
    for prefix in RESERVED:
        if call.get("username", "").startswith(prefix):
            raise invalid(f"The username must not begin with {prefix}")
        for group in call.get("kubernetesGroups", []):
            if group.startswith(prefix):
                raise invalid(f"The kubernetes group name {group} is invalid, it cannot start with {prefix}")


def add_entry(cluster: Cluster, principal: str, kind: str = "STANDARD", username=None, groups=None, tags=None) -> Child:
    account, sort, path = PRINCIPAL.fullmatch(principal).groups()
    name = path.rsplit("/", 1)[-1]
    place = f"arn:aws:eks:{cluster.region}:{cluster.account}:access-entry/{cluster.name}"
    arn = f"{place}/{sort}/{account}/{name}/{uuid.uuid4()}"
    entry = Child(name=principal, arn=arn, tags=dict(tags or {}), status="ACTIVE")
    entry.data = {
        "type": kind, "username": username or default_username(kind, principal, account, sort, name),
        "kubernetesGroups": list(NODE_GROUPS.get(kind) or groups or []), "modifiedAt": entry.created_at, "policies": {},
    }
    cluster.entries[principal] = entry
    return entry


def let_nodes_in(cluster: Cluster, role: str) -> None:
    """Where entries decide, EKS itself makes one for the role of managed nodes."""
    if cluster.data["accessConfig"]["authenticationMode"] != "CONFIG_MAP" and role not in cluster.entries:
        add_entry(cluster, role, "EC2_LINUX").own = True


def default_username(kind: str, principal: str, account: str, sort: str, name: str) -> str:
    if kind != "STANDARD":
        source = "SessionName" if kind in ("FARGATE_LINUX", "HYBRID_LINUX") else "EC2PrivateDNSName"
        return "system:node:{{" + source + "}}"
    return principal if sort == "user" else f"arn:aws:sts::{account}:assumed-role/{name}/" + "{{SessionName}}"


def shown(cluster: Cluster, entry: Child) -> dict:
    view = {key: value for key, value in entry.data.items() if key != "policies"}
    return {"clusterName": cluster.name, "principalArn": entry.name, "accessEntryArn": entry.arn,
            "createdAt": entry.created_at, "tags": dict(entry.tags), **view}


@handles("eks", "DescribeAccessEntry")
def describe_access_entry(call) -> dict:
    return {"accessEntry": shown(*found(call))}


@handles("eks", "ListAccessEntries")
def list_access_entries(call) -> dict:
    cluster = cluster_with_entries(call)
    policy = call.get("associatedPolicyArn")
    names = [name for name, entry in cluster.entries.items() if not policy or policy in entry.data["policies"]]
    page, token = page_of(sorted(names), call.get("maxResults", MAX_PAGE), call.get("nextToken"), "InvalidParameterException")
    return {"accessEntries": page, **({"nextToken": token} if token else {})}


@handles("eks", "UpdateAccessEntry")
def update_access_entry(call) -> dict:
    cluster, entry = found(call)
    if entry.data["type"] != "STANDARD":
        raise invalid('This operation can only be performed on Access Entries with a type of "STANDARD".')
    check_names(call)
    if call.get("username"):
        entry.data["username"] = call.get("username")
    if call.get("kubernetesGroups") is not None:
        entry.data["kubernetesGroups"] = list(call.get("kubernetesGroups"))
    entry.data["modifiedAt"] = time.time()
    return {"accessEntry": shown(cluster, entry)}


@handles("eks", "DeleteAccessEntry")
def delete_access_entry(call) -> dict:
    cluster, entry = found(call)
    del cluster.entries[entry.name]
    tokens.forget("eks", lambda p: (p.get("clusterName"), p.get("principalArn")) == (cluster.name, entry.name))
    return {}
