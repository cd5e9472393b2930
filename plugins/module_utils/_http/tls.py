# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: how a server's certificate is verified, and what is said where it does not
pass. No Ansible import.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import socket
import ssl
import typing as t

from .._keystore.certificate import Certificate
from .._problem import Problem, option
from .errors import HttpError
from .faults import causes, in_words, of_tls, verification_error
from .url import host_and_port, is_plain_http, origin

try:
    from requests.adapters import HTTPAdapter
    from urllib3.connection import CertificateError  # type: ignore[attr-defined]
except ImportError:  # requests is missing, and the client says so
    HTTPAdapter = object  # type: ignore[assignment,misc]

# OpenSSL's verify codes, in its x509_vfy.h.
_EXPIRED = 10
_OTHER_NAME = (62, 64)  # of a host and of an address


@dataclasses.dataclass(frozen=True)
class Tls:
    """How a server's certificate is verified: against ``ca_path`` or the system's CAs, by a pinned
    fingerprint, or not.

    ``client_cert`` and ``client_key`` are PEM files to show the server, the key in the first one where the
    second is None. ``prefix`` is what the names of the options begin with.
    """

    validate_certs: bool = True
    ca_path: str | None = None
    server_cert_sha256: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    prefix: str = ""

    def option(self, name: str) -> str:
        """An option's name for a problem's text."""
        return option(self.prefix + name)

    @property
    def verify(self) -> bool | str:
        """What ``requests`` verifies with; a pin is verified by PinAdapter."""
        if self.server_cert_sha256 or not self.validate_certs:
            return False
        return self.ca_path or True

    @property
    def shown(self) -> str | tuple[str, str] | None:
        """What ``requests`` shows a server that asks for a certificate."""
        if self.client_cert and self.client_key:
            return self.client_cert, self.client_key
        return self.client_cert

    @property
    def asked_for(self) -> list[str]:
        """The options that only TLS can fulfil, by their names."""
        options = ("ca_path", "server_cert_sha256", "client_cert", "client_key")
        return [self.option(name) for name in options if getattr(self, name)]


class PinAdapter(HTTPAdapter):
    """Accepts exactly the certificate with this fingerprint.

    Python refuses an expired certificate even as its own CA (measured), so this is the way to take one.
    """

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, assert_fingerprint=self._fingerprint, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        return super().proxy_manager_for(proxy, assert_fingerprint=self._fingerprint, **kwargs)


def refuse_unfit(doing: str, tls: Tls, url: str) -> None:
    """Refuse TLS options that cannot be fulfilled, before anything is sent. Raises HttpError."""
    if tls.asked_for and is_plain_http(url):
        raise HttpError(
            f"{doing} failed",
            f"{origin(url)} shows no certificate, so {' and '.join(tls.asked_for)} cannot be used",
            "give an https URL, or leave that out",
            unsent=True,
        )
    for name in ("ca_path", "client_cert", "client_key"):
        path = getattr(tls, name)
        fault = _fault_of_file(path, is_folder_fit=name == "ca_path") if path else None
        if fault:
            raise HttpError(
                f"{doing} failed",
                f"the file of {tls.option(name)} {fault}: {path}",
                f"correct {tls.option(name)}",
                unsent=True,
            )


def _fault_of_file(path: str, is_folder_fit: bool) -> str | None:
    """What is wrong with a PEM file, None where it may do. OpenSSL would ask for a passphrase."""
    try:
        with open(path, "rb") as file:
            return "has a passphrase" if b"ENCRYPTED" in file.read() else None
    except IsADirectoryError:
        return None if is_folder_fit else "is a folder"
    except OSError as exc:
        return f"cannot be read ({exc.strerror})"


def tls_error(doing: str, url: str, tls: Tls, exc: Exception, timeout: float) -> HttpError:
    """The error of a connection on which TLS failed; nothing was sent where it was the certificate."""
    came_back, advice = _certificate_fault(url, tls, exc, timeout) or (
        f"TLS with {origin(url)} failed ({in_words(exc)})",
        "check that the URL is an HTTPS one of that server",
    )
    return HttpError(f"{doing} failed", came_back, advice, unsent=is_of_certificate(exc, tls))


def is_of_certificate(exc: BaseException, tls: Tls) -> bool:
    """Whether the server's certificate did not pass."""
    return bool(verification_error(exc)) or _is_of_other_name(exc) or _is_of_pin(exc, tls)


def _certificate_fault(url: str, tls: Tls, exc: Exception, timeout: float) -> tuple[str, str] | None:
    """What is wrong with the certificate, and what to do; None where it is something else."""
    if not is_of_certificate(exc, tls):
        return None
    certificate = f"the certificate of {origin(url)}"
    if _is_of_pin(exc, tls):
        return (
            f"{certificate} is not the pinned one",
            f"give its SHA-256 as {tls.option('server_cert_sha256')}",
        )
    error = verification_error(exc)
    expired = _expired_on(url, timeout)
    if expired or (error and error.verify_code == _EXPIRED):
        on = f" on {expired:%Y-%m-%d}" if expired else ""
        return (
            f"{certificate} has expired{on}",
            f"give the server a new one, or pin this one with {tls.option('server_cert_sha256')}",
        )
    if _is_of_other_name(exc):
        return (
            f"{certificate} is for another name ({in_words(exc)})",
            f"use that name, or pin it with {tls.option('server_cert_sha256')}",
        )
    return (
        f"{certificate} is not trusted ({in_words(exc)})",
        f"give its CA as {tls.option('ca_path')}, or its SHA-256 as {tls.option('server_cert_sha256')}",
    )


def _is_of_pin(exc: BaseException, tls: Tls) -> bool:
    """urllib3 itself compares the fingerprint, so OpenSSL has nothing to say of it."""
    return bool(tls.server_cert_sha256) and not of_tls(exc)


def _is_of_other_name(exc: BaseException) -> bool:
    """OpenSSL compares the name, but under urllib3 1.26 that does it, as does 2 for the common name."""
    error = verification_error(exc)
    if error:
        return error.verify_code in _OTHER_NAME
    return any(isinstance(cause, CertificateError) for cause in causes(exc))


def _expired_on(url: str, timeout: float) -> dt.datetime | None:
    """When the certificate that the server shows ran out, None where it did not or cannot be asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = host_and_port(url)
    try:
        plain = socket.create_connection(address, timeout)
        with context.wrap_socket(plain, server_hostname=address[0]) as secured:
            shown = secured.getpeercert(binary_form=True) or b""
        not_after = Certificate(shown).not_after
    except (OSError, Problem):
        return None
    return not_after if not_after < dt.datetime.now(dt.timezone.utc) else None
