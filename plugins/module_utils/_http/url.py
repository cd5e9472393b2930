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


def check_url(url: str, option: str) -> str:
    """The URL without its last slash. Raises Problem for text that is none, naming the option."""
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
    return url.rstrip("/")


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


def host_and_port(url: str) -> tuple[str, int]:
    """Where to connect."""
    parts = urlsplit(url)
    return t.cast(str, parts.hostname), parts.port or _DEFAULT_PORTS[parts.scheme]
