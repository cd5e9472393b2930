# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a server is, by its start script, and when it is ready, by its web
applications. No Ansible import.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from .._problem import Problem

_WEBAPPS = "repository/deployment/server/webapps"
_DISCOVERY = "/oauth2/token/.well-known/openid-configuration"
_HEALTH = "/api/health-check/v1.0/health"
# Answers on every server of the kernel, whatever its web applications are.
_ANY = "/services/Version"
# What a web application answers with 200 once the server is ready, by the beginning of its name.
_READY_BY_WEBAPP = (
    ("api#am#gateway#v2", "/api/am/gateway/v2/server-startup-healthcheck"),
    ("api#health-check#", _HEALTH),
)
_IDENTITY = "wso2server.sh"


@dataclasses.dataclass(frozen=True)
class Product:
    """A server by its start script."""

    script: str

    def ready_paths(self, home: Path) -> tuple[str, ...]:
        """The paths that all answer 200 when it is ready.

        A distribution or profile lacks the web applications that it does not run, and so their health checks.
        """
        webapps = _webapps_in(home)
        names = webapps or ()
        paths = [path for begin, path in _READY_BY_WEBAPP if any(name.startswith(begin) for name in names)]
        if self.script != _IDENTITY:
            return (*paths, _ANY)
        # Where they cannot be listed, or are packed into one, its health check is taken for granted.
        if _HEALTH not in paths and (webapps is None or {"api", "api.war"} & set(webapps)):
            paths.append(_HEALTH)
        return (*paths, _DISCOVERY)


# The distributions come before the kernel's script, which their homes may hold too; a control plane's home
# also holds the key manager's.
PRODUCTS = tuple(
    Product(script)
    for script in (
        "api-manager.sh",
        "api-cp.sh",
        "gateway.sh",
        "traffic-manager.sh",
        "key-manager.sh",
        _IDENTITY,
    )
)


def product_of(script: str) -> Product | None:
    """The product of a start script's name; None for what is no start script."""
    return next((product for product in PRODUCTS if product.script == script), None)


def product_in(home: Path) -> Product:
    """The product of a home, by its start script. Raises Problem."""
    for product in PRODUCTS:
        if (home / "bin" / product.script).is_file():
            return product
    names = ", ".join(product.script for product in PRODUCTS)
    raise Problem(
        f"{home}/bin holds no start script ({names})",
        advice="give the folder that the product's archive was unpacked into",
    )


def _webapps_in(home: Path) -> list[str] | None:
    """The names of a home's web applications; None where there is no folder of them."""
    try:
        return os.listdir(home / _WEBAPPS)
    except OSError:
        return None
