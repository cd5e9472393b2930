# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what every module does that edits a ``deployment.toml``."""

from __future__ import annotations

import dataclasses
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._carbon_home import CarbonHome, HomeError
from ._deployment_toml import Document, EditRefused, to_bytes
from ._files import clear_leftover, hindrance, replace
from ._lock import only_run_in
from ._module import read_file
from ._toml import TomlError

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
    """``text`` is the file as it will be; ``before`` and ``after`` show the edited part alone, as the rest
    holds passwords.
    """

    text: str
    before: str
    after: str
    result: dict[str, t.Any]


def edit_file(module: AnsibleModule, plan: t.Callable[[Document], Edit]) -> t.NoReturn:
    """Read the file of the options, carry out the plan, read it back, and end the module."""
    options = module.params
    try:
        path = options["path"] or str(CarbonHome(options["carbon_home"]).deployment_toml)
    except HomeError as exc:
        module.fail_json(msg=str(exc))
    try:
        with only_run_in(os.path.dirname(os.path.realpath(path)), _LOCK_TIMEOUT):
            if not module.check_mode:
                clear_leftover(path)
            _edit(module, path, plan)
    except OSError as exc:
        module.fail_json(msg=f"Editing {path} failed, nothing was changed: {hindrance(exc)}.")


def _edit(module: AnsibleModule, path: str, plan: t.Callable[[Document], Edit]) -> t.NoReturn:
    before = read_file(module, path, "the configuration file")
    try:
        edit = plan(Document.from_bytes(before))
    except TomlError as exc:
        module.fail_json(
            msg=f"{path} is not what a server can read: {exc}; correct it first, nothing was changed."
        )
    except EditRefused as exc:
        module.fail_json(msg=f"Editing {path} was refused: {exc}")
    after = to_bytes(edit.text)
    diff = {"before_header": path, "after_header": path, "before": edit.before, "after": edit.after}
    result = {"changed": after != before, "path": path, "diff": diff, **edit.result}
    if result["changed"] and not module.check_mode:
        copy = replace(path, after, module.params["backup"])
        if copy is not None:
            result["backup_file"] = copy
        if read_file(module, path, "the configuration file") != after:
            module.fail_json(
                msg=(
                    f"{path} was written, but holds something else now; another process changed it at the"
                    " same time, run again."
                ),
                **result,
            )
    module.exit_json(**result)
