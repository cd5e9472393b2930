"""The commands of ./dev."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from testbed.__main__ import main as testbed
from testbed.maven import TestbedError

from . import checks, containers, demo, scenarios
from . import environment as env

Command = Callable[..., int]


def _testbed(*arguments: str) -> int:
    env.require_programs()
    return testbed(["--cache", str(env.CACHE), *arguments])


COMMANDS: dict[str, tuple[Command, str]] = {
    "demo": (demo.start, "bring both servers up on 9443 and 9444 and carry out the whole document"),
    "demo check": (
        demo.check,
        "show what it would change, and change nothing (ansible-playbook --check --diff)",
    ),
    "demo verify": (demo.verify, "prove again that it works"),
    "demo remove": (demo.remove, "take back what the collection did"),
    "demo stop": (demo.stop, "end the demo's servers and clear their homes away"),
    "test": (checks.everything, "run every check; with --quick what takes four minutes"),
    "lint": (checks.lint, "format, style, types, Ansible's rules, documentation, changelog, licences"),
    "unit": (checks.unit, "tests that need no server; further arguments go to pytest"),
    "integration": (checks.integration, "tests on the test bed's servers; further arguments go to pytest"),
    "coverage": (
        checks.coverage,
        "the tests again, and which lines and branches they run through; arguments go to pytest",
    ),
    "sanity": (checks.sanity, "ansible-test's sanity tests and Galaxy's importer"),
    "ee": (
        checks.execution_environment,
        "build the execution environment, and carry out the document from inside it",
    ),
    "cores": (
        checks.all_cores,
        "unit and sanity tests and the default scenario on every other ansible-core, or on those named",
    ),
    "image": (
        containers.main,
        f"make the image that the containers of the tests run; for one of {', '.join(containers.SUITES)}",
    ),
    "molecule": (
        scenarios.main,
        "test the scenarios of extensions/molecule in containers, all or those named",
    ),
    "bench": (
        checks.bench,
        "measure beside a hand-written playbook and write docs/bench.md; --second: the second run alone;"
        " --smoke: only count",
    ),
    "testbed": (_testbed, "homes in a folder of your choice: up FOLDER, down FOLDER"),
}


def main(arguments: list[str]) -> int:
    for words in (2, 1):
        name = " ".join(arguments[:words])
        if name in COMMANDS and len(arguments) >= words:
            try:
                return COMMANDS[name][0](*arguments[words:])
            except (env.EnvironmentProblem, TestbedError) as exc:
                print(exc, file=sys.stderr)
            except subprocess.CalledProcessError as exc:
                print(f"'{exc.cmd[0]}' failed with exit code {exc.returncode}.", file=sys.stderr)
            return 1
    width = max(map(len, COMMANDS))
    print(
        "Usage: ./dev COMMAND\n\n"
        + "\n".join(f"  {name:{width}}  {what}" for name, (_run, what) in COMMANDS.items())
    )
    return 1 if arguments else 0
