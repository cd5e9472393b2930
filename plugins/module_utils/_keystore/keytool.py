# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2:

Java key and trust stores, read and written by the JDK's own keytool. No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import subprocess
import time
import typing as t
from pathlib import Path

from .._problem import Problem
from .certificate import Certificate, read_certificates
from .jdk import find_java_tool
from .jks import trusted_jks
from .store import check_store, store_type

# keytool crashes in some locales (JDK 24, 25), and only fixed words can be read; the JVM flags save 0.08 of
# 0.36 s (measured).
_JVM = (
    "-J-Duser.language=en",
    "-J-Duser.timezone=UTC",
    "-J-XX:TieredStopAtLevel=1",
    "-J-XX:+UseSerialGC",
    "-J-Xshare:auto",
)
_ENTRY = re.compile(
    r"^Alias name: (.*?)\nCreation date: [^\n]*\nEntry type: (\w+)\n(.*?)(?=^Alias name: |\Z)",
    re.DOTALL | re.MULTILINE,
)
_KINDS = {
    "trustedCertEntry": "trusted_certificate",
    "PrivateKeyEntry": "private_key",
    "SecretKeyEntry": "secret_key",
}
_TIMEOUT = 120
_NEW_STORE_TYPE = "PKCS12"  # what keytool makes by itself
# How keytool says that a file is no store any more.
_DAMAGED = ("invalid keystore format", "eofexception", "derinputstream")
# Bytes: without an entry it has 103 (keytool of JDK 11, 17, 21 and 25), with one small certificate 504.
_EMPTY_PKCS12 = 320


@dataclasses.dataclass(frozen=True)
class StoreEntry:
    """One entry: ``kind`` is trusted_certificate, private_key or secret_key; the last has no certificate."""

    alias: str
    kind: str
    certificate: Certificate | None


class Keytool:
    """The keytool of one JDK.

    ``calls`` counts the JVMs started; each inherits the file descriptors ``inherited``.
    """

    def __init__(self, java_home: str | None) -> None:
        self.calls = 0
        self.inherited: tuple[int, ...] = ()
        self._program = find_java_tool("keytool", java_home)

    def entries(self, path: Path, password: str, may_be_missing: bool = False) -> list[StoreEntry]:
        """What the store holds, in its own order, by one JVM; nothing, by none, where it may be missing and
        is.
        """
        if not check_store(path, password, may_be_missing):
            return []
        output = self._run(
            "Reading",
            path,
            ["-list", "-rfc", "-keystore", str(path), "-storepass:env", "STOREPASS"],
            {"STOREPASS": password},
        )
        found = []
        for alias, kind, body in _ENTRY.findall(output):
            try:
                certificate = read_certificates(body.encode())[0] if "BEGIN CERTIFICATE" in body else None
            except Problem as exc:
                raise Problem(
                    f"Reading the store {path} failed",
                    f"the certificate of alias '{alias}' is {exc}",
                    "restore the store",
                ) from exc
            found.append(StoreEntry(alias, _KINDS.get(kind, kind), certificate))
        said = re.search(r"Your keystore contains (\d+) entr", output)
        if said is None or int(said.group(1)) != len(found):
            raise Problem(
                f"Reading the store {path} failed",
                "keytool's list could not be understood",
                "report it with keytool's version",
            )
        if not found and store_type(path) == "PKCS12" and path.stat().st_size > _EMPTY_PKCS12:
            # keytool would drop them the next time it writes (measured).
            raise Problem(
                f"The store {path} holds something that no Java server sees, as a store of openssl's does",
                advice="import its certificates into a new one with keytool",
            )
        return found

    def trust(self, path: Path, password: str, certificates: t.Mapping[str, Certificate]) -> None:
        """Put trusted certificates into the store under their aliases, over what those hold, by one JVM.

        Makes a missing store.
        """
        source = import_source(path)
        try:
            source.write_bytes(trusted_jks(certificates, password, int(time.time() * 1000)))
            arguments = [
                "-importkeystore",
                "-noprompt",
                "-srckeystore",
                str(source),
                "-srcstoretype",
                "JKS",
                "-srcstorepass:env",
                "STOREPASS",
            ]
            kind = store_type(path) if os.path.exists(path) else _NEW_STORE_TYPE
            arguments += [
                "-destkeystore",
                str(path),
                "-deststoretype",
                kind,
                "-deststorepass:env",
                "STOREPASS",
            ]
            self._run("Writing", path, arguments, {"STOREPASS": password})
        finally:
            with contextlib.suppress(FileNotFoundError):
                source.unlink()

    def delete(self, path: Path, password: str, alias: str) -> None:
        """Take one entry out."""
        arguments = ["-delete", "-alias", alias, "-keystore", str(path), "-storepass:env", "STOREPASS"]
        self._run("Writing", path, arguments, {"STOREPASS": password})

    def _run(self, doing: str, path: Path, arguments: list[str], secrets: dict[str, str]) -> str:
        try:
            return self._output(arguments, secrets)
        except Problem as exc:
            raise exc.during(f"{doing} the store {path} failed") from exc

    def _output(self, arguments: list[str], secrets: dict[str, str]) -> str:
        self.calls += 1
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS")
        }
        environment.update(secrets, LC_ALL="C.UTF-8")
        try:
            # run_command has no time limit.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                [self._program, *_JVM, *arguments],
                env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                encoding="utf-8", errors="replace", check=False, timeout=_TIMEOUT, pass_fds=self.inherited,
            )  # fmt: skip
        except subprocess.TimeoutExpired as exc:
            raise Problem(
                f"keytool did not end within {_TIMEOUT} s", advice="look at the host's load"
            ) from exc
        except OSError as exc:
            raise Problem(
                f"{self._program} cannot be run ({exc.strerror})",
                advice="set java_home to a JDK on this host",
            ) from exc
        if done.returncode < 0:
            raise Problem(
                f"keytool was ended by signal {-done.returncode}", advice="look at the host's memory and logs"
            )
        if done.returncode:
            raise _reason(done.stdout + done.stderr)
        return done.stdout.replace("\r\n", "\n")


def import_source(path: Path) -> Path:
    """The file that certificates on their way into the store at ``path`` are in, beside it."""
    return path.with_name(f"{path.name}.trusted")


def _reason(output: str) -> Problem:
    """Why keytool refused, by its own words under the locale that it was given."""
    lowered = output.lower()
    if "tampered" in lowered:  # a JKS store's digest is over its password and its content
        return Problem(
            "the password is wrong, or the file is damaged",
            advice="give the store's password, or restore the file from a backup",
        )
    if "password was incorrect" in lowered:
        return Problem("the password is wrong", advice="give the store's password")
    if any(word in lowered for word in _DAMAGED):
        return Problem("the file is damaged", advice="restore it from a backup")
    lines = [line.strip() for line in output.splitlines()]
    told = [line for line in lines if "error" in line.lower() or "exception" in line.lower()]
    return Problem(
        told[0] if told else "keytool gave no reason", advice="check the store, the disk and the JDK"
    )
