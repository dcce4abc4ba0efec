"""KMS: moto does the work; here stand the refusals of AWS that it lacks."""

from . import states


def configure(_options) -> None:
    """KMS has no times to set."""


__all__ = ["configure", "states"]
