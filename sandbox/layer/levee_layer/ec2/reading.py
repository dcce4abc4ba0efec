"""Reading lists: pages for every Describe call that has them, and objects that are not yet to be seen."""

from __future__ import annotations

from functools import lru_cache
from typing import Optional

from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.ec2.responses._base_response import EC2BaseResponse

from ..errors import AwsError
from ..paging import page_of
from ..rules import handles
from ..visibility import VISIBILITY
from .filters import passes, wanted_filters
from .network import backend_of

NOT_FOUND = {
    "vpc": "InvalidVpcID.NotFound", "subnet": "InvalidSubnetID.NotFound", "igw": "InvalidInternetGatewayID.NotFound",
    "rtb": "InvalidRouteTableID.NotFound", "sg": "InvalidGroup.NotFound", "nat": "NatGatewayNotFound",
    "eipalloc": "InvalidAllocationID.NotFound", "pcx": "InvalidVpcPeeringConnectionID.NotFound",
    "sgr": "InvalidSecurityGroupRuleId.NotFound", "eigw": "InvalidGatewayID.NotFound",
}


@lru_cache(maxsize=None)
def list_key(action: str) -> Optional[str]:
    """The list in the answer of a Describe action that has pages, else None."""
    model = get_service_model("ec2")
    if not action.startswith("Describe") or action not in model.operation_names:
        return None
    operation = model.operation_model(action)
    if operation.output_shape is None or operation.input_shape is None:
        return None
    if "NextToken" not in operation.output_shape.members or "MaxResults" not in operation.input_shape.members:
        return None
    lists = [name for name, shape in operation.output_shape.members.items() if shape.type_name == "list"]
    return lists[0] if len(lists) == 1 else None


def paged(action: str, result: dict, params: dict) -> dict:
    key = list_key(action)
    if key is None or not isinstance(result.get(key), list) or result.get("NextToken"):
        return result
    page, token = page_of(result[key], params.get("MaxResults"), params.get("NextToken"))
    return {**result, key: page, **({"NextToken": token} if token else {})}


def without_hidden(result: dict, params: dict) -> dict:
    """The result less its hidden objects; asking for one of them by id is an error, as on AWS."""
    shown = dict(result)
    for key, items in result.items():
        if isinstance(items, list):
            shown[key] = [item for item in items if not is_hidden(item, params)]
    return shown


def identity_of(item) -> str:
    if isinstance(item, dict):
        return next((v for k, v in item.items() if k.endswith("Id") and isinstance(v, str)), "")
    return getattr(item, "allocation_id", None) or getattr(item, "id", "") or ""


def is_hidden(item, params: dict) -> bool:
    identity = identity_of(item)
    if not identity or not VISIBILITY.is_hidden("ec2", identity):
        return False
    asked = any(isinstance(value, list) and identity in value for value in params.values())
    if asked:
        prefix = identity.split("-")[0]
        raise AwsError(NOT_FOUND.get(prefix, "InvalidID.NotFound"), f"The ID '{identity}' does not exist")
    return True


def note_created(action: str, result: dict) -> None:
    if VISIBILITY.reads <= 0 or not action.startswith(("Create", "Allocate", "Authorize")):
        return
    for value in result.values():
        for item in value if isinstance(value, list) else [value]:
            identity = identity_of(item) if not isinstance(item, (str, bool, int)) else ""
            VISIBILITY.created("ec2", identity)
    for key in ("GroupId", "AllocationId"):
        if isinstance(result.get(key), str):
            VISIBILITY.created("ec2", result[key])


_moto_serialized = EC2BaseResponse.serialized


def _serialized(self, action_result):
    result = action_result.result
    if isinstance(result, dict):
        action, params = self._get_action(), dict_of(self.params)
        note_created(action, result)
        if action.startswith("Describe"):
            action_result = ActionResult(paged(action, without_hidden(result, params), params))
    return _moto_serialized(self, action_result)


def dict_of(params) -> dict:
    original = getattr(params, "original_dict", None)
    return dict(original() if original else params)


EC2BaseResponse.serialized = _serialized


def finish(call, result: dict) -> dict:
    """The same for the actions that we answer ourselves."""
    note_created(call.action, result)
    if not call.action.startswith("Describe"):
        return result
    return paged(call.action, without_hidden(result, call.params), call.params)


@handles("ec2", "DescribeEgressOnlyInternetGateways")
def describe_egress_only(call) -> dict:
    backend = backend_of(call)
    wanted = call.get("EgressOnlyInternetGatewayIds") or []
    known = backend.egress_only_internet_gateways
    for identity in wanted:
        if identity not in known:
            raise AwsError("InvalidGatewayID.NotFound", f"The eigw ID '{identity}' does not exist")
    filters = wanted_filters(call)
    chosen = [g for g in known.values() if not wanted or g.id in wanted]
    chosen = [g for g in chosen if passes(filters, {"attachment.vpc-id": g.vpc_id}, backend.tags.get(g.id) or {},
                                          call.action)]
    return {"EgressOnlyInternetGateways": chosen}
