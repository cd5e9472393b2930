# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one run at a time on one folder. No Ansible import."""

from __future__ import annotations

import contextlib
import fcntl
import os
import typing as t
from pathlib import Path


@contextlib.contextmanager
def only_run_in(folder: Path) -> t.Iterator[None]:
    """Hold a lock on the folder itself, which leaves no file behind, and which ends with the process. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
