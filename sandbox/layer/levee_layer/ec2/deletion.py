"""What AWS refuses to delete while something depends on it, and what it tidies up itself."""

from __future__ import annotations

from ..errors import AwsError, dependency_violation
from ..rules import before
from .network import backend_of, groups_of, interfaces_in, interfaces_using, peerings_of


@before("ec2", "DeleteSecurityGroup")
def check_security_group(call) -> None:
    backend = backend_of(call)
    group = backend.get_security_group_from_id(call.get("GroupId") or "")
    if group is None:
        return
    if group.is_default:
        raise AwsError("CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user')
    if interfaces_using(backend, group.id) or referenced(backend, group.id):
        raise dependency_violation(f"resource {group.id} has a dependent object")


def referenced(backend, group_id: str) -> bool:
    """Whether a rule of another group names this one."""
    return any(rule.source_group.get("GroupId") == group_id
               for other in groups_of(backend) if other.id != group_id
               for rule in other.ingress_rules + other.egress_rules)


@before("ec2", "DeleteSubnet")
def check_subnet(call) -> None:
    backend = backend_of(call)
    subnet_id = call.get("SubnetId", "")
    nats = [n for n in backend.nat_gateways.values() if n.subnet_id == subnet_id and n.state != "deleted"]
    if nats or interfaces_in(backend, subnet_id):
        raise dependency_violation(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    if any(subnet_id in subnets for subnets in backend.subnets.values()):
        drop_associations(backend, subnet_id)


def drop_associations(backend, subnet_id: str) -> None:
    """AWS drops the associations of a deleted subnet with its route table and network ACL."""
    for table in backend.route_tables.values():
        for association, target in list(table._associations.items()):
            if target == subnet_id:
                del table._associations[association]
    for acl in backend.network_acls.values():
        kept = {key: held for key, held in acl._associations.items() if held.subnet_id != subnet_id}
        acl._associations = kept


@before("ec2", "DeleteVpc")
def check_vpc(call) -> None:
    backend = backend_of(call)
    vpc_id = call.get("VpcId", "")
    if vpc_id in backend.vpcs and any(blockers(backend, vpc_id)):
        raise dependency_violation(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def blockers(backend, vpc_id: str):
    """Everything in the VPC that has to go first."""
    yield from (g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id)
    yield from (g for g in backend.egress_only_internet_gateways.values() if g.vpc_id == vpc_id)
    yield from backend_subnets(backend, vpc_id)
    yield from (n for n in backend.nat_gateways.values() if n.vpc_id == vpc_id and n.state != "deleted")
    yield from (g for g in groups_of(backend) if g.vpc_id == vpc_id and not g.is_default)
    yield from (t for t in backend.route_tables.values() if t.vpc_id == vpc_id and not t.main_association_id)
    yield from (a for a in backend.network_acls.values() if a.vpc_id == vpc_id and not is_default_acl(a))
    yield from (e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id)
    yield from peerings_of(backend, vpc_id)


def backend_subnets(backend, vpc_id: str) -> list:
    return [s for subnets in backend.subnets.values() for s in subnets.values() if s.vpc_id == vpc_id]


def is_default_acl(acl) -> bool:
    return str(acl.default).lower() == "true"


@before("ec2", "DetachInternetGateway")
def check_detach(call) -> None:
    backend = backend_of(call)
    gateway = backend.internet_gateways.get(call.get("InternetGatewayId", ""))
    vpc_id = call.get("VpcId", "")
    if gateway is None or gateway.vpc is None or gateway.vpc.id != vpc_id:
        return
    if any(a.eni is not None and a.association_id and a.eni.subnet.vpc_id == vpc_id for a in backend.addresses):
        raise dependency_violation(f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
                                   "address(es) before detaching the gateway.")


@before("ec2", "AttachInternetGateway")
def check_attach(call) -> None:
    """A VPC has at most one internet gateway."""
    for gateway in backend_of(call).internet_gateways.values():
        if gateway.vpc is not None and gateway.vpc.id == call.get("VpcId"):
            if gateway.id != call.get("InternetGatewayId"):
                raise AwsError("InvalidParameterValue",
                               f"Network {call.get('VpcId')} already has an internet gateway attached")


@before("ec2", "DeleteNetworkInterface")
def check_interface(call) -> None:
    interface = backend_of(call).enis.get(call.get("NetworkInterfaceId", ""))
    if interface is not None and interface.requester_managed:
        raise AwsError("OperationNotPermitted", f"You are not allowed to manage '{interface.id}'")
