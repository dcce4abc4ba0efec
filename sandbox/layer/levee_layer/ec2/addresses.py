"""Elastic IP addresses: not released while in use; the fields that moto leaves out."""

from __future__ import annotations

from moto.ec2.models.elastic_ip_addresses import ElasticAddress

from ..errors import AwsError
from ..rules import before
from .network import backend_of


ElasticAddress.public_ipv4_pool = "amazon"
ElasticAddress.network_border_group = property(lambda self: self.ec2_backend.region_name)
ElasticAddress.network_interface_id = property(lambda self: self.eni.id if self.eni else None)


@before("ec2", "ReleaseAddress")
def refuse_in_use(call) -> None:
    allocation = call.get("AllocationId")
    for address in backend_of(call).addresses:
        if allocation and address.allocation_id == allocation and address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"The address with allocation id {allocation} is in use")


@before("ec2", "DisassociateAddress")
def refuse_foreign_interface(call) -> None:
    """The address of a NAT gateway belongs to it until it is deleted."""
    wanted = call.get("AssociationId")
    for address in backend_of(call).addresses:
        if wanted and address.association_id == wanted and address.eni is not None and address.eni.requester_managed:
            raise AwsError("AuthFailure", "You do not have permission to access the specified resource.", 403)
