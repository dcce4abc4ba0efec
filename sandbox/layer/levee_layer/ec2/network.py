"""Finding things in moto's EC2: the backend of a call, and the objects of a VPC."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from ..errors import AwsError


def backend_of(call):
    try:
        return ec2_backends[call.account][call.region]
    except KeyError:
        raise AwsError("AuthFailure", f"unknown region {call.region}", 401) from None


def all_backends():
    """(account, region, backend) of every region touched so far."""
    for account, regions in list(ec2_backends.items()):
        for region, backend in list(regions.items()):
            yield account, region, backend


def subnet_of(backend, subnet_id: str):
    return next((subnets[subnet_id] for subnets in backend.subnets.values() if subnet_id in subnets), None)


def groups_of(backend) -> list:
    return [group for groups in list(backend.groups.values()) for group in list(groups.values())]


def interfaces_in(backend, subnet_id: str) -> list:
    return [eni for eni in list(backend.enis.values()) if eni.subnet is not None and eni.subnet.id == subnet_id]


def interfaces_using(backend, group_id: str) -> list:
    return [eni for eni in list(backend.enis.values()) if any(group.id == group_id for group in eni._group_set)]


def peerings_of(backend, vpc_id: str) -> list:
    """Peering connections of the VPC, on either side, that are not over."""
    live = ("pending-acceptance", "active", "provisioning", "initiating-request")
    return [p for p in list(backend.vpc_pcxs.values())
            if p.status["Code"] in live and vpc_id in (p.vpc.id, p.peer_vpc.id)]
