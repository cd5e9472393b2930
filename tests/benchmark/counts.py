"""What one run of a playbook came to, from what Ansible, the servers and the counting programs wrote. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

_RECAP = re.compile(r"^\S+\s+: (ok=\d+ .*)$", re.MULTILINE)
_MODULE = re.compile(r"AnsiballZ_(\w+)\.py")


@dataclasses.dataclass(frozen=True)
class Counts:
    """``results`` and ``skips`` are of the recap, all hosts together; ``restarts`` are servers with another
    process than before, those that were down included.
    """

    results: int = 0
    skips: int = 0
    changes: int = 0
    modules: int = 0
    jvms: int = 0
    requests: int = 0
    restarts: int = 0


@dataclasses.dataclass(frozen=True)
class Sample:
    """One run: wall-clock seconds, counts, and the CPU seconds of Ansible and what it waited for, which are not
    the servers'.
    """

    seconds: float
    counts: Counts
    cpu: float = 0.0


def of_recap(output: str) -> dict[str, int]:
    """The recap's numbers, all hosts together; empty where the run ended without one."""
    found: dict[str, int] = {}
    for line in _RECAP.findall(output):
        for name, number in re.findall(r"(\w+)=(\d+)", line):
            found[name] = found.get(name, 0) + int(number)
    return found


def modules_in(calls: Iterable[str]) -> list[str]:
    """The modules that these command lines of the hosts' Python ran, in order."""
    return [found.group(1) for line in calls if (found := _MODULE.search(line))]
