"""EC2: moto does the work; here stand the rules of AWS that it lacks."""

from . import (
    addresses, deletion, general, group_rules, groups, leftovers, missing, nat, peering, reading, routes, subnets,
    tag_index, zones,
)
from .nat import NAT_TIMES


def configure(options) -> None:
    NAT_TIMES.options = options


__all__ = [
    "addresses", "configure", "deletion", "general", "group_rules", "groups", "leftovers", "missing", "nat", "peering",
    "reading", "routes", "subnets", "tag_index", "zones",
]
