"""Add-ons: create, describe, list, update, delete, and which versions there are. What they run is not in the cluster."""

from __future__ import annotations

import json
import time
import uuid

from .. import tokens
from ..paging import page_of
from ..rules import handles
from . import pod_identities, versions
from .model import EKS, MAX_PAGE, Child, Cluster, Update, in_use, invalid, not_found
from .updates import param

# Of each add-on the newest version for the newest Kubernetes, (major, minor, patch, build); older Kubernetes have older
# minors. The last says whether the version goes with that of Kubernetes.
CATALOGUE = {
    "vpc-cni": (1, 21, 1, 3, False), "coredns": (1, 13, 1, 1, False), "kube-proxy": (1, 35, 0, 2, True),
    "aws-ebs-csi-driver": (1, 54, 0, 1, False), "aws-efs-csi-driver": (2, 2, 0, 1, False),
    "eks-pod-identity-agent": (1, 3, 10, 2, False), "snapshot-controller": (8, 3, 0, 1, False),
    "amazon-cloudwatch-observability": (4, 7, 0, 1, False), "metrics-server": (0, 8, 0, 4, False),
    "cert-manager": (1, 19, 1, 1, False), "external-dns": (0, 20, 0, 2, False),
}
RESOLUTIONS = ("NONE", "OVERWRITE", "PRESERVE")


def versions_of(name: str, kubernetes: str) -> list:
    """Three versions of the add-on for a version of Kubernetes, the newest and default one first."""
    major, minor, patch, build, follows = CATALOGUE[name]
    minor = versions.minor(kubernetes) if follows else minor
    return [f"v{major}.{minor}.{patch + older}-eksbuild.{build}" for older in (2, 1, 0)]


def found(call) -> tuple:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("addonName", "")
    if name not in cluster.addons:
        raise not_found(f"No addon: {name} found in cluster: {cluster.name}", clusterName=cluster.name, addonName=name)
    return cluster, cluster.addons[name]


@handles("eks", "CreateAddon")
def create_addon(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("addonName", "")
    if name not in CATALOGUE:
        raise invalid(f"Addon {name} specified is not supported", clusterName=cluster.name, addonName=name)
    if name in cluster.addons:
        raise in_use("Addon already exists.", clusterName=cluster.name, addonName=name)
    if cluster.status not in ("ACTIVE", "UPDATING"):
        raise in_use(f"Cannot create addon because cluster {cluster.name} is in state {cluster.status}",
                     clusterName=cluster.name, addonName=name)
    default = versions_of(name, cluster.data["version"])[0]
    version = checked_version(call, cluster, name) or default
    check_configuration(call)
    arn = f"arn:aws:eks:{call.region}:{call.account}:addon/{cluster.name}/{name}/{uuid.uuid4()}"
    addon = Child(name=name, arn=arn, tags=dict(call.get("tags", {})), due=time.time() + EKS.options.eks_addon_seconds)
    addon.data = {"addonVersion": version, "modifiedAt": addon.created_at}
    apply(call, addon)
    addon.data["podIdentityAssociations"] = associations(call, cluster, addon, [])
    cluster.addons[name] = addon
    return {"addon": shown(cluster, addon)}


def checked_version(call, cluster: Cluster, name: str) -> str:
    version = call.get("addonVersion", "")
    if version and version not in versions_of(name, cluster.data["version"]):
        raise invalid("Addon version specified is not supported", clusterName=cluster.name, addonName=name)
    return version


def check_configuration(call) -> None:
    if call.get("resolveConflicts") not in (None, *RESOLUTIONS):
        raise invalid(f"Invalid resolveConflicts {call.get('resolveConflicts')}")
    text = call.get("configurationValues")
    try:
        # EKS takes YAML as well; what is not JSON is taken to be that.
        if text and text.lstrip().startswith("{"):
            json.loads(text)
    except ValueError:
        raise invalid("ConfigurationValue provided in request is not valid JSON") from None


def apply(call, addon: Child) -> None:
    for key in ("serviceAccountRoleArn", "configurationValues", "namespaceConfig"):
        if call.get(key) is not None:
            addon.data[key] = call.get(key)


def associations(call, cluster: Cluster, addon: Child, current: list) -> list:
    """The ARNs of the pod identity associations that an add-on owns, after those asked for are made."""
    wanted = call.get("podIdentityAssociations")
    if wanted is None:
        return current
    for arn in current:
        cluster.associations = {i: a for i, a in cluster.associations.items() if a.arn != arn}
    return [pod_identities.make(cluster, "kube-system", w["serviceAccount"], w["roleArn"], owner=addon.arn).arn for w in wanted]


def shown(cluster: Cluster, addon: Child) -> dict:
    return {"addonName": addon.name, "clusterName": cluster.name, "status": addon.status, "addonArn": addon.arn,
            "createdAt": addon.created_at, "tags": dict(addon.tags), "health": {"issues": []}, **addon.data}


@handles("eks", "DescribeAddon")
def describe_addon(call) -> dict:
    return {"addon": shown(*found(call))}


@handles("eks", "ListAddons")
def list_addons(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    page, token = page_of(sorted(cluster.addons), call.get("maxResults", MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"addons": page, **({"nextToken": token} if token else {})}


@handles("eks", "UpdateAddon")
def update_addon(call) -> dict:
    cluster, addon = found(call)
    if addon.status in ("CREATING", "UPDATING", "DELETING"):
        raise in_use(f"Cannot update addon because it is in state {addon.status}", clusterName=cluster.name,
                     addonName=addon.name)
    version = checked_version(call, cluster, addon.name) or addon.data["addonVersion"]
    check_configuration(call)
    params = [param(kind, call.get(key)) for kind, key in (
        ("AddonVersion", "addonVersion"), ("ServiceAccountRoleArn", "serviceAccountRoleArn"),
        ("ResolveConflicts", "resolveConflicts"), ("ConfigurationValues", "configurationValues")) if call.get(key)]

    def finish():
        addon.data["addonVersion"] = version
        addon.data["modifiedAt"] = time.time()
        apply(call, addon)
        addon.data["podIdentityAssociations"] = associations(call, cluster, addon, addon.data["podIdentityAssociations"])

    update = Update("AddonUpdate", params, time.time() + EKS.options.eks_update_seconds, finish)
    addon.updates.append(update)
    addon.status = "UPDATING"
    return {"update": update.shown()}


@handles("eks", "DeleteAddon")
def delete_addon(call) -> dict:
    cluster, addon = found(call)
    if addon.status == "DELETING":
        raise in_use("Addon is already being deleted", clusterName=cluster.name, addonName=addon.name)
    addon.status = "DELETING"
    addon.due = time.time() + EKS.options.eks_addon_seconds
    cluster.associations = {i: a for i, a in cluster.associations.items() if a.data.get("ownerArn") != addon.arn}
    tokens.forget("eks", lambda p: (p.get("clusterName"), p.get("addonName")) == (cluster.name, addon.name))
    return {"addon": shown(cluster, addon)}


@handles("eks", "DescribeAddonVersions")
def describe_addon_versions(call) -> dict:
    wanted = call.get("addonName")
    if wanted and wanted not in CATALOGUE:
        raise not_found(f"Addon {wanted} specified is not supported", addonName=wanted)
    kubernetes = [call.get("kubernetesVersion")] if call.get("kubernetesVersion") else list(reversed(versions.SUPPORTED))
    rows = [described(name, kubernetes) for name in sorted(CATALOGUE) if wanted in (None, name)]
    page, token = page_of(rows, call.get("maxResults", MAX_PAGE), call.get("nextToken"), "InvalidParameterException")
    return {"addons": page, **({"nextToken": token} if token else {})}


def described(name: str, kubernetes: list) -> dict:
    fits: dict = {}
    for cluster_version in kubernetes:
        for index, version in enumerate(versions_of(name, versions.checked(cluster_version))):
            fits.setdefault(version, []).append(
                {"clusterVersion": cluster_version, "platformVersions": ["*"], "defaultVersion": index == 0})
    rows = [{"addonVersion": version, "architecture": ["amd64", "arm64"], "compatibilities": compatible,
             "requiresConfiguration": False, "requiresIamPermissions": name in ("vpc-cni", "aws-ebs-csi-driver")}
            for version, compatible in fits.items()]
    return {"addonName": name, "type": "networking", "owner": "aws", "publisher": "eks", "addonVersions": rows}
