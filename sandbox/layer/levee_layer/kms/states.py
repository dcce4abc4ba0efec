"""What a key that is disabled or about to be deleted is refused for, and a text that was wrapped by another key."""

from __future__ import annotations

from moto.kms.models import kms_backends
from moto.kms.utils import _deserialize_ciphertext_blob as parts_of

from ..errors import AwsError
from ..rules import before


def key_of(call):
    """The key that a call names, by id, ARN or alias; none if it names none that there is."""
    backend, name = kms_backends[call.account][call.region], call.get("KeyId") or ""
    if "alias/" in name:
        return backend.keys.get(backend.get_key_id_from_alias(backend.get_alias_name(name)))
    return backend.keys.get(backend.get_key_id(name)) if name else None


@before("kms", "Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext")
def check_state(call) -> None:
    key = key_of(call)
    if key is not None and key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key is not None and key.key_state == "Disabled":
        raise AwsError("DisabledException", f"{key.arn} is disabled.")


@before("kms", "Decrypt")
def check_key(call) -> None:
    key, blob = key_of(call), call.get("CiphertextBlob")
    try:
        wrapped_by = parts_of(blob).key_id
    except Exception:  # not moto's text at all, which it says itself
        return
    if key is not None and key.id != wrapped_by:
        raise AwsError("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform "
                                                "this operation.")
