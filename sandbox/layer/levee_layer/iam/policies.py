"""Policies: documents that must be policies, and what keeps a policy from being deleted."""

from __future__ import annotations

import json

from ..errors import AwsError
from ..rules import before
from .store import backend_of, delete_conflict


def malformed(message: str = "This policy contains invalid Json") -> AwsError:
    return AwsError("MalformedPolicyDocument", message)


def check_trust(text: str) -> None:
    """A trust policy must be JSON with statements that name principals."""
    try:
        document = json.loads(text)
    except ValueError:
        raise malformed() from None
    if not isinstance(document, dict) or not document.get("Statement"):
        raise malformed("Syntax errors in policy.")
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise malformed("Syntax errors in policy.")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise malformed("Missing required field Principal")
        if "Resource" in statement or "NotResource" in statement:
            raise malformed("Has prohibited field Resource")


@before("iam", "CreateRole")
def check_role_document(call) -> None:
    check_trust(call.get("AssumeRolePolicyDocument", ""))


@before("iam", "UpdateAssumeRolePolicy")
def check_new_document(call) -> None:
    if call.get("RoleName") in [role.name for role in backend_of(call).roles.values()]:
        check_trust(call.get("PolicyDocument", ""))


@before("iam", "DeletePolicy")
def refuse_used(call) -> None:
    backend = backend_of(call)
    arn = call.get("PolicyArn", "")
    policy = backend.managed_policies.get(arn)
    if policy is None:
        return
    if arn.split(":")[4] == "aws":
        raise AwsError("AccessDenied", f"AWS-managed policies cannot be deleted: {arn}", 403)
    if any(True for _ in holders(backend, arn)):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise delete_conflict("This policy has more than one version. Before you delete a policy, you must delete the "
                              "policy's versions. The default version is deleted with the policy.")


def holders(backend, arn: str):
    """Every role, user and group that has the policy attached or as its boundary."""
    for kind in (backend.roles, backend.users, backend.groups):
        for entity in kind.values():
            if arn in entity.managed_policies or getattr(entity, "permissions_boundary_arn", None) == arn:
                yield entity
