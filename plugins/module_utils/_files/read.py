# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: files read that another user may have put there or swapped. No Ansible import.

Nothing here waits (for the writer of a pipe), opens a device, follows a stranger's symlink, or reads without
a limit.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import typing as t

from .._problem import Problem
from .place import Place

DEPLOYMENT_TOML_LIMIT = 16 << 20  # bytes

# What to do about what this package itself finds wrong with a file.
ADVICE = {
    errno.EFBIG: "give the right file",
    errno.EINVAL: "give a regular file",
    errno.ELOOP: "give the path that it leads to, or have the link made by root or by the file's owner",
    errno.ESTALE: "run again",
    errno.ETIMEDOUT: "wait for that run or end it",
}


@contextlib.contextmanager
def open_regular(path: str | os.PathLike[str], follow: bool = True) -> t.Iterator[t.BinaryIO]:
    """A regular file, open for reading.

    A symlink, of the file or on the way to it, is followed only if root, the file's owner or whoever runs
    this made it; with ``follow=False`` none in the file's own place.
    Raises OSError: EINVAL for what is no regular file, ELOOP for such a symlink.
    """
    with Place(path, follow) as place:
        found = place.status()
        if found is not None:
            _demand_regular(found, path)  # so that no device is opened
        with os.fdopen(place.open(os.O_RDONLY), "rb") as file:
            opened = os.fstat(file.fileno())
            _demand_regular(opened, path)  # for it may have been swapped
            place.check_links(opened.st_uid)
            yield file


def read_regular(path: str | os.PathLike[str], limit: int, follow: bool = True) -> bytes:
    """The whole content of a regular file of up to so many bytes.

    Raises OSError as open_regular, and EFBIG for a larger one.
    """
    with open_regular(path, follow) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit} bytes", os.fspath(path))
    return content


def read_end(path: str | os.PathLike[str], limit: int, start: int = 0, follow: bool = True) -> bytes:
    """The last bytes, up to the limit, of what a growing file has from this offset on.

    All of it counts if the file is shorter than that, as a log that was begun anew. Raises OSError as
    open_regular.
    """
    with open_regular(path, follow) as file:
        size = os.fstat(file.fileno()).st_size
        file.seek(max(start if start <= size else 0, size - limit))
        return file.read(limit)


def read_file(path: str | os.PathLike[str], what: str, limit: int) -> bytes:
    """The content of a file that is called ``what`` in the sentence of a failure. Raises Problem."""
    try:
        return read_regular(path, limit)
    except OSError as exc:
        raise Problem(f"Reading {what} {os.fspath(path)} failed", *reading_advice(exc)) from exc


def reading_advice(exc: OSError) -> tuple[str, str]:
    """Why a file could not be read, and what to do."""
    return str(exc.strerror or exc), ADVICE.get(exc.errno or 0, "check the path and its permissions")


def _demand_regular(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
