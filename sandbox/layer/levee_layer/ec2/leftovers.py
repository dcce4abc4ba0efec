"""What moto leaves behind when something is deleted: its tags, and the default network ACL of a VPC."""

from __future__ import annotations

from ..rules import after
from .network import backend_of

# The parameter that names the deleted object.
NAMES = {
    "DeleteVpc": "VpcId", "DeleteSubnet": "SubnetId", "DeleteInternetGateway": "InternetGatewayId",
    "DeleteRouteTable": "RouteTableId", "DeleteSecurityGroup": "GroupId", "ReleaseAddress": "AllocationId",
    "DeleteNetworkAcl": "NetworkAclId", "DeleteNetworkInterface": "NetworkInterfaceId",
    "DeleteEgressOnlyInternetGateway": "EgressOnlyInternetGatewayId",
}


@after("ec2", *NAMES)
def drop_tags(call, _reply) -> None:
    backend_of(call).tags.pop(call.get(NAMES[call.action], ""), None)


@after("ec2", "DeleteVpc")
def drop_acls(call, _reply) -> None:
    backend = backend_of(call)
    for acl_id in [key for key, acl in backend.network_acls.items() if acl.vpc_id == call.get("VpcId")]:
        del backend.network_acls[acl_id]


@after("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def drop_rule_tags(call, _reply) -> None:
    for identity in call.get("SecurityGroupRuleIds") or []:
        backend_of(call).tags.pop(identity, None)
