"""The collection's modules, run as Ansible runs them: a process of their own, JSON in, JSON out."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

_RUNNER = """
import json, runpy, sys
from ansible.module_utils import basic
name, arguments = sys.argv[1], sys.stdin.buffer.read()
basic._ANSIBLE_ARGS = arguments
if hasattr(basic, "_ANSIBLE_PROFILE"):
    basic._ANSIBLE_PROFILE = "legacy"
runpy.run_module("ansible_collections.carbonops.wso2.plugins.modules." + name, run_name="__main__")
"""


class Outcome(dict[str, Any]):
    """A module's result; ``output`` is all that it wrote, byte for byte what could be logged."""

    output: str

    @property
    def failed(self) -> bool:
        return bool(self.get("failed"))


def run_module(module: str, /, check: bool = False, environment: dict[str, str] | None = None, **options: Any) -> Outcome:
    """Run one module with these options, with diff."""
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_no_log": False}
    done = subprocess.run(
        [sys.executable, "-c", _RUNNER, module],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}), capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    try:
        outcome = Outcome(json.loads(done.stdout.strip().splitlines()[-1]))
    except (IndexError, ValueError) as exc:
        raise AssertionError(f"{module} wrote no result: {done.stdout}\n{done.stderr}") from exc
    outcome.output = done.stdout + done.stderr
    return outcome
