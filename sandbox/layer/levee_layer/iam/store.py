"""Finding things in moto's IAM."""

from __future__ import annotations

from moto.iam.models import iam_backends

from ..errors import AwsError


def backend_of(call):
    return iam_backends[call.account]["aws"]


def no_such_entity(message: str) -> AwsError:
    return AwsError("NoSuchEntity", message, 404)


def delete_conflict(message: str) -> AwsError:
    return AwsError("DeleteConflict", message, 409)
