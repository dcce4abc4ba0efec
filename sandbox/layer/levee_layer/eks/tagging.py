"""Tags of clusters and of everything that belongs to them, by ARN."""

from __future__ import annotations

from ..errors import AwsError
from ..rules import handles
from .model import EKS, Staged


def parts_of(cluster) -> list:
    kinds = (cluster.nodegroups, cluster.profiles, cluster.addons, cluster.entries, cluster.associations)
    return [cluster, *(part for kind in kinds for part in kind.values())]


def tagged(call) -> Staged:
    arn = call.get("resourceArn", "")
    for cluster in EKS.of(call).values():
        for thing in parts_of(cluster):
            if thing.arn == arn:
                return thing
    raise AwsError("NotFoundException", f"The specified resource could not be found: {arn}", 404)


def refuse_reserved(keys) -> None:
    for key in keys:
        if key.lower().startswith("aws:"):
            raise AwsError("BadRequestException", f"Tag keys starting with 'aws:' are reserved: {key}")


@handles("eks", "TagResource")
def tag_resource(call) -> dict:
    thing = tagged(call)
    refuse_reserved(call.get("tags", {}))
    merged = {**thing.tags, **call.get("tags", {})}
    if len(merged) > 50:
        raise AwsError("BadRequestException", "A resource can have at most 50 tags.")
    thing.tags = merged
    return {}


@handles("eks", "UntagResource")
def untag_resource(call) -> dict:
    thing = tagged(call)
    thing.tags = {k: v for k, v in thing.tags.items() if k not in call.get("tagKeys", [])}
    return {}


@handles("eks", "ListTagsForResource")
def list_tags_for_resource(call) -> dict:
    return {"tags": dict(tagged(call).tags)}
