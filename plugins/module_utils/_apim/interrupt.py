# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a signal does to a run that has something to take back. No Ansible
import.
"""

from __future__ import annotations

import contextlib
import signal
import types
import typing as t

# A terminal that is closed, Ctrl-C, and what ends a service or a task with a timeout.
_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A signal asked to end. No Problem: nothing on the way takes it for what a server has answered."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = signal.Signals(number).name


class Interrupts:
    """While it is entered, a signal raises Interrupted; while it is held, not before it is let go again."""

    def __init__(self) -> None:
        self._held = 0
        self._waiting: int | None = None
        self._before: dict[int, t.Any] = {}

    def __enter__(self) -> Interrupts:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def held(self) -> t.Iterator[None]:
        """What has begun here is brought to its end: what a server makes meanwhile is known then."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            if not self._held and self._waiting is not None:
                number, self._waiting = self._waiting, None
                raise Interrupted(number)

    def _on_signal(self, number: int, _frame: types.FrameType | None) -> None:
        if self._held:
            self._waiting = number
        else:
            raise Interrupted(number)
