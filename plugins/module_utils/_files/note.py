# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a small file in which one run leaves a line for the next. No Ansible import."""

from __future__ import annotations

import contextlib
import os
import stat

from .place import Place


def write_note(path: str, text: str, like: os.stat_result | None = None) -> None:
    """Make the file anew, for everybody to read or with the mode and owner of another. Raises OSError."""
    with Place(path, follow=False) as place:
        _remove(place)
        handle = place.open(os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if like else 0o644)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            if like is not None:
                _take_after(handle, like)
            file.write(text)


def _take_after(handle: int, like: os.stat_result) -> None:
    new = os.fstat(handle)
    if (new.st_uid, new.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(handle, like.st_uid, like.st_gid)
    os.fchmod(handle, stat.S_IMODE(like.st_mode))


def remove_note(path: str) -> None:
    """Remove the file, if it is there. Raises OSError."""
    with Place(path, follow=False) as place:
        _remove(place)


def _remove(place: Place) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place.name, dir_fd=place.folder)
