"""Where a cluster touches EC2 and IAM: its security group, its network interfaces, and the checks of what it is given."""

from __future__ import annotations

import json
import secrets as randomness
from typing import Optional

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from ..visibility import VISIBILITY
from .model import Cluster, Staged, invalid


def network(call_or_cluster):
    return ec2_backends[call_or_cluster.account][call_or_cluster.region]


def find_subnet(backend, subnet_id: str):
    return next((subnets[subnet_id] for subnets in backend.subnets.values() if subnet_id in subnets), None)


def checked_subnets(call, subnet_ids: list) -> list:
    """The subnets, which must exist and stand in one VPC."""
    backend = network(call)
    subnets = [find_subnet(backend, subnet_id) for subnet_id in subnet_ids]
    missing = [i for i, subnet in zip(subnet_ids, subnets) if subnet is None]
    if missing:
        raise invalid(f"The subnet ID '{missing[0]}' does not exist")
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise invalid("Subnets are not in the same VPC.")
    return subnets


def check_security_groups(call, group_ids: list, vpc_id: str) -> None:
    backend = network(call)
    for group_id in group_ids:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise invalid(f"The security group ID '{group_id}' does not exist")
        if group.vpc_id != vpc_id:
            raise invalid(f"Security group(s) [{group_id}] are not in the same VPC as the subnets.")


def check_role(call, arn: str, service: str, message: str) -> None:
    """The role must exist and trust `service`."""
    backend = iam_backends[call.account]["aws"]
    role = next((r for r in backend.roles.values() if r.arn == arn), None)
    # A role that is not yet to be seen is refused by EKS, too, as a fresh one is on AWS.
    unseen = role is not None and VISIBILITY.is_hidden("iam", role.name)
    if role is None or unseen or service not in trusted_services(role):
        raise invalid(message)


def trusted_services(role) -> set:
    document = role.assume_role_policy_document
    try:
        document = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return set()
    statements = document.get("Statement", [])
    names: set = set()
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        names.update([services] if isinstance(services, str) else services)
    return names


def is_public(call, subnet) -> bool:
    """Whether the subnet's route table leads straight to an internet gateway."""
    backend = network(call)
    tables = [t for t in backend.route_tables.values() if t.vpc_id == subnet.vpc_id]
    explicit = [t for t in tables if subnet.id in t._associations.values()]
    table = (explicit or [t for t in tables if t.main_association_id])[:1]
    return any(r.gateway is not None and r.gateway.id.startswith("igw-") for t in table for r in t.routes)


def make_security_group(cluster: Cluster, vpc_id: str) -> str:
    """The cluster security group: EKS makes it, tags it, and lets its members talk to each other."""
    backend = network(cluster)
    suffix = f"{randomness.randbelow(10**10):010d}"
    group = backend.create_security_group(
        f"eks-cluster-sg-{cluster.name}-{suffix}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
        "as well as any managed workloads.",
        vpc_id=vpc_id,
        tags={f"kubernetes.io/cluster/{cluster.name}": "owned", "aws:eks:cluster-name": cluster.name,
              "Name": f"eks-cluster-sg-{cluster.name}-{suffix}"},
    )
    backend.authorize_security_group_ingress(
        group.id, "-1", None, None, [], source_groups=[{"GroupId": group.id, "UserId": cluster.account}], vpc_id=vpc_id)
    return group.id


def drop_security_group(cluster: Cluster) -> None:
    drop_group(cluster, cluster.security_group)


def drop_group(cluster: Cluster, group_id: str) -> None:
    backend = network(cluster)
    for groups in backend.groups.values():
        groups.pop(group_id, None)
    backend.tags.pop(group_id, None)


def place_interfaces(cluster: Cluster, owner: Staged, subnet_ids: list, description: str,
                     groups: Optional[list] = None) -> None:
    """Network interfaces that hold their subnets and security groups, as real ones do."""
    place_in_subnets(cluster, owner, subnet_ids, description, [cluster.security_group] + (groups or []))


def place_in_subnets(cluster: Cluster, owner: Staged, subnet_ids: list, description: str, groups: list) -> None:
    backend = network(cluster)
    for subnet_id in subnet_ids:
        interface = backend.create_network_interface(
            backend.get_subnet(subnet_id), None, description=description, group_ids=groups)
        interface.requester_managed = True
        interface.status = "in-use"
        owner.interfaces.append(interface.id)


def release(cluster: Cluster, owner: Staged) -> None:
    backend = network(cluster)
    for interface_id in owner.interfaces:
        backend.enis.pop(interface_id, None)
    owner.interfaces.clear()
