"""Asking for objects that do not exist: the code and the words of AWS, naming just the missing ones."""

from __future__ import annotations

import moto.ec2.exceptions as exceptions

from ..errors import AwsError
from ..rules import before
from .network import backend_of, groups_of

# action -> (parameter, code, noun, what exists)
READS = {
    "DescribeVpcs": ("VpcIds", "InvalidVpcID.NotFound", "vpc ID", lambda b: b.vpcs),
    "DescribeSubnets": ("SubnetIds", "InvalidSubnetID.NotFound", "subnet ID",
                        lambda b: {i for subnets in b.subnets.values() for i in subnets}),
    "DescribeSecurityGroups": ("GroupIds", "InvalidGroup.NotFound", "security group",
                               lambda b: {group.id for group in groups_of(b)}),
    "DescribeRouteTables": ("RouteTableIds", "InvalidRouteTableID.NotFound", "routeTable ID", lambda b: b.route_tables),
    "DescribeInternetGateways": ("InternetGatewayIds", "InvalidInternetGatewayID.NotFound", "internetGateway ID",
                                 lambda b: b.internet_gateways),
    "DescribeAddresses": ("AllocationIds", "InvalidAllocationID.NotFound", "allocation ID",
                          lambda b: {address.allocation_id for address in b.addresses}),
    "DescribeNetworkInterfaces": ("NetworkInterfaceIds", "InvalidNetworkInterfaceID.NotFound", "networkInterface ID",
                                  lambda b: b.enis),
}


@before("ec2", *READS)
def name_missing(call) -> None:
    parameter, code, noun, existing = READS[call.action]
    known = existing(backend_of(call))
    missing = [identity for identity in call.get(parameter) or [] if identity not in known]
    if len(missing) == 1:
        raise AwsError(code, f"The {noun} '{missing[0]}' does not exist")
    if missing:
        raise AwsError(code, f"The {noun}s '{', '.join(missing)}' do not exist")


def _unknown_peering(self, identity: str) -> None:
    exceptions.EC2ClientError.__init__(self, "InvalidVpcPeeringConnectionID.NotFound",
                                       f"The vpcPeeringConnection ID '{identity}' does not exist")


exceptions.InvalidVPCPeeringConnectionIdError.__init__ = _unknown_peering
