"""The HTTP client on real servers: every answer and every failure ends as a value or in one sentence."""

from __future__ import annotations

import email.utils
import hashlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.connection import tls_of
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import HttpClient, Server
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.faults import in_words, name_unknown
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic
from ansible_collections.carbonops.wso2.plugins.module_utils._http.tls import CertificateError, Tls, tls_error
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import check_url, server_url
from ansible_collections.carbonops.wso2.plugins.module_utils._keystore.certificate import Certificate
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.certificates import Pair, self_signed
from support.web import Says, Seen, free_port, serving, tunnel

PASSWORD = "Geheim-1 ü%:"
GOOD, EXPIRED, OTHER = self_signed(), self_signed(days=(-20, -10)), self_signed()
VERIFIED = Tls()
RAN_OUT = f"{Certificate(EXPIRED.der).not_after:%Y-%m-%d}"
HTML = {"Content-Type": "text/html"}


def client(url: str, tls: Tls = VERIFIED, timeout: float = 5) -> HttpClient:
    return HttpClient(Server(url, tls, timeout), Basic("admin", PASSWORD), sleep=lambda seconds: None)


def failure(url: str, tls: Tls = VERIFIED, timeout: float = 5, **options: Any) -> HttpError:
    """The error of a request, which is one sentence without the password."""
    with pytest.raises(HttpError) as caught:
        client(url, tls, timeout).json("Reading the settings", "GET", "/settings", **options)
    text = str(caught.value)
    assert re.fullmatch(r"Reading the settings failed: .*[^.]\.", text), text
    for secret in (PASSWORD, "Geheim"):
        assert secret not in text + repr(caught.value) + str(caught.value.facts["failure"])
    assert caught.value.facts["failure"]["message"] == text
    return caught.value


def pin(pair: Pair) -> str:
    return hashlib.sha256(pair.der).hexdigest()


def test_a_request_is_signed_in_and_its_json_comes_back() -> None:
    with serving(lambda seen: Says(body={"path": seen.path, "sent": seen.body.decode()})) as web:
        asked = client(web.url)
        assert asked.json("Asking", "POST", "/a", json={"b": 1}) == {"path": "/a", "sent": '{"b": 1}'}
        assert asked.json("Asking", "GET", f"{web.url}/whole") == {"path": "/whole", "sent": ""}
    assert web.seen[0].headers["Authorization"] == "Basic YWRtaW46R2VoZWltLTEgw7wlOg=="
    assert len(web.seen) == 2
    assert PASSWORD not in repr(Basic("admin", PASSWORD))


# Answer -> status, code, what the sentence says.
STATUSES: dict[str, tuple[Says, int | None, str]] = {
    "the product's description": (
        Says(
            400,
            {
                "code": 901401,
                "message": "Required Key Manager configuration missing",
                "description": "One is missing",
                "moreInfo": "",
                "error": [],
            },
        ),
        901401,
        "GET {url}/settings answered with HTTP status 400 (One is missing); correct what it names, or look at the server's log.",
    ),
    "its details": (
        Says(400, {"code": 900, "description": "Bad", "error": [{"code": "x", "message": "name: too long"}]}),
        900,
        "HTTP status 400 (Bad: name: too long);",
    ),
    "its message alone": (
        Says(409, {"code": 901402, "message": "Conflict"}),
        901402,
        "HTTP status 409 (Conflict);",
    ),
    "an OAuth error": (
        Says(400, {"error": "invalid_client", "error_description": "No such client"}),
        None,
        "HTTP status 400 (No such client);",
    ),
    "a short OAuth error": (
        Says(400, {"error": "invalid_client"}),
        None,
        "HTTP status 400 (invalid_client);",
    ),
    "an empty answer": (Says(415, ""), None, "answered with HTTP status 415; correct what it names"),
    "a page": (Says(400, "<html>Bad request</html>", HTML), None, "answered with HTTP status 400; correct"),
    "a list": (Says(400, [1]), None, "answered with HTTP status 400; correct"),
    "a code that is text": (
        Says(404, {"code": "AR-404", "description": "None"}),
        None,
        "HTTP status 404 (None); check the URL.",
    ),
    "401": (
        Says(401, {"code": 900, "description": "No"}),
        900,
        "(No); check the user name and password, and that the user has the rights.",
    ),
    "403": (Says(403), None, "HTTP status 403; check that the user has the rights."),
    "500": (Says(500), None, "HTTP status 500; look at the server's log."),
    "a redirect": (Says(302, "", {"Location": "/elsewhere"}), None, "answered with HTTP status 302;"),
    "a page instead of JSON": (
        Says(200, "<html></html>", HTML),
        None,
        "GET {url}/settings answered with text/html instead of a JSON object; check the URL.",
    ),
    "no content type": (
        Says(200, "", {}),
        None,
        "answered with no content type instead of a JSON object; check the URL.",
    ),
}


@pytest.mark.parametrize("name", STATUSES)
def test_an_answer_that_is_not_the_expected_one_is_told_with_the_products_own_words(name: str) -> None:
    says, code, sentence = STATUSES[name]
    with serving(says) as web:
        error = failure(web.url)
    assert sentence.format(url=web.url) in str(error)
    assert (error.status, error.code, error.unreachable) == (says.status, code, False)
    assert [seen.path for seen in web.seen] == ["/settings"], "a redirect was followed"


def test_another_status_may_be_the_expected_one() -> None:
    with serving(Says(404, {"gone": True})) as web:
        assert client(web.url).request("Deleting", "DELETE", "/x", (200, 404)).status == 404


@pytest.mark.parametrize("at", ["http://127.0.0.1", "http://localhost", "https://no-such-host.invalid"])
def test_a_server_that_is_not_there_is_unreachable(at: str) -> None:
    error = failure(f"{at}:{free_port()}")
    assert error.unreachable
    assert error.status is None
    assert re.search(
        rf"no connection to {at}:\d+ \(.+\); check the URL and that the server runs\.", str(error)
    )


class Raw:
    """A server that does with a connection what it is told."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._behave = behave
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self._server, self._server.accept()[0] as connection:
            connection.recv(65536)
            self._behave(connection)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
CUT: dict[str, Callable[[socket.socket], None]] = {
    "closed without an answer": lambda connection: connection.shutdown(socket.SHUT_RDWR),
    "reset": lambda connection: connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
    ),
    "closed in the middle": lambda connection: connection.sendall(HEAD),
}


@pytest.mark.parametrize("name", CUT)
def test_a_connection_that_breaks_is_no_unreachable_server(name: str) -> None:
    assert failure(Raw(CUT[name]).url).unreachable is False


def test_a_server_that_speaks_no_http_is_told_in_one_sentence() -> None:
    assert "no connection" not in str(
        failure(Raw(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH\r\n")).url)
    )


def test_a_server_that_says_nothing_is_waited_for_as_long_as_asked() -> None:
    begun = time.monotonic()
    error = failure(Raw(lambda connection: time.sleep(1)).url, timeout=0.2)
    assert time.monotonic() - begun < 0.9
    assert re.search(
        r"http://127.0.0.1:\d+ sent nothing for 0.2 s; look at its log, or raise timeout\.$", str(error)
    )
    assert not error.unreachable


def test_a_server_that_stops_in_the_middle_is_told_as_such() -> None:
    def stall(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        time.sleep(1)

    assert "no connection" not in str(failure(Raw(stall).url, timeout=0.2))


def test_json_that_is_no_object_is_told_by_every_call_that_needs_one() -> None:
    from ansible_collections.carbonops.wso2.plugins.module_utils._apim.admin import AdminApi

    with serving(Says(200, [])) as web:
        try:
            AdminApi(client(web.url)).list()
        except (HttpError, AttributeError) as exc:
            assert isinstance(exc, HttpError)


# The server's certificate, how it is verified -> what the sentence says, None where the request succeeds.
TLS: dict[str, tuple[Pair, Callable[[Path], Tls], str | None]] = {
    "its own CA": (GOOD, lambda ca: Tls(ca_path=str(ca)), None),
    "another CA": (
        OTHER,
        lambda ca: Tls(ca_path=str(ca)),
        "is not trusted (self-signed certificate); give its CA as ca_path, or its SHA-256 as",
    ),
    "the system's CAs": (GOOD, lambda ca: Tls(), "is not trusted (self-signed certificate); give its CA"),
    "expired": (
        EXPIRED,
        lambda ca: Tls(),
        f"has expired on {RAN_OUT}; give the server a new one, or pin this one with server_cert_sha256.",
    ),
    "expired and its own CA": (
        EXPIRED,
        lambda ca: Tls(ca_path=str(ca)),
        f"has expired on {RAN_OUT}; give the server a new one, or pin",
    ),
    "not verified": (EXPIRED, lambda ca: Tls(validate_certs=False), None),
    "pinned": (GOOD, lambda ca: Tls(server_cert_sha256=pin(GOOD)), None),
    "expired and pinned": (EXPIRED, lambda ca: Tls(server_cert_sha256=pin(EXPIRED)), None),
    "pinned to another": (
        GOOD,
        lambda ca: Tls(server_cert_sha256=pin(OTHER)),
        "is not the pinned one; give its SHA-256 as server_cert_sha256.",
    ),
    "pinned to another, not verified": (
        GOOD,
        lambda ca: Tls(False, None, pin(OTHER)),
        "is not the pinned one",
    ),
    "pinned to another, its own CA": (
        GOOD,
        lambda ca: Tls(True, str(ca), pin(OTHER)),
        "is not the pinned one",
    ),
    "no CA file": (
        GOOD,
        lambda ca: Tls(ca_path="/no-such-file.pem"),
        "the file of ca_path cannot be read (No such file or directory): /no-such-file.pem; correct ca_path.",
    ),
}


@pytest.mark.parametrize("name", TLS)
def test_a_servers_certificate_is_verified_as_asked(tmp_path: Path, name: str) -> None:
    pair, tls, sentence = TLS[name]
    ca = tmp_path / "ca.pem"
    ca.write_text(EXPIRED.pem if pair is EXPIRED else GOOD.pem)
    with serving(Says(), pair) as web:
        if sentence is None:
            assert client(web.url, tls(ca)).json("Reading the settings", "GET", "/settings") == {}
            return
        error = failure(web.url, tls(ca))
    assert str(error).endswith(sentence) or f" {sentence}" in str(error), str(error)
    assert not error.unreachable
    assert not error.uncertain
    assert web.seen == [], "the password was sent"


def of_requests(inner: Exception) -> Exception:
    """As it arrives: by requests, around urllib3's, around what happened."""
    pool = urllib3.HTTPSConnectionPool("127.0.0.1", 1)
    return requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(pool, "/", inner))


def not_verified(code: int, words: str) -> Exception:
    error = ssl.SSLCertVerificationError(1, "in other words")
    error.verify_code, error.verify_message = code, words
    return of_requests(urllib3.exceptions.SSLError(error))


# What happened, whether a certificate is pinned -> what the sentence says of it.
TLS_FAULTS: dict[str, tuple[Exception, bool, str, bool]] = {
    "expired": (not_verified(10, "certificate has expired"), False, "has expired; give", True),
    "another name": (not_verified(62, "mismatch"), False, "is for another name (mismatch); use that", True),
    "another address": (not_verified(64, "IP mismatch"), False, "is for another name (IP mismatch)", True),
    "another name, told by urllib3": (
        of_requests(urllib3.exceptions.SSLError(CertificateError("hostname 'a' doesn't match 'b'"))),
        False,
        "is for another name (CertificateError)",
        True,
    ),
    "self-signed": (
        not_verified(18, "self-signed certificate"),
        False,
        "is not trusted (self-signed c",
        True,
    ),
    "self-signed CA": (
        not_verified(19, "self-signed in chain"),
        False,
        "is not trusted (self-signed in",
        True,
    ),
    "unknown CA": (not_verified(20, "no local issuer"), False, "is not trusted (no local issuer)", True),
    "no chain": (not_verified(21, "cannot verify"), False, "is not trusted (cannot verify)", True),
    "another pin": (
        of_requests(urllib3.exceptions.SSLError("whatever it says")),
        True,
        "is not the pinned",
        True,
    ),
    "no TLS": (
        of_requests(urllib3.exceptions.SSLError(ssl.SSLError(1, "[SSL] wrong version"))),
        True,
        "failed ([SSL] wrong version); check that the URL is an HTTPS one",
        False,
    ),
}


@pytest.mark.parametrize("name", TLS_FAULTS)
def test_a_tls_fault_is_told_by_its_type_and_openssls_code_and_not_by_words(name: str) -> None:
    fault, pinned, sentence, unsent = TLS_FAULTS[name]
    url = f"https://127.0.0.1:{free_port()}"
    tls = Tls(server_cert_sha256=pin(GOOD)) if pinned else VERIFIED
    error = tls_error("Asking", url, tls, fault, 1)
    assert sentence in str(error), str(error)
    assert error.unsent is unsent


def test_what_was_being_handled_meanwhile_is_no_cause() -> None:
    found = OSError()
    try:
        try:
            raise socket.gaierror(-2, "Name or service not known")
        except OSError as exc:
            raise HttpError("Asking failed") from exc
    except HttpError:
        try:
            raise ConnectionResetError(104, "Connection reset by peer")
        except OSError as exc:
            found = exc
    assert (in_words(found), name_unknown(found)) == ("Connection reset by peer", False)


def test_a_server_without_tls_is_told_as_such() -> None:
    with serving(Says()) as web:
        error = failure(web.url.replace("http:", "https:"))
    assert "check that the URL is an HTTPS one of that server." in str(error)


@pytest.mark.parametrize(
    "given_pin",
    [pin(GOOD), pin(GOOD).upper(), ":".join(re.findall("..", pin(GOOD).upper()))],
    ids=["lower", "upper", "colons"],
)
def test_a_fingerprint_is_taken_in_every_usual_form(given_pin: str) -> None:
    options = {"is7_server_cert_sha256": given_pin, "is7_validate_certs": True, "is7_ca_path": None}
    assert tls_of(options, "is7_").server_cert_sha256 == pin(GOOD)


@pytest.mark.parametrize(
    "given_pin", ["0f", "x" * 64, pin(GOOD)[:40], pin(GOOD) + "0"], ids=["short", "letters", "sha1", "long"]
)
def test_a_fingerprint_that_is_none_is_refused(given_pin: str) -> None:
    with pytest.raises(
        Problem, match=r"^server_cert_sha256 is not a SHA-256 fingerprint; give 64 hexadecimal digits\.$"
    ):
        tls_of({"server_cert_sha256": given_pin, "validate_certs": True, "ca_path": None})


HOSTS = st.sampled_from(["localhost", "127.0.0.1", "[::1]", "is7.example.org", "a-b"])
PATHS = st.sampled_from(["", "/", "//", "/carbon", "/a/b/"])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["http", "https"]), HOSTS, st.none() | st.integers(1, 65535), PATHS)
def test_a_url_is_taken_in_its_one_form(scheme: str, host: str, port: int | None, path: str) -> None:
    is_usual = port in (None, {"http": 80, "https": 443}[scheme])
    given = f"{scheme.upper()}://{host.upper()}{'' if port is None else f':{port}'}"
    assert check_url(given + path, "apim_url") == (
        f"{scheme}://{host}{'' if is_usual else f':{port}'}{path.rstrip('/')}"
    )


SERVER = "https://is.example.com"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (f"{SERVER}:9444/", f"{SERVER}:9444"), (f"{SERVER}///", SERVER), (f"{SERVER}:443", SERVER),
        ("HTTPS://Is.Example.COM:443/", SERVER), (f"{SERVER}/t/tenant1.com/", f"{SERVER}/t/tenant1.com"),
        (f"{SERVER}/t/Admin/", f"{SERVER}/t/Admin"), (f"{SERVER}/carbonated", f"{SERVER}/carbonated"),
        ("http://is.example.com:443", "http://is.example.com:443"),
    ],
)  # fmt: skip
def test_a_servers_url_has_one_form(given: str, meant: str) -> None:
    assert server_url(given, "is7_url") == meant


@pytest.mark.parametrize(
    ("page", "what"),
    [
        ("/carbon", "its management console"), ("/carbon/", "its management console"),
        ("/carbon/admin/login.jsp", "its management console"), ("/console", "its administration console"),
        ("/oauth2/token", "its token endpoint, which is the issuer too"),
        ("/oauth2/token/.well-known/openid-configuration", "its discovery document"),
        ("/.well-known/openid-configuration", "its discovery document"),
        ("/t/tenant1.com/oauth2/token", "its token endpoint, which is the issuer too"),
        ("/admin/dashboard", "its admin portal"), ("/publisher/apis", "its publisher portal"),
        ("/devportal", "its developer portal"), ("/scim2/Me", "its SCIM 2 API"),
    ],
)  # fmt: skip
def test_a_page_of_a_server_is_told_for_what_it_is(page: str, what: str) -> None:
    given = f"{SERVER}:9444{page}"
    own = f"{SERVER}:9444" + ("/t/tenant1.com" if page.startswith("/t/") else "")
    with pytest.raises(Problem) as refused:
        server_url(given, "is7_url")
    assert str(refused.value) == f"is7_url is '{given}', which is {what}; give the server's own URL, {own}."


TEXT = st.text(st.characters(exclude_categories=("C", "Z")), max_size=20)


@settings(max_examples=300, deadline=None)
@given(
    TEXT | TEXT.map("https://{}".format) | st.from_regex(r"https?://[a-z:/@?#.0-9\[\]]{0,12}", fullmatch=True)
)
@example("https://localhost:0")
@example("https://localhost:65536")
@example("https://[::1")
@example("localhost:9443")
def test_any_text_is_a_url_or_refused_in_one_sentence(text: str) -> None:
    try:
        found = check_url(text, "apim_url")
    except Problem as exc:
        assert str(exc).startswith("apim_url ")
        assert str(exc).endswith(".")
        return
    assert re.match(r"https?://.", found, re.IGNORECASE)
    assert not found.endswith("/")
    assert check_url(found, "apim_url") == found


@pytest.mark.parametrize(
    "url", ["https://local\nhost", " https://localhost", "https://local host", "https://localhost\t"]
)
def test_blanks_and_line_ends_in_a_url_are_refused(url: str) -> None:
    with pytest.raises(Problem, match="apim_url"):
        check_url(url, "apim_url")


@pytest.mark.parametrize(
    "url",
    ["https://u:Geheim@localhost", "https://u:Geheim@localhost/?a=1", "https://:Geheim@localhost:9443/"],
)
def test_a_password_in_a_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(
        Problem, match="apim_url holds a user name or password; give those as options of their own"
    ) as refused:
        check_url(url, "apim_url")
    assert "Geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["ftp://u:Geheim@localhost", "https://u:Geheim@localhost:port"])
def test_a_password_in_a_url_that_is_none_is_not_repeated(url: str) -> None:
    with pytest.raises(Problem, match="apim_url") as refused:
        check_url(url, "apim_url")
    assert "Geheim" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://localhost?x=1", "https://localhost/#top"])
def test_a_query_or_fragment_is_refused(url: str) -> None:
    with pytest.raises(Problem, match="give it without a query or fragment"):
        check_url(url, "apim_url")


def test_a_certificate_for_another_name_is_told_as_such(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(GOOD.pem)
    with serving(Says(), GOOD) as web:  # the same address in a form that is no name of the certificate's
        error = failure(web.url.replace("127.0.0.1", "127.1"), Tls(ca_path=str(ca)))
    assert re.search(
        r"is for another name \(.+\); use that name, or pin it with server_cert_sha256\.$", str(error)
    )
    assert (error.unsent, web.seen) == (True, [])


def test_a_client_certificate_is_shown_to_a_server_that_asks_for_one(tmp_path: Path) -> None:
    certificate, key, both = tmp_path / "client.pem", tmp_path / "client.key", tmp_path / "both.pem"
    certificate.write_text(OTHER.pem)
    key.write_text(OTHER.key_pem)
    both.write_text(OTHER.pem + OTHER.key_pem)
    with serving(Says(), GOOD, clients=OTHER) as web:
        for shown in (
            Tls(False, client_cert=str(certificate), client_key=str(key)),
            Tls(False, client_cert=str(both)),
        ):
            assert client(web.url, shown).json("Asking", "GET", "/") == {}
        refused = failure(web.url, Tls(False))
        missing = failure(web.url, Tls(False, client_cert=str(tmp_path / "none.pem")))
    assert len(web.seen) == 2
    assert "127.0.0.1" in str(refused)
    assert re.search(
        r"the file of client_cert cannot be read \(.+\): \S+/none.pem; correct client_cert", str(missing)
    )


def test_a_key_without_its_certificate_is_refused() -> None:
    with pytest.raises(Problem, match=r"^client_key is the key of client_cert; give that too\.$"):
        tls_of(
            {
                "server_cert_sha256": None,
                "validate_certs": True,
                "ca_path": None,
                "client_cert": None,
                "client_key": "x",
            }
        )


PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.mark.parametrize(
    ("pair", "sentence"),
    [(GOOD, None), (OTHER, "is not the pinned one")],
    ids=["the pinned one", "another one"],
)
def test_a_pinned_certificate_is_verified_through_a_proxy_too(
    monkeypatch: pytest.MonkeyPatch, pair: Pair, sentence: str | None
) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serving(Says(), pair) as web, tunnel() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        if sentence is None:
            assert client(web.url, Tls(server_cert_sha256=pin(GOOD))).json("Asking", "GET", "/") == {}
        else:
            assert sentence in str(failure(web.url, Tls(server_cert_sha256=pin(GOOD))))
            assert web.seen == [], "the password was sent"
    assert proxy.seen


def test_proxies_are_those_of_the_environment_and_none_if_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{free_port()}")
    with serving(Says(), GOOD) as web:
        error = failure(web.url, Tls(False))
        assert re.search(
            r"the proxy gave no connection to https://127.0.0.1:\d+ \(.+\); check the proxy and its user, or switch use_proxy off\.$",
            str(error),
        )
        assert error.unreachable
        direct = HttpClient(Server(web.url, Tls(False), 5, use_proxy=False), Basic("admin", PASSWORD))
        assert direct.json("Asking", "GET", "/") == {}


class Repeating:
    """A client whose pauses take no time and are noted, and a server that gives these answers one after the
    other.
    """

    def __init__(self, *answers: Says) -> None:
        self.answers = list(answers)
        self.pauses: list[float] = []

    def ask(self, method: str = "GET", timeout: float = 60, **options: Any) -> tuple[int | None, int]:
        """Status of the end, number of requests."""
        with serving(lambda seen: self.answers.pop(0)) as web:
            asked = HttpClient(Server(web.url, timeout=timeout), Basic("admin", PASSWORD), self.pauses.append)
            try:
                return asked.request("Asking", method, "/", **options).status, len(web.seen)
            except HttpError as exc:
                return exc.status, len(web.seen)


PASSING = [429, 502, 503, 504]


@pytest.mark.parametrize("status", PASSING)
def test_what_may_pass_is_read_again_with_growing_pauses_and_not_for_ever(status: int) -> None:
    passing = Repeating(Says(status), Says(status), Says(200))
    assert passing.ask() == (200, 3)
    assert passing.pauses == [0.5, 1.0]
    lasting = Repeating(*[Says(status)] * 9)
    assert lasting.ask() == (status, 4)
    assert lasting.pauses == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    assert Repeating(Says(status), Says(200)).ask() == (status, 1)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", PASSING)
def test_a_request_that_may_have_had_its_effect_is_repeated_only_if_told_so(method: str, status: int) -> None:
    assert Repeating(Says(status), Says(200)).ask(method) == ((200, 2) if status == 429 else (status, 1))
    assert Repeating(Says(status), Says(200)).ask(method, repeat=True) == (200, 2)


def test_the_server_says_how_long_to_wait_and_timeout_how_long_at_most() -> None:
    later = Repeating(Says(429, "", {"Retry-After": "7"}), Says(200))
    assert (later.ask(), later.pauses) == ((200, 2), [7.0])
    date = Repeating(
        Says(503, "", {"Retry-After": email.utils.formatdate(time.time() + 9, usegmt=True)}), Says(200)
    )
    assert date.ask() == (200, 2)
    assert 7 < date.pauses[0] <= 9
    assert Repeating(Says(429, "", {"Retry-After": "61"}), Says(200)).ask() == (429, 1)
    nonsense = Repeating(Says(503, "", {"Retry-After": "soon"}), Says(200))
    assert (nonsense.ask(), nonsense.pauses) == ((200, 2), [0.5])


def test_a_server_that_is_not_ready_is_asked_until_it_is_or_time_is_up() -> None:
    waited = Repeating(*[Says(500)] * 6, Says(200))
    assert waited.ask("POST", until_ready=True) == (200, 7)
    assert waited.pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert Repeating(*[Says(500)] * 3).ask("POST", timeout=0.3, until_ready=True) == (500, 1)


def test_a_refused_connection_is_tried_again_whatever_the_method() -> None:
    port, pauses = free_port(), []
    refusing = HttpClient(Server(f"http://127.0.0.1:{port}"), Basic("admin", PASSWORD), pauses.append)
    with pytest.raises(HttpError) as caught:
        refusing.request("Asking", "POST", "/")
    assert (caught.value.unreachable, caught.value.uncertain, pauses) == (True, False, [0.5, 1.0, 2.0])


class Counting:
    """A sign-in whose value changes with each renewal, as long as there is another one."""

    advice = "check it"
    secrets = ()

    def __init__(self, renewals: int) -> None:
        self.left, self.number = renewals, 1

    def authorization(self) -> str:
        return f"Bearer {self.number}"

    def renew(self) -> bool:
        self.left, self.number = self.left - 1, self.number + 1
        return self.left >= 0


@pytest.mark.parametrize(
    ("good", "renewals", "status", "values"),
    [(2, 1, 200, ["1", "2"]), (3, 9, 401, ["1", "2"]), (2, 0, 401, ["1"])],
)
def test_after_a_401_a_new_token_is_tried_once(
    good: int, renewals: int, status: int, values: list[str]
) -> None:
    with serving(lambda seen: Says(200 if seen.headers["Authorization"] == f"Bearer {good}" else 401)) as web:
        asked = HttpClient(Server(web.url), Counting(renewals))
        try:
            found = asked.request("Asking", "POST", "/").status
        except HttpError as exc:
            found = exc.status or 0
            assert str(exc).endswith("; check it.")
    assert (found, [seen.headers["Authorization"].removeprefix("Bearer ") for seen in web.seen]) == (
        status,
        values,
    )


@pytest.mark.parametrize(
    ("error", "uncertain"),
    [
        (HttpError("x", status=400), False),
        (HttpError("x", status=429), False),
        (HttpError("x", status=500), True),
        (HttpError("x", status=503), True),
        (HttpError("x", status=200), True),
        (HttpError("x"), True),
        (HttpError("x", unreachable=True), False),
        (HttpError("x", unsent=True), False),
    ],
)
def test_a_request_may_have_had_its_effect_unless_the_server_refused_it_or_never_saw_it(
    error: HttpError, uncertain: bool
) -> None:
    assert error.uncertain is uncertain


def test_what_is_sent_is_seen_once() -> None:
    seen: list[Seen] = []
    with serving(seen.append) as web:
        assert not failure(web.url).unreachable
    assert len(seen) == 1, "a request that may have had its effect was repeated"
