"""EC2 filters applied by us: wildcards, tags, and a table of the values that an object has."""

from __future__ import annotations

import fnmatch
import re

from ..errors import AwsError


def matches(pattern: str, value) -> bool:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "*" in pattern or "?" in pattern:
        literal = pattern.replace("[", "[[]")
        return re.fullmatch(fnmatch.translate(literal), text) is not None
    return pattern == text


def wanted_filters(call) -> dict:
    """{name: [values]} of the request."""
    given = call.get("Filters") or call.get("Filter") or []
    return {f.get("Name"): f.get("Values") or [] for f in given}


def passes(filters: dict, values: dict, tags: dict, action: str) -> bool:
    """Whether an object with these filter values and tags passes every filter."""
    return all(one_passes(name, patterns, values, tags, action) for name, patterns in filters.items())


def one_passes(name: str, patterns: list, values: dict, tags: dict, action: str) -> bool:
    if name.startswith("tag:"):
        held = [tags[name[4:]]] if name[4:] in tags else []
    elif name == "tag-key":
        held = list(tags)
    elif name == "tag-value":
        held = list(tags.values())
    elif name in values:
        found = values[name]
        held = found if isinstance(found, list) else [found]
    else:
        raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid for {action}")
    return any(matches(pattern, value) for pattern in patterns for value in held if value is not None)
