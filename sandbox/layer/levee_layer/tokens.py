"""Idempotency tokens: the same token with the same parameters gets the same answer, with others an error."""

from __future__ import annotations

import json
from typing import Optional

from .call import Call
from .errors import AwsError
from .rules import resets
from .wire import Reply

FIELD = {"ec2": "ClientToken", "eks": "clientRequestToken"}
KEPT: dict = {}


def _key(call: Call) -> Optional[tuple]:
    field = FIELD.get(call.service)
    token = call.params.get(field) if field else None
    return (call.service, call.account, call.region, call.action, token) if token else None


def _print_of(call: Call) -> str:
    parameters = {k: v for k, v in call.params.items() if k != FIELD[call.service]}
    return json.dumps(parameters, sort_keys=True, default=str)


def recall(call: Call) -> Optional[Reply]:
    """The answer given earlier to the same token, if there was one."""
    key = _key(call)
    kept = KEPT.get(key) if key else None
    if kept is None:
        return None
    if kept[0] != _print_of(call):
        raise mismatch(call)
    return kept[1]


def mismatch(call: Call) -> AwsError:
    if call.service == "ec2":
        text = "Request has mismatched ClientToken: the parameters differ from those of the first request."
        return AwsError("IdempotentParameterMismatch", text)
    text = "The clientRequestToken was used before with other parameters."
    return AwsError("InvalidParameterException", text)


def remember(call: Call, reply: Reply) -> None:
    key = _key(call)
    if key and reply.status == 200:
        KEPT[key] = (_print_of(call), reply, call.params)


def forget(service: str, matches) -> None:
    """Drops the tokens of a deleted object: `matches(params)` tells which."""
    for key in [k for k, kept in KEPT.items() if k[0] == service and matches(kept[2])]:
        del KEPT[key]


@resets
def _forget_all() -> None:
    KEPT.clear()
