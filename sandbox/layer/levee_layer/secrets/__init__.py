"""Secrets Manager: moto does the work; here stand the rules of AWS that it lacks."""

from . import creation, labels, resource_policies


def configure(_options) -> None:
    """Secrets Manager has no times to set."""


__all__ = ["configure", "creation", "labels", "resource_policies"]
