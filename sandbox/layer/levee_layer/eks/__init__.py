"""EKS, whole: nothing of it is asked of moto, whose EC2 and IAM are used to check and to place what a cluster needs."""

from . import (
    access_entries, access_policies, addons, clusters, fargate, nodegroups, pod_identities, tagging, updates, versions)
from .model import EKS


def configure(options) -> None:
    EKS.options = options


__all__ = ["access_entries", "access_policies", "addons", "clusters", "configure", "fargate", "nodegroups",
           "pod_identities", "tagging", "updates", "versions"]
