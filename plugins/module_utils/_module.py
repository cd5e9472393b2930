# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: what every module does with its arguments and secrets, and how it ends."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ._problem import Problem

# Masking these wherever they stand would blank "admin" in URLs and role names and "wso2carbon" in file names.
_WELL_KNOWN = {"admin", "wso2carbon"}
# Where a role tells a module what its options' values are called there: a JSON object.
_VARIABLES = "CARBONOPS_VARIABLES"
_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def or_environment(name: str, **argument: t.Any) -> dict[str, t.Any]:
    """An argument that, where it is not given, is taken from this environment variable."""
    return {**argument, "fallback": (env_fallback, [name])}


def environment_secret(module: AnsibleModule, name: str) -> str | None:
    """The secret in this environment variable, masked wherever it stands; None where there is none."""
    secret = os.environ.get(name) or None
    if secret and secret not in _WELL_KNOWN:
        module.no_log_values.add(secret)
    return secret


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


def warn_of(module: AnsibleModule, problem: Problem) -> None:
    """Warn of what a module goes on in spite of, in the words that the user of a role knows."""
    module.warn(problem.sentence(_names_of_the_role()))


def finish(module: AnsibleModule, run: t.Callable[[], dict[str, t.Any]]) -> t.NoReturn:
    """Carry out a module and end it: with its result, or with the sentence of the problem that stopped it."""
    try:
        result = run()
    except Problem as problem:
        module.fail_json(msg=problem.sentence(_names_of_the_role()), **problem.facts)
    module.exit_json(**result)


def _names_of_the_role() -> dict[str, str]:
    """Options by the names of the role's variables for them; empty where no role calls the module."""
    try:
        names = json.loads(os.environ.get(_VARIABLES) or "{}")
    except ValueError:
        return {}
    return names if isinstance(names, dict) else {}
