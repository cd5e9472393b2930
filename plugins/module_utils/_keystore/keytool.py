# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: the content of Java stores, read and changed by the JDK's own keytool.

keytool works by path and knows nothing of others who may write there, so each call is given a copy of its own
in a private folder. No Ansible import.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path

from .._files.private_folder import PrivateFolder, private_folder
from .._files.read import read_regular
from .._problem import Problem, option
from .certificate import Certificate, read_certificates
from .fitness import is_address
from .jdk import find_java_tool
from .jks import trusted_jks
from .store import SIZE_LIMIT, read_store, store_type

# keytool crashes in some locales (JDK 24, 25), and only fixed words can be read; the JVM flags save 0.08 of
# 0.36 s (measured).
_JVM = (
    "-J-Duser.language=en",
    "-J-Duser.timezone=UTC",
    "-J-XX:TieredStopAtLevel=1",
    "-J-XX:+UseSerialGC",
    "-J-Xshare:auto",
)
_ENTRY_BEGINS = re.compile(r"^Alias name: ", re.MULTILINE)
_ENTRY = re.compile(r"(.*?)\nCreation date: [^\n]*\nEntry type: (\w+)\n", re.DOTALL)
_COUNT = re.compile(r"Your keystore contains (\d+) entr")
_KINDS = {
    "trustedCertEntry": "trusted_certificate",
    "PrivateKeyEntry": "private_key",
    "SecretKeyEntry": "secret_key",
}
_TIMEOUT = 120
# Names in the private folder.
_STORE, _IMPORT = "store", "import"
_NEW_STORE_TYPE = "PKCS12"  # what keytool makes by itself
# How keytool says that a file is no store any more.
_DAMAGED = ("invalid keystore format", "eofexception", "derinputstream")
# Bytes: without an entry it has 103 (keytool of JDK 11, 17, 21 and 25), with one small certificate 504.
_EMPTY_PKCS12 = 320
_SHOWN_REASON = 300  # characters


@dataclasses.dataclass(frozen=True)
class StoreEntry:
    """One entry: ``kind`` is trusted_certificate, private_key or secret_key; the last has no certificate."""

    alias: str
    kind: str
    certificate: Certificate | None


def entries_of(entries: t.Iterable[StoreEntry], alias: str) -> list[StoreEntry]:
    """Those of this alias, whose case does not count."""
    return [entry for entry in entries if entry.alias.lower() == alias.lower()]


class Keytool:
    """The keytool of one JDK; ``calls`` counts the JVMs started."""

    def __init__(self, java_home: str | None) -> None:
        self.calls = 0
        self._program = find_java_tool("keytool", java_home)

    def entries(self, path: Path, password: str, may_be_missing: bool = False) -> list[StoreEntry]:
        """What the store holds, in its own order, by one JVM; nothing, by none, where it may be missing.

        Raises Problem.
        """
        content = read_store(path, password, may_be_missing)
        return [] if content is None else self.listed(path, content, password)

    def listed(self, path: Path, content: bytes, password: str) -> list[StoreEntry]:
        """The entries of this content of the store at ``path``, by one JVM. Raises Problem."""
        try:
            with _copy_of(content) as folder:
                arguments = ["-list", "-rfc", "-keystore", folder.file(_STORE), "-storepass:env", "STOREPASS"]
                output = self._run(folder, arguments, {"STOREPASS": password})
        except Problem as exc:
            raise exc.during(f"Reading the store {path} failed") from exc
        found = [_entry(path, part) for part in _ENTRY_BEGINS.split(output)[1:]]
        said = _COUNT.search(output)
        if said is None or int(said.group(1)) != len(found):
            raise _not_understood(path)
        if not found and store_type(content) == "PKCS12" and len(content) > _EMPTY_PKCS12:
            # keytool would drop them the next time it writes (measured).
            raise Problem(
                f"The store {path} holds something that no Java server sees, as a store of openssl's does",
                advice="import its certificates into a new one with keytool",
            )
        return found

    def changed(
        self,
        content: bytes | None,
        password: str,
        trusted: t.Mapping[str, Certificate],
        removed: t.Sequence[str] = (),
    ) -> bytes:
        """The content of a store, None for one to make, with certificates trusted and aliases taken out.

        What the aliases of the trusted ones held is replaced. One JVM for all that are trusted, and one for
        each alias removed. Raises Problem.
        """
        with _copy_of(content) as folder:
            if trusted:
                kind = _NEW_STORE_TYPE if content is None else store_type(content)
                self._trust(folder, str(kind), password, trusted)
            for alias in removed:
                arguments = ["-delete", "-alias", alias, "-keystore", folder.file(_STORE)]
                self._run(folder, [*arguments, "-storepass:env", "STOREPASS"], {"STOREPASS": password})
            return read_regular(folder.file(_STORE), SIZE_LIMIT, follow=False)

    def with_new_pair(self, content: bytes, password: str, alias: str, names: t.Sequence[str]) -> bytes:
        """The content of a store with a new key pair, for these names, in place of this alias's.

        The certificate is self-signed, can sign no others, and is valid for ten years. The key has the
        store's password, as it has in the products' own stores. Raises Problem.
        """
        kind = str(store_type(content))
        san = ",".join(f"{'ip' if is_address(name) else 'dns'}:{name}" for name in names)
        with _copy_of(content) as folder:
            store = ["-alias", alias, "-keystore", folder.file(_STORE), "-storepass:env", "STOREPASS"]
            self._run(folder, ["-delete", *store], {"STOREPASS": password})
            made = ["-keyalg", "RSA", "-keysize", "2048", "-sigalg", "SHA256withRSA", "-validity", "3650"]
            said = ["-dname", f"CN={names[0]}", "-ext", f"san={san}", "-ext", "bc=ca:false"]
            key = ["-storetype", kind, "-keypass:env", "STOREPASS"]
            self._run(folder, ["-genkeypair", *made, *said, *store, *key], {"STOREPASS": password})
            return read_regular(folder.file(_STORE), SIZE_LIMIT, follow=False)

    def _trust(
        self, folder: PrivateFolder, kind: str, password: str, certificates: t.Mapping[str, Certificate]
    ) -> None:
        import_password = secrets.token_urlsafe()
        folder.write(_IMPORT, trusted_jks(certificates, import_password, int(time.time() * 1000)))
        source = [
            "-srckeystore",
            folder.file(_IMPORT),
            "-srcstoretype",
            "JKS",
            "-srcstorepass:env",
            "IMPORTPASS",
        ]
        target = [
            "-destkeystore",
            folder.file(_STORE),
            "-deststoretype",
            kind,
            "-deststorepass:env",
            "STOREPASS",
        ]
        passwords = {"STOREPASS": password, "IMPORTPASS": import_password}
        self._run(folder, ["-importkeystore", "-noprompt", *source, *target], passwords)

    def _run(self, folder: PrivateFolder, arguments: list[str], passwords: dict[str, str]) -> str:
        self.calls += 1
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS")
        }
        environment.update(passwords, LC_ALL="C.UTF-8")
        try:
            # run_command has no time limit.
            done = subprocess.run(  # pylint: disable=ansible-bad-function
                [self._program, *_JVM, *arguments],
                env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                encoding="utf-8", errors="replace", check=False, timeout=_TIMEOUT, pass_fds=(folder.lock,),
            )  # fmt: skip
        except subprocess.TimeoutExpired as exc:
            raise Problem(
                f"keytool did not end within {_TIMEOUT} s", advice="look at the host's load"
            ) from exc
        except OSError as exc:
            raise Problem(
                f"{self._program} cannot be run ({exc.strerror})",
                advice=f"set {option('java_home')} to a JDK on this host",
            ) from exc
        if done.returncode < 0:
            raise Problem(
                f"keytool was ended by signal {-done.returncode}", advice="look at the host's memory and logs"
            )
        if done.returncode:
            raise _reason((done.stdout + done.stderr).replace(folder.file(""), ""))
        return done.stdout.replace("\r\n", "\n")


@contextlib.contextmanager
def _copy_of(content: bytes | None) -> t.Iterator[PrivateFolder]:
    """A private folder with this store in it, or with none. Raises Problem."""
    try:
        with private_folder() as folder:
            if content is not None:
                folder.write(_STORE, content)
            yield folder
    except OSError as exc:
        raise Problem(
            f"Keytool's copy of the store in {tempfile.gettempdir()} cannot be used",
            str(exc.strerror or exc),
            "check that folder and its disk",
        ) from exc


def _entry(path: Path, listed: str) -> StoreEntry:
    head = _ENTRY.match(listed)
    if head is None:
        raise _not_understood(path)
    alias, kind = head.groups()
    body = listed[head.end() :]
    try:
        certificate = read_certificates(body.encode())[0] if "BEGIN CERTIFICATE" in body else None
    except Problem as exc:
        reason = Problem(
            f"the certificate of alias '{alias}' cannot be used", exc.clause, "restore the store"
        )
        raise reason.during(f"Reading the store {path} failed") from exc
    return StoreEntry(alias, _KINDS.get(kind, kind), certificate)


def _not_understood(path: Path) -> Problem:
    return Problem(
        f"Reading the store {path} failed",
        "keytool's list could not be understood",
        "report it with keytool's version",
    )


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
        told[0][:_SHOWN_REASON] if told else "keytool gave no reason",
        advice="check the store, the disk and the JDK",
    )
