"""Keys that sign tokens, and JWKS and certificates of them; made by the package that ansible-core brings."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import functools
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
# What API Manager's gateway verifies, and what it does not.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256")
OTHER_ALGORITHMS = ("PS384", "PS512", "ES256")


def encoded(value: Any) -> str:
    """base64url of bytes, or of a value's JSON."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@functools.cache
def _rsa_key(number: int) -> rsa.RSAPrivateKey:
    """Making one takes longer than any test here."""
    return rsa.generate_private_key(65537, 2048)


@dataclasses.dataclass(frozen=True)
class Signer:
    """A key of one algorithm; another ``number`` is another key."""

    algorithm: str = "RS256"
    key_id: str = "one"
    number: int = 0

    @functools.cached_property
    def key(self) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
        if self.algorithm == "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        return _rsa_key(self.number)

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """A token; a header given as None is left out."""
        merged = {"alg": self.algorithm, "kid": self.key_id, **header}
        head = {name: value for name, value in merged.items() if value is not None}
        signed = f"{encoded(head)}.{encoded(claims)}"
        return f"{signed}.{encoded(self._signature(signed.encode()))}"

    def _signature(self, signed: bytes) -> bytes:
        digest = _HASHES[self.algorithm[2:]]
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            return self.key.sign(
                signed, pss if self.algorithm.startswith("PS") else padding.PKCS1v15(), digest
            )
        r, s = utils.decode_dss_signature(self.key.sign(signed, ec.ECDSA(digest)))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def jwk(self, **more: Any) -> dict[str, Any]:
        """The public key as a member of a JWKS."""
        public = self.key.public_key()
        common = {"kid": self.key_id, "use": "sig", "alg": self.algorithm}
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            return {"kty": "RSA", **common, "n": _integer(numbers.n), "e": _integer(numbers.e), **more}
        point = public.public_numbers()
        x, y = (encoded(value.to_bytes(32, "big")) for value in (point.x, point.y))
        return {"kty": "EC", **common, "crv": "P-256", "x": x, "y": y, **more}

    def certificate(self) -> str:
        """A self-signed certificate in PEM."""
        now = dt.datetime.now(dt.UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "signing")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .sign(self.key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM).decode()


def stored_pem(pem: str) -> str:
    """A PEM text as API Manager stores it: in base64 once more."""
    return base64.b64encode(pem.encode()).decode()


def _integer(number: int) -> str:
    return encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))
