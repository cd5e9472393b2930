# Copyright (c) 2026, carbonops contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Private to carbonops.wso2: one HTTP client for every API: TLS, proxies, repeating, limits, errors of one
sentence. No Ansible import.
"""

from __future__ import annotations

import dataclasses
import threading
import time
import traceback
import typing as t
from urllib.parse import urlsplit

from .._problem import option
from .errors import HttpError, advice_on, read_error_body, seconds_ahead, seconds_to_wait
from .faults import causes, in_words, name_unknown, never_connected
from .json_text import read_json
from .text import told
from .tls import PinAdapter, Tls, refuse_unfit, tls_error
from .url import is_loopback, is_plain_http, origin

try:
    import requests
    import urllib3

    REQUESTS_ERROR = None
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()

# Pauses before another try, in seconds, and how many tries there are.
_FIRST_PAUSE, _LONGEST_PAUSE, _TRIES = 0.5, 8.0, 4
# A request may take this many times the timeout from its beginning to the last byte of its answer.
TOTAL_TIMEOUTS = 4
# The largest answer that is read, in bytes, and how much of it at once: what is compressed can grow
# a thousandfold before it can be counted.
LARGEST_ANSWER = 8 * 1024 * 1024
_CHUNK = 8192


class Authenticator(t.Protocol):
    """One way to sign in.

    ``advice`` says what to check when the server answers 401; ``secrets`` are what no message may hold.
    """

    @property
    def advice(self) -> str:
        """The rest of a sentence."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is sent, or was got."""

    def authorization(self) -> str | None:
        """The value of the header Authorization, None for no such header. May raise HttpError."""

    def renew(self) -> bool:
        """Whether there can be a new value, now that the server has answered 401 to the last one."""


@dataclasses.dataclass(frozen=True)
class Anonymous:
    """Not signing in at all: the one way to ask another server than the client's own."""

    advice: str = "check that it may be asked without a password"
    secrets: tuple[str, ...] = ()

    def authorization(self) -> str | None:
        return None

    def renew(self) -> bool:
        return False


_ANONYMOUS = Anonymous()
_VERIFIED = Tls()


@dataclasses.dataclass(frozen=True)
class Server:
    """A base URL with the way to reach it.

    ``timeout`` in seconds bounds connecting, each wait for data, and all the pauses between the tries of one
    request. A try as a whole may take ``TOTAL_TIMEOUTS`` times as long.
    """

    url: str
    tls: Tls = _VERIFIED
    timeout: float = 30
    use_proxy: bool = True


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a server answered, read to its end. ``headers`` finds a name in upper and lower case."""

    url: str
    status: int
    headers: t.Mapping[str, str]
    body: bytes


class _TooLarge(Exception):
    """The answer, of the status that is the argument, has more bytes than are read."""


class _TookTooLong(Exception):
    """The answer was not there in the time that a whole request may take."""


@dataclasses.dataclass
class _Patience:
    """How long a request is tried again. Moments are those of ``time.monotonic``."""

    repeat: bool
    until_ready: bool
    deadline: float
    pause: float = _FIRST_PAUSE
    tries: int = 1

    def pause_after(self, exc: HttpError) -> float | None:
        """Seconds to wait before another try, None for no other."""
        pause = max(self.pause, exc.retry_after or 0)
        used_up = self.tries >= _TRIES and not self.until_ready
        if used_up or not self._is_worth_it(exc) or time.monotonic() + pause > self.deadline:
            return None
        self.tries += 1
        self.pause = min(2 * pause, _LONGEST_PAUSE)
        return pause

    def _is_worth_it(self, exc: HttpError) -> bool:
        """What may pass is safe to repeat if the server did nothing, else only where that was said."""
        did_nothing = exc.refused or exc.status == 429
        not_ready = self.until_ready and exc.status == 500
        return did_nothing or not_ready or (exc.passing and (self.repeat or self.until_ready))


class _Header:
    """Puts a header into a request of ``requests``, which else looks for a password in .netrc."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def __call__(self, request: t.Any) -> t.Any:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


class HttpClient:
    """One session with one server. Credentials are sent to that server's origin alone.

    ``clock_ahead`` is how many seconds that server's clock was ahead of this host's in its last answer, to
    one second; None as long as none has told.
    """

    clock_ahead: float | None = None

    def __init__(
        self,
        server: Server,
        authenticator: Authenticator = _ANONYMOUS,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self._authenticator = authenticator
        self._sleep = sleep
        self._hidden: tuple[str, ...] = ()
        self._session = requests.Session()
        self._session.trust_env = server.use_proxy
        self._session.cert = server.tls.shown
        self._session.headers["Accept-Encoding"] = "identity"
        if server.tls.server_cert_sha256:
            self._session.mount("https://", PinAdapter(server.tls.server_cert_sha256))
        elif not server.tls.validate_certs:
            urllib3.disable_warnings()

    def hide(self, secrets: t.Iterable[str]) -> None:
        """Mask these too wherever the server repeats them."""
        self._hidden += tuple(secrets)

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
        right: str = "",
        **options: t.Any,
    ) -> Answer:
        """The answer, if its status is an expected one. Raises HttpError.

        ``doing`` begins the error's sentence; ``path`` may be a whole URL. What may pass is repeated where
        that is safe: always if the server did nothing, else if ``repeat`` says so, by default for a GET.
        ``until_ready`` is for what a server that has just started answers with 500: that is repeated for
        ``timeout``. ``right`` is what the user must have, which the error names where the server refuses him.
        """
        url = path if "://" in path else self.server.url + path
        who = authenticator or self._authenticator
        self._refuse_unsafe(doing, url, who)
        patience = _Patience(
            repeat=method == "GET" if repeat is None else repeat,
            until_ready=until_ready,
            deadline=time.monotonic() + self.server.timeout,
        )
        while True:
            try:
                answer = self._signed_in(doing, method, url, who, options)
                self.clock_ahead = seconds_ahead(answer.headers.get("Date"))
                if answer.status in expected:
                    return answer
                raise self._status_error(doing, method, answer, who, right)
            except HttpError as exc:
                pause = patience.pause_after(exc)
                if pause is None:
                    raise
            self._sleep(pause)

    def json(
        self, doing: str, method: str, path: str, expected: t.Container[int] = (200,), **options: t.Any
    ) -> dict[str, t.Any]:
        """The JSON object of the answer; none of the APIs answers with anything else. Raises HttpError."""
        answer = self.request(doing, method, path, expected, **options)
        body = read_json(answer.body)
        if isinstance(body, dict):
            return body
        kind = told(answer.headers.get("Content-Type", "no content type"), longest=100)
        if "json" in kind:
            kind = f"{kind} that is none, or nested too deeply,"
        raise HttpError(
            f"{doing} failed",
            f"{method} {answer.url} answered with {kind} instead of a JSON object",
            "check the URL",
            status=answer.status,
        )

    def _refuse_unsafe(self, doing: str, url: str, who: Authenticator) -> None:
        """Refuse to send credentials where they do not belong. Raises HttpError."""
        if not origin(url):
            raise HttpError(f"{doing} failed", f"{told(url)} is not a URL", "correct it", unsent=True)
        refuse_unfit(doing, self.server.tls, url)
        if isinstance(who, Anonymous):
            return
        own, asked = origin(self.server.url), origin(url)
        if own != asked:
            raise HttpError(
                f"{doing} failed",
                f"the password or token is for {own}, and is not sent to {asked}",
                "give a URL of that server",
                unsent=True,
            )
        if is_plain_http(url) and not is_loopback(url):
            raise HttpError(
                f"{doing} failed",
                f"anybody on the way to {own} could read the password or token",
                "give an https URL",
                unsent=True,
            )

    def _signed_in(
        self, doing: str, method: str, url: str, who: Authenticator, options: dict[str, t.Any]
    ) -> Answer:
        """The answer, to a second request with a new token where the first one's had run out."""
        answer = self._send(doing, method, url, who.authorization(), options)
        if answer.status == 401 and who.renew():
            return self._send(doing, method, url, who.authorization(), options)
        return answer

    def _send(
        self, doing: str, method: str, url: str, authorization: str | None, options: dict[str, t.Any]
    ) -> Answer:
        """One try. A thread of its own carries it out, as nothing else ends a server that never does."""
        if authorization is not None and not (authorization.isascii() and authorization.isprintable()):
            raise HttpError(
                f"{doing} failed", "the password or token has no place in a header", "correct it", unsent=True
            )
        sent = {
            "auth": _Header(authorization),
            "timeout": self.server.timeout,
            "verify": self.server.tls.verify,
            "allow_redirects": False,
            "stream": True,
            "proxies": _no_proxy(url),
            **options,
        }
        try:
            return _in_time(lambda: self._exchange(method, url, sent), TOTAL_TIMEOUTS * self.server.timeout)
        except requests.exceptions.SSLError as exc:
            raise tls_error(doing, url, self.server.tls, exc, self.server.timeout) from exc
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as exc:
            raise self._connection_error(doing, method, url, exc) from exc
        except _TooLarge as exc:
            raise HttpError(
                f"{doing} failed",
                f"{method} {url} answered with more than {LARGEST_ANSWER // 1024 // 1024} MiB",
                "check the URL",
                status=exc.args[0],
            ) from exc
        except _TookTooLong as exc:
            total = TOTAL_TIMEOUTS * self.server.timeout
            raise HttpError(
                f"{doing} failed",
                f"{origin(url)} had not answered to the end after {total:g} s",
                f"look at its log, or raise {option('timeout')}",
            ) from exc

    def _exchange(self, method: str, url: str, sent: dict[str, t.Any]) -> Answer:
        """Send a request and read its answer, of no more than the largest size."""
        with self._session.request(method, url, **sent) as answer:
            body = bytearray()
            for chunk in answer.iter_content(_CHUNK):
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise _TooLarge(answer.status_code)
            return Answer(answer.url or url, answer.status_code, answer.headers, bytes(body))

    def _connection_error(self, doing: str, method: str, url: str, exc: Exception) -> HttpError:
        """The error of a request that got no answer, or a part of one."""
        at, seconds = origin(url), f"{self.server.timeout:g} s"
        failed = f"{doing} failed"
        if isinstance(exc, requests.exceptions.ConnectTimeout):
            return HttpError(
                failed,
                f"{at} did not answer within {seconds}",
                "check the URL and the network",
                unreachable=True,
            )
        if isinstance(exc, requests.exceptions.ProxyError):
            return HttpError(
                failed,
                f"the proxy gave no connection to {at} ({in_words(exc)})",
                "check the proxy and its user, or switch use_proxy off",
                unreachable=True,
            )
        if _is_of_waiting(exc):
            return HttpError(
                failed, f"{at} sent nothing for {seconds}", f"look at its log, or raise {option('timeout')}"
            )
        if never_connected(exc):
            return HttpError(
                failed,
                f"no connection to {at} ({in_words(exc)})",
                "check the URL and that the server runs",
                unreachable=True,
                refused=not name_unknown(exc),
            )
        if _is_of_a_broken_connection(exc):
            return HttpError(
                failed,
                f"no proper answer from {at} ({in_words(exc)})",
                "check the URL and that the server runs",
            )
        # Only the type: the text of one for a header holds the header.
        return HttpError(
            failed, f"{method} {url} gave {type(exc).__name__}", "check the URL and the TLS options"
        )

    def _status_error(
        self, doing: str, method: str, answer: Answer, who: Authenticator, right: str
    ) -> HttpError:
        """The error of an answer with another status than was expected."""
        said = read_error_body(read_json(answer.body), (*self._hidden, *who.secrets))
        in_brackets = f" ({said.description})" if said.description else ""
        advice = advice_on(answer.status, said.code is not None, who.advice)
        return HttpError(
            f"{doing} failed",
            f"{method} {answer.url} answered with HTTP status {answer.status}{in_brackets}",
            f"{advice}, {right}" if right and answer.status in (401, 403) else advice,
            status=answer.status,
            code=said.code,
            description=said.description,
            retry_after=seconds_to_wait(answer.headers.get("Retry-After")),
        )


def _in_time(exchange: t.Callable[[], Answer], seconds: float) -> Answer:
    """What it gives, or raises. Raises _TookTooLong where that is not there in time."""
    ends: list[Answer | BaseException] = []

    def run() -> None:
        try:
            ends.append(exchange())
        except BaseException as exc:
            ends.append(exc)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not ends:
        raise _TookTooLong
    if isinstance(ends[0], BaseException):
        raise ends[0]
    return ends[0]


def _no_proxy(url: str) -> dict[str, str]:
    """Keeps what is sent in clear to this host from a proxy elsewhere."""
    return {"no_proxy": urlsplit(url).hostname or ""} if is_plain_http(url) and is_loopback(url) else {}


def _is_of_waiting(exc: Exception) -> bool:
    """Whether a connection that was made then stood still."""
    if isinstance(exc, requests.exceptions.Timeout):
        return True
    return any(isinstance(cause, urllib3.exceptions.ReadTimeoutError) for cause in causes(exc))


def _is_of_a_broken_connection(exc: Exception) -> bool:
    kinds = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)
    return isinstance(exc, (*kinds, urllib3.exceptions.ProtocolError))
