# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the products, by their start scripts. No Ansible import."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from .._problem import Problem


@dataclasses.dataclass(frozen=True)
class Product:
    """A server's start script and the paths that all answer 200 when it is ready."""

    script: str
    ready_paths: tuple[str, ...]


# The API Manager's come first: its homes may hold the kernel's script too.
PRODUCTS = (
    Product("api-manager.sh", ("/api/am/gateway/v2/server-startup-healthcheck", "/services/Version")),
    Product("api-cp.sh", ("/services/Version",)),
    Product(
        "wso2server.sh", ("/api/health-check/v1.0/health", "/oauth2/token/.well-known/openid-configuration")
    ),
)


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
