"""Node groups: create, describe, list, update, delete."""

from __future__ import annotations

import time
import uuid

from .. import tokens
from ..paging import page_of
from ..rules import handles
from . import nodes, placement, versions
from .access_entries import let_nodes_in
from .clusters import MAX_PAGE, NAME
from .model import EKS, Child, Cluster, bad_request, in_use, invalid, not_found
from .updates import begin, param

EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")


def found(call) -> tuple:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("nodegroupName", "")
    if name not in cluster.nodegroups:
        raise not_found(f"No node group found for name: {name}.", clusterName=cluster.name, nodegroupName=name)
    return cluster, cluster.nodegroups[name]


@handles("eks", "CreateNodegroup")
def create_nodegroup(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    name = call.get("nodegroupName", "")
    if not NAME.fullmatch(name):
        raise invalid(f"The node group name '{name}' is not valid.", clusterName=cluster.name)
    if name in cluster.nodegroups:
        raise in_use(f"NodeGroup already exists with name {name} and cluster name {cluster.name}",
                     clusterName=cluster.name, nodegroupName=name)
    if cluster.status not in ("ACTIVE", "UPDATING"):
        raise bad_request(f"Cluster '{cluster.name}' is not in ACTIVE status", clusterName=cluster.name)
    check_request(call, cluster)
    identity = str(uuid.uuid4())
    arn = f"arn:aws:eks:{call.region}:{call.account}:nodegroup/{cluster.name}/{name}/{identity}"
    group = Child(name=name, arn=arn, tags=dict(call.get("tags", {})),
                  due=time.time() + EKS.options.eks_nodegroup_seconds)
    group.data = first_data(call, cluster, identity)
    cluster.nodegroups[name] = group
    let_nodes_in(cluster, group.data["nodeRole"])
    if cluster.plane:
        group.gate = lambda: nodes.are_ready(cluster, group)
    if group.data["scalingConfig"]["desiredSize"] > 0:
        placement.place_interfaces(cluster, group, group.data["subnets"], f"node of {cluster.name}/{name}")
    return {"nodegroup": shown(cluster, group)}


def check_request(call, cluster: Cluster) -> None:
    subnets = placement.checked_subnets(call, call.get("subnets", []))
    if not subnets:
        raise invalid("At least one subnet is needed.", clusterName=cluster.name)
    if subnets[0].vpc_id != cluster.data["resourcesVpcConfig"]["vpcId"]:
        raise invalid("Subnets are not in the VPC of the cluster.", clusterName=cluster.name)
    role = call.get("nodeRole", "")
    placement.check_role(call, role, "ec2.amazonaws.com",
                         f"Following required service principals [ec2.amazonaws.com] were not found in the trust "
                         f"relationships of nodeRole arn {role}")
    for taint in call.get("taints", []):
        check_taint(taint)
    if call.get("launchTemplate"):
        check_launch_template(call)


def check_taint(taint: dict) -> None:
    if taint.get("effect") not in EFFECTS or not taint.get("key"):
        raise invalid(f"Invalid taint {taint}")


def check_launch_template(call) -> None:
    wanted = call.get("launchTemplate")
    known = placement.network(call).launch_templates
    if not any(wanted.get("id") == t.id or wanted.get("name") == t.name for t in known.values()):
        raise invalid(f"Launch template {wanted.get('id') or wanted.get('name')} does not exist")
    if call.get("diskSize"):
        raise invalid("Disk size must be specified within the launch template.")


def checked_scaling(wanted: dict, current: dict) -> dict:
    scaling = {key: current[key] if wanted.get(key) is None else wanted[key]
               for key in ("minSize", "maxSize", "desiredSize")}
    if scaling["minSize"] > scaling["desiredSize"]:
        raise invalid(f"Minimum capacity {scaling['minSize']} can't be greater than desired size "
                      f"{scaling['desiredSize']}")
    if scaling["desiredSize"] > scaling["maxSize"]:
        raise invalid(f"desired capacity {scaling['desiredSize']} can't be greater than max size "
                      f"{scaling['maxSize']}")
    if scaling["maxSize"] < 1:
        raise invalid("Maximum size must be at least 1")
    return scaling


def first_data(call, cluster: Cluster, identity: str) -> dict:
    version = call.get("version") or cluster.data["version"]
    versions.checked(version)
    if versions.minor(version) > versions.minor(cluster.data["version"]):
        raise invalid(f"Requested Nodegroup version {version} is greater than the cluster's "
                      f"{cluster.data['version']}", clusterName=cluster.name)
    template = call.get("launchTemplate")
    data = {
        "version": version, "releaseVersion": call.get("releaseVersion") or versions.release_version(version),
        "capacityType": call.get("capacityType") or "ON_DEMAND",
        "scalingConfig": checked_scaling(call.get("scalingConfig", {}), {"minSize": 1, "maxSize": 2, "desiredSize": 2}),
        "subnets": list(call.get("subnets")), "amiType": call.get("amiType") or "AL2023_x86_64_STANDARD",
        "nodeRole": call.get("nodeRole"), "labels": dict(call.get("labels", {})), "taints": list(call.get("taints", [])),
        "resources": {"autoScalingGroups": [{"name": f"eks-{call.get('nodegroupName')}-{identity}"}]},
        "updateConfig": call.get("updateConfig") or {"maxUnavailable": 1},
    }
    if template:
        data["launchTemplate"] = dict(template)
        if call.get("instanceTypes"):
            data["instanceTypes"] = list(call.get("instanceTypes"))
    else:
        data["instanceTypes"] = list(call.get("instanceTypes", ["t3.medium"]))
        data["diskSize"] = call.get("diskSize", 20)
    for optional in ("remoteAccess", "nodeRepairConfig"):
        if call.get(optional):
            data[optional] = call.get(optional)
    return data


def shown(cluster: Cluster, group: Child) -> dict:
    view = {"nodegroupName": group.name, "nodegroupArn": group.arn, "clusterName": cluster.name,
            "status": group.status, "createdAt": group.created_at, "modifiedAt": group.created_at,
            "tags": dict(group.tags), "health": {"issues": []}, **group.data}
    if group.status == "CREATING":
        view.pop("resources")
    return view


@handles("eks", "DescribeNodegroup")
def describe_nodegroup(call) -> dict:
    return {"nodegroup": shown(*found(call))}


@handles("eks", "ListNodegroups")
def list_nodegroups(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    page, token = page_of(sorted(cluster.nodegroups), call.get("maxResults", MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"nodegroups": page, **({"nextToken": token} if token else {})}


def check_can_update(cluster: Cluster, group: Child) -> None:
    update = group.update_in_progress()
    fields = {"clusterName": cluster.name, "nodegroupName": group.name}
    if update:
        raise in_use(f"Nodegroup {group.name} currently has update {update.identity} in progress", **fields)
    if group.status != "ACTIVE":
        raise in_use(f"Nodegroup {group.name} is in state {group.status}", **fields)


@handles("eks", "UpdateNodegroupConfig")
def update_nodegroup_config(call) -> dict:
    cluster, group = found(call)
    check_can_update(cluster, group)
    changed, params = dict(group.data), []
    change_labels(changed, call.get("labels", {}), params)
    change_taints(changed, call.get("taints", {}), params)
    if call.get("scalingConfig"):
        changed["scalingConfig"] = checked_scaling(call.get("scalingConfig"), group.data["scalingConfig"])
        params += [param(key[0].upper() + key[1:], value) for key, value in changed["scalingConfig"].items()]
    if call.get("updateConfig"):
        changed["updateConfig"] = dict(call.get("updateConfig"))
        params += [param(key[0].upper() + key[1:], value) for key, value in changed["updateConfig"].items()]
    if call.get("nodeRepairConfig"):
        changed["nodeRepairConfig"] = dict(call.get("nodeRepairConfig"))
        params.append(param("NodeRepairConfig", changed["nodeRepairConfig"]))

    def finish():
        group.data.update(changed)

    return begin(group, "ConfigUpdate", params, finish, group.name)


def change_labels(changed: dict, wanted: dict, params: list) -> None:
    if wanted.get("addOrUpdateLabels"):
        changed["labels"] = {**changed["labels"], **wanted["addOrUpdateLabels"]}
        params.append(param("LabelsToAdd", wanted["addOrUpdateLabels"]))
    if wanted.get("removeLabels"):
        changed["labels"] = {k: v for k, v in changed["labels"].items() if k not in wanted["removeLabels"]}
        params.append(param("LabelsToRemove", wanted["removeLabels"]))


def taint_key(taint: dict) -> tuple:
    return taint.get("key"), taint.get("effect")


def change_taints(changed: dict, wanted: dict, params: list) -> None:
    """A taint is told apart by key and effect; its value may be updated."""
    taints = {taint_key(t): t for t in changed["taints"]}
    for taint in wanted.get("removeTaints") or []:
        taints.pop(taint_key(taint), None)
    for taint in wanted.get("addOrUpdateTaints") or []:
        check_taint(taint)
        taints[taint_key(taint)] = taint
    for key, kind in (("addOrUpdateTaints", "TaintsToAdd"), ("removeTaints", "TaintsToRemove")):
        if wanted.get(key):
            params.append(param(kind, wanted[key]))
    changed["taints"] = list(taints.values())


@handles("eks", "UpdateNodegroupVersion")
def update_nodegroup_version(call) -> dict:
    cluster, group = found(call)
    check_can_update(cluster, group)
    wanted = call.get("version") or (group.data["version"] if call.get("launchTemplate") else cluster.data["version"])
    versions.checked(wanted)
    if versions.minor(wanted) > versions.minor(cluster.data["version"]):
        raise invalid(f"Requested Nodegroup version {wanted} is greater than the cluster's", clusterName=cluster.name)
    if versions.minor(wanted) < versions.minor(group.data["version"]):
        raise invalid(f"Nodegroup version {group.data['version']} cannot be lowered to {wanted}",
                      clusterName=cluster.name)
    if call.get("launchTemplate"):
        check_launch_template(call)
    release = call.get("releaseVersion") or versions.release_version(wanted)

    def finish():
        group.data.update({"version": wanted, "releaseVersion": release})
        if call.get("launchTemplate"):
            group.data["launchTemplate"] = dict(call.get("launchTemplate"))

    return begin(group, "VersionUpdate", [param("Version", wanted), param("ReleaseVersion", release)], finish, group.name)


@handles("eks", "DeleteNodegroup")
def delete_nodegroup(call) -> dict:
    cluster, group = found(call)
    update = group.update_in_progress()
    if update or group.status == "DELETING":
        raise in_use(f"Nodegroup {group.name} is in state {group.status}",
                     clusterName=cluster.name, nodegroupName=group.name)
    group.status = "DELETING"
    group.due = time.time() + EKS.options.eks_delete_seconds
    tokens.forget("eks", lambda p: (p.get("clusterName"), p.get("nodegroupName")) == (cluster.name, group.name))
    return {"nodegroup": shown(cluster, group)}
