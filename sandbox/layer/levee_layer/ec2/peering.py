"""Peering connections: overlap fails, filters are applied, each side has its own tags, deleted ones are forgotten."""

from __future__ import annotations

import ipaddress
import time

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_peering_connections import PeeringConnectionStatus, VPCPeeringConnection

from ..errors import AwsError
from ..rules import before, handles, settles
from .filters import passes, wanted_filters
from .nat import NAT_TIMES
from .network import all_backends, backend_of

GONE = ("deleted", "failed", "rejected", "expired")


def not_found(identity: str) -> AwsError:
    return AwsError("InvalidVpcPeeringConnectionID.NotFound",
                    f"The vpcPeeringConnection ID '{identity}' does not exist")


def tags_on(backend, peering) -> list:
    return [{"Key": k, "Value": v} for k, v in (backend.tags.get(peering.id) or {}).items()]


def shown(backend, peering) -> dict:
    """The connection as the account and region of `backend` see it."""
    view = {
        "VpcPeeringConnectionId": peering.id, "Status": peering.status, "Tags": tags_on(backend, peering),
        "RequesterVpcInfo": side(peering.requester_vpc_info, peering.vpc),
        "AccepterVpcInfo": side(peering.accepter_vpc_info, peering.peer_vpc),
    }
    if peering.status["Code"] != "active":
        for key in ("RequesterVpcInfo", "AccepterVpcInfo"):
            view[key] = {k: v for k, v in view[key].items() if k != "PeeringOptions"}
    return view


def side(info: dict, vpc) -> dict:
    blocks = [{"CidrBlock": row["cidr_block"]} for row in vpc.get_cidr_block_association_set(ipv6=False)]
    return {**info, "CidrBlockSet": blocks}


def networks_of(vpc) -> list:
    return [ipaddress.ip_network(row["cidr_block"]) for row in vpc.get_cidr_block_association_set(ipv6=False)]


@handles("ec2", "CreateVpcPeeringConnection")
def create(call) -> dict:
    backend = backend_of(call)
    vpc = backend.get_vpc(call.get("VpcId", ""))
    account, region = call.get("PeerOwnerId") or call.account, call.get("PeerRegion") or call.region
    peer = ec2_backends[account][region].vpcs.get(call.get("PeerVpcId", ""))
    if peer is None:
        raise AwsError("InvalidVpcID.NotFound", f"The vpc ID '{call.get('PeerVpcId')}' does not exist")
    if peer.id == vpc.id:
        raise AwsError("InvalidParameterValue", "A VPC cannot be peered with itself")
    twin = existing(backend, vpc, peer)
    if twin is not None:
        return {"VpcPeeringConnection": shown(backend, twin)}
    tags = {t["Key"]: t.get("Value", "") for spec in call.get("TagSpecifications") or [] for t in spec.get("Tags") or []}
    peering = backend.create_vpc_peering_connection(vpc, peer, tags)
    if any(a.overlaps(b) for a in networks_of(vpc) for b in networks_of(peer)):
        peering._status.code = "failed"
        peering._status.message = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range"
        return {"VpcPeeringConnection": shown(backend, peering)}
    view = shown(backend, peering)
    view["Status"] = {"Code": "initiating-request", "Message": f"Initiating Request to {peer.owner_id}"}
    return {"VpcPeeringConnection": view}


def existing(backend, vpc, peer):
    """AWS answers a second request for the same pair with the pending connection."""
    for peering in backend.vpc_pcxs.values():
        if (peering.vpc.id, peering.peer_vpc.id) == (vpc.id, peer.id) and peering.status["Code"] == "pending-acceptance":
            return peering
    for peering in backend.vpc_pcxs.values():
        if {peering.vpc.id, peering.peer_vpc.id} == {vpc.id, peer.id} and peering.status["Code"] == "active":
            raise AwsError("VpcPeeringConnectionAlreadyExists",
                           f"A VPC peering connection already exists between {vpc.id} and {peer.id}: {peering.id}")
    return None


@handles("ec2", "DescribeVpcPeeringConnections")
def describe(call) -> dict:
    backend = backend_of(call)
    wanted = call.get("VpcPeeringConnectionIds") or []
    for identity in wanted:
        if identity not in backend.vpc_pcxs:
            raise not_found(identity)
    filters = wanted_filters(call)
    chosen = [p for p in backend.vpc_pcxs.values() if not wanted or p.id in wanted]
    chosen = [p for p in chosen if passes(filters, values_of(p), backend.tags.get(p.id) or {}, call.action)]
    return {"VpcPeeringConnections": [shown(backend, p) for p in chosen]}


def values_of(peering) -> dict:
    def cidrs(vpc):
        return [row["cidr_block"] for row in vpc.get_cidr_block_association_set(ipv6=False)]

    return {
        "vpc-peering-connection-id": peering.id, "status-code": peering.status["Code"],
        "status-message": peering.status["Message"],
        "requester-vpc-info.vpc-id": peering.vpc.id, "requester-vpc-info.owner-id": peering.vpc.owner_id,
        "requester-vpc-info.cidr-block": cidrs(peering.vpc),
        "accepter-vpc-info.vpc-id": peering.peer_vpc.id, "accepter-vpc-info.owner-id": peering.peer_vpc.owner_id,
        "accepter-vpc-info.cidr-block": cidrs(peering.peer_vpc),
    }


@before("ec2", "AcceptVpcPeeringConnection", "RejectVpcPeeringConnection", "DeleteVpcPeeringConnection",
        "ModifyVpcPeeringConnectionOptions")
def check_exists(call) -> None:
    identity = call.get("VpcPeeringConnectionId", "")
    if identity not in backend_of(call).vpc_pcxs:
        raise not_found(identity)


@handles("ec2", "AcceptVpcPeeringConnection")
def accept(call) -> dict:
    backend = backend_of(call)
    peering = backend.accept_vpc_peering_connection(call.get("VpcPeeringConnectionId", ""))
    return {"VpcPeeringConnection": shown(backend, peering)}


@before("ec2", "DeleteVpcPeeringConnection")
def refuse_second_delete(call) -> None:
    peering = backend_of(call).vpc_pcxs[call.get("VpcPeeringConnectionId", "")]
    if peering.status["Code"] in GONE:
        raise AwsError("InvalidStateTransition", f"Invalid state transition for {peering.id}, attempted to transition "
                                                 f"from {peering.status['Code']} to deleting")


@before("ec2", "ModifyVpcPeeringConnectionOptions")
def check_options(call) -> None:
    peering = backend_of(call).vpc_pcxs[call.get("VpcPeeringConnectionId", "")]
    if peering.status["Code"] != "active":
        raise AwsError("OperationNotPermitted",
                       f"Peering options can be modified only on an active peering connection: {peering.id}")
    sides = (("RequesterPeeringConnectionOptions", peering.vpc), ("AccepterPeeringConnectionOptions", peering.peer_vpc))
    for key, vpc in sides:
        if call.get(key) and (vpc.owner_id, vpc.region) != (call.account, call.region):
            raise AwsError("OperationNotPermitted", f"User {call.account} cannot modify {key} of {peering.id} here")


def _deleted(self, deleter_id: str) -> None:
    self.code, self.message, self.deleted_at = "deleted", f"Deleted by {deleter_id}", time.time()


PeeringConnectionStatus.deleted = _deleted
VPCPeeringConnection.tag_set = property(lambda self: tags_on(self.ec2_backend, self))


@settles
def settle() -> None:
    now = time.time()
    for _, _, backend in all_backends():
        for peering in list(backend.vpc_pcxs.values()):
            ended = getattr(peering._status, "deleted_at", None)
            if ended is not None and now > ended + NAT_TIMES.options.deleted_seconds:
                del backend.vpc_pcxs[peering.id]
