"""Creation without a value, names waiting for deletion, and what a deleted secret still answers."""

from __future__ import annotations

import json

from ..errors import AwsError
from ..rules import after, before, handles
from ..visibility import VISIBILITY
from .store import backend_of, secret_of, secret_or_none

MARKED = "You can't perform this operation on the secret because it was marked for deletion."


def print_of(call) -> str:
    """The request without its token, to compare a repetition with the first."""
    return json.dumps({k: v for k, v in call.params.items() if k != "ClientRequestToken"}, sort_keys=True, default=str)


def has_value(call) -> bool:
    return call.get("SecretString") is not None or call.get("SecretBinary") is not None


@before("secretsmanager", "CreateSecret")
def check_name(call) -> None:
    secret = secret_or_none(call, call.get("Name", ""))
    if secret is not None and secret.is_deleted():
        raise AwsError("InvalidRequestException", "You can't create this secret because a secret with this name is "
                                                  "already scheduled for deletion.")


@handles("secretsmanager", "CreateSecret")
def create(call) -> dict:
    """moto honours the token only if a value comes along; without one we keep it ourselves."""
    backend = backend_of(call)
    name, token = call.get("Name", ""), call.get("ClientRequestToken")
    known = secret_or_none(call, name)
    if known is not None and not has_value(call) and token and getattr(known, "levee_token", None) == token:
        if known.levee_print != print_of(call):
            raise AwsError("ResourceExistsException", f"You can't use ClientRequestToken {token} because it was used "
                                                      "with other parameters.")
        return {"ARN": known.arn, "Name": known.name}
    made = backend.create_secret(
        name=name, secret_string=call.get("SecretString"), secret_binary=call.get("SecretBinary"),
        description=call.get("Description"), tags=call.get("Tags") or [], kms_key_id=call.get("KmsKeyId"),
        client_request_token=token, replica_regions=call.get("AddReplicaRegions") or [],
        force_overwrite=bool(call.get("ForceOverwriteReplicaSecret")))
    secret = backend.secrets[name]
    secret.levee_token, secret.levee_print = token, print_of(call)
    VISIBILITY.created("secretsmanager", secret.arn)
    return json.loads(made)


@before("secretsmanager", "PutSecretValue", "UpdateSecret", "TagResource", "UntagResource", "UpdateSecretVersionStage",
        "GetSecretValue", "PutResourcePolicy", "DeleteResourcePolicy", "GetResourcePolicy", "RotateSecret",
        "ReplicateSecretToRegions")
def refuse_marked(call) -> None:
    secret = secret_or_none(call, call.get("SecretId", ""))
    if secret is not None and secret.is_deleted():
        raise AwsError("InvalidRequestException", MARKED)


@before("secretsmanager", "DeleteSecret")
def refuse_second_delete(call) -> None:
    secret = secret_or_none(call, call.get("SecretId", ""))
    if secret is not None and secret.is_deleted() and not call.get("ForceDeleteWithoutRecovery"):
        raise AwsError("InvalidRequestException", MARKED)


@before("secretsmanager", "DescribeSecret", "GetSecretValue")
def hide(call) -> None:
    secret = secret_or_none(call, call.get("SecretId", ""))
    if secret is not None and VISIBILITY.is_hidden("secretsmanager", secret.arn):
        raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")


@before("secretsmanager", "TagResource")
def refuse_reserved(call) -> None:
    secret_of(call)
    for tag in call.get("Tags") or []:
        if str(tag.get("Key", "")).lower().startswith("aws:"):
            raise AwsError("InvalidParameterException", "Tag keys starting with aws: are reserved for internal use.")


@after("secretsmanager", "UpdateSecret")
def clear_description(call, _reply) -> None:
    """An empty description is a change too; moto takes it for none."""
    if call.get("Description") == "":
        secret_of(call).description = ""
