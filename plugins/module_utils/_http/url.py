# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: URLs of servers: which text is one, and whose server it names. Pure."""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import SplitResult, urlsplit

from .._problem import Problem

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NOT_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f]")


# What people copy out of a browser or a document, and what it is; the longer ones first.
_PAGES = {
    "/oauth2/token/.well-known/openid-configuration": "its discovery document",
    "/.well-known/openid-configuration": "its discovery document",
    "/oauth2/token": "its token endpoint, which is the issuer too",
    "/oauth2/authorize": "its authorize endpoint",
    "/oauth2/introspect": "its introspection endpoint",
    "/oauth2/jwks": "its JWKS endpoint",
    "/scim2": "its SCIM 2 API",
    "/carbon": "its management console",
    "/console": "its administration console",
    "/myaccount": "its users' own portal",
    "/publisher": "its publisher portal",
    "/devportal": "its developer portal",
    "/admin": "its admin portal",
}


def server_url(url: str, option: str) -> str:
    """A server's own URL in its normal form, which endpoints begin with.

    Raises Problem for text that is no URL, and for the URL of a page or an endpoint of the server.
    """
    whole = check_url(url, option)
    for path, what in _PAGES.items():
        base, found, below = whole.partition(path)
        if found and (not below or below.startswith("/")):
            raise Problem(
                f"{option} is '{url}', which is {what}", advice=f"give the server's own URL, {base}"
            )
    return whole


def check_url(url: str, option: str) -> str:
    """The URL in its normal form: scheme and host in lower case, without the usual port and last slashes.

    Raises Problem for text that is none, naming the option.
    """
    parts = _split(url)
    if parts is None and "@" in url:
        raise Problem(
            f"{option} is not a URL",
            advice=(
                "give one like https://localhost:9443, and a user name and password as options of their own"
            ),
        )
    if parts is None:
        raise Problem(
            f"{option} is '{url}', which is not a URL", advice="give one like https://localhost:9443"
        )
    if parts.username or parts.password:
        raise Problem(f"{option} holds a user name or password", advice="give those as options of their own")
    if parts.query or parts.fragment:
        raise Problem(f"{option} is '{url}'", advice="give it without a query or fragment")
    return origin(url) + parts.path.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """The parts of a URL of a web server, None for any other text."""
    if _NOT_IN_A_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    is_one = parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and port != 0
    return parts if is_one else None


def origin(url: str) -> str:
    """Scheme, host and port of a URL (RFC 6454), by which servers are told apart; empty for other text."""
    parts = _split(url)
    if parts is None:
        return ""
    host = str(parts.hostname)
    shown = f"[{host}]" if ":" in host else host
    is_usual = parts.port in (None, _DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{shown}" + ("" if is_usual else f":{parts.port}")


def is_plain_http(url: str) -> bool:
    """Whether what is sent there can be read on the way."""
    parts = _split(url)
    return parts is not None and parts.scheme == "http"


def is_loopback(url: str) -> bool:
    """Whether the URL is of this host: 127.0.0.0/8, ::1 or localhost (RFC 6761, 6.3)."""
    parts = _split(url)
    host = str(parts.hostname) if parts else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_of(url: str) -> str:
    """The name or address in a URL, in lower case; empty for other text."""
    parts = _split(url)
    return str(parts.hostname) if parts else ""


def host_and_port(url: str) -> tuple[str, int]:
    """Where to connect."""
    parts = urlsplit(url)
    return t.cast(str, parts.hostname), parts.port or _DEFAULT_PORTS[parts.scheme]
