# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: where a path leads, followed once and held open. No Ansible import."""

from __future__ import annotations

import errno
import os
import stat

# Only Linux has it; elsewhere this is imported, but has no homes to look into.
_PATH = getattr(os, "O_PATH", 0)
_FOLDER = _PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ENTRY = _PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_LINKS = 40  # as the kernel, path_resolution(7)


class Place:
    """A file's folder, held open, and the file's name in it.

    All symlinks on the way have been followed, so that whatever another user swaps afterwards, ``folder`` (a
    file descriptor for the ``dir_fd`` of ``os`` functions) and ``name`` mean what they meant; ``path`` is the
    same as a text. The file itself may be missing. A context manager. Raises OSError.
    """

    def __init__(self, path: str | os.PathLike[str], follow: bool = True) -> None:
        """``follow=False`` refuses a symlink in the file's own place, though not on the way there."""
        self.name = "."
        self._follow = follow
        self._given = os.fspath(path)
        self._links: list[tuple[str, int]] = []  # followed: path, owner
        absolute = os.path.isabs(self._given)
        self._parts = [] if absolute else [part for part in os.getcwd().split("/") if part]
        self.folder = os.open("/" if absolute else ".", _FOLDER)
        try:
            self._walk(_components(self._given))
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> str:
        return "/" + "/".join([*self._parts, self.name])

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        os.close(self.folder)

    def open(self, flags: int, mode: int = 0o600) -> int:
        """Open the file, never through a symlink and never waiting for a pipe; its file descriptor."""
        return os.open(
            self.name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode, dir_fd=self.folder
        )

    def status(self) -> os.stat_result | None:
        """The file's, None where it is missing."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def check_links(self, owner: int) -> None:
        """Refuse to have come by the symlink of a stranger to a file of this owner.

        Otherwise whoever may write to a folder could have root read or write any file by a link in it.
        """
        trusted = (0, os.geteuid(), owner)
        for link, link_owner in self._links:
            if link_owner not in trusted:
                raise OSError(
                    errno.ELOOP,
                    f"the symlink {link} belongs to user id {link_owner}, and what it leads to does not",
                    self._given,
                )

    def _walk(self, components: list[str]) -> None:
        """Components in reverse order: the next one is the last of the list."""
        while components:
            name = components.pop()
            leads_to = self._link_at(name)
            if leads_to is None and not components:
                self.name = name
            elif leads_to is None:
                self._enter(name)
            elif not components and not self._follow:
                raise OSError(errno.ELOOP, "it is a symlink, which is not followed here", self._given)
            else:
                if os.path.isabs(leads_to):
                    self._enter("/")
                components += _components(leads_to)

    def _link_at(self, name: str) -> str | None:
        """Where the symlink of this name leads; None for anything else. Owner and content are of one link."""
        try:
            entry = os.open(name, _ENTRY, dir_fd=self.folder)
        except FileNotFoundError:
            return None
        try:
            status = os.fstat(entry)
            if not stat.S_ISLNK(status.st_mode):
                return None
            if len(self._links) == _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), self._given)
            self._links.append(("/" + "/".join([*self._parts, name]), status.st_uid))
            return os.readlink("", dir_fd=entry)
        finally:
            os.close(entry)

    def _enter(self, name: str) -> None:
        above, self.folder = self.folder, os.open(name, _FOLDER, dir_fd=self.folder)
        os.close(above)
        if name == "/":
            self._parts = []
        elif name == "..":
            del self._parts[-1:]
        else:
            self._parts.append(name)


def _components(path: str) -> list[str]:
    """In reverse order."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]
