"""Updates of clusters: configuration, version, encryption; and reading updates of clusters and node groups."""

from __future__ import annotations

import json
import time

from ..paging import page_of
from ..rules import handles
from . import access_entries, access_policies, clusters, placement, versions
from .model import EKS, Cluster, Staged, Update, bad_request, in_use, invalid, not_found


def param(kind: str, value) -> dict:
    return {"type": kind, "value": value if isinstance(value, str) else json.dumps(value)}


def check_can_update(cluster: Cluster, what: str) -> None:
    """One update at a time, and only of an active cluster."""
    update = cluster.update_in_progress()
    if update:
        raise in_use(f"Cannot {what} because cluster {cluster.name} currently has update {update.identity} in progress",
                     clusterName=cluster.name)
    if cluster.status != "ACTIVE":
        raise in_use(f"Cannot {what} because cluster {cluster.name} is in state {cluster.status}",
                     clusterName=cluster.name)


def begin(owner: Staged, kind: str, params: list, finish, nodegroup: str = "") -> dict:
    """Records the update and answers with it; `finish` runs when it ends."""
    update = Update(kind, params, time.time() + EKS.options.eks_update_seconds, finish, nodegroup)
    owner.updates.append(update)
    owner.status = "UPDATING"
    return {"update": update.shown()}


@handles("eks", "UpdateClusterConfig")
def update_cluster_config(call) -> dict:
    cluster = EKS.cluster(call, call.get("name", ""))
    kinds = [key for key in CHANGERS if call.get(key) is not None]
    if len(kinds) != 1:
        raise invalid("Only one type of update can be allowed." if kinds else "No update was requested.",
                      clusterName=cluster.name)
    kind, params, finish = CHANGERS[kinds[0]](call, cluster, call.get(kinds[0]))
    check_can_update(cluster, kind)
    return begin(cluster, kind, params, finish)


def change_vpc_config(call, cluster: Cluster, wanted: dict):
    network = any(wanted.get(key) for key in ("subnetIds", "securityGroupIds"))
    access = any(wanted.get(key) is not None
                 for key in ("endpointPublicAccess", "endpointPrivateAccess")) or wanted.get("publicAccessCidrs")
    if network and access:
        raise invalid("Only one type of update can be allowed.", clusterName=cluster.name)
    return change_network(call, cluster, wanted) if network else change_access(cluster, wanted)


def change_network(call, cluster: Cluster, wanted: dict):
    current = cluster.data["resourcesVpcConfig"]
    changed = dict(current)
    if wanted.get("subnetIds"):
        subnets = clusters.checked_cluster_subnets(call, wanted)
        if subnets[0].vpc_id != current["vpcId"]:
            raise invalid("Subnets are not in the same VPC as the cluster.")
        changed["subnetIds"] = list(wanted["subnetIds"])
    if wanted.get("securityGroupIds") is not None:
        placement.check_security_groups(call, wanted["securityGroupIds"], current["vpcId"])
        changed["securityGroupIds"] = list(wanted["securityGroupIds"])
    refuse_no_change(cluster, current, changed)

    def finish():
        cluster.data["resourcesVpcConfig"] = changed
        placement.release(cluster, cluster)
        placement.place_interfaces(
            cluster, cluster, changed["subnetIds"][:2], f"Amazon EKS {cluster.name}", changed["securityGroupIds"])

    params = [param("Subnets", changed["subnetIds"]), param("SecurityGroups", changed["securityGroupIds"])]
    return "VpcConfigUpdate", params, finish


def change_access(cluster: Cluster, wanted: dict):
    current = cluster.data["resourcesVpcConfig"]
    changed = dict(current)
    for key in ("endpointPublicAccess", "endpointPrivateAccess"):
        if wanted.get(key) is not None:
            changed[key] = wanted[key]
    clusters.check_endpoints(changed)
    changed["publicAccessCidrs"] = clusters.public_cidrs(
        changed, wanted.get("publicAccessCidrs") or current["publicAccessCidrs"])
    refuse_no_change(cluster, current, changed)
    params = [param("EndpointPublicAccess", changed["endpointPublicAccess"]),
              param("EndpointPrivateAccess", changed["endpointPrivateAccess"]),
              param("PublicAccessCidrs", changed["publicAccessCidrs"])]
    return "EndpointAccessUpdate", params, set_data(cluster, "resourcesVpcConfig", changed)


def refuse_no_change(cluster: Cluster, current, changed) -> None:
    if current == changed:
        raise invalid("Cluster is already at the desired configuration", clusterName=cluster.name)


def set_data(cluster: Cluster, key: str, value):
    def finish():
        cluster.data[key] = value

    return finish


def change_logging(_call, cluster: Cluster, wanted: dict):
    enabled = {t for s in cluster.data["logging"]["clusterLogging"] if s["enabled"] for t in s["types"]}
    for setup in wanted.get("clusterLogging") or []:
        types = set(setup.get("types") or [])
        enabled = enabled | types if setup.get("enabled") else enabled - types
    changed = clusters.logging_of(sorted(enabled))
    if changed == cluster.data["logging"]:
        raise invalid("No changes needed for the logging config provided", clusterName=cluster.name)
    return "LoggingUpdate", [param("ClusterLogging", wanted)], set_data(cluster, "logging", changed)


def change_access_config(_call, cluster: Cluster, wanted: dict):
    current = cluster.data["accessConfig"]
    mode = wanted.get("authenticationMode")
    if mode not in clusters.MODES:
        raise invalid(f"Invalid authentication mode {mode}")
    if clusters.MODES.index(mode) < clusters.MODES.index(current["authenticationMode"]):
        raise invalid(f"Unsupported authentication mode update from {current['authenticationMode']} to {mode}")
    changed = {**current, "authenticationMode": mode}
    refuse_no_change(cluster, current, changed)

    def finish():
        cluster.data["accessConfig"] = changed
        access_policies.let_creator_in(cluster)
        for group in cluster.nodegroups.values():
            access_entries.let_nodes_in(cluster, group.data["nodeRole"])

    return "AccessConfigUpdate", [param("AuthenticationMode", mode)], finish


def change_plain(key: str, kind: str, param_kind: str):
    """A part of the cluster that is simply replaced."""

    def change(_call, cluster: Cluster, wanted):
        current = cluster.data.get(key)
        changed = {**current, **wanted} if isinstance(current, dict) else wanted
        refuse_no_change(cluster, current, changed)
        return kind, [param(param_kind, changed)], set_data(cluster, key, changed)

    return change


CHANGERS = {
    "resourcesVpcConfig": change_vpc_config,
    "logging": change_logging,
    "accessConfig": change_access_config,
    "upgradePolicy": change_plain("upgradePolicy", "UpgradePolicyUpdate", "UpgradePolicy"),
    "zonalShiftConfig": change_plain("zonalShiftConfig", "ZonalShiftConfigUpdate", "ZonalShiftConfig"),
    "deletionProtection": change_plain("deletionProtection", "DeletionProtectionUpdate", "DeletionProtection"),
    "remoteNetworkConfig": change_plain("remoteNetworkConfig", "RemoteNetworkConfigUpdate", "RemoteNetworkConfig"),
    "controlPlaneScalingConfig": change_plain(
        "controlPlaneScalingConfig", "ControlPlaneScalingConfigUpdate", "UpdatedTier"),
    "computeConfig": change_plain("computeConfig", "AutoModeUpdate", "ComputeConfig"),
}


@handles("eks", "UpdateClusterVersion")
def update_cluster_version(call) -> dict:
    cluster = EKS.cluster(call, call.get("name", ""))
    wanted = call.get("version", "")
    check_can_update(cluster, "VersionUpdate")
    versions.check_step(cluster.data["version"], wanted)
    oldest = min((versions.minor(n.data["version"]) for n in cluster.nodegroups.values()), default=None)
    if oldest is not None and versions.minor(wanted) - oldest > 3:
        raise bad_request("Nodes would be more than three minor versions behind the cluster.", clusterName=cluster.name)

    def finish():
        cluster.data["version"] = wanted
        cluster.data["platformVersion"] = versions.platform_version(wanted)

    params = [param("Version", wanted), param("PlatformVersion", versions.platform_version(wanted))]
    return begin(cluster, "VersionUpdate", params, finish)


@handles("eks", "AssociateEncryptionConfig")
def associate_encryption_config(call) -> dict:
    cluster = EKS.cluster(call, call.get("clusterName", ""))
    check_can_update(cluster, "AssociateEncryptionConfig")
    if cluster.data.get("encryptionConfig"):
        raise invalid("Encryption is already enabled for this cluster.", clusterName=cluster.name)
    wanted = call.get("encryptionConfig")
    return begin(cluster, "AssociateEncryptionConfig", [param("EncryptionConfig", wanted)],
                 set_data(cluster, "encryptionConfig", wanted))


def owner_of(call) -> Staged:
    """The cluster, node group or add-on whose updates are asked for."""
    cluster = EKS.cluster(call, call.get("name", ""))
    wanted, addon = call.get("nodegroupName"), call.get("addonName")
    if addon:
        if addon not in cluster.addons:
            raise not_found(f"No addon: {addon} found in cluster: {cluster.name}", clusterName=cluster.name, addonName=addon)
        return cluster.addons[addon]
    if not wanted:
        return cluster
    if wanted not in cluster.nodegroups:
        raise not_found(f"No node group found for name: {wanted}.", clusterName=cluster.name, nodegroupName=wanted)
    return cluster.nodegroups[wanted]


@handles("eks", "DescribeUpdate")
def describe_update(call) -> dict:
    wanted = call.get("updateId", "")
    for update in owner_of(call).updates:
        if update.identity == wanted:
            return {"update": update.shown()}
    raise not_found(f"No update found for ID: {wanted}", clusterName=call.get("name"))


@handles("eks", "ListUpdates")
def list_updates(call) -> dict:
    identities = [update.identity for update in owner_of(call).updates]
    page, token = page_of(identities, call.get("maxResults", clusters.MAX_PAGE), call.get("nextToken"),
                          "InvalidParameterException")
    return {"updateIds": page, **({"nextToken": token} if token else {})}
