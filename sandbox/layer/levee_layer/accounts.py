"""Which account an access key belongs to; replaces moto's look-up, which loads the IAM of every partition for it."""

from __future__ import annotations

import moto.iam.models as models
from moto.core import DEFAULT_ACCOUNT_ID


def account_of(access_key: str) -> str:
    """The account whose key this is; an unknown key belongs to the default account."""
    for account, partitions in list(models.iam_backends.items()):
        for backend in list(dict.values(partitions)):
            if access_key in backend.access_keys:
                return account
    return DEFAULT_ACCOUNT_ID


models.get_account_id_from = account_of
