"""Clusters: create, describe, list, delete."""

from __future__ import annotations

import ipaddress
import re
import secrets as randomness
import time

from .. import tokens
from ..paging import page_of
from ..rules import handles
from ..visibility import VISIBILITY
from . import access_policies, control_plane, placement, versions
from .callers import caller_of
from .model import EKS, MAX_PAGE, Cluster, bad_request, in_use, invalid, not_found

NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}")
LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
MODES = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"]


@handles("eks", "CreateCluster")
def create_cluster(call) -> dict:
    name = call.get("name", "")
    if not NAME.fullmatch(name):
        raise invalid(f"The cluster name '{name}' is not valid.", clusterName=name)
    if name in EKS.of(call):
        raise in_use(f"Cluster already exists with name: {name}", clusterName=name)
    wanted = call.get("resourcesVpcConfig", {})
    subnets = checked_cluster_subnets(call, wanted)
    vpc_id = subnets[0].vpc_id
    placement.check_security_groups(call, wanted.get("securityGroupIds") or [], vpc_id)
    role = call.get("roleArn", "")
    placement.check_role(
        call, role, "eks.amazonaws.com",
        f"Role with arn: {role}, could not be assumed because it does not exist or the trusted entity is not correct")
    cluster = Cluster(
        name=name, arn=f"arn:aws:eks:{call.region}:{call.account}:cluster/{name}", tags=dict(call.get("tags", {})),
        account=call.account, region=call.region, due=time.time() + EKS.options.eks_cluster_seconds,
        creator=caller_of(call.access_key).principal)
    cluster.data = first_data(call, vpc_id)
    cluster.security_group = placement.make_security_group(cluster, vpc_id)
    cluster.data["resourcesVpcConfig"]["clusterSecurityGroupId"] = cluster.security_group
    interface_subnets = list(wanted["subnetIds"])[:2]
    placement.place_interfaces(
        cluster, cluster, interface_subnets, f"Amazon EKS {name}", list(wanted.get("securityGroupIds") or []))
    access_policies.let_creator_in(cluster)
    control_plane.begin(cluster)
    EKS.add(cluster)
    VISIBILITY.created("eks", cluster.arn)
    return {"cluster": shown(cluster)}


def checked_cluster_subnets(call, wanted: dict) -> list:
    subnet_ids = wanted.get("subnetIds") or []
    if not subnet_ids:
        raise invalid("Subnets specified must be in at least two different AZs")
    subnets = placement.checked_subnets(call, subnet_ids)
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        raise invalid("Subnets specified must be in at least two different AZs")
    return subnets


def first_data(call, vpc_id: str) -> dict:
    """The parts of the description that come from the request or are invented once."""
    version = versions.checked(call.get("version") or versions.DEFAULT)
    access = call.get("accessConfig", {})
    identity = randomness.token_hex(16).upper()
    zone = randomness.choice(["gr7", "sk1", "yl4"])
    data = {
        "version": version, "platformVersion": versions.platform_version(version), "roleArn": call.get("roleArn"),
        "endpoint": f"https://{identity}.{zone}.{call.region}.eks.amazonaws.com",
        "identity": {"oidc": {"issuer": f"https://oidc.eks.{call.region}.amazonaws.com/id/{identity}"}},
        "resourcesVpcConfig": vpc_config(call.get("resourcesVpcConfig", {}), vpc_id),
        "kubernetesNetworkConfig": network_config(call.get("kubernetesNetworkConfig", {})),
        "logging": full_logging(call.get("logging", {})),
        "accessConfig": {
            "bootstrapClusterCreatorAdminPermissions": access.get("bootstrapClusterCreatorAdminPermissions", True),
            "authenticationMode": access.get("authenticationMode") or "CONFIG_MAP",
        },
        "upgradePolicy": {"supportType": call.get("upgradePolicy", {}).get("supportType") or "EXTENDED"},
        "deletionProtection": bool(call.get("deletionProtection", False)),
    }
    for optional in ("encryptionConfig", "zonalShiftConfig", "remoteNetworkConfig", "computeConfig", "storageConfig",
                     "outpostConfig", "controlPlaneScalingConfig"):
        if call.get(optional):
            data[optional] = call.get(optional)
    return data


def vpc_config(wanted: dict, vpc_id: str) -> dict:
    public = wanted.get("endpointPublicAccess")
    private = wanted.get("endpointPrivateAccess")
    config = {
        "subnetIds": list(wanted.get("subnetIds") or []),
        "securityGroupIds": list(wanted.get("securityGroupIds") or []),
        "vpcId": vpc_id,
        "endpointPublicAccess": True if public is None else public,
        "endpointPrivateAccess": bool(private),
    }
    check_endpoints(config)
    config["publicAccessCidrs"] = public_cidrs(config, wanted.get("publicAccessCidrs"))
    return config


def check_endpoints(config: dict) -> None:
    if not config["endpointPublicAccess"] and not config["endpointPrivateAccess"]:
        raise invalid("Private and public endpoint access cannot be false")


def public_cidrs(config: dict, wanted) -> list:
    for cidr in wanted or []:
        try:
            ipaddress.ip_network(cidr, strict=False)
        except ValueError:
            raise invalid(f"The following CIDRs are invalid in publicAccessCidrs: [{cidr}]") from None
    if not config["endpointPublicAccess"]:
        return []
    return list(wanted) if wanted else ["0.0.0.0/0"]


def network_config(wanted: dict) -> dict:
    family = wanted.get("ipFamily") or "ipv4"
    config = {"ipFamily": family, "elasticLoadBalancing": wanted.get("elasticLoadBalancing") or {"enabled": False}}
    if family == "ipv6":
        config["serviceIpv6Cidr"] = "fd00:10:96::/108"
    else:
        config["serviceIpv4Cidr"] = wanted.get("serviceIpv4Cidr") or "10.100.0.0/16"
    return config


def full_logging(wanted: dict) -> dict:
    """All log types, split into the enabled and the others, as AWS lists them."""
    enabled = [t for setup in wanted.get("clusterLogging") or [] if setup.get("enabled") for t in setup.get("types", [])]
    return logging_of(enabled)


def logging_of(enabled: list) -> dict:
    unknown = [t for t in enabled if t not in LOG_TYPES]
    if unknown:
        raise invalid(f"Invalid log type {unknown[0]}")
    split = [{"types": [t for t in LOG_TYPES if t in enabled], "enabled": True},
             {"types": [t for t in LOG_TYPES if t not in enabled], "enabled": False}]
    return {"clusterLogging": [part for part in split if part["types"]]}


def shown(cluster: Cluster) -> dict:
    """The cluster as DescribeCluster gives it; what EKS does not know while creating is left out."""
    view = {"name": cluster.name, "arn": cluster.arn, "status": cluster.status, "createdAt": cluster.created_at,
            "tags": dict(cluster.tags), "health": {"issues": issues_of(cluster)}, **cluster.data}
    if cluster.status == "CREATING":
        for late in ("endpoint", "identity"):
            view.pop(late)
        view["certificateAuthority"] = {}
        view["resourcesVpcConfig"] = {
            k: v for k, v in view["resourcesVpcConfig"].items() if k != "clusterSecurityGroupId"}
    return view


def issues_of(cluster: Cluster) -> list:
    failure = cluster.plane.failure if cluster.plane else ""
    return [{"code": "InternalFailure", "message": failure, "resourceIds": [cluster.name]}] if failure else []


@handles("eks", "DescribeCluster")
def describe_cluster(call) -> dict:
    cluster = EKS.cluster(call, call.get("name", ""))
    if VISIBILITY.is_hidden("eks", cluster.arn):
        raise not_found(f"No cluster found for name: {cluster.name}.", clusterName=cluster.name)
    return {"cluster": shown(cluster)}


@handles("eks", "ListClusters")
def list_clusters(call) -> dict:
    page, token = page_of(sorted(EKS.of(call)), call.get("maxResults", MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"clusters": page, **({"nextToken": token} if token else {})}


@handles("eks", "DeleteCluster")
def delete_cluster(call) -> dict:
    cluster = EKS.cluster(call, call.get("name", ""))
    refuse_delete(cluster)
    cluster.status = "DELETING"
    cluster.due = time.time() + EKS.options.eks_delete_seconds
    control_plane.end(cluster)
    tokens.forget("eks", lambda params: cluster.name in (params.get("name"), params.get("clusterName")))
    return {"cluster": shown(cluster)}


def refuse_delete(cluster: Cluster) -> None:
    name = cluster.name
    if cluster.nodegroups:
        raise in_use("Cluster has nodegroups attached", clusterName=name)
    if cluster.profiles:
        raise in_use("Cluster has Fargate profiles attached", clusterName=name)
    if cluster.data["deletionProtection"]:
        raise bad_request("Cluster cannot be deleted because deletion protection is enabled.", clusterName=name)
    if cluster.status == "CREATING":
        raise in_use(f"Cannot delete cluster {name} because it is being created", clusterName=name)
    update = cluster.update_in_progress()
    if update:
        raise in_use(f"Cannot delete because cluster {name} currently has update {update.identity} in progress",
                     clusterName=name)
    if cluster.status == "DELETING":
        raise in_use(f"Cluster {name} is already being deleted", clusterName=name)
