"""Finding secrets in moto's Secrets Manager."""

from __future__ import annotations

from moto.secretsmanager.models import secretsmanager_backends

from ..errors import AwsError


def backend_of(call):
    return secretsmanager_backends[call.account][call.region]


def secret_or_none(call, identity: str):
    return backend_of(call).secrets.get(identity) if identity else None


def secret_of(call):
    secret = secret_or_none(call, call.get("SecretId", ""))
    if secret is None:
        raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    return secret
