"""The test bed's API Manager gives an application a client at its Identity Server as the product does."""

from __future__ import annotations

import hashlib
import json
import re
import ssl
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import (
    CONNECTOR_ENDPOINTS,
    connector_profile,
    profile,
)
from support.api_managers import session
from support.cases import Happened
from support.deployment_files import STANZA
from support.identity_server import PASSWORD, IdentityServer, User
from support.site import Run, Site
from testbed.homes import Home, keytool

MAPPING = """
[transport.https.sslHostConfig.properties]
certificateVerification = "optional"

[client_certificate_based_authentication]
enable = true

[[client_certificate_based_authentication.user_thumbprint_mapping]]
trusted_issuer = "O=apim test bed, CN=localhost"
cert_thumbprint = "{thumbprint}"
allowed_username = "admin"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Both servers, trusting each other; a certificate of API Manager's primary store stands for admin."""
    made = Site(tmp_path_factory.mktemp("site"), PASSWORD)
    der = ssl.PEM_cert_to_DER_cert(certificate_of(made.apim))
    mapping = MAPPING.format(thumbprint=hashlib.sha256(der).digest().hex(":").upper())
    made.is7.deployment_toml.write_text(f"{made.is7.deployment_toml.read_text()}{mapping}\n{STANZA}")
    made.apim.deployment_toml.write_text(
        f"{made.apim.deployment_toml.read_text()}\n[testbed]\nkey_manager_delay = 0\n"
    )
    for home, peer in ((made.is7, made.apim), (made.apim, made.is7)):
        file = made.folder / f"{peer.product.name}.pem"
        file.write_text(certificate_of(peer))
        store = ("-keystore", str(home.truststore), "-file", str(file))
        keytool("-importcert", "-noprompt", "-alias", "peer", *store)
    try:
        made.is7.start(made.offset + 1)
        made.apim.start(made.offset)
        yield made
    finally:
        made.stop()


def certificate_of(home: Home) -> str:
    return keytool("-exportcert", "-rfc", "-alias", "wso2carbon", "-keystore", str(home.keystore))


def add_key_manager(
    site: Site, name: str, permissions: dict[str, Any], kind: str = "WSO2-IS-7", **properties: Any
) -> str:
    """Store one, wait until it can be used, and return its UUID."""
    body = {
        **profile(site.is7_url),
        "name": name,
        "type": kind,
        "enabled": True,
        "enableTokenGeneration": True,
        "enableOAuthAppCreation": True,
        "issuer": f"{site.is7_url}/{name}",
        "permissions": permissions,
        "additionalProperties": {**connector_profile(site.is7_url, CONNECTOR_ENDPOINTS), **properties},
    }
    made = site.api("POST", "/key-managers", json=body)
    time.sleep(1)
    return str(made["id"])


def generate(site: Site, name: str, key_manager: str) -> tuple[str, requests.Response]:
    """Ask for the keys of a new application; its UUID, and what was answered."""
    portal = f"{site.apim_url}/api/am/devportal/v3/applications"
    sender = session()
    sender.auth = ("admin", PASSWORD)
    made = sender.post(portal, json={"name": name, "throttlingPolicy": "Unlimited"}, timeout=30)
    application = str(made.json()["applicationId"])
    wanted = {
        "keyType": "PRODUCTION",
        "keyManager": key_manager,
        "grantTypesToBeSupported": ["client_credentials"],
    }
    return application, sender.post(f"{portal}/{application}/generate-keys", json=wanted, timeout=30)


def oauth_keys(site: Site, application: str) -> list[dict[str, Any]]:
    """The keys of an application, as the developer portal lists them."""
    url = f"{site.apim_url}/api/am/devportal/v3/applications/{application}/oauth-keys"
    listed = session().get(url, auth=("admin", PASSWORD), timeout=30).json()["list"]
    return list(listed)


PUBLIC: dict[str, Any] = {"permissionType": "PUBLIC", "roles": []}
BASIC = {"Authentication": "BasicAuth", "Username": "admin", "Password": PASSWORD}
MUTUAL = {"Authentication": "MutualTLS", "MutualTLSOptions": "ServerWide"}


# The role's tasks, whether only planned, and their variables.
STEPS: list[tuple[str, bool, dict[str, str]]] = [
    ("main", True, {}),
    ("main", False, {"key_manager_check": "always"}),
    ("main", False, {}),
    ("check", False, {}),
    ("main", False, {"key_manager_state": "absent"}),
]


def adopt(site: Site) -> Run:
    """Run the role as a site's own playbook does: planned, done, again, proved, and removed."""
    roles = [
        {
            "ansible.builtin.import_role": {"name": "carbonops.wso2.key_manager", "tasks_from": name},
            "check_mode": is_planned,
            "vars": given,
        }
        for name, is_planned, given in STEPS
    ]
    play = {"hosts": "apim", "gather_facts": False, "tasks": roles}
    file = site.folder / "adopt.json"
    file.write_text(json.dumps([play]))
    groups = {"is7": {"hosts": {"identity-server": None}}, "apim": {"hosts": {"api-manager": None}}}
    certificates = {f"{home.product.name}_ca_path": str(site.folder / f"{home.product.name}.pem")
                    for home in (site.is7, site.apim)}  # fmt: skip
    return site.run(
        str(file),
        "-vvv",
        "--diff",
        groups=groups,
        key_manager_adopt=True,
        key_manager_name="IS7",
        key_manager_check="never",
        **certificates,
    )


def usages(site: Site, key_manager: str) -> Any:
    return site.api("GET", f"/key-managers/{key_manager}/app-usages")["applications"]


def test_an_application_keeps_its_keys_when_its_key_manager_is_taken_over(
    site: Site, happened: Happened
) -> None:
    """First in this module, as it is the only key manager of the server yet."""
    former = {"Username": "admin", "Password": PASSWORD, "km_admin_as_app_owner": []}
    uuid = add_key_manager(site, "Corporate", PUBLIC, "WSO2-IS", **former)
    application, keys = generate(site, "Shop with keys", uuid)
    assert keys.status_code == 200, keys.text
    before, of_admin_api = oauth_keys(site, application), usages(site, uuid)
    assert of_admin_api and before[0]["keyManager"] == "Corporate"
    run = adopt(site)
    assert run.changed == {"api-manager": 2}, f"planned and then done, and nothing else: {run.output}"
    assert PASSWORD not in run.output
    diffs = re.findall(r"^not carried over: km_admin_as_app_owner$", run.output, re.MULTILINE)
    proofs = set(re.findall(r"application: '(carbonops-check-\w+)'", run.output))
    assert (len(diffs), len(proofs)) == (2, 2), run.output
    sentence = (
        "Key manager 'Corporate', which key_manager_adopt finds for 'IS7', was there before and is in use:"
        " application 'Shop with keys' of admin; set key_manager_adopt to false to go on and leave it, or give"
        " its name in key_manager_name to remove it."
    )
    assert run.code != 0 and sentence in run.output, run.output
    taken = site.key_manager("Corporate") or {}
    assert (taken["id"], taken["type"]) == (uuid, "WSO2-IS-7") and site.key_manager("IS7") is None
    assert oauth_keys(site, application) == before and usages(site, uuid) == of_admin_api
    client = (keys.json()["consumerKey"], keys.json()["consumerSecret"])
    grant = {"grant_type": "client_credentials"}
    token = session().post(taken["tokenEndpoint"], auth=client, data=grant, timeout=30)
    assert token.status_code == 200, token.text
    happened(
        "Taking over a key manager",
        "one of type WSO2-IS with the keys of an application",
        "The application has its keys as before and gets a token with them; the proof and verify use it;"
        " unchanged in a second run",
    )
    happened("Taking over a key manager", "the role's removal of one that is in use", sentence)


@pytest.mark.parametrize("way", ["password", "certificate"])
def test_a_client_has_the_connectors_names_whichever_way_it_signs_in(site: Site, way: str) -> None:
    properties = BASIC if way == "password" else {**MUTUAL, "IdentityUser": "admin"}
    key_manager = add_key_manager(site, f"By-{way}", PUBLIC, **properties)
    application, keys = generate(site, f"Shop by {way}", key_manager)
    assert keys.status_code == 200, keys.text
    is7 = IdentityServer(site.is7, site.is7_url)
    path = f"/api/identity/oauth2/dcr/v1.1/register/{keys.json()['consumerKey']}"
    client = is7.ask("GET", path, User("admin", PASSWORD)).json()
    assert client["client_name"] == f"admin_{application}_PRODUCTION"
    assert client["ext_application_display_name"] == f"Shop by {way}"
    assert client["ext_allowed_audience"] == "organization"
    assert client["ext_refresh_token_lifetime"] == 0


def test_a_certificate_that_stands_for_another_user_registers_nothing(site: Site) -> None:
    key_manager = add_key_manager(site, "Other-user", PUBLIC, **MUTUAL, IdentityUser="somebody")
    _application, keys = generate(site, "Refused", key_manager)
    assert keys.status_code == 500


@pytest.mark.parametrize(
    ("kind", "roles", "allowed"),
    [
        ("ALLOW", ["admin"], True),
        ("DENY", ["admin"], False),
        ("ALLOW", ["Internal/everyone"], True),
        ("DENY", ["Internal/everyone"], False),
    ],
)
def test_the_permissions_of_a_key_manager_decide_by_its_uuid(
    site: Site, kind: str, roles: list[str], allowed: bool
) -> None:
    name = f"{kind}-{roles[0].rpartition('/')[2]}"
    uuid = add_key_manager(site, name, {"permissionType": kind, "roles": roles}, **BASIC)
    _first, by_uuid = generate(site, f"{name} by UUID", uuid)
    _second, by_name = generate(site, f"{name} by name", name)
    assert by_uuid.status_code == (200 if allowed else 403)
    assert allowed or by_uuid.json()["code"] == 902013
    assert by_name.status_code == 200, "as in the product"
