"""POST /key-managers/discover: the stand-in reads the discovery document itself, as the product does."""

from __future__ import annotations

import email
import json
import ssl
import urllib.request
from typing import Any

from .bodies import FLAGS, TEXTS, URLS
from .refusals import general, internal
from .releases import Release


def discover(raw: bytes, content_type: str, release: Release, trust: ssl.SSLContext) -> dict[str, Any]:
    """The answer. Raises Refused where the URL cannot be read: the product tells the cause only to
    its log."""
    form = form_of(raw, content_type)
    if not form.get("url"):
        return {"valid": False, "value": None}
    if "://" not in form["url"]:
        raise general()
    try:
        with urllib.request.urlopen(form["url"], timeout=5, context=trust) as answer:
            document = json.load(answer)
        found = _read(document, form["url"], release)
    except (OSError, ValueError, KeyError) as exc:
        raise internal() from exc
    return {"valid": True, "value": {**found, "type": form.get("type")}}


def form_of(raw: bytes, content_type: str) -> dict[str, str]:
    """The parts of a multipart/form-data body."""
    message = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    parts = [part for part in message.walk() if not part.is_multipart()] if message.is_multipart() else []
    return {
        str(part.get_param("name", header="Content-Disposition")): str(part.get_payload()).strip()
        for part in parts
    }


def _read(document: dict[str, Any], url: str, release: Release) -> dict[str, Any]:
    empty: dict[str, Any] = dict.fromkeys(
        (
            "id",
            *TEXTS,
            *URLS,
            "consumerKeyClaim",
            "scopesClaim",
            "global",
            "additionalProperties",
            "permissions",
        )
    )
    on = dict.fromkeys(
        ("enabled", "enableTokenGeneration", "enableMapOAuthConsumerApps", "enableOAuthAppCreation"), True
    )
    return {
        **empty,
        **FLAGS,
        **on,
        "wellKnownEndpoint": url,
        "issuer": document["issuer"],
        "introspectionEndpoint": document.get("introspection_endpoint"),
        "clientRegistrationEndpoint": document.get("registration_endpoint"),
        "tokenEndpoint": document.get("token_endpoint"),
        "revokeEndpoint": document.get("revocation_endpoint"),
        "authorizeEndpoint": document.get("authorization_endpoint"),
        "userInfoEndpoint": document.get("userinfo_endpoint") if release.userinfo else None,
        "certificates": {"type": "JWKS", "value": document["jwks_uri"]},
        "availableGrantTypes": document.get("grant_types_supported") or [],
        "endpoints": [],
        "claimMapping": [],
        "tokenValidation": [],
        "tokenType": "DIRECT",
        **({"allowedOrganizations": []} if release.organizations else {}),
    }
