"""Kubernetes versions of the emulated EKS, and which steps between them are allowed."""

from __future__ import annotations

import datetime

from ..rules import handles
from .model import invalid

SUPPORTED = ["1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35"]
DEFAULT = "1.34"


def minor(version: str) -> int:
    return int(version.split(".")[1])


def checked(version: str) -> str:
    if version not in SUPPORTED:
        raise invalid(f"unsupported Kubernetes version {version}")
    return version


def check_step(current: str, wanted: str, what: str = "Kubernetes minor version") -> None:
    """One minor version up, never down."""
    checked(wanted)
    if wanted == current:
        raise invalid(f"Cluster is already at the desired configuration with endpoint version {current}")
    if minor(wanted) != minor(current) + 1:
        raise invalid(f"Unsupported {what} update from {current} to {wanted}")


def platform_version(version: str) -> str:
    return f"eks.{minor(version) - 20}"


def release_version(version: str) -> str:
    return f"{version}.{minor(version) % 7 + 1}-20260801"


@handles("eks", "DescribeClusterVersions")
def describe_cluster_versions(call) -> dict:
    wanted = call.get("clusterVersions") or SUPPORTED
    rows = [describe(version) for version in SUPPORTED if version in wanted]
    if call.get("defaultOnly"):
        rows = [row for row in rows if row["defaultVersion"]]
    return {"clusterVersions": list(reversed(rows))}


def describe(version: str) -> dict:
    released = datetime.datetime(2024, 1, 23) + datetime.timedelta(days=120 * (minor(version) - minor(SUPPORTED[0])))
    standard = minor(version) >= minor(DEFAULT) - 2
    return {
        "clusterVersion": version, "clusterType": "eks", "defaultPlatformVersion": platform_version(version),
        "defaultVersion": version == DEFAULT, "releaseDate": released,
        "endOfStandardSupportDate": released + datetime.timedelta(days=425),
        "endOfExtendedSupportDate": released + datetime.timedelta(days=790),
        "status": "standard-support" if standard else "extended-support",
        "versionStatus": "STANDARD_SUPPORT" if standard else "EXTENDED_SUPPORT",
    }
