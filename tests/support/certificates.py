"""Certificates for tests, made by the package that ansible-core brings along."""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    pem: str
    der: bytes
    key_pem: str
    not_before: dt.datetime
    not_after: dt.datetime


def self_signed(name: str = "localhost", days: tuple[int, int] = (-1, 30)) -> Pair:
    """Valid from and until so many days from now."""
    return _certificate(name, days)


def rsa_signed(name: str = "localhost", days: tuple[int, int] = (-1, 30)) -> Pair:
    """As self_signed, with a key of RSA: the only kind that API Manager's gateway verifies tokens with."""
    return _certificate(name, days, key=rsa.generate_private_key(65537, 2048))


def authority(name: str) -> Pair:
    """The certificate of a CA."""
    return _certificate(name, (-1, 30), is_authority=True)


def issued(issuer: Pair, name: str = "localhost") -> Pair:
    """A certificate that a CA has signed."""
    return _certificate(name, (-1, 30), issuer)


def _certificate(
    name: str,
    days: tuple[int, int],
    issuer: Pair | None = None,
    is_authority: bool = False,
    key: Key | None = None,
) -> Pair:
    key = key or ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    not_before, not_after = now + dt.timedelta(days=days[0]), now + dt.timedelta(days=days[1])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    signer = x509.load_pem_x509_certificate(issuer.pem.encode()).subject if issuer else subject
    signing_key = serialization.load_pem_private_key(issuer.key_pem.encode(), None) if issuer else key
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(signer).public_key(key.public_key())
    builder = (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
    )
    if is_authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.add_extension(names, critical=False).sign(cast(Key, signing_key), hashes.SHA256())
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        certificate.public_bytes(serialization.Encoding.DER),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        not_before,
        not_after,
    )
