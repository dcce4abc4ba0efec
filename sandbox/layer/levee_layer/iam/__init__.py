"""IAM: moto does the work; here stand the rules of AWS that it lacks."""

from . import details, documents, hiding, identity, policies


def configure(_options) -> None:
    """IAM has no times to set."""


__all__ = ["configure", "details", "documents", "hiding", "identity", "policies"]
