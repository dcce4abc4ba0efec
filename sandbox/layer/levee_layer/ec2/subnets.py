"""Subnets: launch settings that moto drops, the state of IPv6 blocks, zones of the right region."""

from __future__ import annotations

from moto.ec2.models.subnets import Subnet

from ..errors import AwsError
from ..rules import before, handles
from .network import backend_of, subnet_of

# API parameter -> attribute of moto's subnet.
PLAIN = {
    "MapPublicIpOnLaunch": "map_public_ip_on_launch", "AssignIpv6AddressOnCreation": "assign_ipv6_address_on_creation",
    "EnableDns64": "enable_dns64", "MapCustomerOwnedIpOnLaunch": "map_customer_owned_ip_on_launch",
}
# API parameter -> member of PrivateDnsNameOptionsOnLaunch.
NAMING = {
    "EnableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
    "EnableResourceNameDnsAAAARecordOnLaunch": "EnableResourceNameDnsAAAARecord",
}

Subnet.enable_dns64 = False
Subnet.map_customer_owned_ip_on_launch = False


def _ipv6_blocks(self) -> list:
    return [
        {"ipv6CidrBlock": a["ipv6CidrBlock"], "associationId": a["associationId"],
         "ipv6CidrBlockState": {"state": a["ipv6CidrBlockState"]["State"]}}
        for a in self.ipv6_cidr_block_associations.values() if a["ipv6CidrBlockState"]["State"] == "associated"]


Subnet.ipv6_cidr_block_association_set = property(_ipv6_blocks)


@before("ec2", "CreateSubnet")
def check_zone(call) -> None:
    zones = backend_of(call).describe_availability_zones()
    for given, attribute in (("AvailabilityZone", "name"), ("AvailabilityZoneId", "zone_id")):
        wanted = call.get(given)
        if wanted and wanted not in [getattr(zone, attribute) for zone in zones]:
            known = ", ".join(getattr(zone, attribute) for zone in zones)
            raise AwsError("InvalidParameterValue", f"Value ({wanted}) for parameter availabilityZone is invalid. "
                                                    f"Subnets can currently only be created in the following "
                                                    f"availability zones: {known}.")


@handles("ec2", "ModifySubnetAttribute")
def modify(call) -> dict:
    subnet = subnet_of(backend_of(call), call.get("SubnetId", ""))
    if subnet is None:
        raise AwsError("InvalidSubnetID.NotFound", f"The subnet ID '{call.get('SubnetId')}' does not exist")
    changes = {k: v for k, v in call.params.items() if k not in ("SubnetId", "DryRun") and v is not None}
    if len(changes) != 1:
        raise AwsError("InvalidParameterCombination", "Modify exactly one attribute at a time.")
    name, wanted = next(iter(changes.items()))
    value = wanted.get("Value") if isinstance(wanted, dict) else wanted
    if name in PLAIN:
        if name == "AssignIpv6AddressOnCreation" and value and not subnet.ipv6_cidr_block_association_set:
            raise AwsError("InvalidParameterValue", f"Invalid value 'true' for assignIpv6AddressOnCreation. The subnet "
                                                    f"{subnet.id} has no IPv6 CIDR block.")
        setattr(subnet, PLAIN[name], value)
    elif name in NAMING or name == "PrivateDnsHostnameTypeOnLaunch":
        subnet.private_dns_name_options_on_launch[NAMING.get(name, "HostnameType")] = value
    else:
        raise AwsError("InvalidParameterValue", f"The attribute {name} cannot be modified here")
    return {}
