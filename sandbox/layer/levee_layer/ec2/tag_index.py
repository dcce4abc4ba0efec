"""Tags of one object by its id; moto looks through the tags of all objects, which makes long lists very slow."""

from __future__ import annotations

from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix


def _get_tags(self) -> list:
    if not self.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(self.id), "")
    held = self.ec2_backend.tags.get(self.id) or {}
    return [{"resource_id": self.id, "key": key, "value": value, "resource_type": kind} for key, value in held.items()]


TaggedEC2Resource.get_tags = _get_tags
