"""OpenID Connect providers, instance profiles and the caller's own name: what moto lacks."""

from __future__ import annotations

from ..errors import AwsError
from ..rules import after, before, handles
from .store import backend_of, no_such_entity


@after("sts", "GetCallerIdentity")
def name_user_as_iam_does(call, reply) -> None:
    """moto says of a key that it does not know that it is a user of STS; there are none."""
    wrong, right = (f"arn:aws:{service}::{call.account}:user/".encode() for service in ("sts", "iam"))
    reply.body = reply.body.replace(wrong, right)


def provider_of(call):
    arn = call.get("OpenIDConnectProviderArn", "")
    provider = backend_of(call).open_id_providers.get(arn)
    if provider is None:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider


@before("iam", "DeleteOpenIDConnectProvider")
def check_provider(call) -> None:
    provider_of(call)


@before("iam", "CreateOpenIDConnectProvider")
def check_new_provider(call) -> None:
    host = call.get("Url", "").split("://", 1)[-1].rstrip("/")
    if any(provider.url.rstrip("/") == host for provider in backend_of(call).open_id_providers.values()):
        raise AwsError("EntityAlreadyExists", f"Provider with url {call.get('Url')} already exists.", 409)


@handles("iam", "AddClientIDToOpenIDConnectProvider")
def add_client_id(call) -> dict:
    provider = provider_of(call)
    if call.get("ClientID") not in provider.client_id_list:
        provider.client_id_list = [*provider.client_id_list, call.get("ClientID")]
    return {}


@handles("iam", "RemoveClientIDFromOpenIDConnectProvider")
def remove_client_id(call) -> dict:
    provider = provider_of(call)
    provider.client_id_list = [c for c in provider.client_id_list if c != call.get("ClientID")]
    return {}


@handles("iam", "ListInstanceProfileTags")
def list_instance_profile_tags(call) -> dict:
    profile = backend_of(call).get_instance_profile(call.get("InstanceProfileName", ""))
    tags = profile.tags
    return {"Tags": tags if isinstance(tags, list) else list(tags.values()), "IsTruncated": False}
