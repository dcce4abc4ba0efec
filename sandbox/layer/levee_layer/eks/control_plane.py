"""Clusters with a real Kubernetes: starts and ends their control planes, and keeps their nodes as their groups want them."""

from __future__ import annotations

import ipaddress
import secrets as randomness
import time

import yaml

from ..kubernetes.plane import Plane, parent_of
from ..kubernetes.programs import Setup
from ..rules import LOCK, SETTLERS
from . import load_balancers, mapping, nodes
from ..kubernetes.certificate import Authority, signing_key
from .model import EKS, Cluster

ROLES = ("system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view")
# How often services are looked at.
BALANCE_SECONDS = 0.5
# The storage class that every cluster of EKS has; it is nobody's default.
STORAGE_CLASS = {
    "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "gp2"},
    "provisioner": "kubernetes.io/aws-ebs", "parameters": {"fsType": "ext4", "type": "gp2"}, "reclaimPolicy": "Delete",
    "volumeBindingMode": "WaitForFirstConsumer"}
AWS_AUTH = "/api/v1/namespaces/kube-system/configmaps/aws-auth"


def begin(cluster: Cluster) -> None:
    """Gives the cluster a certificate authority, and a control plane if this cloud has any."""
    authority = Authority()
    cluster.data["certificateAuthority"] = {"data": authority.data}
    options = EKS.options
    if not options.kubernetes_binaries:
        return
    plane = Plane(options.kubernetes_binaries, parent_of(options), lambda plane: keep(cluster, plane))
    network = cluster.data["kubernetesNetworkConfig"]
    cidr = network.get("serviceIpv4Cidr") or network["serviceIpv6Cidr"]
    certificate, key = authority.server(str(ipaddress.ip_network(cidr)[1]))
    hook = f"http://127.0.0.1:{options.port}/_levee/kubernetes/{cluster.account}/{cluster.region}/{cluster.name}"
    cluster.data["endpoint"] = plane.endpoint
    cluster.plane = plane
    cluster.gate = lambda: plane.is_ready
    plane.first_objects = [("/apis/storage.k8s.io/v1/storageclasses", STORAGE_CLASS)]
    plane.begin(Setup(
        port=plane.port, token=randomness.token_hex(16), service_cidr=cidr,
        issuer=cluster.data["identity"]["oidc"]["issuer"], authority_pem=authority.pem, certificate_pem=certificate,
        key_pem=key, signing_key_pem=signing_key(), authenticate_url=f"{hook}/authenticate",
        authorize_url=f"{hook}/authorize", load_balancers=False))


def end(cluster: Cluster) -> None:
    """Begins to end the cluster's control plane; it is over before the cluster is gone."""
    if cluster.plane:
        cluster.plane.end()


def keep(cluster: Cluster, plane: Plane) -> None:
    """One round of a control plane's thread: nodes and their mapping become what the node groups want."""
    with LOCK:
        for settle in SETTLERS:
            settle()
        wanted = nodes.wanted(cluster)
        waited_for = any(group.status == "CREATING" for group in cluster.nodegroups.values())
        roles = sorted({group.data["nodeRole"] for group in cluster.nodegroups.values()})
        mode = cluster.data["accessConfig"]["authenticationMode"]
    if not cluster.roles:
        cluster.roles = rules_of(plane)
    if mode == "CONFIG_MAP" and roles != cluster.mapped_roles:
        map_node_roles(plane, roles)
        cluster.mapped_roles = roles
    if wanted != cluster.kept_nodes or waited_for:
        cluster.ready_nodes = nodes.bring_about(plane.api, wanted)
        cluster.kept_nodes = wanted
    if time.monotonic() > cluster.balanced_at + BALANCE_SECONDS:
        load_balancers.keep(cluster, plane.api)
        cluster.balanced_at = time.monotonic()


def rules_of(plane: Plane) -> dict:
    found = {name: plane.api.get(f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}") for name in ROLES}
    return {name: role.get("rules") or [] for name, role in found.items() if role}


def map_node_roles(plane: Plane, roles: list) -> None:
    """Where aws-auth decides, EKS itself writes the roles of managed nodes into it, and leaves the rest as it is."""
    current = plane.api.get(AWS_AUTH)
    text = ((current or {}).get("data") or {}).get("mapRoles") or ""
    rows = mapping.listed(text)
    if text and not rows and text.strip() != "[]":
        return  # what cannot be read is left to whoever wrote it
    known = {row.get("rolearn") for row in rows if isinstance(row, dict)}
    added = [{"groups": ["system:bootstrappers", "system:nodes"], "rolearn": role,
              "username": "system:node:{{EC2PrivateDNSName}}"} for role in roles if role not in known]
    if not added:
        return
    data = {"mapRoles": yaml.safe_dump(rows + added)}
    if current:
        plane.api.merge(AWS_AUTH, {"data": data})
    else:
        plane.api.call("POST", AWS_AUTH.rsplit("/", 1)[0], {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": data})
