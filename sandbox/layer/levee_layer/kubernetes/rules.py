"""What the rules of a ClusterRole allow: the part of RBAC's authorizer that is needed to answer for other sources of rights."""

from __future__ import annotations

EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}]
READ_EVERYTHING = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]},
                   {"nonResourceURLs": ["*"], "verbs": ["get"]}]


def allow(rules: list, spec: dict) -> bool:
    """Whether one of the rules allows what the spec of a SubjectAccessReview asks for."""
    wanted = spec.get("resourceAttributes")
    if wanted:
        return any(allows_resource(rule, wanted) for rule in rules)
    plain = spec.get("nonResourceAttributes") or {}
    return any(allows_path(rule, plain.get("path", ""), plain.get("verb", "")) for rule in rules)


def holds(values, wanted: str) -> bool:
    return any(value in ("*", wanted) for value in values or [])


def allows_resource(rule: dict, wanted: dict) -> bool:
    resource, part = wanted.get("resource", ""), wanted.get("subresource", "")
    full = f"{resource}/{part}" if part else resource
    names = rule.get("resourceNames")
    return (holds(rule.get("verbs"), wanted.get("verb", "")) and holds(rule.get("apiGroups"), wanted.get("group", ""))
            and (holds(rule.get("resources"), full) or bool(part) and f"*/{part}" in rule.get("resources", []))
            and (not names or wanted.get("name", "") in names))


def allows_path(rule: dict, path: str, verb: str) -> bool:
    def covers(pattern: str) -> bool:
        return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern

    return holds(rule.get("verbs"), verb) and any(covers(pattern) for pattern in rule.get("nonResourceURLs") or [])
