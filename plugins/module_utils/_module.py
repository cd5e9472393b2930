# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what every module does with its arguments and secrets, and how it ends."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ._problem import Problem

# Masking these wherever they stand would blank "admin" in URLs and role names and "wso2carbon" in file names.
_WELL_KNOWN = {"admin", "wso2carbon"}
_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def take_secret(module: AnsibleModule, name: str, options: dict[str, t.Any] | None = None) -> t.Any:
    """Return the secret option and blank it in the parameters, which are part of the result.

    Afterwards only values that nobody knows anyway are still masked by value, as a second net.
    """
    params = module.params if options is None else options
    secret = params.get(name)
    if secret is not None:
        params[name] = _MASK
    module.no_log_values.difference_update(_WELL_KNOWN)
    return secret


def keep_secret(
    module: AnsibleModule, options: dict[str, t.Any], names: t.Iterable[str], secrets: t.Iterable[str]
) -> None:
    """Blank options that hold secrets among other things, and mask these secrets alone by value."""
    for name in names:
        if options.get(name) is not None:
            module.no_log_values.difference_update(_texts(options[name]))
            options[name] = _MASK
    module.no_log_values.update(secrets)
    module.no_log_values.difference_update(_WELL_KNOWN)


def _texts(value: t.Any) -> t.Iterator[str]:
    """All texts in a value, as Ansible collects them to be masked."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


def finish(module: AnsibleModule, run: t.Callable[[], dict[str, t.Any]]) -> t.NoReturn:
    """Carry out a module and end it: with its result, or with the sentence of the problem that stopped it."""
    try:
        result = run()
    except Problem as problem:
        module.fail_json(msg=str(problem), **problem.facts)
    module.exit_json(**result)
