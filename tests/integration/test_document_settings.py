"""What the pages of API Manager 4.3 to 4.7 ask of both configurations, on one site: set, kept, proved, taken back."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate
from support.cases import Happened
from support.certificates import self_signed
from support.site import Site, content_of
from testbed.homes import STORE_PASSWORD, Home

PASSWORD = "Quite-S3cret.pw"
LISTENER = "org.wso2.is.notification.ApimOauthEventInterceptor"
TENANTS = "org.wso2.carbon.identity.mgt.listener.TenantSyncListener"
JAR, OLD_JAR = b"PK\x05\x06" + b"\0" * 18, "wso2is.notification.event.handlers-2.0.5.jar"
UNCHANGED = {"identity-server": 0, "api-manager": 0}

# A page, and what a site makes of it besides.
PAGES: dict[str, dict[str, Any]] = {
    "4.3": {},
    "4.4": {"is7_role_creation": True},
    "4.5": {"is7_role_creation": True, "apim_tenant_sharing": True, "apim_skip_resident_key_manager": True},
    "4.6": {"is7_role_creation": True, "is7_tenant_sharing": True},
    "4.7": {
        "is7_role_creation": True,
        "is7_tenant_sharing": True,
        "is7_configuration": "[oauth.oidc.user_info]\nremove_internal_prefix_from_roles = true\n",
        "apim_skip_resident_key_manager": True,
        "apim_configuration": {"multi_tenancy.stratos": {"public_cloud_setup": False}},
    },
}
# The servers go on with what the next run makes them read, which spares two boots a page.
AS_THEY_RUN = {"is7_restart": "never", "apim_restart": "never"}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("pages"), PASSWORD)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def original(pages: Site) -> dict[str, bytes]:
    return {**content_of(pages.is7), **content_of(pages.apim)}


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """A stand-in: WSO2's jar with the listener was not to be had."""
    path = tmp_path / "wso2is.notification.event.handlers-2.1.3.jar"
    path.write_bytes(JAR)
    return path


def dropins(home: Home) -> Path:
    return home.path / "repository/components/dropins"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def said(home: Home) -> dict[str, Any]:
    return tomllib.loads(home.deployment_toml.read_text())


def beside(home: Home) -> list[str]:
    return [name for name in names(home.deployment_toml.parent) if "carbonops" in name]


@pytest.mark.parametrize("page", PAGES)
def test_a_pages_steps_are_carried_out_once_kept_proved_and_taken_back(
    pages: Site, original: dict[str, bytes], page: str, jar: Path
) -> None:
    variables = {"key_manager_document": page, **PAGES[page]}
    is_later = page != "4.3"
    if is_later:
        variables["is7_dropins"] = [
            {"source": str(jar), "checksum": f"sha256:{hashlib.sha256(JAR).hexdigest()}"}
        ]
        (dropins(pages.is7) / OLD_JAR).write_bytes(b"old")
    run = pages.playbook("site", "--diff", "-vvv", **variables)
    assert run.code == 0, run.output
    assert "introspection says active=True" in run.output
    assert PASSWORD not in run.output
    assert "+authorize_all_scopes = true" in run.output
    asks(pages, PAGES[page], is_later)
    assert {jar.name, OLD_JAR} & names(dropins(pages.is7)) == ({jar.name} if is_later else set())
    running = pages.pids()

    again = pages.playbook("site", **variables)
    assert again.code == 0 and again.changed == UNCHANGED, again.output
    assert pages.pids() == running
    proved = pages.playbook("verify", **variables)
    assert proved.code == 0, proved.output

    take_back(pages, original, **variables)
    assert not {jar.name, OLD_JAR} & names(dropins(pages.is7))


def asks(pages: Site, more: dict[str, Any], is_later: bool) -> None:
    """Hold both configurations, and the key manager, to what a page asks."""
    is7, apim = said(pages.is7), said(pages.apim)
    assert is7["oauth"]["authorize_all_scopes"] is True
    told = {
        "notification_endpoint": f"{pages.apim_url}/internal/data/v1/notify",
        "username": "admin",
        "password": PASSWORD,
    }
    listeners = {entry["name"]: entry["properties"] for entry in is7.get("event_listener", [])}
    assert listeners == {
        **({LISTENER: {**told, "header.X-WSO2-KEY-MANAGER": "WSO2-IS"}} if is_later else {}),
        **(
            {TENANTS: {**told, "header.X-WSO2-KEY-MANAGER": "TENANT_MANAGEMENT"}}
            if more.get("is7_tenant_sharing")
            else {}
        ),
    }
    creates_roles = "is7_role_creation" in more
    assert ("role_mgt" in is7) is creates_roles
    key_manager = pages.key_manager()
    assert key_manager is not None
    assert key_manager["additionalProperties"].get("enable_roles_creation", False) is creates_roles
    assert ("multi_tenancy" in apim) is ("apim_configuration" in more)
    assert ("tenant_sharing" in apim.get("apim", {})) is ("apim_tenant_sharing" in more)
    assert ("key_manager" in apim.get("apim", {})) is ("apim_skip_resident_key_manager" in more)


def take_back(pages: Site, original: dict[str, bytes], **variables: Any) -> None:
    back = pages.playbook("remove", "--diff", **variables, **AS_THEY_RUN)
    assert back.code == 0, back.output
    assert PASSWORD not in back.output
    for home in (pages.is7, pages.apim):
        assert home.deployment_toml.read_bytes() == original[str(home.deployment_toml)]
        assert beside(home) == []


@pytest.fixture
def client_certificate(pages: Site, tmp_path: Path) -> Iterator[str]:
    """A file with the certificate and key of API Manager's primary keystore, which is not what it presents."""
    pair = self_signed("API Manager as a client")
    pem = tmp_path / "client.pem"
    pem.write_text(pair.pem + pair.key_pem)
    store = pages.apim.security / "client.p12"
    key = load_pem_private_key(pair.key_pem.encode(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    protection = BestAvailableEncryption(STORE_PASSWORD.encode())
    certificate = load_der_x509_certificate(pair.der)
    store.write_bytes(pkcs12.serialize_key_and_certificates(b"client", key, certificate, None, protection))
    file = pages.apim.deployment_toml
    before = file.read_text()
    rest, primary = before.split("[keystore.primary]\n", 1)
    for old, new in (
        ("wso2carbon.jks", store.name),
        ('"JKS"', '"PKCS12"'),
        ('alias = "wso2carbon"', 'alias = "client"'),
    ):
        primary = primary.replace(old, new, 1)
    file.write_text(f"{rest}[keystore.primary]\n{primary}")
    yield str(pem)
    file.write_text(before)


def test_a_certificate_stands_for_its_user(pages: Site, client_certificate: str, happened: Happened) -> None:
    before = {**content_of(pages.is7), **content_of(pages.apim)}
    variables = {"is7_mutual_tls": True, "key_manager_check": "never"}
    run = pages.playbook("site", "--diff", **variables)
    assert run.code == 0, run.output
    again = pages.playbook("site", **variables)
    assert again.code == 0 and again.changed == UNCHANGED, again.output
    key_manager = pages.key_manager()
    assert key_manager is not None
    assert key_manager["additionalProperties"]["Authentication"] == "MutualTLS"
    assert key_manager["additionalProperties"]["IdentityUser"] == "admin"

    def answer(user: str, certificate: str | None) -> int:
        url = f"{pages.is7_url}/api/server/v1/api-resources"
        headers = {"WSO2-Identity-User": user}
        return requests.get(url, headers=headers, cert=certificate, verify=False, timeout=30).status_code

    assert (answer("admin", client_certificate), answer("nobody", client_certificate)) == (200, 401)
    assert answer("admin", None) == 401
    take_back(pages, before, **variables)
    happened(
        "deployment_toml",
        "is7_mutual_tls: API Manager's certificate, not the one that it presents, shown by a real handshake",
        "stands for the user of the mapping and for nobody else; unchanged by a second run; taken back without a trace",
    )


def test_what_cannot_be_is_refused_before_anything_changes(pages: Site, original: dict[str, bytes]) -> None:
    refused = {
        "tenants are shared in one direction only": {"is7_tenant_sharing": True, "apim_tenant_sharing": True},
        "The snippet is not what a server can read: a value was expected (at line 2, column 9)": {
            "is7_configuration": "[oauth]\nscope = yes\n",
        },
        "Both tables and snippet give oauth.authorize_all_scopes": {
            "is7_authorize_all_scopes": True,
            "is7_configuration": "[oauth]\nauthorize_all_scopes = false\n",
        },
        "value of key_manager_document must be one of": {"key_manager_document": "4.9"},
    }
    for sentence, variables in refused.items():
        run = pages.playbook("site", **variables)
        assert run.code != 0 and sentence in run.errors(), run.output
    for home in (pages.is7, pages.apim):
        assert home.deployment_toml.read_bytes() == original[str(home.deployment_toml)]
