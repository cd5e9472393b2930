# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a small file in which one run leaves a line for the next. No Ansible import."""

from __future__ import annotations

import contextlib
import os

from .place import Place


def write_note(path: str, text: str) -> None:
    """Make the file anew, for everybody to read. Raises OSError."""
    with Place(path, follow=False) as place:
        _remove(place)
        handle = place.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def remove_note(path: str) -> None:
    """Remove the file, if it is there. Raises OSError."""
    with Place(path, follow=False) as place:
        _remove(place)


def _remove(place: Place) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place.name, dir_fd=place.folder)
