# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: whether a server's certificate fits the names that the server is called by.

Pure.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import typing as t

from .certificate import Certificate

# What every download of a product holds, with its private key.
STOCK_ALIAS = STOCK_PASSWORD = "wso2carbon"
_STOCK_NAME = "localhost"


def is_stock(certificate: Certificate, alias: str, password: str) -> bool:
    """Whether it is one that every download of the product holds, as far as one can tell without that.

    It is for localhost, under the default alias and password.
    """
    is_default = (alias.lower(), password) == (STOCK_ALIAS, STOCK_PASSWORD)
    return is_default and (certificate.common_name or "").lower() == _STOCK_NAME


def is_for(certificate: Certificate, host: str) -> bool:
    """Whether it is for this host, by RFC 9525: by its alternative names, or the common name without any.

    Java's own verification still takes the common name there (RFC 2818, 3.1).
    """
    names = certificate.names or [certificate.common_name or ""]
    return any(_matches(name.lower().rstrip("."), host.lower().rstrip(".")) for name in names)


def names_missing(certificate: Certificate, hosts: t.Iterable[str]) -> list[str]:
    """Those of these hosts that it is not for."""
    return [host for host in hosts if not is_for(certificate, host)]


def _matches(name: str, host: str) -> bool:
    address = _address(host)
    if address is not None:
        return bool(_address(name) == address)
    label, _dot, parent = name.partition(".")
    if label == "*" and "." in parent:
        return host.partition(".")[2] == parent
    return name == host


def is_address(text: str) -> bool:
    """Whether it is an IP address, with or without brackets."""
    return _address(text) is not None


def _address(text: str) -> t.Any:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def doubts(certificate: Certificate, hosts: t.Sequence[str], stock: bool, now: dt.datetime) -> list[str]:
    """What is wrong with presenting it under these names, each a clause. ``now`` has a time zone."""
    others = names_missing(certificate, hosts)
    own = ", ".join(certificate.names) or certificate.common_name or "no name"
    found = [f"it is for {own}, not for {', '.join(others)}"] if others else []
    if hosts and now > certificate.not_after:
        found.append(f"it expired on {certificate.not_after:%Y-%m-%d}")
    if hosts and now < certificate.not_before:
        found.append(f"it is not valid before {certificate.not_before:%Y-%m-%d}")
    if hosts and stock:
        found.append("its private key is in every download of the product")
    return found
