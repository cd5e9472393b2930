# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: a file replaced whole or not at all. No Ansible import."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time

# Access control list and SELinux context; the attributes beginning with "user." are kept too.
_KEPT_ATTRIBUTES = ("system.posix_acl_access", "security.selinux")

# What came back, and what to do.
_KNOWN_ERRORS = {
    errno.EBUSY: (
        "it is a separate mount point, which cannot be replaced at once",
        "mount its folder instead",
    ),
    errno.EINVAL: ("it is not a regular file", "give one"),
    errno.ENOENT: ("it does not exist", "correct the path"),
}


def clear_leftover(path: str) -> None:
    """Remove what a run that was killed while it replaced the file left beside it. Raises OSError."""
    leftover = scratch(os.path.realpath(path))
    if os.path.lexists(leftover):  # where there is none, a folder that cannot be written to is no obstacle
        os.unlink(leftover)


def replace(path: str, content: bytes, backup: bool) -> str | None:
    """Replace the content of a regular file; return the name of the copy of the old one, if wanted.

    Mode, owner, access control list, SELinux context and ``user.`` attributes stay, and so does a symlink to
    the file.
    Raises OSError; the file is then the old one, with nothing beside it.
    """
    target = os.path.realpath(path)
    if not stat.S_ISREG(os.stat(target).st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    copy = None
    try:
        if backup:
            with open(target, "rb") as file:
                _write_beside(target, file.read(), keep_time=True)
            copy = f"{target}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S~')}"
            os.rename(scratch(target), copy)
        _write_beside(target, content)
        os.rename(scratch(target), target)
    except BaseException:
        clear_leftover(target)
        if copy is not None:
            os.unlink(copy)
        raise
    with contextlib.suppress(OSError):
        flush(os.path.dirname(target))
    return copy


def os_error_advice(exc: OSError) -> tuple[str, str]:
    """Why a file could not be replaced, and what to do."""
    if isinstance(exc, TimeoutError):
        return str(exc.strerror), "wait for that run or end it"
    return _KNOWN_ERRORS.get(exc.errno or 0, (str(exc.strerror or exc), "check its folder and the disk"))


def scratch(target: str) -> str:
    """One name for each file, so that a killed run's leftover is known."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".carbonops-{name}")


def flush(path: str) -> None:
    """Have a file or folder on the disk itself. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_beside(target: str, content: bytes, keep_time: bool = False) -> None:
    """Write the content under the scratch name, with all else that the target has."""
    clear_leftover(target)
    old = os.stat(target)
    handle = os.open(scratch(target), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        new = os.fstat(handle)
        if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
            os.fchown(handle, old.st_uid, old.st_gid)
        _copy_attributes(target, handle)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))
        if keep_time:
            os.utime(handle, ns=(old.st_atime_ns, old.st_mtime_ns))
        os.fsync(handle)


def _copy_attributes(target: str, handle: int) -> None:
    new = _attributes(handle)
    for name, value in _attributes(target).items():
        if new.get(name) != value:
            os.setxattr(handle, name, value)


def _attributes(file: str | int) -> dict[str, bytes]:
    try:
        names = os.listxattr(file)
    except OSError as exc:
        if exc.errno == errno.EOPNOTSUPP:  # a file system without any
            return {}
        raise
    return {
        name: os.getxattr(file, name)
        for name in names
        if name in _KEPT_ATTRIBUTES or name.startswith("user.")
    }
