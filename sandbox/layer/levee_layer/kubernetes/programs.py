"""What each program of a control plane is started with, and the files that it reads. Paths are relative to its folder."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from . import stages

# Sockets in the folder rather than ports: etcd is nobody's business, and a file's name is never taken.
STORE = "unix://localhost:1"
STORE_PEER = "unix://localhost:2"
# How long the API server keeps what the webhooks have answered; short, so that a changed mapping is soon seen.
REMEMBERED = "1s"
# Nodes have no kubelet that would be heard of again and again: without this all pods would be unready after a minute.
UNHEARD = "87600h"
# kwok plays only the nodes that carry this.
FAKE_NODE = "kwok.x-k8s.io/node"


@dataclasses.dataclass
class Setup:
    """What one control plane is made from; `issuer` signs service account tokens. Without webhooks only `token` lets in."""

    port: int
    token: str
    service_cidr: str
    issuer: str
    authority_pem: str
    certificate_pem: str
    key_pem: str
    signing_key_pem: str
    authenticate_url: str = ""
    authorize_url: str = ""
    # Whether services get load balancers here; if not, somebody else makes them.
    load_balancers: bool = True


def kubeconfig(server: str, authority_file: str = "", token: str = "") -> str:
    """A kubeconfig with one context, as JSON, which is YAML."""
    cluster = {"server": server, **({"certificate-authority": authority_file} if authority_file else {})}
    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": {"token": token} if token else {}}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    })


def write_files(folder: Path, setup: Setup) -> None:
    files = {
        "ca.crt": setup.authority_pem, "server.crt": setup.certificate_pem, "server.key": setup.key_pem,
        "service-accounts.key": setup.signing_key_pem,
        "tokens.csv": f'{setup.token},levee-sandbox,levee-sandbox,"system:masters"\n',
        "kubeconfig": kubeconfig(f"https://127.0.0.1:{setup.port}", str(folder / "ca.crt"), setup.token),
        "authenticate": kubeconfig(setup.authenticate_url), "authorize": kubeconfig(setup.authorize_url),
        "stages.yaml": stages.as_yaml(setup.load_balancers),
    }
    for name, text in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


def etcd(binaries: str) -> list:
    return [f"{binaries}/etcd", "--data-dir", "etcd", "--unsafe-no-fsync", "--log-level", "warn",
            "--listen-client-urls", STORE, "--advertise-client-urls", STORE, "--listen-peer-urls", STORE_PEER,
            "--initial-advertise-peer-urls", STORE_PEER, "--initial-cluster", f"default={STORE_PEER}"]


def apiserver(binaries: str, setup: Setup) -> list:
    return [f"{binaries}/kube-apiserver", "--etcd-servers", STORE, "--bind-address", "127.0.0.1",
            # The layer keeps hold of the port, so that nobody else gets it.
            "--secure-port", str(setup.port), "--permit-port-sharing",
            "--tls-cert-file", "server.crt", "--tls-private-key-file", "server.key",
            "--service-account-key-file", "service-accounts.key",
            "--service-account-signing-key-file", "service-accounts.key", "--service-account-issuer", setup.issuer,
            "--service-cluster-ip-range", setup.service_cidr, "--token-auth-file", "tokens.csv",
            *(webhooks() if setup.authenticate_url else ["--authorization-mode", "Node,RBAC"])]


def webhooks() -> list:
    """Flags: who gets in, and what is allowed beyond RBAC, is also asked of the layer."""
    return ["--authentication-token-webhook-config-file", "authenticate", "--authentication-token-webhook-version", "v1",
            "--authentication-token-webhook-cache-ttl", REMEMBERED, "--authorization-mode", "Node,RBAC,Webhook",
            "--authorization-webhook-config-file", "authorize", "--authorization-webhook-version", "v1",
            "--authorization-webhook-cache-authorized-ttl", REMEMBERED,
            "--authorization-webhook-cache-unauthorized-ttl", REMEMBERED]


def controllers(binaries: str) -> dict:
    """The programs that need a ready API server, by name."""
    return {
        "kube-controller-manager": [
            f"{binaries}/kube-controller-manager", "--kubeconfig", "kubeconfig", "--secure-port", "0",
            "--service-account-private-key-file", "service-accounts.key", "--root-ca-file", "ca.crt",
            "--leader-elect=false", f"--node-monitor-grace-period={UNHEARD}"],
        "kube-scheduler": [
            f"{binaries}/kube-scheduler", "--kubeconfig", "kubeconfig", "--secure-port", "0", "--leader-elect=false"],
        "kwok": [
            f"{binaries}/kwok", "--kubeconfig", "kubeconfig", "--config", "stages.yaml",
            f"--manage-nodes-with-annotation-selector={FAKE_NODE}=fake"],
    }
