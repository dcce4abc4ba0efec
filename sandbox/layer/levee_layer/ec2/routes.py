"""Route tables: targets that must exist, black holes, associations as AWS keeps them."""

from __future__ import annotations

from moto.ec2.models.route_tables import Route

from ..errors import AwsError, dependency_violation
from ..rules import before
from .network import backend_of


def _state(self) -> str:
    backend = self.route_table.ec2_backend
    return "active" if self.local or target_lives(self, backend) else "blackhole"


def target_lives(route, backend) -> bool:
    if route.gateway is not None and route.gateway.id.startswith("igw-"):
        gateway = backend.internet_gateways.get(route.gateway.id)
        return gateway is not None and gateway.vpc is not None and gateway.vpc.id == route.route_table.vpc_id
    if route.nat_gateway is not None:
        nat = backend.nat_gateways.get(route.nat_gateway.id)
        return nat is not None and nat.state in ("pending", "available")
    if route.vpc_pcx is not None:
        return route.vpc_pcx.status["Code"] in ("active", "pending-acceptance", "provisioning")
    if route.egress_only_igw is not None:
        return route.egress_only_igw.id in backend.egress_only_internet_gateways
    if route.interface is not None:
        return route.interface.id in backend.enis
    return True


Route.state = property(_state)

TARGETS = ("GatewayId", "NatGatewayId", "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "NetworkInterfaceId",
           "InstanceId", "TransitGatewayId", "VpcEndpointId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn")


@before("ec2", "CreateRoute", "ReplaceRoute")
def check_target(call) -> None:
    backend = backend_of(call)
    table = backend.route_tables.get(call.get("RouteTableId", ""))
    if table is None:
        return  # moto answers
    given = [name for name in TARGETS if call.get(name)]
    if call.action == "CreateRoute" and len(given) != 1:
        code = "MissingParameter" if not given else "InvalidParameterCombination"
        raise AwsError(code, "The request must contain exactly one route target")
    check_gateway(backend, table, call.get("GatewayId") or "")
    check_nat(backend, call.get("NatGatewayId"))


def check_gateway(backend, table, gateway_id: str) -> None:
    gateway = backend.internet_gateways.get(gateway_id)
    if gateway is not None and (gateway.vpc is None or gateway.vpc.id != table.vpc_id):
        raise AwsError("InvalidParameterValue",
                       f"route table {table.id} and network gateway {gateway_id} belong to different networks")


def check_nat(backend, nat_id) -> None:
    if not nat_id:
        return
    nat = backend.nat_gateways.get(nat_id)
    if nat is None or nat.state in ("deleting", "deleted", "failed"):
        raise AwsError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat_id}' does not exist")


@before("ec2", "CreateRoute")
def refuse_local_destination(call) -> None:
    table = backend_of(call).route_tables.get(call.get("RouteTableId", ""))
    wanted = call.get("DestinationCidrBlock") or call.get("DestinationIpv6CidrBlock")
    for route in table.routes if table else []:
        if wanted in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
            raise AwsError("RouteAlreadyExists", f"The route identified by {wanted} already exists.")


@before("ec2", "AssociateRouteTable")
def refuse_second_association(call) -> None:
    backend = backend_of(call)
    target = call.get("SubnetId") or call.get("GatewayId")
    if call.get("RouteTableId") not in backend.route_tables:
        return
    for table in backend.route_tables.values():
        if target and target in table._associations.values():
            raise AwsError("Resource.AlreadyAssociated", f"the specified association for route table "
                                                         f"{call.get('RouteTableId')} conflicts with an existing association")
    subnet = next((s[target] for s in backend.subnets.values() if target in s), None)
    if subnet is not None and subnet.vpc_id != backend.route_tables[call.get("RouteTableId")].vpc_id:
        raise AwsError("InvalidParameterValue", f"route table {call.get('RouteTableId')} and subnet {target} "
                                                "belong to different networks")


@before("ec2", "DisassociateRouteTable")
def refuse_main_association(call) -> None:
    wanted = call.get("AssociationId")
    if any(table.main_association_id == wanted for table in backend_of(call).route_tables.values() if wanted):
        raise AwsError("InvalidParameterValue", "cannot disassociate the main route table association " + wanted)


@before("ec2", "DeleteRouteTable")
def refuse_main(call) -> None:
    table = backend_of(call).route_tables.get(call.get("RouteTableId", ""))
    if table is not None and table.main_association_id:
        raise dependency_violation(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")


@before("ec2", "DeleteRoute")
def refuse_local(call) -> None:
    table = backend_of(call).route_tables.get(call.get("RouteTableId", ""))
    wanted = call.get("DestinationCidrBlock") or call.get("DestinationIpv6CidrBlock")
    for route in table.routes if table else []:
        if route.local and wanted in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
            raise AwsError("InvalidParameterValue", f"cannot remove local route {wanted} in route table {table.id}")
