"""GetAccountAuthorizationDetails: everything of an account at once, with pages."""

from __future__ import annotations

from urllib.parse import quote

from ..paging import page_of
from ..rules import handles
from ..world import plain_tags
from .store import backend_of

KINDS = ("User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
ROW_LIST = {"User": "UserDetailList", "Role": "RoleDetailList", "Group": "GroupDetailList"}


@handles("iam", "GetAccountAuthorizationDetails")
def get_account_authorization_details(call) -> dict:
    backend = backend_of(call)
    wanted = call.get("Filter") or KINDS
    rows = [(kind, entity) for kind in KINDS if kind in wanted for entity in entities(backend, kind)]
    page, marker = page_of(rows, call.get("MaxItems") or 1000, call.get("Marker"), "ValidationError")
    result: dict = {"UserDetailList": [], "RoleDetailList": [], "GroupDetailList": [], "Policies": [],
                    "IsTruncated": marker is not None}
    for kind, entity in page:
        result[ROW_LIST.get(kind, "Policies")].append(role_row(backend, entity) if kind == "Role" else entity)
    return {**result, **({"Marker": marker} if marker else {})}


def entities(backend, kind: str) -> list:
    if kind == "User":
        return list(backend.users.values())
    if kind == "Role":
        return sorted(backend.roles.values(), key=lambda role: role.name)
    if kind == "Group":
        return list(backend.groups.values())
    ours = kind == "LocalManagedPolicy"
    return [p for arn, p in sorted(backend.managed_policies.items()) if (arn.split(":")[4] != "aws") == ours]


def tag_rows(tags) -> list:
    return [{"Key": key, "Value": value} for key, value in plain_tags(tags).items()]


def role_row(backend, role) -> dict:
    row = {
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn, "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": quote(role.assume_role_policy_document),
        "RolePolicyList": role.role_policy_list, "AttachedManagedPolicies": role.attached_managed_policies,
        "InstanceProfileList": [profile_row(p) for p in backend.instance_profiles.values() if role in p.roles],
        "Tags": tag_rows(role.tags), "RoleLastUsed": {},
    }
    return {**row, **({"PermissionsBoundary": role.permissions_boundary} if role.permissions_boundary else {})}


def profile_row(profile) -> dict:
    return {"Path": profile.path, "InstanceProfileName": profile.name, "InstanceProfileId": profile.id,
            "Arn": profile.arn, "CreateDate": profile.create_date, "Tags": tag_rows(profile.tags), "Roles": []}
