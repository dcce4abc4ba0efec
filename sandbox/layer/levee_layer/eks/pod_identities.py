"""Pod identity associations: which role of IAM the pods of a service account act as."""

from __future__ import annotations

import secrets as randomness
import time

from .. import tokens
from ..paging import page_of
from ..rules import handles
from . import placement
from .model import EKS, MAX_PAGE, Child, Cluster, in_use, invalid, not_found

SERVICE = "pods.eks.amazonaws.com"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def found(call) -> tuple:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    identity = call.get("associationId", "")
    if identity not in cluster.associations:
        raise not_found(f"The specified associationId could not be found: {identity}", clusterName=cluster.name)
    return cluster, cluster.associations[identity]


def check_role(call, role: str) -> None:
    placement.check_role(call, role, SERVICE,
                         f"Trust policy of role {role} is not valid: it must trust {SERVICE}, and the role must exist")


@handles("eks", "CreatePodIdentityAssociation")
def create_association(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    namespace, account, role = call.get("namespace", ""), call.get("serviceAccount", ""), call.get("roleArn", "")
    if not namespace or not account:
        raise invalid("A namespace and a service account are needed.", clusterName=cluster.name)
    for other in cluster.associations.values():
        if (other.data["namespace"], other.data["serviceAccount"]) == (namespace, account):
            raise in_use(f"Association already exists: {other.name}", clusterName=cluster.name)
    check_role(call, role)
    more = {key: call.get(key) for key in ("disableSessionTags", "targetRoleArn", "policy") if call.get(key) is not None}
    association = make(cluster, namespace, account, role, call.get("tags"), **more)
    return {"association": shown(cluster, association)}


def make(cluster: Cluster, namespace: str, account: str, role: str, tags=None, owner: str = "", **more) -> Child:
    identity = "a-" + "".join(randomness.choice(LETTERS) for _ in range(17))
    arn = f"arn:aws:eks:{cluster.region}:{cluster.account}:podidentityassociation/{cluster.name}/{identity}"
    association = Child(name=identity, arn=arn, tags=dict(tags or {}), status="ACTIVE")
    association.data = {"namespace": namespace, "serviceAccount": account, "roleArn": role,
                        "modifiedAt": association.created_at, "disableSessionTags": False, **more}
    if owner:
        association.data["ownerArn"] = owner
    if more.get("targetRoleArn"):
        association.data["externalId"] = f"{cluster.region}/{cluster.account}/{cluster.name}/{namespace}/{account}"
    cluster.associations[identity] = association
    return association


def shown(cluster: Cluster, association: Child) -> dict:
    return {"clusterName": cluster.name, "associationId": association.name, "associationArn": association.arn,
            "createdAt": association.created_at, "tags": dict(association.tags), **association.data}


@handles("eks", "DescribePodIdentityAssociation")
def describe_association(call) -> dict:
    return {"association": shown(*found(call))}


@handles("eks", "ListPodIdentityAssociations")
def list_associations(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    rows = []
    for association in cluster.associations.values():
        data = association.data
        if all(call.get(key) in (None, data[key]) for key in ("namespace", "serviceAccount")):
            rows.append({"clusterName": cluster.name, "namespace": data["namespace"], "serviceAccount": data["serviceAccount"],
                         "associationArn": association.arn, "associationId": association.name,
                         **({"ownerArn": data["ownerArn"]} if "ownerArn" in data else {})})
    page, token = page_of(rows, call.get("maxResults", MAX_PAGE), call.get("nextToken"), "InvalidParameterException")
    return {"associations": page, **({"nextToken": token} if token else {})}


@handles("eks", "UpdatePodIdentityAssociation")
def update_association(call) -> dict:
    cluster, association = found(call)
    refuse_owned(association)
    if call.get("roleArn"):
        check_role(call, call.get("roleArn"))
    for key in ("roleArn", "disableSessionTags", "targetRoleArn", "policy"):
        if call.get(key) is not None:
            association.data[key] = call.get(key)
    association.data["modifiedAt"] = time.time()
    return {"association": shown(cluster, association)}


def refuse_owned(association: Child) -> None:
    if association.data.get("ownerArn"):
        raise invalid(f"The association belongs to {association.data['ownerArn']}, which alone can change it.")


@handles("eks", "DeletePodIdentityAssociation")
def delete_association(call) -> dict:
    cluster, association = found(call)
    refuse_owned(association)
    del cluster.associations[association.name]
    pair = (association.data["namespace"], association.data["serviceAccount"])
    tokens.forget("eks", lambda p: p.get("clusterName") == cluster.name
                  and (p.get("namespace"), p.get("serviceAccount")) == pair)
    return {"association": shown(cluster, association)}
