"""A test bed of the benchmark: two homes with their servers, and everything counted that a run does on them."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from support.api_managers import PASSWORD
from support.site import Site
from support.stores import CountingJdk
from testbed.homes import ALIAS, Home, java_home, keytool

from .counts import Counts, Sample, modules_in, of_recap

# The log has each line at once, as otherwise nobody could count them while the server runs.
_UNBUFFERED = '\n[catalinaValves.accessLogValve.properties]\nbuffered = "false"\n'
_PYTHON = """#!/bin/sh
printf '%s\\n' "$*" >> {log}
exec {python} "$@"
"""
# How a server's own requests are told in the access logs.
_SERVERS_AGENT = "Java/"
# A server may write a request's line a moment after its answer.
_SETTLE_SECONDS = 0.3


class RunFailed(Exception):
    """A run of a playbook ended with an error; the text is the end of its output."""


class Bed:
    """Homes of their own, and an inventory that everything measured on them uses."""

    def __init__(self, folder: Path) -> None:
        self._calls = folder / "python.log"
        python = _counting_python(folder / "python", self._calls)
        self._jdk = CountingJdk(folder / "jdk")
        self.site = Site(folder, PASSWORD, ansible_python_interpreter=str(python))
        self.site.variables |= {
            "is7_url": self.site.is7_url,
            "apim_url": self.site.apim_url,
            "java_home": java_home(),
        }
        self.homes = (self.site.is7, self.site.apim)
        # Without JAVA_HOME, the keytool on the PATH is taken.
        self._environment = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
        self._environment["PATH"] = f"{self._jdk.java_home}/bin{os.pathsep}{os.environ['PATH']}"
        toml = self.site.is7.deployment_toml
        toml.write_text(toml.read_text() + _UNBUFFERED)
        for home in self.homes:
            shutil.copytree(home.path, _kept(home), symlinks=True)

    def run(self, playbook: str | Path, hosts: int = 1, **variables: Any) -> Sample:
        """Run a playbook that must end well. ``hosts`` of each kind are as many names for the one home."""
        self._forget()
        pids, requests = self.site.pids(), self._requests()
        begun, cpu = time.monotonic(), _cpu_of_children()
        run = self.site.run(
            str(playbook), groups=self._groups(hosts), environment=self._environment, **variables
        )
        seconds, cpu = time.monotonic() - begun, _cpu_of_children() - cpu
        if run.code:
            raise RunFailed(f"{playbook} ended with exit code {run.code}:\n{run.output[-3000:]}")
        time.sleep(_SETTLE_SECONDS)
        recap = of_recap(run.output)
        counts = Counts(
            results=recap["ok"],
            skips=recap["skipped"],
            changes=recap["changed"],
            modules=len(modules_in(_lines(self._calls))),
            jvms=len(self._jdk.calls()),
            requests=self._requests() - requests,
            restarts=sum(now != before for now, before in zip(self.site.pids(), pids, strict=True)),
        )
        return Sample(seconds, counts, cpu)

    def start_over(self) -> None:
        """Have the homes as they were unpacked, and no server."""
        self.site.stop()
        for home in self.homes:
            shutil.rmtree(home.path)
            shutil.copytree(_kept(home), home.path, symlinks=True)

    def boot(self) -> Sample:
        """Start both servers at the same time, without Ansible, and wait until both are ready."""
        offsets = (self.site.offset + 1, self.site.offset)
        begun = time.monotonic()
        with ThreadPoolExecutor() as pool:
            list(pool.map(Home.start, self.homes, offsets))
        return Sample(time.monotonic() - begun, Counts(restarts=len(self.homes)))

    def renew_certificate(self) -> None:
        """Give Identity Server 7 another certificate for its key, as one does when it ends."""
        home = self.site.is7
        names = "san=dns:localhost,ip:127.0.0.1"
        keytool(
            "-selfcert", "-alias", ALIAS, "-validity", "3650", "-ext", names, "-keystore", str(home.keystore)
        )

    def _groups(self, hosts: int) -> dict[str, Any]:
        return {
            home.product.name: {
                "hosts": {f"{home.product.name}-{number + 1}": None for number in range(hosts)},
                "vars": {
                    "security": str(home.security),
                    "keystore": home.product.keystore,
                    "truststore": home.product.truststore,
                },
            }
            for home in self.homes
        }

    def _forget(self) -> None:
        self._calls.unlink(missing_ok=True)
        self._jdk.calls()

    def _requests(self) -> int:
        """How many requests both servers have had, without those that servers send to each other and
        themselves.
        """
        logs = [
            log for home in self.homes for log in (home.path / "repository/logs").glob("http_access_*.log")
        ]
        return sum(_SERVERS_AGENT not in line for log in logs for line in _lines(log))


def _kept(home: Home) -> Path:
    """Where a home lies as it was unpacked."""
    return home.path.with_name(f"{home.path.name}.kept")


def _cpu_of_children() -> float:
    """The CPU seconds of every process that has ended and was waited for, and of what it waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def _counting_python(program: Path, log: Path) -> Path:
    """This Python, as hosts run their modules with it, which logs each of its command lines."""
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(_PYTHON.format(log=shlex.quote(str(log)), python=shlex.quote(sys.executable)))
    program.chmod(0o755)
    return program
