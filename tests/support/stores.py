"""Java stores for tests, made and read by the real keytool."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from .certificates import Pair, self_signed

PASSWORD = "Geheim-1 %"
BASE = self_signed("base")

_FAST = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Xshare:auto")
_LISTED = re.compile(
    r"^(.*), \w{3} \d+, \d{4}, (\w+), *\nCertificate fingerprint \(SHA-256\): ([0-9A-F:]+)", re.MULTILINE
)
_WRAPPER = """#!/bin/sh
printf '%s\\n' "$*" >> '{log}'
case "$*" in *{on}*) {do} ;; esac
exec '{keytool}' "$@"
"""


def keytool(*arguments: str) -> str:
    """Run keytool and return what it said."""
    done = subprocess.run(
        ["keytool", *_FAST, "-J-Duser.language=en", *arguments],
        capture_output=True, encoding="utf-8", check=False, env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def trust(store: Path, password: str, alias: str, pair: Pair, kind: str = "PKCS12") -> None:
    """Import a certificate into a store, which is made where there is none."""
    pem = store.with_suffix(".pem")
    pem.write_text(pair.pem)
    keytool(
        "-importcert",
        "-noprompt",
        "-alias",
        alias,
        "-file",
        str(pem),
        "-keystore",
        str(store),
        "-storetype",
        kind,
        "-storepass",
        password,
    )
    pem.unlink()


def add_key(store: Path, password: str, alias: str, kind: str = "PKCS12") -> None:
    """Make a private key in a store, which is made where there is none."""
    arguments = (
        "-genkeypair",
        "-alias",
        alias,
        "-dname",
        "CN=localhost",
        "-keyalg",
        "EC",
        "-keystore",
        str(store),
        "-storetype",
        kind,
    )
    keytool(*arguments, "-storepass", password, "-keypass", password)


def invisible_to_java(pair: Pair, password: str) -> bytes:
    """A PKCS12 store with a certificate that lacks the attribute by which Java takes it for trusted, as
    openssl makes it by itself.
    """
    protection = serialization.BestAvailableEncryption(password.encode())
    return pkcs12.serialize_key_and_certificates(
        None, None, x509.load_der_x509_certificate(pair.der), None, protection
    )


@functools.cache
def template(kind: str) -> bytes:
    """A store with PASSWORD, the trusted certificate BASE under "base" and a private key under "server"."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        trust(store, PASSWORD, "base", BASE, kind)
        add_key(store, PASSWORD, "server", kind)
        return store.read_bytes()


def listed(store: Path, password: str) -> dict[str, tuple[str, str]]:
    """Alias -> kind of entry and fingerprint in lower-case hex."""
    found = _LISTED.findall(keytool("-list", "-keystore", str(store), "-storepass", password))
    return {alias: (kind, fingerprint.replace(":", "").lower()) for alias, kind, fingerprint in found}


class CountingJdk:
    """A JDK whose keytool is the real one and logs each of its command lines; ``on`` a command it does
    something else in the shell's words.
    """

    def __init__(self, folder: Path, on: str = "-nothing", do: str = "exit 1") -> None:
        self.java_home = str(folder)
        self._log = folder / "calls.log"
        program = folder / "bin" / "keytool"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_WRAPPER.format(log=self._log, keytool=shutil.which("keytool"), on=on, do=do))
        program.chmod(0o755)

    def calls(self) -> list[str]:
        """The command lines since the last question."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return lines


def commands(calls: list[str]) -> list[str]:
    """The keytool command of each line."""
    return [
        next(word for word in line.split() if word in ("-list", "-importkeystore", "-delete", "-importcert"))
        for line in calls
    ]


def content(folder: Path) -> Mapping[str, bytes]:
    """Every file of a folder by its name, hidden ones too."""
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
