# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one run at a time in one folder. No Ansible import."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
import typing as t

# A network file system may not lock folders.
_CANNOT_LOCK = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP)


@contextlib.contextmanager
def only_run_in(folder: str | os.PathLike[str], seconds: float) -> t.Iterator[int]:
    """Hold a lock on the folder itself, which leaves no file behind and ends with the process; yields its
    file descriptor.

    Where the file system cannot lock, this does without. Raises OSError; ETIMEDOUT after these seconds of
    another run.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        _lock(handle, seconds)
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                raise OSError(errno.ETIMEDOUT, f"another run has been there for {seconds:g} s") from exc
        except OSError as exc:
            if exc.errno in _CANNOT_LOCK:
                return None
            raise
        time.sleep(0.05)
