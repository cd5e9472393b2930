# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what a signal does to a run that has something to take back. No Ansible
import.
"""

from __future__ import annotations

import contextlib
import signal
import threading
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
    """While it is entered, a signal waits; only while it is open as well does it raise Interrupted, once.

    So whatever follows what was open, as in a ``finally``, is carried out whole.
    """

    def __init__(self) -> None:
        self._is_open = False
        self._waiting: int | None = None
        self._before: dict[int, t.Any] = {}

    def __enter__(self) -> Interrupts:
        """What was to be ignored, as by nohup, stays so; only the main thread may say what happens."""
        if threading.current_thread() is threading.main_thread():
            heard = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
            self._before = {number: signal.signal(number, self._on_signal) for number in heard}
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextlib.contextmanager
    def open(self) -> t.Iterator[None]:
        """What is done here may be left in the middle."""
        self._is_open = True
        self.raise_waiting()
        try:
            yield
        finally:
            self._is_open = False

    @contextlib.contextmanager
    def held(self) -> t.Iterator[None]:
        """A part of what is open that is brought to its end: what a server makes meanwhile is known then."""
        before, self._is_open = self._is_open, False
        try:
            yield
        finally:
            self._is_open = before
            if before:
                self.raise_waiting()

    def raise_waiting(self) -> None:
        """Raise Interrupted for a signal that has had to wait."""
        if self._waiting is not None:
            number, self._waiting, self._is_open = self._waiting, None, False
            raise Interrupted(number)

    def _on_signal(self, number: int, _frame: types.FrameType | None) -> None:
        self._waiting = number
        if self._is_open:
            self.raise_waiting()
