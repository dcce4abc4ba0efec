"""NAT gateways: pending and deleting take time, their addresses are held and let go, filters are applied."""

from __future__ import annotations

import time

from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.utils import random_private_ip

from ..errors import AwsError
from ..options import Options
from ..rules import before, handles, settles
from .filters import passes, wanted_filters
from .network import all_backends, backend_of, subnet_of


class Times:
    """The options in force; set once at start."""

    options = Options()


NAT_TIMES = Times()


def _state(self) -> str:
    now = time.time()
    if self._deleted_at is not None:
        return "deleting" if now < self._deleted_at + NAT_TIMES.options.nat_delete_seconds else "deleted"
    return "pending" if now < self._born_at + NAT_TIMES.options.nat_seconds else "available"


def _set_state(self, wanted: str) -> None:
    """moto sets `available` when it makes one and `deleted` when it deletes one: both begin a wait here."""
    if wanted == "deleted":
        self._deleted_at = time.time()
    else:
        self._born_at, self._deleted_at = time.time(), None


NatGateway.state = property(_state, _set_state)
NatGateway.delete_time = property(lambda self: None if self._deleted_at is None else _stamp(self._deleted_at))


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


@before("ec2", "CreateNatGateway")
def check_create(call) -> None:
    backend = backend_of(call)
    subnet_id, allocation = call.get("SubnetId", ""), call.get("AllocationId")
    if subnet_of(backend, subnet_id) is None:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    kind = call.get("ConnectivityType") or "public"
    if kind == "public" and not allocation:
        raise AwsError("MissingParameter", "The request must contain the parameter AllocationId")
    if kind == "private" and allocation:
        raise AwsError("InvalidParameter", "AllocationId is not allowed with a private NAT gateway")
    if allocation:
        check_allocation(backend, allocation)


def check_allocation(backend, allocation: str) -> None:
    address = next((a for a in backend.addresses if a.allocation_id == allocation), None)
    if address is None:
        raise AwsError("InvalidAllocationID.NotFound", f"The allocation ID '{allocation}' does not exist")
    if address.association_id:
        raise AwsError("Resource.AlreadyAssociated", f"resource {allocation} is already associated with "
                                                     f"associate-id {address.association_id}")


@handles("ec2", "CreateNatGateway")
def create(call) -> dict:
    from moto.ec2.utils import add_tag_specification

    backend = backend_of(call)
    kind = call.get("ConnectivityType") or "public"
    nat = backend.create_nat_gateway(
        subnet_id=call.get("SubnetId"), allocation_id=call.get("AllocationId"),
        tags=add_tag_specification(call.get("TagSpecifications", [])), connectivity_type=kind)
    settle_interface(nat, call.get("PrivateIpAddress"))
    return {"NatGateway": nat, "ClientToken": call.get("ClientToken")}


def settle_interface(nat, wanted_ip) -> None:
    """Gives the interface an address inside its subnet (moto invents one anywhere)."""
    interface = nat._eni
    address = wanted_ip or random_private_ip(interface.subnet.cidr_block)
    interface.private_ip_address = address
    for row in interface.private_ip_addresses:
        if row.get("Primary"):
            row["PrivateIpAddress"] = address
            row.pop("PrivateDnsName", None)
    interface.description = f"Interface for NAT Gateway {nat.id}"
    interface.interface_type = "nat_gateway"
    interface._group_set = []
    interface.requester_managed = True
    interface.status = "in-use"
    nat.private_ip = address
    for row in nat.address_set:
        row["privateIp"] = address
        row.setdefault("isPrimary", True)
        row.setdefault("status", "succeeded")


@before("ec2", "DeleteNatGateway")
def check_delete(call) -> None:
    find(call, call.get("NatGatewayId", ""))


def find(call, identity: str):
    nat = backend_of(call).nat_gateways.get(identity)
    if nat is None or nat.state == "deleted":
        raise not_found(identity)
    return nat


def not_found(identity: str) -> AwsError:
    return AwsError("NatGatewayNotFound", f"The Nat Gateway {identity} was not found")


@handles("ec2", "DeleteNatGateway")
def delete(call) -> dict:
    nat = find(call, call.get("NatGatewayId", ""))
    if nat.state != "deleting":
        nat.state = "deleted"
    return {"NatGatewayId": nat.id}


@handles("ec2", "DescribeNatGateways")
def describe(call) -> dict:
    backend = backend_of(call)
    wanted = call.get("NatGatewayIds") or []
    missing = [identity for identity in wanted if identity not in backend.nat_gateways]
    if missing:
        raise not_found(missing[0])
    filters = wanted_filters(call)
    nats = [n for n in backend.nat_gateways.values() if not wanted or n.id in wanted]
    nats = [n for n in nats if passes(filters, values_of(n), backend.tags.get(n.id) or {}, call.action)]
    return {"NatGateways": nats}


def values_of(nat) -> dict:
    return {"nat-gateway-id": nat.id, "state": nat.state, "subnet-id": nat.subnet_id, "vpc-id": nat.vpc_id}


@settles
def settle() -> None:
    """Lets go of the interface and address of what is deleted, and forgets it when it was listed long enough."""
    now = time.time()
    for _, _, backend in all_backends():
        for nat in list(backend.nat_gateways.values()):
            if nat.state != "deleted":
                continue
            release(backend, nat)
            if now > nat._deleted_at + NAT_TIMES.options.deleted_seconds:
                del backend.nat_gateways[nat.id]


def release(backend, nat) -> None:
    for address in backend.addresses:
        if address.eni is not None and address.eni.id == nat._eni.id:
            address.eni, address.instance, address.association_id = None, None, None
    backend.enis.pop(nat._eni.id, None)
