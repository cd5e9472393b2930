"""A running JVM that is asked whether it trusts the peer on a port."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import TracebackType

from testbed.maven import compile_java, require_tool

_SOURCES = Path(__file__).with_name("src")


def compile_probe(into: Path) -> Path:
    """The folder that the probe's classes are in afterwards."""
    compile_java(_SOURCES.glob("*.java"), "", into)
    return into


class TrustingJvm:
    """One JVM with one truststore, which it reads once, as servers do."""

    def __init__(self, classes: Path, truststore: Path, password: str, java: str | None = None) -> None:
        trusts = [
            f"-Djavax.net.ssl.trustStore={truststore}",
            f"-Djavax.net.ssl.trustStorePassword={password}",
        ]
        command = [
            java or require_tool("java"),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            *trusts,
            "-cp",
            str(classes),
            "TlsProbe",
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> TrustingJvm:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=30)

    def says(self, port: int) -> str:
        """ "trusted", or "refused: " and Java's words."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{port}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()
