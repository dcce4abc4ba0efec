"""EKS, whole: nothing of it is asked of moto, whose EC2 and IAM are used to check and to place what a cluster needs."""

from . import clusters, fargate, nodegroups, tagging, updates, versions
from .model import EKS


def configure(options) -> None:
    EKS.options = options


__all__ = ["clusters", "configure", "fargate", "nodegroups", "tagging", "updates", "versions"]
