# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or
# https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2:

Java key and trust stores, read and written by the JDK's own keytool. No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
import time
import typing as t
from pathlib import Path

from ._certificate import Certificate, CertificateError, count_children, read_certificates
from ._jks import trusted_jks

# keytool crashes in some locales (JDK 24, 25), and only fixed words can be read; the JVM flags save 0.08 of
# 0.36 s (measured).
_JVM = (
    "-J-Duser.language=en",
    "-J-Duser.timezone=UTC",
    "-J-XX:TieredStopAtLevel=1",
    "-J-XX:+UseSerialGC",
    "-J-Xshare:auto",
)
_MAGIC = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
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
_NEW_STORE_TYPE, _SHORTEST_PASSWORD = "PKCS12", 6  # what keytool makes by itself, and what it asks for
_PFX_WITH_MAC = 3
# Bytes: without an entry it has 103 (keytool of JDK 11, 17, 21 and 25), with one small certificate 504.
_EMPTY_PKCS12 = 320


class KeytoolError(Exception):
    """keytool is missing, refused or broke; the text is one sentence, ``reason`` its end: what came back and
    what to do.
    """

    def __init__(self, sentence: str, reason: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason or sentence


class _Failed(Exception):
    """What came back and what to do."""


@dataclasses.dataclass(frozen=True)
class StoreEntry:
    """One entry: ``kind`` is trusted_certificate, private_key or secret_key; the last has no certificate."""

    alias: str
    kind: str
    certificate: Certificate | None


def store_type(path: Path) -> str:
    """JKS, JCEKS or PKCS12, by the file's first bytes: names lie (API Manager 4.4 has PKCS12 in a .jks)."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError as exc:
        raise KeytoolError(
            f"The store {path} does not exist; give the path of an existing Java store."
        ) from exc
    except IsADirectoryError as exc:
        raise KeytoolError(f"The store {path} is a folder; give the path of a Java store.") from exc
    except OSError as exc:
        raise KeytoolError(
            f"Reading the store {path} failed: {exc.strerror}; check the path and its permissions."
        ) from exc
    if start in _MAGIC:
        return _MAGIC[start]
    if start[:1] == b"\x30":
        return "PKCS12"
    raise KeytoolError(
        f"The store {path} is neither JKS nor PKCS12; give a Java truststore or keystore, or restore the"
        " file."
    )


def is_unprotected(path: Path) -> bool:
    """Whether it is a PKCS12 store without the optional MAC (RFC 7292, 4), which any password opens."""
    try:
        content = path.read_bytes()
        return store_type(path) == "PKCS12" and count_children(content) < _PFX_WITH_MAC
    except (OSError, ValueError, IndexError, KeytoolError):
        return False


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
            except CertificateError as exc:
                raise KeytoolError(
                    f"Reading the store {path} failed: the certificate of alias '{alias}' is {exc}; restore"
                    " the store."
                ) from exc
            found.append(StoreEntry(alias, _KINDS.get(kind, kind), certificate))
        said = re.search(r"Your keystore contains (\d+) entr", output)
        if said is None or int(said.group(1)) != len(found):
            raise KeytoolError(
                f"Reading the store {path} failed: keytool's list could not be understood; report it with"
                " keytool's version."
            )
        if not found and store_type(path) == "PKCS12" and path.stat().st_size > _EMPTY_PKCS12:
            # keytool would drop them the next time it writes (measured).
            raise KeytoolError(
                f"The store {path} holds something that no Java server sees, as a store of openssl's does;"
                " import its certificates into a new one with keytool."
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
        except _Failed as exc:
            raise KeytoolError(f"{doing} the store {path} failed: {exc}", str(exc)) from exc

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
            raise _Failed(f"keytool did not end within {_TIMEOUT} s; look at the host's load.") from exc
        except OSError as exc:
            raise _Failed(
                f"{self._program} cannot be run ({exc.strerror}); set java_home to a JDK on this host."
            ) from exc
        if done.returncode < 0:
            raise _Failed(
                f"keytool was ended by signal {-done.returncode}; look at the host's memory and logs."
            )
        if done.returncode:
            raise _Failed(_reason(done.stdout + done.stderr))
        return done.stdout.replace("\r\n", "\n")


def import_source(path: Path) -> Path:
    """The file that certificates on their way into the store at ``path`` are in, beside it."""
    return path.with_name(f"{path.name}.trusted")


def check_store(path: Path, password: str, may_be_missing: bool) -> bool:
    """Whether the store is there; raises KeytoolError for what can be told without a JVM."""
    if not password:
        # keytool lists nothing of a PKCS12 store for an empty password, without an error (measured).
        raise KeytoolError(f"The password for the store {path} is empty; give the store's password.")
    if may_be_missing and not os.path.exists(path):
        folder = os.path.dirname(os.path.realpath(path))
        if not os.path.isdir(folder):
            raise KeytoolError(f"The store {path} cannot be made: {folder} is not a folder; make it first.")
        if len(password) < _SHORTEST_PASSWORD:
            raise KeytoolError(
                f"The store {path} cannot be made: its password is shorter than {_SHORTEST_PASSWORD}"
                " characters; give a longer one."
            )
        return False
    store_type(path)
    return True


def find_java_tool(name: str, java_home: str | None) -> str:
    """The JDK's tool: in ``java_home``, else in $JAVA_HOME, else on the PATH."""
    if java_home:
        program = Path(java_home) / "bin" / name
        if os.access(program, os.X_OK):
            return str(program)
        raise KeytoolError(f"{program} does not exist or cannot be run; set java_home to a JDK on this host.")
    from_environment = os.environ.get("JAVA_HOME", "")
    program = Path(from_environment) / "bin" / name
    if from_environment and os.access(program, os.X_OK):
        return str(program)
    on_path = shutil.which(name)
    if on_path:
        return on_path
    raise KeytoolError(
        f"No {name} was found in JAVA_HOME or on the PATH; install a JDK on this host or set java_home."
    )


def _reason(output: str) -> str:
    lowered = output.lower()
    if "tampered" in lowered:  # a JKS store's digest is over its password and its content
        return (
            "the password is wrong, or the file is damaged; give the store's password, or restore the file"
            " from a backup."
        )
    if "password was incorrect" in lowered:
        return "the password is wrong; give the store's password."
    if (
        "invalid keystore format" in lowered
        or "eofexception" in lowered
        or "derinputstream" in lowered
        or "toderinputstream" in lowered
    ):
        return "the file is damaged; restore it from a backup."
    lines = [
        line.strip() for line in output.splitlines() if "error" in line.lower() or "exception" in line.lower()
    ]
    return (lines[0] if lines else "keytool gave no reason") + "; check the store, the disk and the JDK."
