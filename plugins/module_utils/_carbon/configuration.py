# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what every module does that edits a ``deployment.toml``."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from .._files.lock import only_run_in
from .._files.read import DEPLOYMENT_TOML_LIMIT, read_file, read_regular
from .._files.replace import clear_leftover, has_leftover, os_error_advice, replace
from .._problem import Problem, printable
from .._toml.document import Document, to_bytes
from .._toml.reader import TomlError
from .home import CarbonHome

_LOCK_TIMEOUT = 60  # seconds

ARGUMENTS: dict[str, t.Any] = {
    "path": {"type": "path"},
    "carbon_home": {"type": "path"},
    "backup": {"type": "bool", "default": False},
}
RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("path", "carbon_home")],
    "required_one_of": [("path", "carbon_home")],
    "supports_check_mode": True,
}


@dataclasses.dataclass(frozen=True)
class Edit:
    """``text`` is the file as it will be.

    ``before`` and ``after`` show the edited part alone, as the rest holds passwords.
    """

    text: str
    before: str
    after: str
    result: dict[str, t.Any]


def edit_file(module: AnsibleModule, plan: t.Callable[[Document], Edit]) -> dict[str, t.Any]:
    """Read the file of the options, carry out the plan, and read it back; the module's result.

    Raises Problem.
    """
    options = module.params
    path = options["path"] or str(CarbonHome(options["carbon_home"]).deployment_toml)
    try:
        result = _edit(path, plan, options["backup"], write=False)
        if module.check_mode or not (result["changed"] or has_leftover(path)):
            return result  # without the lock, which needs a folder that can be written to
        with only_run_in(os.path.dirname(os.path.realpath(path)), _LOCK_TIMEOUT):
            clear_leftover(path)
            return _edit(path, plan, options["backup"], write=True)
    except OSError as exc:
        raise Problem(f"Editing {path} failed, nothing was changed", *os_error_advice(exc)) from exc


def _edit(path: str, plan: t.Callable[[Document], Edit], backup: bool, write: bool) -> dict[str, t.Any]:
    before = read_regular(path, DEPLOYMENT_TOML_LIMIT)
    edit = planned_edit(path, before, plan)
    after = to_bytes(edit.text)
    diff = {
        "before_header": path,
        "after_header": path,
        "before": _shown(edit.before),
        "after": _shown(edit.after),
    }
    result = {"changed": after != before, "path": path, "diff": diff, **edit.result}
    if not (result["changed"] and write):
        return result
    copy = replace(path, after, backup, before)
    if copy is not None:
        result["backup_file"] = copy
    if read_file(path, "the configuration file", DEPLOYMENT_TOML_LIMIT) != after:
        raise Problem(
            f"{path} was written, but holds something else now",
            advice="another process changed it at the same time, run again",
            facts=result,
        )
    return result


def _shown(text: str) -> str:
    """Lines of a file as a diff shows them: nothing in them steers a terminal."""
    return "\n".join(printable(line) for line in text.split("\n"))


def planned_edit(path: str, content: bytes, plan: t.Callable[[Document], Edit]) -> Edit:
    """The edit of a file's content. Raises Problem, told for this file."""
    try:
        return plan(Document.from_bytes(content))
    except TomlError as exc:
        raise Problem(
            f"{path} is not what a server can read",
            exc.clause,
            "correct it first, nothing was changed",
        ) from exc
    except Problem as exc:
        raise exc.during(f"Editing {path} was refused") from exc
