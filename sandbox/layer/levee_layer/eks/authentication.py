"""The two webhooks of a cluster's API server: who holds a token, and what access policies allow that user."""

from __future__ import annotations

import datetime
from typing import Optional

from ..rules import LOCK
from . import access_policies, mapping, token
from .access_entries import shown
from .callers import Caller, caller_of, secret_of
from .control_plane import AWS_AUTH
from .model import EKS, Cluster

# Under which extra of a user its principal is passed on.
PRINCIPAL = "sandbox.levee/principal"


def answer(path: list, review: dict) -> dict:
    """Answers a review; `path` is [account, region, cluster, "authenticate" or "authorize"]."""
    account, region, name, what = path  # anything else is no such route
    with LOCK:
        cluster = EKS.at(account, region, name)
    if cluster is None or what not in ("authenticate", "authorize"):
        raise KeyError("/".join(path))
    spec = review.get("spec") or {}
    status = authenticated(cluster, spec) if what == "authenticate" else authorized(cluster, spec)
    return {"apiVersion": review.get("apiVersion"), "kind": review.get("kind"), "status": status}


def authenticated(cluster: Cluster, spec: dict) -> dict:
    try:
        parsed = token.parse(spec.get("token", ""))
        with LOCK:
            token.check(parsed, cluster.name, datetime.datetime.now(datetime.timezone.utc), secret_of)
            caller = caller_of(parsed.access_key)
    except token.BadToken as refusal:
        return {"authenticated": False, "error": str(refusal)}
    person = person_for(cluster, caller)
    if person is None:
        return {"authenticated": False, "error": f"{caller.plain} is not mapped"}
    return {"authenticated": True, "user": {
        "username": person.name, "uid": f"aws-iam-authenticator:{caller.account}:{caller.user_id.split(':')[0]}",
        "groups": person.groups, "extra": extra_of(caller)}}


def extra_of(caller: Caller) -> dict:
    known = {"arn": caller.arn, "canonicalArn": caller.plain, "accessKeyId": caller.access_key,
             "sessionName": caller.session, PRINCIPAL: caller.principal}
    return {key: [value] for key, value in known.items()}


def person_for(cluster: Cluster, caller: Caller) -> Optional[mapping.Person]:
    access = cluster.data["accessConfig"]
    mode = access["authenticationMode"]
    # Asked outside of the lock: it is a call over the network.
    found = cluster.plane.api.get(AWS_AUTH) if mode != "API" and cluster.plane else None
    creator = cluster.creator if access["bootstrapClusterCreatorAdminPermissions"] else ""
    with LOCK:
        entry = cluster.entries.get(caller.principal)
        view = shown(cluster, entry) if entry else None
    return mapping.person(mode, creator, view, mapping.aws_auth((found or {}).get("data")), caller)


def authorized(cluster: Cluster, spec: dict) -> dict:
    """What access policies do not allow may be allowed by nobody else either: RBAC has been asked before."""
    principal = ((spec.get("extra") or {}).get(PRINCIPAL) or [""])[0]
    with LOCK:
        entry = cluster.entries.get(principal)
        policies = dict(entry.data["policies"]) if entry else {}
    if cluster.data["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        policies = {}
    return {"allowed": access_policies.allowed(policies, spec, cluster.roles)}
