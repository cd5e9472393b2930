# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one HTTP client for every API: TLS, sign-in, and errors of one sentence. No Ansible import."""

from __future__ import annotations

import dataclasses
import json
import re
import traceback
import typing as t
from urllib.parse import urlsplit

try:
    import requests
    from requests.adapters import HTTPAdapter

    REQUESTS_ERROR = None
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()
    HTTPAdapter = object  # type: ignore[assignment,misc]


class HttpError(Exception):
    """A request did not give what it should; the text is one sentence.

    ``status`` is the HTTP status and ``code`` the product's own error code, each None where there was none.
    ``unreachable`` tells that no connection was made at all.
    """

    def __init__(self, message: str, status: int | None = None, code: int | None = None, description: str | None = None, unreachable: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.description = description
        self.unreachable = unreachable

    def as_failure(self) -> dict[str, t.Any]:
        """The error as data."""
        return {"status": self.status, "code": self.code, "message": str(self), "description": self.description, "unreachable": self.unreachable}


@dataclasses.dataclass(frozen=True)
class Tls:
    """How a server's certificate is verified: against ``ca_path`` or the system's CAs, by a pinned fingerprint, or not."""

    validate_certs: bool = True
    ca_path: str | None = None
    server_cert_sha256: str | None = None


@dataclasses.dataclass(frozen=True)
class Server:
    """A base URL with the way to reach it; ``timeout`` in seconds bounds connecting and each wait for data."""

    url: str
    username: str
    password: str = dataclasses.field(repr=False)
    tls: Tls = Tls()
    timeout: float = 30


class _PinAdapter(HTTPAdapter):
    """Accepts exactly the certificate with this fingerprint: Python refuses an expired one even as its own CA (measured)."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, assert_fingerprint=self._fingerprint, **kwargs)


def check_url(url: str, option: str) -> str:
    """The URL without its last slash, or ValueError with one sentence."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        valid = valid and not re.search(r"[\s\x00-\x1f\x7f]", url)
    except ValueError:
        valid = False
    if not valid and "@" in url:
        raise ValueError(f"{option} is not a URL; give one like https://localhost:9443, and a user name and password as options of their own.")
    if not valid:
        raise ValueError(f"{option} is '{url}', which is not a URL; give one like https://localhost:9443.")
    if parts.username or parts.password:
        raise ValueError(f"{option} holds a user name or password; give those as options of their own.")
    if parts.query or parts.fragment:
        raise ValueError(f"{option} is '{url}'; give it without a query or fragment.")
    return url.rstrip("/")


class HttpClient:
    """One session with one server. ``requests_made`` counts."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.requests_made = 0
        self._session = requests.Session()
        self._verify: bool | str = server.tls.ca_path or True
        if server.tls.server_cert_sha256:
            self._session.mount("https://", _PinAdapter(server.tls.server_cert_sha256))
            self._verify = False
        elif not server.tls.validate_certs:
            self._verify = False
            requests.packages.urllib3.disable_warnings()  # type: ignore[attr-defined]

    def request(self, doing: str, method: str, path: str, expected: t.Container[int] = (200,), **options: t.Any) -> requests.Response:
        """The answer, if its status is an expected one. ``doing`` begins the error's sentence; ``path`` may be a whole URL."""
        url = path if "://" in path else self.server.url + path
        options.setdefault("auth", (self.server.username.encode(), self.server.password.encode()))
        self.requests_made += 1
        try:
            answer = self._session.request(method, url, timeout=self.server.timeout, verify=self._verify, allow_redirects=False, **options)
        except requests.exceptions.SSLError as exc:
            raise HttpError(f"{doing} failed: {_tls_reason(url, exc)}") from exc
        except requests.exceptions.ConnectTimeout as exc:
            message = f"{doing} failed: {_origin(url)} did not answer within {self.server.timeout:g} s; check the URL and the network."
            raise HttpError(message, unreachable=True) from exc
        except requests.exceptions.Timeout as exc:
            raise HttpError(f"{doing} failed: {_origin(url)} sent nothing for {self.server.timeout:g} s; look at its log, or raise timeout.") from exc
        except requests.exceptions.ConnectionError as exc:
            unreachable = _never_connected(exc)
            what = "no connection to" if unreachable else "no proper answer from"
            message = f"{doing} failed: {what} {_origin(url)} ({_root_reason(exc)}); check the URL and that the server runs."
            raise HttpError(message, unreachable=unreachable) from exc
        except (requests.exceptions.RequestException, OSError) as exc:
            raise HttpError(f"{doing} failed: {method} {url} gave {type(exc).__name__}: {exc}; check the URL and the TLS options.") from exc
        if answer.status_code not in expected:
            raise _status_error(doing, method, url, answer)
        return answer

    def json(self, doing: str, method: str, path: str, expected: t.Container[int] = (200,), **options: t.Any) -> dict[str, t.Any]:
        """The JSON object of the answer; none of the APIs answers with anything else."""
        answer = self.request(doing, method, path, expected, **options)
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            kind = answer.headers.get("Content-Type", "no content type")
            raise HttpError(f"{doing} failed: {method} {answer.url} answered with {kind} instead of a JSON object; check the URL.", answer.status_code)
        return body


def _status_error(doing: str, method: str, url: str, answer: requests.Response) -> HttpError:
    code = description = None
    try:
        body = json.loads(answer.text)
        code = body.get("code")
        description = body.get("description") or body.get("error_description") or body.get("message") or body.get("error")
        details = [str(item.get("message")) for item in body.get("error") or [] if isinstance(item, dict)] if isinstance(body.get("error"), list) else []
        description = ": ".join([str(description), *details]) if details else description
    except (ValueError, AttributeError):
        pass
    said = f" ({description})" if description else ""
    advice = {
        401: "check the user name and password, and that the user has the rights",
        403: "check that the user has the rights",
        404: "check the URL",
        500: "look at the server's log",
    }.get(answer.status_code, "correct what it names, or look at the server's log")
    return HttpError(
        f"{doing} failed: {method} {url} answered with HTTP status {answer.status_code}{said}; {advice}.",
        answer.status_code,
        code if isinstance(code, int) else None,
        str(description) if description else None,
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _tls_reason(url: str, exc: Exception) -> str:
    text = str(exc)
    if "ingerprints did not match" in text:
        return f"the certificate of {_origin(url)} is not the pinned one; give its SHA-256 as server_cert_sha256."
    if "has expired" in text:
        return f"the certificate of {_origin(url)} has expired; renew it, or pin it with server_cert_sha256."
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"the certificate of {_origin(url)} is not trusted ({_root_reason(exc)}); give its CA as ca_path, or its SHA-256 as server_cert_sha256."
    return f"TLS with {_origin(url)} failed ({_root_reason(exc)}); check that the URL is an HTTPS one of that server."


def _root_reason(exc: BaseException) -> str:
    """The innermost cause, in the operating system's or OpenSSL's words."""
    reason: t.Any = exc
    for _depth in range(10):
        wrapped = [arg for arg in reason.args if isinstance(arg, BaseException)]
        inner = getattr(reason, "reason", None) or reason.__cause__ or reason.__context__ or (wrapped[0] if wrapped else None)
        if not isinstance(inner, BaseException):
            break
        reason = inner
    return " ".join(str(getattr(reason, "verify_message", None) or getattr(reason, "strerror", None) or reason).split())


def _never_connected(exc: BaseException) -> bool:
    return any(name in repr(exc) for name in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"))
