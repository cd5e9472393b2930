# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: whether one of a key manager's keys signed a token (RFC 7515, RFC 7518).

Which key it must be is decided without any package; the arithmetic is that of the package cryptography.
"""

from __future__ import annotations

import base64
import dataclasses
import typing as t

from .._http.json_text import objects
from .._http.text import told
from .._keystore.certificate import read_certificates
from .._problem import Problem, as_clause
from .jwt import Jwt, decode

try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    HAS_CRYPTOGRAPHY = True
except ImportError:
    HAS_CRYPTOGRAPHY = False

# Algorithm -> bits of the hash. All are of RSA keys, and API Manager's gateway verifies no others (read from
# JWTUtil.verifyTokenSignature of apimgt.impl 9.33.90).
_ALGORITHMS = {"RS256": 256, "RS384": 384, "RS512": 512, "PS256": 256}
_FORGEABLE = "so that anybody can make one"
_SIGN = "have the server sign with its key pair"
_CORRECT = "check that it is the key manager's own server, and that the server signs with its own key"


@dataclasses.dataclass(frozen=True)
class Key:
    """A public key. In a JWKS it has a name and says what it is for; else there is only ``certificate``."""

    key_id: str = ""
    kind: str = ""
    algorithm: str = ""
    members: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    certificate: bytes = b""


def keys_of_jwks(document: t.Mapping[str, t.Any]) -> list[Key]:
    """The keys of a JWKS (RFC 7517) that sign, in its order."""
    return [
        Key(_text(jwk, "kid"), _text(jwk, "kty"), _text(jwk, "alg"), jwk)
        for jwk in objects(document.get("keys"))
        if jwk.get("use") in (None, "sig")
    ]


def keys_of_pem(value: str) -> list[Key]:
    """The first certificate of a PEM text in base64, as API Manager stores one. Raises Problem."""
    doing = "The key manager's PEM certificate cannot be read"
    advice = "give certificates anew, with the certificate that Identity Server signs its tokens with"
    try:
        content = base64.b64decode("".join(value.split()), validate=True)
        return [Key(certificate=read_certificates(content)[0].der)]
    except ValueError as exc:
        raise Problem(doing, "it is not in base64", advice) from exc
    except Problem as exc:
        raise Problem(doing, as_clause(exc.clause), advice) from exc


def verify(jwt: Jwt, keys: t.Sequence[Key], whose: str) -> str | None:
    """The name of the key that signed the token, None where nobody can tell without cryptography.

    ``whose`` says in an error where the keys are from. Raises Problem where none of them signed it.
    """
    candidates = _candidates(jwt, keys, whose)
    if not HAS_CRYPTOGRAPHY:
        return None
    signer = next((key for key in candidates if _signed_by(key, jwt)), None)
    if signer is None:
        raise Problem(f"The token was not signed by {_named(candidates)} {whose}", advice=_CORRECT)
    return signer.key_id or ("of the certificate" if signer.certificate else "without a name")


def _candidates(jwt: Jwt, keys: t.Sequence[Key], whose: str) -> list[Key]:
    """The keys that can have signed it. Raises Problem where there is none."""
    algorithm = jwt.algorithm
    if algorithm.lower() in ("", "none"):
        raise Problem(
            f"The token is not signed (alg is {told(algorithm) or 'missing'}), {_FORGEABLE}", advice=_SIGN
        )
    if algorithm.startswith("HS"):
        raise Problem(
            f"The token is signed with {told(algorithm)}, which has no public key, {_FORGEABLE}", advice=_SIGN
        )
    if algorithm not in _ALGORITHMS:
        raise Problem(
            f"The token is signed with {told(algorithm)}, which API Manager's gateway does not verify",
            advice=f"have the server sign with one of {', '.join(_ALGORITHMS)}",
        )
    of_name = [key for key in keys if not jwt.key_id or key.certificate or key.key_id == jwt.key_id]
    if not of_name:
        raise Problem(
            f"None of the {len(keys)} keys {whose} is the token's, '{told(jwt.key_id, longest=100)}'",
            advice=_CORRECT,
        )
    fitting = [
        key for key in of_name if key.certificate or (key.kind == "RSA" and key.algorithm in ("", algorithm))
    ]
    if not fitting:
        raise Problem(
            f"No key {whose} is one for {algorithm}, which the token is signed with", advice=_CORRECT
        )
    return fitting


def _named(candidates: t.Sequence[Key]) -> str:
    return "the key" if len(candidates) == 1 else f"any of the {len(candidates)} keys"


def _signed_by(key: Key, jwt: Jwt) -> bool:
    """Whether the signature is this key's; a key that is none signed nothing."""
    bits = _ALGORITHMS[jwt.algorithm]
    digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}[bits]
    try:
        public = _public_key(key)
        if not isinstance(public, rsa.RSAPublicKey):
            return False
        public.verify(jwt.signature, jwt.signed, _padding(jwt.algorithm, digest), digest)
    except (ValueError, InvalidSignature):
        return False
    return True


def _padding(algorithm: str, digest: t.Any) -> t.Any:
    if algorithm.startswith("PS"):
        return padding.PSS(padding.MGF1(digest), digest.digest_size)
    return padding.PKCS1v15()


def _public_key(key: Key) -> t.Any:
    """Raises ValueError for what is none."""
    if key.certificate:
        return x509.load_der_x509_certificate(key.certificate).public_key()
    return rsa.RSAPublicNumbers(_number(key, "e"), _number(key, "n")).public_key()


def _number(key: Key, member: str) -> int:
    raw = decode(_text(key.members, member))
    if not raw or len(raw) > 1100:
        raise ValueError(member)
    return int.from_bytes(raw, "big")


def _text(jwk: t.Mapping[str, t.Any], member: str) -> str:
    value = jwk.get(member)
    return value if isinstance(value, str) else ""
