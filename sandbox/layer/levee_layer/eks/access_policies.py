"""Access policies: sets of Kubernetes rights that are associated with access entries, and what they allow."""

from __future__ import annotations

import fnmatch
import time

from ..kubernetes import rules
from ..paging import page_of
from ..rules import handles
from .access_entries import add_entry, found
from .model import MAX_PAGE, Child, Cluster, invalid, not_found

PREFIX = "arn:aws:eks::aws:cluster-access-policy/"
CLUSTER_ADMIN = f"{PREFIX}AmazonEKSClusterAdminPolicy"
# Rights that need no cluster to be known.
FIXED = {
    "AmazonEKSClusterAdminPolicy": rules.EVERYTHING, "AmazonEKSAdminViewPolicy": rules.READ_EVERYTHING,
    "AmazonEKSSecretReaderPolicy": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}],
}
# Those that are like the user-facing roles, of whose parts they are made: what custom resources add to these roles later
# is not in the policies.
PARTS = {
    "AmazonEKSAdminPolicy": ("system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view"),
    "AmazonEKSEditPolicy": ("system:aggregate-to-edit", "system:aggregate-to-view"),
    "AmazonEKSViewPolicy": ("system:aggregate-to-view",),
}
# AWS has many more, for its own services.
NAMES = sorted([*FIXED, *PARTS])


@handles("eks", "ListAccessPolicies")
def list_access_policies(call) -> dict:
    rows = [{"name": name, "arn": PREFIX + name} for name in NAMES]
    page, token = page_of(rows, call.get("maxResults", MAX_PAGE), call.get("nextToken"), "InvalidParameterException")
    return {"accessPolicies": page, **({"nextToken": token} if token else {})}


@handles("eks", "AssociateAccessPolicy")
def associate_access_policy(call) -> dict:
    cluster, entry = found(call)
    arn = call.get("policyArn", "")
    if entry.data["type"] != "STANDARD":
        raise invalid('This operation can only be performed on Access Entries with a type of "STANDARD".')
    if arn.removeprefix(PREFIX) not in NAMES or not arn.startswith(PREFIX):
        raise invalid(f"The policyArn parameter is not valid: {arn}", clusterName=cluster.name)
    scope = call.get("accessScope", {})
    association = associate(entry, arn, scope.get("type"), scope.get("namespaces"))
    return {"clusterName": cluster.name, "principalArn": entry.name, "associatedAccessPolicy": association}


def associate(entry: Child, arn: str, kind: str, namespaces=None) -> dict:
    if kind not in ("cluster", "namespace"):
        raise invalid(f"The accessScope type is not valid: {kind}")
    if (kind == "namespace") != bool(namespaces):
        raise invalid("The accessScope must name namespaces if its type is namespace, and only then.")
    now = time.time()
    before = entry.data["policies"].get(arn, {})
    association = {"policyArn": arn, "accessScope": {"type": kind, "namespaces": list(namespaces or [])},
                   "associatedAt": before.get("associatedAt", now), "modifiedAt": now}
    entry.data["policies"][arn] = association
    return association


@handles("eks", "DisassociateAccessPolicy")
def disassociate_access_policy(call) -> dict:
    _, entry = found(call)
    if entry.data["policies"].pop(call.get("policyArn", ""), None) is None:
        raise not_found("The specified policyArn is not associated with the access entry.")
    return {}


@handles("eks", "ListAssociatedAccessPolicies")
def list_associated_access_policies(call) -> dict:
    cluster, entry = found(call)
    page, token = page_of(list(entry.data["policies"].values()), call.get("maxResults", MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"clusterName": cluster.name, "principalArn": entry.name, "associatedAccessPolicies": page,
            **({"nextToken": token} if token else {})}


def let_creator_in(cluster: Cluster) -> None:
    """Where entries decide, the creator's right is an entry like any other, which can be taken away."""
    access = cluster.data["accessConfig"]
    if access["authenticationMode"] == "CONFIG_MAP" or not access["bootstrapClusterCreatorAdminPermissions"]:
        return
    if cluster.creator not in cluster.entries:
        entry = add_entry(cluster, cluster.creator)
        entry.own = True
        associate(entry, CLUSTER_ADMIN, "cluster")


def allowed(policies: dict, spec: dict, roles: dict) -> bool:
    """Whether associated policies allow what the spec of a SubjectAccessReview asks for; `roles` are rules by role."""
    namespace = (spec.get("resourceAttributes") or {}).get("namespace", "")
    for arn, association in policies.items():
        scope = association["accessScope"]
        covers = scope["type"] == "cluster" or namespace and any(
            fnmatch.fnmatchcase(namespace, pattern) for pattern in scope["namespaces"])
        name = arn.removeprefix(PREFIX)
        granted = FIXED.get(name) or [rule for part in PARTS[name] for rule in roles.get(part, [])]
        if covers and rules.allow(granted, spec):
            return True
    return False
