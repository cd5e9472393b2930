# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the JDK of this host and its tools. No Ansible import."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from .._problem import Problem, option


def find_java_tool(name: str, java_home: str | None) -> str:
    """The JDK's tool: in ``java_home``, else in $JAVA_HOME, else on the PATH."""
    if java_home:
        program = Path(java_home) / "bin" / name
        if os.access(program, os.X_OK):
            return str(program)
        raise Problem(
            f"{program} does not exist or cannot be run",
            advice=f"set {option('java_home')} to a JDK on this host",
        )
    from_environment = os.environ.get("JAVA_HOME", "")
    program = Path(from_environment) / "bin" / name
    if from_environment and os.access(program, os.X_OK):
        return str(program)
    on_path = shutil.which(name)
    if on_path:
        return on_path
    raise Problem(
        f"No {name} was found in JAVA_HOME or on the PATH",
        advice=f"install a JDK on this host or set {option('java_home')}",
    )
