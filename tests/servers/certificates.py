"""Certificates for servers that tests start: an authority, and what it vouches for."""

import ipaddress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.ports import LOOPBACK

_DAYS = 2


class Certificates(NamedTuple):
    """All in PEM.

    Attributes:
        authority: who vouches.
        certificate: of the server, for its name and the loopback address.
        key: its private key.
        fingerprint: the SHA-256 of the certificate, in hex.
    """

    authority: str
    certificate: str
    key: str
    fingerprint: str


def make_certificates(name: str) -> Certificates:
    """Make a new authority and a certificate of a server.

    Args:
        name: of the server.
    """
    own_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    own_name = _name("tests")
    authority = (
        _builder(own_name, own_name, own_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(own_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(LOOPBACK))])
    certificate = (
        _builder(_name(name), own_name, key)
        .add_extension(names, critical=False)
        .sign(own_key, hashes.SHA256())
    )
    return Certificates(
        _pem(authority),
        _pem(certificate),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate.fingerprint(hashes.SHA256()).hex(),
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
