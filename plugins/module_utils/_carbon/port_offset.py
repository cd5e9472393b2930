# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: plans for ``[server] offset`` of a ``deployment.toml``. Pure."""

from __future__ import annotations

from .._toml.document import Document
from .._toml.tables import put_key, take_key

KEY = ("server", "offset")


def plan_offset(document: Document, port_offset: int | None) -> str:
    """The file with this offset, or without one for None. Raises Problem."""
    if port_offset is None:
        return take_key(document, KEY).text
    return put_key(document, KEY, port_offset).text
