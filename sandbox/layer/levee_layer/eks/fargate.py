"""Fargate profiles: create, describe, list, delete; a cluster works on one of them at a time."""

from __future__ import annotations

import time
import uuid

from .. import tokens
from ..paging import page_of
from ..rules import handles
from . import placement
from .clusters import MAX_PAGE, NAME
from .model import EKS, Child, Cluster, bad_request, in_use, invalid, not_found


def found(call) -> tuple:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("fargateProfileName", "")
    if name not in cluster.profiles:
        raise not_found(f"No Fargate Profile found with name: {name}.", clusterName=cluster.name, fargateProfileName=name)
    return cluster, cluster.profiles[name]


def refuse_second(cluster: Cluster, verb: str, name: str) -> None:
    for other in cluster.profiles.values():
        if other.status in ("CREATING", "DELETING"):
            raise in_use(f"Cannot {verb} Fargate Profile {name} because cluster {cluster.name} currently has Fargate "
                         f"profile {other.name} in status {other.status}", clusterName=cluster.name)


@handles("eks", "CreateFargateProfile")
def create_fargate_profile(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("fargateProfileName", "")
    if not NAME.fullmatch(name):
        raise invalid(f"The Fargate profile name '{name}' is not valid.", clusterName=cluster.name)
    if name in cluster.profiles:
        raise in_use(f"Fargate Profile already exists with this name {name} in cluster {cluster.name}",
                     clusterName=cluster.name)
    if cluster.status not in ("ACTIVE", "UPDATING"):
        raise bad_request(f"Cluster '{cluster.name}' is not in ACTIVE status", clusterName=cluster.name)
    refuse_second(cluster, "create", name)
    check_request(call, cluster)
    arn = f"arn:aws:eks:{call.region}:{call.account}:fargateprofile/{cluster.name}/{name}/{uuid.uuid4()}"
    profile = Child(name=name, arn=arn, tags=dict(call.get("tags", {})),
                    due=time.time() + EKS.options.eks_fargate_seconds)
    profile.data = {
        "podExecutionRoleArn": call.get("podExecutionRoleArn"), "selectors": list(call.get("selectors", [])),
        "subnets": list(call.get("subnets") or private_subnets(call, cluster)),
    }
    cluster.profiles[name] = profile
    return {"fargateProfile": shown(cluster, profile)}


def private_subnets(call, cluster: Cluster) -> list:
    ids = cluster.data["resourcesVpcConfig"]["subnetIds"]
    subnets = placement.checked_subnets(call, ids)
    return [subnet.id for subnet in subnets if not placement.is_public(call, subnet)]


def check_request(call, cluster: Cluster) -> None:
    subnets = placement.checked_subnets(call, call.get("subnets", []))
    for subnet in subnets:
        if subnet.vpc_id != cluster.data["resourcesVpcConfig"]["vpcId"]:
            raise invalid(f"Subnet {subnet.id} is not in the VPC of the cluster.", clusterName=cluster.name)
        if placement.is_public(call, subnet):
            raise invalid(f"Subnet {subnet.id} provided in Fargate Profile is not a private subnet",
                          clusterName=cluster.name)
    if not call.get("selectors"):
        raise invalid("Fargate Profile must have at least one selector.", clusterName=cluster.name)
    if len(call.get("selectors")) > 5:
        raise invalid("Fargate Profile cannot have more than 5 selectors.", clusterName=cluster.name)
    role = call.get("podExecutionRoleArn", "")
    placement.check_role(call, role, "eks-fargate-pods.amazonaws.com",
                         "Misconfigured PodExecutionRole Trust Policy; Please add the eks-fargate-pods.amazonaws.com "
                         "Service Principal")


def shown(cluster: Cluster, profile: Child) -> dict:
    return {"fargateProfileName": profile.name, "fargateProfileArn": profile.arn, "clusterName": cluster.name,
            "status": profile.status, "createdAt": profile.created_at, "tags": dict(profile.tags),
            "health": {"issues": []}, **profile.data}


@handles("eks", "DescribeFargateProfile")
def describe_fargate_profile(call) -> dict:
    return {"fargateProfile": shown(*found(call))}


@handles("eks", "ListFargateProfiles")
def list_fargate_profiles(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    page, token = page_of(sorted(cluster.profiles), call.get("maxResults", MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"fargateProfileNames": page, **({"nextToken": token} if token else {})}


@handles("eks", "DeleteFargateProfile")
def delete_fargate_profile(call) -> dict:
    cluster, profile = found(call)
    refuse_second(cluster, "delete", profile.name)
    profile.status = "DELETING"
    profile.due = time.time() + EKS.options.eks_fargate_seconds
    tokens.forget("eks", lambda p: (p.get("clusterName"), p.get("fargateProfileName")) == (cluster.name, profile.name))
    return {"fargateProfile": shown(cluster, profile)}
