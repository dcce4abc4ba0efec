"""Who holds an access key: the principal of IAM behind it, under the names that EKS knows it by."""

from __future__ import annotations

import dataclasses
from typing import Optional

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from ..accounts import account_of

# The secret of every key that the cloud has not handed out; its own test credentials are such.
DEFAULT_SECRET = "test"


@dataclasses.dataclass
class Caller:
    """`arn` is what STS says; `principal` the user or role of IAM; `plain` the same without a role's path."""

    arn: str
    principal: str
    plain: str
    account: str
    user_id: str
    access_key: str
    session: str = ""


def caller_of(access_key: str, account: str = "") -> Caller:
    account = account or account_of(access_key)
    assumed = assumed_role(access_key, account)
    if assumed:
        name = assumed.arn.split("/")[1]
        plain = f"arn:aws:iam::{account}:role/{name}"
        return Caller(assumed.arn, role_arn(account, name) or plain, plain, account, assumed.user_id, access_key,
                      assumed.session_name)
    user_id, arn, account = sts_backends[account]["aws"].get_caller_identity(access_key, "us-east-1")
    # What moto says of a key that it does not know has the form of no principal; on AWS it would be a user's.
    arn = arn.replace(":sts:", ":iam:") if ":user/" in arn else arn
    return Caller(arn, arn, arn, account, user_id, access_key)


def assumed_role(access_key: str, account: str):
    return sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)


def role_arn(account: str, name: str) -> Optional[str]:
    roles = iam_backends[account]["aws"].roles.values()
    return next((role.arn for role in roles if role.name == name), None)


def principal_exists(arn: str) -> bool:
    """Whether the user or role is there; the user of the test credentials always is."""
    account = arn.split(":")[4]
    backend = iam_backends[account]["aws"]
    known = [thing.arn for thing in [*backend.roles.values(), *backend.users.values()]]
    return arn in known or arn == caller_of("test", account).principal


def secret_of(access_key: str) -> str:
    """The secret that belongs to a key."""
    account = account_of(access_key)
    assumed = assumed_role(access_key, account)
    if assumed:
        return assumed.secret_access_key
    for user in iam_backends[account]["aws"].users.values():
        for key in user.access_keys:
            if key.access_key_id == access_key:
                return key.secret_access_key
    return DEFAULT_SECRET
