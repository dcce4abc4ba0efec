"""The keys of a cluster: its certificate authority, what that signs for the API server, and what signs service accounts."""

from __future__ import annotations

import base64
import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SERVICE_NAMES = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]


class Authority:
    """A real, self-signed certificate authority, so that clients can parse it and check what it has signed."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = name_of("kubernetes")
        self.certificate = (
            begun(self.name, self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self.key, hashes.SHA256()))

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def data(self) -> str:
        """PEM in base64, as `certificateAuthority.data` holds it."""
        return base64.b64encode(self.pem.encode()).decode()

    def server(self, service_address: str) -> tuple:
        """(certificate, key) of an API server on this machine that is also reached at its service's address."""
        key = ec.generate_private_key(ec.SECP256R1())
        addresses = [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", service_address)]
        names = [x509.DNSName(name) for name in ["localhost", *SERVICE_NAMES]]
        certificate = (
            begun(name_of("kube-apiserver"), self.name, key)
            .add_extension(x509.SubjectAlternativeName([*names, *addresses]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self.key, hashes.SHA256()))
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), pem_of(key)


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def begun(subject: x509.Name, issuer: x509.Name, key) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(now + datetime.timedelta(days=3650)))


def pem_of(key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()).decode()


def signing_key() -> str:
    """A fresh key for service account tokens, PEM."""
    return pem_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
