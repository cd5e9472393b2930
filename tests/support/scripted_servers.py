"""Carbon servers with the products' own start scripts and files, and a scripted JVM that misbehaves on
demand.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from testbed.apim.build import build as build_apim
from testbed.homes import IS7, Product
from testbed.is7.build import build as build_is7
from testbed.maven import require_tool

from . import scripted_jvm
from .cases import plain
from .certificates import self_signed
from .java import lay_java
from .modules import Outcome, RunningModule, start_module
from .scripted_jvm import BEHAVIOUR
from .site import CACHE, free_offset


def lay_jdk(folder: Path, python: str = sys.executable, keytool: str = "") -> Path:
    """A JAVA_HOME whose java is the scripted one, under java's name; its keytool is a real one, by default
    this host's.

    A Python of another host than this one is to be copied to jre/bin/java there.
    """
    pair = self_signed()
    lay_java(folder, python)
    (folder / "bin").mkdir(parents=True)
    (folder / "server.pem").write_text(pair.key_pem + pair.pem)
    (folder / "bin/keytool").symlink_to(keytool or Path(require_tool("keytool")).resolve())
    program = shutil.copy(scripted_jvm.__file__, folder)
    java = folder / "bin/java"
    java.write_text(f'#!/bin/bash\nexec -a "$0" {folder}/jre/bin/java -I -S {program} "$@"\n')
    java.chmod(0o755)
    return folder


class Server:
    """A home as the product lays it, without the product: its start script and files are the real ones, its
    JVM does as it is told.
    """

    def __init__(
        self, folder: Path, jdk: Path, product: Product = IS7, module_server: str | None = None
    ) -> None:
        self.path = folder
        self._module_server = module_server
        self.jdk = jdk
        self.script = product.script
        self.offset = free_offset()
        template = build_is7(CACHE) if product is IS7 else build_apim(CACHE)
        shutil.copytree(
            template,
            folder,
            symlinks=True,
            ignore=shutil.ignore_patterns("components", "database", "deployment", "lib", "*.jar"),
        )
        self.behave()

    def behave(self, **how: Any) -> None:
        """Tell the next JVM how, in the words of scripted_jvm; all at once, for one may just be starting."""
        told = self.path / f"{BEHAVIOUR}.new"
        told.write_text(json.dumps(how))
        told.replace(self.path / BEHAVIOUR)

    @property
    def port(self) -> int:
        return 9443 + self.offset

    def start(
        self, check: bool = False, user: int | None = None, how: dict[str, Any] | None = None, **options: Any
    ) -> RunningModule:
        """Start the module, and the JVM as told."""
        self.behave(**(how or {}))
        given = {
            "carbon_home": str(self.path),
            "port_offset": self.offset,
            "java_home": str(self.jdk),
            "timeout": 20,
            **options,
        }
        return start_module("carbon_server", check, user=user, server=self._module_server, **given)

    def run(
        self, check: bool = False, user: int | None = None, how: dict[str, Any] | None = None, **options: Any
    ) -> Outcome:
        return self.start(check, user, how, **options).outcome()

    def begin(self, *arguments: str, **variables: str) -> None:
        """Start it as somebody at the host does, on its port, and wait until it listens."""
        self.behave()
        subprocess.Popen(
            ["sh", str(self.path / "bin" / self.script), *arguments],
            env={**os.environ, "JAVA_HOME": str(self.jdk), **variables},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not self._listens():
            time.sleep(0.02)

    def _listens(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0

    def call_script(self, name: str) -> None:
        """Have the start script be called otherwise, as another distribution's is."""
        old = self.path / "bin" / self.script
        (old.with_name(name)).write_text(old.read_text().replace(self.script, name))
        old.unlink()
        self.script = name

    def command(self) -> list[str]:
        """The command line of its JVM."""
        return Path(f"/proc/{self.pids()[0]}/cmdline").read_text().split("\0")

    def pids(self) -> list[int]:
        wanted = f"-Dcarbon.home={self.path}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if wanted in (folder / "cmdline").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
        return found

    def carry_out(self, **options: Any) -> Outcome:
        """Run it three times: check mode foresees what the second run does, and the third changes nothing
        more.
        """
        before = self.pids()
        planned = self.run(check=True, **options)
        assert self.pids() == before
        done = self.run(**options)
        assert not done.failed, done
        for key in ("changed", "action", "reason", "https_port", "diff"):
            assert planned[key] == done[key], key
        assert self.pids() == ([] if done["pid"] is None else [done["pid"]])
        if options.get("state") != "restarted":
            again = self.run(**options)
            assert (again["changed"], again["action"], again["pid"]) == (False, "none", done["pid"])
        return done

    def told(self, outcome: Outcome) -> str:
        """What happened, the same in every run."""
        text = outcome["msg"] if outcome.failed else f"{outcome['action']}: {outcome['reason']}"
        return plain(text, home=self.path, port=self.port, pid=os.getpid(), offset=self.offset)

    def end(self) -> None:
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self.pids():
            time.sleep(0.01)
