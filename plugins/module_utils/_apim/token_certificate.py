# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the certificate or key set that tokens are verified with, in the forms that are
given and stored.

API Manager stores a certificate as its PEM text in base64. Its gateway decodes that, has Java read the first
certificate in it (``APIUtil.retrieveCertificateFromContent`` 9.33.90) and takes its key for one of RSA
(``JWTValidatorImpl``); what Java cannot read, or another key, fails only there, with the first token. Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
import typing as t
from urllib.parse import urlsplit

from .._keystore.certificate import Certificate
from .._problem import Problem

_BEGIN = "-----BEGIN "
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*)-----END \1-----")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,64}PRIVATE KEY")
_LABELS = ("CERTIFICATE", "X509 CERTIFICATE")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")


def api_form(certificates: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The option in the API's form: a PEM certificate alone, its text in base64.

    Raises Problem for what API Manager's gateway could not use; its text shows nothing of the value.
    """
    if certificates["type"] == "JWKS":
        return {**certificates, "value": _url(certificates["value"])}
    first = _certificates(certificates["value"])[0]
    if not first.has_rsa_key:
        raise Problem(
            "certificates.value has no RSA key, and API Manager's gateway verifies tokens with no other",
            advice="give the certificate of an RSA key, and have the server sign its tokens with that",
        )
    return {**certificates, "value": base64.b64encode(first.pem.strip().encode()).decode()}


def count(value: str) -> int:
    """How many certificates a PEM text holds. Raises Problem as api_form does."""
    return len(_certificates(value))


def identity(stored: str) -> str | None:
    """The SHA-256 of the certificate that a stored value is, whatever is around it; None for none."""
    try:
        return _certificates(stored)[0].sha256
    except Problem:
        return None


def holds_private_key(value: str) -> bool:
    """Whether a private key is in it, as text or in base64."""
    return bool(_PRIVATE_KEY.search(_text(value)))


def _certificates(value: str) -> list[Certificate]:
    """Those of a PEM text, of the API's form of it, or of DER in base64. Raises Problem."""
    doing = "certificates.value is no PEM certificate"
    advice = (
        "give the text of the certificate that signs the tokens, from BEGIN CERTIFICATE to END CERTIFICATE"
    )
    if holds_private_key(value):
        raise Problem("certificates.value holds a private key", advice="give the certificate alone")
    blocks = _BLOCK.findall(_text(value))
    if not blocks:
        found = [Certificate(_decoded(value))]
    elif blocks[0][0] not in _LABELS:
        raise Problem(doing, f"it begins with a {blocks[0][0]}", advice)
    else:
        found = [Certificate(_decoded(body)) for label, body in blocks if label in _LABELS]
    try:
        found[0].check()
    except Problem as exc:
        raise Problem(doing, "it does not hold what a certificate holds", advice) from exc
    return found


def _text(value: str) -> str:
    """The PEM text, which may be given as the API gives it: in base64."""
    if _BEGIN in value:
        return value
    decoded = _decoded(value)
    return decoded.decode("latin-1") if _BEGIN.encode() in decoded else value


def _decoded(text: str) -> bytes:
    """What the base64 stands for, nothing where it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True) if _BASE64.fullmatch(text) else b""
    except binascii.Error:
        return b""


def _url(value: str) -> str:
    """A URL that API Manager can read a key set at. Raises Problem."""
    text = value.strip()
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text)
        _port = parts.port
    except ValueError:
        fits = False
    if not fits:
        is_pem = _BEGIN in _text(value)
        advice = (
            "say type PEM for a certificate" if is_pem else "give a URL like https://HOST:9443/oauth2/jwks"
        )
        raise Problem("certificates.value is no http or https URL, as type JWKS wants one", advice=advice)
    return text
