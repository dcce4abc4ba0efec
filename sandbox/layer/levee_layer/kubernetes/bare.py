"""Control planes without an EKS cluster before them, for tests of Kubernetes alone: one bearer token, some nodes."""

from __future__ import annotations

import secrets as randomness
import threading
from typing import Optional

from ..rules import resets
from .certificate import Authority, signing_key
from .plane import Plane, parent_of
from .programs import FAKE_NODE, Setup

SERVICE_CIDR = "10.100.0.0/16"
READY_SECONDS = 120.0
SIZE = {"cpu": "8", "memory": "32Gi", "pods": "110"}
PLANES: dict = {}
LOCK = threading.Lock()


def plane_of(name: str, nodes: int, options) -> dict:
    """Starts one, unless it runs already, and waits until pods can run; tells how to get in."""
    with LOCK:
        found = PLANES.get(name) or PLANES.setdefault(name, started(nodes, options))
    plane, setup = found
    plane.wait_until_ready(READY_SECONDS)
    if plane.failure:
        raise ValueError(plane.failure)
    return {"endpoint": plane.endpoint, "token": setup.token, "certificate_authority": setup.authority_pem,
            "kubeconfig": str(plane.folder / "kubeconfig")}


def started(nodes: int, options) -> tuple:
    if not options.kubernetes_binaries:
        raise ValueError("this sandbox was started without Kubernetes")
    authority = Authority()
    certificate, key = authority.server("10.100.0.1")
    plane = Plane(options.kubernetes_binaries, parent_of(options), lambda plane: None)
    plane.first_objects = [("/api/v1/nodes", node(f"node-{n + 1}", f"192.168.{n // 250}.{n % 250 + 1}")) for n in range(nodes)]
    setup = Setup(
        port=plane.port, token=randomness.token_hex(16), service_cidr=SERVICE_CIDR,
        issuer="https://kubernetes.default.svc", authority_pem=authority.pem, certificate_pem=certificate, key_pem=key,
        signing_key_pem=signing_key())
    plane.begin(setup)
    return plane, setup


def node(name: str, address: str) -> dict:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels, "annotations": {FAKE_NODE: "fake"}},
            "status": {"capacity": SIZE, "allocatable": SIZE, "addresses": [{"type": "InternalIP", "address": address}]}}


def end(name: Optional[str] = None) -> None:
    """Ends one, or all; waits for it."""
    ended = [PLANES.pop(key)[0] for key in list(PLANES) if name in (None, key)]
    for plane in ended:
        plane.end()
    for plane in ended:
        plane.wait_for_end()


resets(end)
