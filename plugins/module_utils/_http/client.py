# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one HTTP client for every API:

TLS, proxies, repeating, errors of one sentence. No Ansible import.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import datetime as dt
import email.utils
import json
import re
import socket
import ssl
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from .._keystore.certificate import Certificate
from .._problem import Problem
from .sign_in import Anonymous, Authenticator

try:
    import requests
    from requests.adapters import HTTPAdapter

    REQUESTS_ERROR = None
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()
    HTTPAdapter = object  # type: ignore[assignment,misc]


# What may pass by itself; the request may have had its effect, but after 429.
_PASSING = (429, 502, 503, 504)
_FIRST_PAUSE, _LONGEST_PAUSE, _TRIES = 0.5, 8.0, 4
_ANONYMOUS = Anonymous()


class HttpError(Problem):
    """A request did not give what it should.

    ``status`` is the HTTP status and ``code`` the product's own error code, each None where there was none.
    ``unreachable`` tells that no connection was made at all, ``refused`` that the server refused one, which
    may pass, ``unsent`` that nothing was sent for another reason, like the server's certificate.
    ``retry_after`` is the number of seconds that the server asked to wait.
    """

    def __init__(
        self,
        doing: str,
        came_back: str = "",
        advice: str = "",
        *,
        status: int | None = None,
        code: int | None = None,
        description: str | None = None,
        unreachable: bool = False,
        refused: bool = False,
        unsent: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(doing, came_back, advice)
        self.status = status
        self.code = code
        self.description = description
        self.unreachable = unreachable
        self.refused = refused
        self.unsent = unsent
        self.retry_after = retry_after
        self.facts = {"failure": self._as_failure()}

    @property
    def passing(self) -> bool:
        """Whether the same request may succeed a little later."""
        return self.refused or self.status in _PASSING

    @property
    def uncertain(self) -> bool:
        """Whether the request may have had its effect nevertheless."""
        return (
            not self.unreachable
            and not self.unsent
            and (self.status is None or self.status < 400 or self.status >= 500)
        )

    def with_clause(self, clause: str) -> HttpError:
        """The same error, its sentence going on with a clause."""
        longer = copy.copy(self)
        longer.advice = f"{self.advice}; {clause}" if self.advice else clause
        longer.facts = {"failure": longer._as_failure()}
        return longer

    def _as_failure(self) -> dict[str, t.Any]:
        """The error as data."""
        return {
            "status": self.status,
            "code": self.code,
            "message": str(self),
            "description": self.description,
            "unreachable": self.unreachable,
        }


@dataclasses.dataclass(frozen=True)
class Tls:
    """How a server's certificate is verified: against ``ca_path`` or the system's CAs, by a pinned
    fingerprint, or not.

    ``client_cert`` and ``client_key`` are PEM files to show the server, the key in the first one where the
    second is None.
    """

    validate_certs: bool = True
    ca_path: str | None = None
    server_cert_sha256: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


@dataclasses.dataclass(frozen=True)
class Server:
    """A base URL with the way to reach it.

    ``timeout`` in seconds bounds connecting, each wait for data, and all the pauses between the tries of one
    request.
    """

    url: str
    tls: Tls = Tls()
    timeout: float = 30
    use_proxy: bool = True


class _PinAdapter(HTTPAdapter):
    """Accepts exactly the certificate with this fingerprint:

    Python refuses an expired one even as its own CA (measured).
    """

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        super().__init__()

    def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().init_poolmanager(*args, assert_fingerprint=self._fingerprint, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
        return super().proxy_manager_for(proxy, assert_fingerprint=self._fingerprint, **kwargs)


class _Header:
    """Puts a header into a request of ``requests``, which without this would look for a password in
    .netrc."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: t.Any) -> t.Any:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


def check_url(url: str, option: str) -> str:
    """The URL without its last slash, or Problem."""
    try:
        parts = urlsplit(url)
        valid = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
        valid = valid and not re.search(r"[\s\x00-\x1f\x7f]", url)
    except ValueError:
        valid = False
    if not valid and "@" in url:
        raise Problem(
            f"{option} is not a URL",
            advice=(
                "give one like https://localhost:9443, and a user name and password as options of their own"
            ),
        )
    if not valid:
        raise Problem(
            f"{option} is '{url}', which is not a URL", advice="give one like https://localhost:9443"
        )
    if parts.username or parts.password:
        raise Problem(f"{option} holds a user name or password", advice="give those as options of their own")
    if parts.query or parts.fragment:
        raise Problem(f"{option} is '{url}'", advice="give it without a query or fragment")
    return url.rstrip("/")


class HttpClient:
    """One session with one server."""

    def __init__(
        self,
        server: Server,
        authenticator: Authenticator = _ANONYMOUS,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self._authenticator = authenticator
        self._sleep = sleep
        self._session = requests.Session()
        self._session.trust_env = server.use_proxy
        tls = server.tls
        if tls.client_cert:
            self._session.cert = (tls.client_cert, tls.client_key) if tls.client_key else tls.client_cert
        self._verify: bool | str = tls.ca_path or True
        if tls.server_cert_sha256:
            self._session.mount("https://", _PinAdapter(tls.server_cert_sha256))
            self._verify = False
        elif not tls.validate_certs:
            self._verify = False
            requests.packages.urllib3.disable_warnings()  # type: ignore[attr-defined]

    def request(
        self,
        doing: str,
        method: str,
        path: str,
        expected: t.Container[int] = (200,),
        *,
        authenticator: Authenticator | None = None,
        repeat: bool | None = None,
        until_ready: bool = False,
        **options: t.Any,
    ) -> requests.Response:
        """The answer, if its status is an expected one. ``doing`` begins the error's sentence; ``path`` may
        be a whole URL.

        What may pass is repeated where that is safe: always if the server did nothing, else if ``repeat``
        says so, by default
        for a GET. ``until_ready`` is for what a server that has just started answers with 500: it is repeated
        for ``timeout``.
        """
        url = path if "://" in path else self.server.url + path
        authenticator = authenticator or self._authenticator
        repeat = method == "GET" if repeat is None else repeat
        deadline = time.monotonic() + self.server.timeout
        pause, tries = _FIRST_PAUSE, 1
        while True:
            try:
                answer = self._signed_in(doing, method, url, authenticator, options)
                if answer.status_code in expected:
                    return answer
                raise _status_error(doing, method, url, answer, authenticator.advice)
            except HttpError as exc:
                again = (
                    exc.refused
                    or exc.status == 429
                    or (repeat and exc.passing)
                    or (until_ready and (exc.passing or exc.status == 500))
                )
                pause = max(pause, exc.retry_after or 0)
                if not again or (tries >= _TRIES and not until_ready) or time.monotonic() + pause > deadline:
                    raise
            self._sleep(pause)
            pause, tries = min(2 * pause, _LONGEST_PAUSE), tries + 1

    def _signed_in(
        self, doing: str, method: str, url: str, authenticator: Authenticator, options: dict[str, t.Any]
    ) -> requests.Response:
        """The answer, to a second request with a new token where the first one's had run out."""
        answer = self._send(doing, method, url, authenticator.authorization(), options)
        if answer.status_code == 401 and authenticator.renew():
            return self._send(doing, method, url, authenticator.authorization(), options)
        return answer

    def _send(
        self, doing: str, method: str, url: str, authorization: str | None, options: dict[str, t.Any]
    ) -> requests.Response:
        sent = {
            "auth": _Header(authorization),
            "timeout": self.server.timeout,
            "verify": self._verify,
            "allow_redirects": False,
            **options,
        }
        try:
            return self._session.request(method, url, **sent)
        except requests.exceptions.SSLError as exc:
            came_back, advice = self._tls_reason(url, exc)
            raise HttpError(f"{doing} failed", came_back, advice, unsent=_is_of_certificate(exc)) from exc
        except requests.exceptions.ConnectTimeout as exc:
            raise HttpError(
                f"{doing} failed",
                f"{_origin(url)} did not answer within {self.server.timeout:g} s",
                "check the URL and the network",
                unreachable=True,
            ) from exc
        except requests.exceptions.ProxyError as exc:
            raise HttpError(
                f"{doing} failed",
                f"the proxy gave no connection to {_origin(url)} ({_root_reason(exc)})",
                "check the proxy, or switch use_proxy off",
                unreachable=True,
            ) from exc
        except requests.exceptions.Timeout as exc:
            raise HttpError(
                f"{doing} failed",
                f"{_origin(url)} sent nothing for {self.server.timeout:g} s",
                "look at its log, or raise timeout",
            ) from exc
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError) as exc:
            unreachable = _never_connected(exc)
            what = "no connection to" if unreachable else "no proper answer from"
            raise HttpError(
                f"{doing} failed",
                f"{what} {_origin(url)} ({_root_reason(exc)})",
                "check the URL and that the server runs",
                unreachable=unreachable,
                refused=unreachable and "NameResolutionError" not in repr(exc),
            ) from exc
        except (requests.exceptions.RequestException, OSError) as exc:
            unsent = not isinstance(
                exc, requests.exceptions.RequestException
            )  # a file of the TLS options that is none
            raise HttpError(
                f"{doing} failed",
                f"{method} {url} gave {type(exc).__name__}: {exc}",
                "check the URL and the TLS options",
                unsent=unsent,
            ) from exc

    def _tls_reason(self, url: str, exc: Exception) -> tuple[str, str]:
        text = str(exc)
        if not _is_of_certificate(exc):
            return (
                f"TLS with {_origin(url)} failed ({_root_reason(exc)})",
                "check that the URL is an HTTPS one of that server",
            )
        if "ingerprints did not match" in text:
            return (
                f"the certificate of {_origin(url)} is not the pinned one",
                "give its SHA-256 as server_cert_sha256",
            )
        expired = _expired_on(url, self.server.timeout)
        if expired or "has expired" in text:
            on = f" on {expired:%Y-%m-%d}" if expired else ""
            return (
                f"the certificate of {_origin(url)} has expired{on}",
                "give the server a new one, or pin this one with server_cert_sha256",
            )
        if "mismatch" in text:
            return (
                f"the certificate of {_origin(url)} is for another name ({_root_reason(exc)})",
                "use that name, or pin it with server_cert_sha256",
            )
        return (
            f"the certificate of {_origin(url)} is not trusted ({_root_reason(exc)})",
            "give its CA as ca_path, or its SHA-256 as server_cert_sha256",
        )

    def json(
        self, doing: str, method: str, path: str, expected: t.Container[int] = (200,), **options: t.Any
    ) -> dict[str, t.Any]:
        """The JSON object of the answer; none of the APIs answers with anything else."""
        answer = self.request(doing, method, path, expected, **options)
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            kind = answer.headers.get("Content-Type", "no content type")
            raise HttpError(
                f"{doing} failed",
                f"{method} {answer.url} answered with {kind} instead of a JSON object",
                "check the URL",
                status=answer.status_code,
            )
        return body


def _status_error(
    doing: str, method: str, url: str, answer: requests.Response, advice_on_401: str
) -> HttpError:
    code = description = None
    try:
        body = json.loads(answer.text)
        code = body.get("code")
        description = (
            body.get("description")
            or body.get("error_description")
            or body.get("message")
            or body.get("error")
        )
        details = (
            [str(item.get("message")) for item in body.get("error") or [] if isinstance(item, dict)]
            if isinstance(body.get("error"), list)
            else []
        )
        description = ": ".join([str(description), *details]) if details else description
    except (ValueError, AttributeError):
        pass
    said = f" ({description})" if description else ""
    advice = {
        401: advice_on_401,
        403: "check that the user has the rights",
        429: "wait, and run again",
        500: "look at the server's log",
        **dict.fromkeys((502, 503, 504), "check that the server behind it runs, and run again"),
        **({} if isinstance(code, int) else {404: "check the URL"}),
    }.get(answer.status_code, "correct what it names, or look at the server's log")
    return HttpError(
        f"{doing} failed",
        f"{method} {url} answered with HTTP status {answer.status_code}{said}",
        f"{advice}",
        status=answer.status_code,
        code=code if isinstance(code, int) else None,
        description=str(description) if description else None,
        retry_after=_retry_after(answer.headers.get("Retry-After")),
    )


def _retry_after(value: str | None) -> float | None:
    """Seconds or a date, RFC 9110, 10.2.3."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    with contextlib.suppress(TypeError, ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_of_certificate(exc: Exception) -> bool:
    return "ingerprints did not match" in str(exc) or "CERTIFICATE_VERIFY_FAILED" in str(exc)


def _expired_on(url: str, timeout: float) -> dt.datetime | None:
    """When the certificate that the server shows ran out, None where it did not or cannot be asked."""
    parts = urlsplit(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    address = (parts.hostname or "", parts.port or 443)
    try:
        with (
            socket.create_connection(address, timeout) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            not_after = Certificate(secured.getpeercert(binary_form=True) or b"").not_after
    except (OSError, ValueError, Problem):
        return None
    return not_after if not_after < dt.datetime.now(dt.timezone.utc) else None


def _root_reason(exc: BaseException) -> str:
    """The innermost cause, in the operating system's or OpenSSL's words."""
    reason: t.Any = exc
    for _depth in range(10):
        wrapped = [arg for arg in reason.args if isinstance(arg, BaseException)]
        inner = (
            getattr(reason, "reason", None)
            or reason.__cause__
            or reason.__context__
            or (wrapped[0] if wrapped else None)
        )
        if not isinstance(inner, BaseException):
            break
        reason = inner
    return " ".join(
        str(getattr(reason, "verify_message", None) or getattr(reason, "strerror", None) or reason).split()
    )


def _never_connected(exc: BaseException) -> bool:
    return any(
        name in repr(exc) for name in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")
    )
