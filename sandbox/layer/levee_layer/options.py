"""The options of one emulated cloud: where it listens and how long its slow things take."""

from __future__ import annotations

import argparse
import dataclasses


@dataclasses.dataclass
class Options:
    """All durations are seconds."""

    port: int = 0
    ready_file: str = ""
    nonce: str = ""
    detach: int = 0
    region: str = "us-west-2"
    eks_cluster_seconds: float = 1.0
    eks_nodegroup_seconds: float = 0.5
    eks_fargate_seconds: float = 0.3
    eks_update_seconds: float = 0.5
    eks_delete_seconds: float = 0.5
    eks_addon_seconds: float = 0.3
    nat_seconds: float = 0.3
    nat_delete_seconds: float = 0.3
    deleted_seconds: float = 3600.0
    kubernetes_binaries: str = ""


HELP = {
    "port": "port on 127.0.0.1; 0 lets the operating system choose",
    "ready_file": "JSON file {pid, port, nonce} written once the cloud answers",
    "nonce": "text that /_levee/health repeats, to prove that this is the process meant",
    "detach": "1: a session of its own, so that a terminal's Ctrl-C does not reach it",
    "region": "region whose services are loaded at start",
    "eks_cluster_seconds": "CREATING of an EKS cluster",
    "eks_nodegroup_seconds": "CREATING of an EKS node group",
    "eks_fargate_seconds": "CREATING and DELETING of a Fargate profile",
    "eks_update_seconds": "an EKS update in progress",
    "eks_delete_seconds": "DELETING of an EKS cluster or node group",
    "eks_addon_seconds": "CREATING and DELETING of an EKS add-on",
    "nat_seconds": "pending of a NAT gateway",
    "nat_delete_seconds": "deleting of a NAT gateway",
    "deleted_seconds": "how long deleted NAT gateways and peerings stay listed",
    "kubernetes_binaries": "folder of the Kubernetes programs; without it EKS clusters have no Kubernetes behind them",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for field in dataclasses.fields(Options):
        kind = type(field.default)
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, type=kind, default=field.default, help=HELP[field.name])


def options_from(arguments: argparse.Namespace) -> Options:
    return Options(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(Options)})
