"""The nodes of managed node groups: which there should be, and how the cluster comes to have just these."""

from __future__ import annotations

import dataclasses
import ipaddress
import secrets as randomness
from urllib.parse import quote

from moto.ec2.models.instance_types import INSTANCE_TYPES

from ..kubernetes.api import Api
from ..kubernetes.programs import FAKE_NODE
from . import placement
from .model import Child, Cluster

GROUP_LABEL = "eks.amazonaws.com/nodegroup"
# Names the labels that a node has from its group, so that those taken from the group can be taken from the node.
LABELS = "levee.sandbox/labels"
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
# Addresses that a subnet keeps for itself at its beginning, with some for load balancers and the like.
FIRST_ADDRESS = 10
# As kubelet keeps back on EKS, roughly.
RESERVED_MIB = 700


@dataclasses.dataclass
class Instance:
    """A machine that a node runs on."""

    identity: str
    address: str
    zone: str
    release: str


def staff(cluster: Cluster, group: Child) -> None:
    """Brings the group's instances to its size and release: what is too much or of another release goes."""
    size = 0 if group.status == "DELETING" else group.data["scalingConfig"]["desiredSize"]
    release = group.data["releaseVersion"]
    # Also those that go now keep their addresses to themselves: the others come before they go.
    taken = {instance.address for other in cluster.nodegroups.values() for instance in other.instances}
    group.instances = [i for i in group.instances if i.release == release][:size]
    while len(group.instances) < size:
        group.instances.append(launch(cluster, group, len(group.instances), taken))
        taken.add(group.instances[-1].address)


def launch(cluster: Cluster, group: Child, index: int, taken: set) -> Instance:
    backend = placement.network(cluster)
    subnets = group.data["subnets"]
    subnet = placement.find_subnet(backend, subnets[index % len(subnets)])
    network = ipaddress.ip_network(subnet.cidr_block)
    address = next(str(a) for n, a in enumerate(network.hosts()) if n >= FIRST_ADDRESS and str(a) not in taken)
    return Instance(f"i-0{randomness.token_hex(8)}", address, subnet.availability_zone, group.data["releaseVersion"])


def wanted(cluster: Cluster) -> dict:
    """The Node objects of the cluster by name."""
    found = {}
    for group in cluster.nodegroups.values():
        staff(cluster, group)
        for instance in group.instances:
            node = node_of(cluster.region, group.name, group.data, instance)
            found[node["metadata"]["name"]] = node
    return found


def are_ready(cluster: Cluster, group: Child) -> bool:
    names = {node_name(instance.address, cluster.region) for instance in group.instances}
    return len(names) >= group.data["scalingConfig"]["desiredSize"] and names <= cluster.ready_nodes


def node_name(address: str, region: str) -> str:
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"


def node_of(region: str, group: str, data: dict, instance: Instance) -> dict:
    """The Node as a kubelet on EKS registers it."""
    name = node_name(instance.address, region)
    kind = (data.get("instanceTypes") or ["t3.medium"])[0]
    arm = "arm64" if "ARM_64" in data["amiType"] else "amd64"
    labels = {
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": arm,
        "node.kubernetes.io/instance-type": kind, "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": instance.zone, "k8s.io/cloud-provider-aws": "levee-sandbox",
        "eks.amazonaws.com/capacityType": data["capacityType"], GROUP_LABEL: group, **data["labels"],
    }
    taints = [{"key": t["key"], "effect": EFFECTS[t["effect"]], **({"value": t["value"]} if t.get("value") else {})}
              for t in data["taints"]]
    annotations = {FAKE_NODE: "fake", LABELS: ",".join(sorted(data["labels"]))}
    capacity, left = resources(kind)
    return {
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {"providerID": f"aws:///{instance.zone}/{instance.identity}", "taints": taints},
        "status": {
            "capacity": capacity, "allocatable": left,
            "addresses": [{"type": "InternalIP", "address": instance.address}, {"type": "Hostname", "address": name},
                          {"type": "InternalDNS", "address": name}],
            "nodeInfo": {
                "architecture": arm, "operatingSystem": "linux", "osImage": "Amazon Linux 2023", "bootID": "",
                "machineID": instance.identity, "systemUUID": instance.identity, "kernelVersion": "6.12",
                "containerRuntimeVersion": "containerd://2.1", "kubeProxyVersion": "",
                "kubeletVersion": f"v{instance.release.split('-')[0]}-eks-levee"},
        },
    }


def resources(kind: str) -> tuple:
    """(capacity, what is left of it for pods) of an instance type; as many pods as its interfaces have addresses for."""
    facts = INSTANCE_TYPES.get(kind, {})
    cores = facts.get("VCpuInfo", {}).get("DefaultVCpus", 2)
    memory = facts.get("MemoryInfo", {}).get("SizeInMiB", 4096)
    network = facts.get("NetworkInfo", {})
    pods = network.get("MaximumNetworkInterfaces", 3) * (network.get("Ipv4AddressesPerInterface", 6) - 1) + 2
    rest = {"ephemeral-storage": "20Gi", "pods": str(pods)}
    return ({"cpu": str(cores), "memory": f"{memory}Mi", **rest},
            {"cpu": f"{cores * 1000 - 70}m", "memory": f"{max(memory - RESERVED_MIB, 256)}Mi", **rest})


def bring_about(api: Api, wanted_nodes: dict) -> set:
    """Creates, changes and deletes nodes; the names of those that are ready."""
    listing = api.get("/api/v1/nodes")
    if listing is None:
        raise OSError("the API server does not list its nodes")
    there = {node["metadata"]["name"]: node for node in listing["items"]}
    for name, node in wanted_nodes.items():
        if name not in there:
            api.call("POST", "/api/v1/nodes", node)
        else:
            adapt(api, there[name], node)
    for name, node in there.items():
        if name not in wanted_nodes and GROUP_LABEL in node["metadata"].get("labels", {}):
            remove(api, name)
    return {name for name, node in there.items() if name in wanted_nodes and is_ready(node)}


def adapt(api: Api, current: dict, node: dict) -> None:
    """Labels and taints of the group; those of others stay."""
    ours = current["metadata"].get("annotations", {}).get(LABELS, "").split(",")
    dropped = {old: None for old in ours if old and old not in node["metadata"]["labels"]}
    labels = {**dropped, **node["metadata"]["labels"]}
    now = current["metadata"].get("labels", {})
    system = [t for t in current["spec"].get("taints", []) if t["key"].startswith("node.kubernetes.io/")]
    taints = node["spec"]["taints"] + system
    same_labels = all(now.get(key) == value for key, value in labels.items())
    if not same_labels or as_set(taints) != as_set(current["spec"].get("taints", [])):
        api.merge(f"/api/v1/nodes/{current['metadata']['name']}", {
            "metadata": {"labels": labels, "annotations": node["metadata"]["annotations"]}, "spec": {"taints": taints}})


def as_set(taints: list) -> set:
    return {(t["key"], t.get("value", ""), t["effect"]) for t in taints}


def remove(api: Api, name: str) -> None:
    """Its pods go first, as a drain does it, for whoever replaces them; there is no time of grace."""
    pods = api.get(f"/api/v1/pods?fieldSelector={quote(f'spec.nodeName={name}')}") or {"items": []}
    api.merge(f"/api/v1/nodes/{name}", {"spec": {"unschedulable": True}})
    for pod in pods["items"]:
        space, pod_name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        api.call("DELETE", f"/api/v1/namespaces/{space}/pods/{pod_name}?gracePeriodSeconds=0")
    api.call("DELETE", f"/api/v1/nodes/{name}")


def is_ready(node: dict) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node.get("status", {}).get("conditions", []))
