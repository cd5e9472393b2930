"""What the pages of API Manager 4.3 to 4.7 ask of both configurations, on one site: set, kept, proved, taken back."""

from __future__ import annotations

import hashlib
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from support.site import Site, content_of
from testbed.homes import Home

PASSWORD = "Quite-S3cret.pw"
LISTENER = "org.wso2.is.notification.ApimOauthEventInterceptor"
JAR, OLD_JAR = b"PK\x05\x06" + b"\0" * 18, "wso2is.notification.event.handlers-2.0.5.jar"
UNCHANGED = {"identity-server": 0, "api-manager": 0}

# A page, and what a site makes of it.
PAGES: dict[str, dict[str, Any]] = {
    "4.3": {},
    "4.7": {
        "is7_role_creation": True,
        "is7_tenant_sharing": True,
        "is7_configuration": "[oauth.oidc.user_info]\nremove_internal_prefix_from_roles = true\n",
        "apim_skip_resident_key_manager": True,
        "apim_configuration": {"multi_tenancy.stratos": {"public_cloud_setup": False}},
    },
}


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
    if page != "4.3":
        variables["is7_dropins"] = [
            {"source": str(jar), "checksum": f"sha256:{hashlib.sha256(JAR).hexdigest()}"}
        ]
        (dropins(pages.is7) / OLD_JAR).write_bytes(b"old")
    run = pages.playbook("site", "--diff", "-vvv", **variables)
    assert run.code == 0, run.output
    assert "introspection says active=True" in run.output
    assert PASSWORD not in run.output
    assert "+authorize_all_scopes = true" in run.output
    assert said(pages.is7)["oauth"]["authorize_all_scopes"] is True
    found = {entry["name"]: entry for entry in said(pages.is7).get("event_listener", [])}
    assert (LISTENER in found) is (page != "4.3")
    if LISTENER in found:
        assert found[LISTENER]["properties"] == {
            "notification_endpoint": f"{pages.apim_url}/internal/data/v1/notify",
            "username": "admin",
            "password": PASSWORD,
            "header.X-WSO2-KEY-MANAGER": "WSO2-IS",
        }
    assert ("role_mgt" in said(pages.is7)) is (page != "4.3")
    if page != "4.3":
        assert {jar.name, OLD_JAR} & names(dropins(pages.is7)) == {jar.name}
    key_manager = pages.key_manager()
    assert key_manager is not None
    assert key_manager["additionalProperties"].get("enable_roles_creation", False) is (page != "4.3")
    assert ("multi_tenancy" in said(pages.apim)) is (page == "4.7")
    running = pages.pids()

    again = pages.playbook("site", **variables)
    assert again.code == 0 and again.changed == UNCHANGED, again.output
    assert pages.pids() == running
    proved = pages.playbook("verify", **variables)
    assert proved.code == 0, proved.output

    back = pages.playbook("remove", "--diff", **variables)
    assert back.code == 0, back.output
    assert PASSWORD not in back.output
    for home in (pages.is7, pages.apim):
        assert home.deployment_toml.read_bytes() == original[str(home.deployment_toml)]
        assert beside(home) == []
    assert not {jar.name, OLD_JAR} & names(dropins(pages.is7))


def client_certificate(home: Home, folder: Path) -> Path:
    """The certificate and key of a home's primary keystore in one file, as API Manager shows them."""
    store = folder / "client.p12"
    keystore = next(home.path.glob("repository/resources/security/wso2carbon.*"))
    passwords = ("-srcstorepass", "wso2carbon", "-deststorepass", "wso2carbon")
    kinds = ("-srckeystore", str(keystore), "-destkeystore", str(store), "-deststoretype", "PKCS12")
    subprocess.run(
        ["keytool", "-importkeystore", "-noprompt", *kinds, *passwords], check=True, capture_output=True
    )
    key, certificate, _others = pkcs12.load_key_and_certificates(store.read_bytes(), b"wso2carbon")
    assert key is not None and certificate is not None
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem = folder / "client.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM) + key.private_bytes(*form))
    return pem


def test_a_certificate_stands_for_its_user(
    pages: Site, original: dict[str, bytes], tmp_path: Path, happened: Callable[[str, str, str], None]
) -> None:
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

    pem = str(client_certificate(pages.apim, tmp_path))
    assert (answer("admin", pem), answer("nobody", pem), answer("admin", None)) == (200, 401, 401)
    back = pages.playbook("remove", **variables)
    assert back.code == 0, back.output
    for home in (pages.is7, pages.apim):
        assert home.deployment_toml.read_bytes() == original[str(home.deployment_toml)]
    happened(
        "deployment_toml",
        "is7_mutual_tls: API Manager's certificate, shown by a real handshake",
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
