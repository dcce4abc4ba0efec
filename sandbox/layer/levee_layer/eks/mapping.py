"""Whom a cluster takes a caller for: through its creator's rights, access entries, or the ConfigMap aws-auth."""

from __future__ import annotations

import dataclasses
from typing import Optional

import yaml

from .callers import Caller

MASTERS = "system:masters"


@dataclasses.dataclass
class Person:
    """A user of Kubernetes."""

    name: str
    groups: list


@dataclasses.dataclass
class AwsAuth:
    """The three lists of the ConfigMap, by lower-case ARN and by account."""

    roles: dict = dataclasses.field(default_factory=dict)
    users: dict = dataclasses.field(default_factory=dict)
    accounts: list = dataclasses.field(default_factory=list)


def aws_auth(data: Optional[dict]) -> AwsAuth:
    """Reads the ConfigMap's data; a list that cannot be read counts as empty, as it does for EKS."""
    data = data or {}
    accounts = [str(account) for account in listed(data.get("mapAccounts"))]
    return AwsAuth(by_arn(data.get("mapRoles"), "rolearn"), by_arn(data.get("mapUsers"), "userarn"), accounts)


def listed(text: Optional[str]) -> list:
    try:
        value = yaml.safe_load(text or "")
    except yaml.YAMLError:
        return []
    return value if isinstance(value, list) else []


def by_arn(text: Optional[str], key: str) -> dict:
    return {str(row[key]).lower(): row for row in listed(text) if isinstance(row, dict) and row.get(key)}


def filled_in(template: str, caller: Caller) -> str:
    """The placeholders of user names and groups."""
    values = {"AccountID": caller.account, "SessionName": caller.session.replace("@", "-"),
              "SessionNameRaw": caller.session, "AccessKeyID": caller.access_key,
              # The session of a node's role is the name of its instance.
              "EC2PrivateDNSName": caller.session}
    for name, value in values.items():
        template = template.replace("{{" + name + "}}", value)
    return template


def through_aws_auth(mapped: AwsAuth, caller: Caller) -> Optional[Person]:
    # Paths of roles are unknown here: a mapping with a path matches nobody, as on AWS.
    row = mapped.roles.get(caller.plain.lower()) or mapped.users.get(caller.plain.lower())
    if row:
        groups = row.get("groups") or []
        return Person(filled_in(str(row.get("username") or caller.plain), caller),
                      [filled_in(str(group), caller) for group in groups if isinstance(group, str)])
    return Person(caller.plain, []) if caller.account in mapped.accounts else None


def through_entry(entry: Optional[dict], caller: Caller) -> Optional[Person]:
    """`entry` is the access entry of the caller's principal, as DescribeAccessEntry shows it."""
    if entry is None:
        return None
    return Person(filled_in(entry["username"], caller), list(entry["kubernetesGroups"]))


def person(mode: str, creator: str, entry: Optional[dict], mapped: AwsAuth, caller: Caller) -> Optional[Person]:
    """The user that the cluster lets in, or None. `creator` is the principal that is always its master, or empty."""
    if mode != "CONFIG_MAP":
        found = through_entry(entry, caller)
        if found or mode == "API":
            return found
    if mode == "CONFIG_MAP" and creator and caller.principal == creator:
        return Person("kubernetes-admin", [MASTERS])
    return through_aws_auth(mapped, caller)
