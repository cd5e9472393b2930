"""Passwords and tokens go to the one server that they are for, and to nobody on the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._apim.proof import refuse_strangers
from ansible_collections.carbonops.wso2.plugins.module_utils._http.client import (
    Anonymous,
    Authenticator,
    HttpClient,
    Server,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._http.errors import HttpError
from ansible_collections.carbonops.wso2.plugins.module_utils._http.sign_in import Basic, Bearer
from ansible_collections.carbonops.wso2.plugins.module_utils._http.tls import Tls
from ansible_collections.carbonops.wso2.plugins.module_utils._http.url import is_loopback, origin
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from support.certificates import self_signed
from support.proof_site import ProofSite, proof_site
from support.web import Says, serving

PASSWORD, IS7_PASSWORD = "Geheim-apim", "Geheim-is7"
SIGNED_IN: list[Authenticator] = [Basic("admin", PASSWORD), Bearer("Geheim")]
CERTIFICATE = self_signed()
PIN = hashlib.sha256(CERTIFICATE.der).hexdigest()


@pytest.mark.parametrize("who", SIGNED_IN, ids=lambda who: type(who).__name__)
def test_credentials_are_not_sent_to_another_server(who: Authenticator) -> None:
    with serving(Says()) as own, serving(Says()) as other:
        client = HttpClient(Server(own.url), who)
        with pytest.raises(HttpError) as refused:
            client.request("Introspecting", "POST", f"{other.url}/introspect")
        assert client.request("Introspecting", "POST", f"{own.url}/introspect").status == 200
        assert client.request("Reading", "GET", f"{other.url}/open", authenticator=Anonymous()).status == 200
    assert str(refused.value) == (
        f"Introspecting failed: the password or token is for {own.url}, and is not sent to {other.url};"
        " give a URL of that server."
    )
    assert (refused.value.unsent, refused.value.uncertain) == (True, False)
    assert [seen.path for seen in other.seen] == ["/open"]
    assert "Authorization" not in other.seen[0].headers


@pytest.mark.parametrize("who", SIGNED_IN, ids=lambda who: type(who).__name__)
@pytest.mark.parametrize(
    "host", ["is7.example.org", "10.0.0.1", "127.0.0.1.example.org", "localhost.example"]
)
def test_credentials_are_not_sent_in_clear(who: Authenticator, host: str) -> None:
    client = HttpClient(Server(f"http://{host}:9763", timeout=0.2), who)
    with pytest.raises(HttpError) as refused:
        client.request("Asking", "GET", "/")
    assert str(refused.value) == (
        f"Asking failed: anybody on the way to http://{host}:9763 could read the password or token;"
        " give an https URL."
    )
    assert refused.value.unsent


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost", True), ("http://LOCALHOST:1", True), ("http://127.0.0.1", True),
        ("http://127.8.9.1:9", True), ("http://[::1]:9", True), ("http://128.0.0.1", False),
        ("http://[::2]", False), ("http://localhost.example", False), ("http://0.0.0.0", False),
    ],
)  # fmt: skip
def test_this_host_is_told_by_its_addresses_and_its_one_name(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://Is7.Example:443/a?b", "https://is7.example"), ("https://is7:9444/x", "https://is7:9444"),
        ("http://is7:80", "http://is7"), ("http://is7:443", "http://is7:443"),
        ("https://u:p@is7/", "https://is7"), ("https://[::1]:9444/", "https://[::1]:9444"),
        ("urn:mine", ""), ("", ""), ("https://", ""), ("https://is7:x", ""), ("is7:9444", ""),
    ],
)  # fmt: skip
def test_a_server_is_its_scheme_host_and_port(url: str, found: str) -> None:
    assert origin(url) == found


def test_what_is_sent_in_clear_to_this_host_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(Says()) as web, serving(Says()) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert (
            HttpClient(Server(web.url), Basic("admin", PASSWORD)).request("Asking", "GET", "/").status == 200
        )
    assert (len(web.seen), proxy.seen) == (1, [])


@pytest.mark.parametrize(
    ("tls", "named"),
    [
        (lambda file: Tls(server_cert_sha256=PIN), "server_cert_sha256"),
        (lambda file: Tls(ca_path=file), "ca_path"),
        (lambda file: Tls(False, client_cert=file, client_key=file), "client_cert and client_key"),
    ],
)
@pytest.mark.parametrize("who", [*SIGNED_IN, Anonymous()], ids=lambda who: type(who).__name__)
def test_what_only_tls_can_do_is_refused_without_it_and_not_ignored(
    tmp_path: Path, tls: Callable[[str], Tls], named: str, who: Authenticator
) -> None:
    file = tmp_path / "some.pem"
    file.write_text(CERTIFICATE.pem)
    with serving(Says()) as web:
        client = HttpClient(Server(web.url, tls(str(file))), who)
        with pytest.raises(HttpError) as refused:
            client.request("Asking", "GET", "/")
    assert str(refused.value) == (
        f"Asking failed: {web.url} shows no certificate, so {named} cannot be used;"
        " give an https URL, or leave that out."
    )
    assert web.seen == []


@pytest.fixture
def site() -> Iterator[ProofSite]:
    with proof_site() as made:
        yield made


def test_a_key_manager_of_one_server_is_proved(site: ProofSite) -> None:
    for options in ({}, {"is7_url": site.is7.url}):
        done = site.check(**options)
        assert (done.get("checked"), done.get("active"), done.get("client_id")) == (True, True, "client"), (
            done
        )
    assert [seen.method for seen in site.apim.seen].count("DELETE") == 2


STRANGE = {
    "tokenEndpoint": {"tokenEndpoint": "{elsewhere}/oauth2/token"},
    "introspectionEndpoint": {"introspectionEndpoint": "{elsewhere}/oauth2/introspect"},
    "JWKS": {"certificates": {"type": "JWKS", "value": "{elsewhere}/oauth2/jwks"}},
}


@pytest.mark.parametrize("what", STRANGE)
def test_an_endpoint_elsewhere_gets_nothing_and_the_key_manager_is_refused(
    site: ProofSite, what: str
) -> None:
    text = json.dumps(STRANGE[what]).replace("{elsewhere}", site.elsewhere.url)
    site.key_manager.update(json.loads(text))
    refused = site.check()
    assert refused["msg"] == (
        f"Key manager 'IS7' has its {what} at {site.elsewhere.url}, not at {site.is7.url}, so"
        f"{' that server would say whose signature is good, and' if what == 'JWKS' else ''} nothing is sent"
        " there; correct the key manager, or name that server in trusted_origins."
    )
    assert (site.elsewhere.seen, site.is7.seen) == ([], [])
    assert {seen.method for seen in site.apim.seen} == {"GET"}, "an application was made"
    site.check(trusted_origins=[site.elsewhere.url])
    assert site.elsewhere.seen


def test_a_key_manager_that_is_elsewhere_as_a_whole_is_refused_by_the_url_that_is_given(
    site: ProofSite,
) -> None:
    text = json.dumps(site.key_manager).replace(site.is7.url, site.elsewhere.url)
    site.portal.key_manager = json.loads(text)
    refused = site.check(is7_url=site.is7.url)
    assert f"has its tokenEndpoint at {site.elsewhere.url}, not at {site.is7.url}" in refused["msg"]
    assert site.elsewhere.seen == []
    site.check()
    assert site.elsewhere.seen, "without is7_url the issuer's server is Identity Server 7"


def test_an_issuer_that_names_no_server_is_nobodys() -> None:
    key_manager = {
        "name": "IS7",
        "issuer": "mine",
        "tokenEndpoint": "https://a/t",
        "introspectionEndpoint": "https://a/i",
    }
    with pytest.raises(
        Problem, match=r"tokenEndpoint at https://a, not at a server that its issuer names, so"
    ):
        refuse_strangers(key_manager, None, [])
    refuse_strangers(key_manager, "https://a", [])
    refuse_strangers(key_manager, None, ["https://a/"])
    key_manager["certificates"] = {"type": "PEM", "value": "x"}
    refuse_strangers(key_manager, "https://a:443/x", [])


def test_a_pin_for_identity_server_is_not_void_because_an_endpoint_has_no_tls(site: ProofSite) -> None:
    refused = site.check(is7_server_cert_sha256=PIN)
    assert re.search(r"shows no certificate, so is7_server_cert_sha256 cannot be used", refused["msg"])
    assert site.is7.seen == []
