"""Eventual consistency of IAM: a new entity is not found by its next n reads."""

from __future__ import annotations

from ..rules import after, before
from ..visibility import VISIBILITY
from .store import no_such_entity

# Which parameter names the entity that a read is about.
READS = {
    "GetRole": "RoleName", "ListRoleTags": "RoleName", "GetRolePolicy": "RoleName", "ListAttachedRolePolicies": "RoleName",
    "GetInstanceProfile": "InstanceProfileName", "GetPolicy": "PolicyArn", "GetPolicyVersion": "PolicyArn",
    "GetOpenIDConnectProvider": "OpenIDConnectProviderArn",
}


@before("iam", *READS)
def hide(call) -> None:
    identity = call.get(READS[call.action], "")
    if VISIBILITY.is_hidden("iam", identity):
        raise no_such_entity(f"{identity} cannot be found.")


@after("iam", "CreateRole", "CreateInstanceProfile")
def note_name(call, _reply) -> None:
    VISIBILITY.created("iam", call.get("RoleName") or call.get("InstanceProfileName"))


@after("iam", "CreatePolicy")
def note_policy(call, _reply) -> None:
    path = call.get("Path") or "/"
    VISIBILITY.created("iam", f"arn:aws:iam::{call.account}:policy{path}{call.get('PolicyName')}")


@after("iam", "CreateOpenIDConnectProvider")
def note_provider(call, _reply) -> None:
    host = call.get("Url", "").split("://", 1)[-1]
    VISIBILITY.created("iam", f"arn:aws:iam::{call.account}:oidc-provider/{host}")
