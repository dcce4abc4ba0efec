"""Services of type LoadBalancer: what they make in EC2, which outlives the cluster if it is deleted before them, as on AWS."""

from __future__ import annotations

import secrets as randomness
from urllib.parse import quote

from ..kubernetes.api import Api
from ..rules import LOCK
from . import placement
from .model import Cluster, Staged

FINALIZER = "service.kubernetes.io/load-balancer-cleanup"
SERVICES = f"/api/v1/services?fieldSelector={quote('spec.type=LoadBalancer')}"


def keep(cluster: Cluster, api: Api) -> None:
    """Makes what is missing, and takes down what no service asks for any more."""
    listing = api.get(SERVICES)
    if listing is None:
        raise OSError("the API server does not list its services")
    asking = {s["metadata"]["uid"]: s for s in listing["items"] if "deletionTimestamp" not in s["metadata"]}
    for uid, service in asking.items():
        if uid not in cluster.balancers:
            begin(cluster, api, uid, service)
    for uid in [uid for uid in cluster.balancers if uid not in asking]:
        end(cluster, api, uid)


def path_of(service: dict) -> str:
    return f"/api/v1/namespaces/{service['metadata']['namespace']}/services/{service['metadata']['name']}"


def begin(cluster: Cluster, api: Api, uid: str, service: dict) -> None:
    name = "a" + uid.replace("-", "")[:31]
    path = path_of(service)
    # First the finalizer: the service must not go before what it has made.
    kept = service["metadata"].get("finalizers", [])
    api.merge(path, {"metadata": {"finalizers": [*kept, FINALIZER]}})
    with LOCK:
        cluster.balancers[uid] = place(cluster, name, path)
    host = f"{name}-{randomness.randbelow(10**9):09d}.{cluster.region}.elb.amazonaws.com"
    api.merge(f"{path}/status", {"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}})


def place(cluster: Cluster, name: str, path: str) -> Staged:
    """A security group, and an interface in each of two subnets of the cluster."""
    backend = placement.network(cluster)
    network = cluster.data["resourcesVpcConfig"]
    group = backend.create_security_group(
        f"k8s-elb-{name}", f"Security group for Kubernetes ELB {name}", vpc_id=network["vpcId"],
        tags={f"kubernetes.io/cluster/{cluster.name}": "owned"})
    balancer = Staged(name=name, arn=path, tags={}, status="ACTIVE", data={"group": group.id})
    placement.place_in_subnets(cluster, balancer, network["subnetIds"][:2], f"ELB {name}", [group.id])
    return balancer


def end(cluster: Cluster, api: Api, uid: str) -> None:
    with LOCK:
        balancer = cluster.balancers.pop(uid)
        placement.release(cluster, balancer)
        placement.drop_group(cluster, balancer.data["group"])
    service = api.get(balancer.arn)
    if service and service["metadata"]["uid"] == uid:
        kept = [f for f in service["metadata"].get("finalizers", []) if f != FINALIZER]
        api.merge(balancer.arn, {"metadata": {"finalizers": kept}})
