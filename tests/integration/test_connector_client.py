"""What API Manager's connector asks of an Identity Server works with what the document sets up, and without its first
step the user information does not.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.profile import (
    CONNECTOR_ENDPOINTS,
    connector_profile,
    profile,
)
from support.cases import Happened
from support.certificates import self_signed
from support.connector import RELEASES, RESOURCE, Connector, ConnectorError, Scope
from support.identity_server import IdentityServer, identity_server
from support.modules import run_module
from testbed.homes import keytool

PART = "The connector's requests"
# Connectors that keep scopes in an API resource, and roles that may have them.
WITH_ROLES = [release for release in RELEASES if release != "2.0.2"]


@pytest.fixture(scope="module")
def is7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityServer]:
    """As it is shipped: the document's first step is still to be made."""
    with identity_server(tmp_path_factory.mktemp("is7")) as server:
        yield server


# What the documents ask for beside the first step; {thumbprint} is API Manager's certificate's.
CONFIGURATION = """
[role_mgt]
allow_system_prefix_for_role = true

[transport.https.sslHostConfig.properties]
certificateVerification = "optional"

[client_certificate_based_authentication]
enable = true

[[client_certificate_based_authentication.user_thumbprint_mapping]]
trusted_issuer = "CN=api-manager"
cert_thumbprint = "{thumbprint}"
allowed_username = ["admin"]
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """API Manager's certificate and key in one file."""
    pair = self_signed("api-manager")
    file = tmp_path_factory.mktemp("certificate") / "api-manager.pem"
    file.write_text(pair.pem + pair.key_pem)
    return file


@pytest.fixture(scope="module")
def is7_for_connector(
    tmp_path_factory: pytest.TempPathFactory, certificate: Path
) -> Iterator[IdentityServer]:
    """With the entry that the module of this collection puts in, roles with API Manager's prefix, mutual TLS."""
    toml = CONFIGURATION.format(thumbprint=thumbprint(certificate))
    with identity_server(tmp_path_factory.mktemp("is7-ready"), toml, started=False) as server:
        done = run_module("is7_access_control", carbon_home=str(server.home.path))
        assert done["changed"], done
        store = ("-keystore", str(server.home.truststore), "-file", str(certificate))
        keytool("-importcert", "-noprompt", "-alias", "api-manager", *store)
        server.start()
        yield server


def thumbprint(certificate: Path) -> str:
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text().partition("-----BEGIN PRIVATE")[0])
    return hashlib.sha256(der).digest().hex(":").upper()


def connector(server: IdentityServer, release: str, **properties: Any) -> Connector:
    """Set up with what apim_key_manager writes for this URL."""
    fields = {
        **connector_profile(server.base, CONNECTOR_ENDPOINTS),
        "Username": server.admin.name,
        **properties,
    }
    key_manager = {**profile(server.base), "additionalProperties": fields}
    return Connector(release, key_manager, server.admin.password)


def user_token(server: IdentityServer, made: Connector, name: str) -> str:
    """Of a user who asked for no scope, as an application of API Manager does."""
    client = made.create_application("admin", name, "Users", ("password",))
    answer = server.token(
        client, grant_type="password", username=server.admin.name, password=server.admin.password
    )
    token: str = answer.json()["access_token"]
    return token


def test_an_application_from_its_creation_to_its_end(
    is7_for_connector: IdentityServer, happened: Happened
) -> None:
    for release in RELEASES:
        made = connector(is7_for_connector, release)
        client = made.create_application(
            "kim@example.com", f"uuid-{release}", "Shop", ("client_credentials",)
        )
        assert client["client_name"] == f"kim-AT-example.com_uuid-{release}_PRODUCTION"
        assert client["ext_application_display_name"] == "Shop"
        known = made.retrieve_application(client["client_id"])
        assert known.get("ext_allowed_audience") == (None if release == "2.0.2" else "organization")
        updated = made.update_application(client, "kim@example.com", f"uuid-{release}", "Shop 2")
        assert updated["ext_application_display_name"] == "Shop 2"
        token = made.token(client, "default")["access_token"]
        assert made.introspect(token)["active"] is True
        made.revoke_one_time_token(token, client["client_id"])
        assert made.introspect(token)["active"] is True, (
            "Identity Server takes no revocation without a secret"
        )
        made.delete_application(client["client_id"])
        assert made.introspect(token)["active"] is False
        with pytest.raises(ConnectorError) as unknown:
            made.retrieve_application(client["client_id"])
        assert unknown.value.status == 401
    happened(
        PART,
        f"An application's client made, read, changed, given a token that is introspected, deleted: {len(RELEASES)} releases",
        "Identity Server answers as the connector expects",
    )


def test_lifetimes_of_0_are_the_servers(is7_for_connector: IdentityServer) -> None:
    made = connector(is7_for_connector, "2.1.2")
    client = made.create_application("admin", "lifetimes", "Lifetimes", ("password", "refresh_token"))
    assert client["ext_refresh_token_lifetime"] == 0
    user = {"username": "admin", "password": is7_for_connector.admin.password}
    first = is7_for_connector.token(client, grant_type="password", **user).json()
    again = is7_for_connector.token(client, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert again.status_code == 200, "a refresh token that ends at once"
    assert again.json()["expires_in"] == first["expires_in"] > 0


def test_user_information_needs_the_documents_first_step(
    is7: IdentityServer, is7_for_connector: IdentityServer, happened: Happened
) -> None:
    for release in RELEASES:
        before, after = connector(is7, release), connector(is7_for_connector, release)
        with pytest.raises(ConnectorError) as refused:
            before.user_claims(user_token(is7, before, f"me-{release}"))
        assert refused.value.status == 403
        claims = after.user_claims(user_token(is7_for_connector, after, f"me-{release}"))
        assert claims["userName"] == "admin"
        assert ("schema" in claims) == (release in ("2.0.8", "2.1.2"))
    asked = f"GET /scim2/Me with a user's token, as {len(RELEASES)} releases of the connector ask"
    happened(PART, f"{asked}, without the entry of is7_access_control", "403: no user claims")
    happened(PART, f"{asked}, with it", "the user; from 2.0.7 on the user's schema too, with the same token")


@pytest.mark.parametrize("path", ["/oauth2/userinfo", "/scim2/Me/"])
def test_from_2_0_9_on_another_user_info_endpoint_is_asked_for_what_is_not_there(
    is7_for_connector: IdentityServer, path: str, happened: Happened
) -> None:
    made = connector(is7_for_connector, "2.1.2")
    made.key_manager["userInfoEndpoint"] = is7_for_connector.base + path
    token = user_token(is7_for_connector, made, f"other{path.replace('/', '-')}")
    with pytest.raises(ConnectorError) as failed:
        made.user_claims(token)
    assert made.asked[-1][:2] == ("POST", f"{is7_for_connector.base}{path}/claims/generate")
    assert failed.value.status == 404
    happened(PART, f"UserInfo ends in {path}, connector 2.0.9 or later", "POST ../claims/generate is a 404")


def test_scopes_of_2_0_2(is7_for_connector: IdentityServer) -> None:
    made = connector(is7_for_connector, "2.0.2")
    assert not made.scope_exists("old")
    made.register_scope(Scope("old", ("admin",)))
    assert made.scope_exists("old")
    assert made.roles_of("old") == {"admin"}
    made.update_scope(Scope("old", ("admin", "other")))
    assert made.roles_of("old") == {"admin", "other"}
    made.delete_scope("old")
    assert not made.scope_exists("old")
    with pytest.raises(ConnectorError):
        made.update_scope(Scope("old"))


@pytest.mark.parametrize("release", WITH_ROLES)
def test_scopes_live_in_one_api_resource(
    is7_for_connector: IdentityServer, release: str, happened: Happened
) -> None:
    made = connector(is7_for_connector, release)
    names = [f"{word}-{release}" for word in ("read", "write")]
    for name in names:
        assert not made.scope_exists(name)
        made.register_scope(Scope(name))
        made.register_scope(Scope(name))
        assert made.scope_exists(name)
    filtered = {"filter": f"identifier eq {RESOURCE}"}
    found = is7_for_connector.ask(
        "GET", "/api/server/v1/api-resources", is7_for_connector.admin, params=filtered
    )
    assert [item["identifier"] for item in found.json()["apiResources"]] == [RESOURCE]
    made.update_scope(Scope(names[0], display_name="Other"))
    made.delete_scope(names[0])
    assert [made.scope_exists(name) for name in names] == [False, True]
    happened(PART, f"Scopes registered, changed and deleted, connector {release}", "all in one API resource")


@pytest.mark.parametrize("release", [release for release in WITH_ROLES if release != "2.0.3"])
def test_roles_are_made_for_a_scope_and_freed_of_it(
    is7_for_connector: IdentityServer, release: str, happened: Happened
) -> None:
    made = connector(is7_for_connector, release, enable_roles_creation=True)
    shown = {"2.0.4": "system_primary_{}"}.get(release, "{}")
    scope, one, other = f"with-roles-{release}", f"one-{release}", f"other-{release}"
    made.register_scope(Scope(scope, (one, f"Internal/{other}")))
    internal = other if release == "2.0.4" else f"Internal/{other}"
    assert made.roles_of(scope) == {shown.format(one), internal}
    made.register_scope(Scope(f"second-{scope}", (one,)))
    assert shown.format(one) in made.roles_of(f"second-{scope}")
    assert shown.format(one) in made.roles_of(scope), "what a role has already stays"
    if release != "2.0.4":
        made.update_scope(Scope(scope, (one,)))
        assert made.roles_of(scope) == {one}
    made.delete_scope(scope)
    made.register_scope(Scope(scope))
    assert made.roles_of(scope) == set(), "a deleted scope is taken from the roles"
    happened(
        PART, f"A scope with roles that are made for it, connector {release}", "system_primary_ROLE has it"
    )


def test_without_the_setting_a_role_is_refused_when_its_scope_is_there_already(
    is7: IdentityServer, happened: Happened
) -> None:
    made = connector(is7, "2.1.2", enable_roles_creation=True)
    with pytest.raises(ConnectorError) as refused:
        made.register_scope(Scope("half", ("new-role",)))
    assert refused.value.status == 400
    assert made.asked[-1][:2] == ("POST", f"{is7.base}/scim2/v2/Roles")
    assert made.scope_exists("half")
    happened(
        PART,
        "A scope with a new role, enable_roles_creation: true, without [role_mgt] allow_system_prefix_for_role",
        "Identity Server refuses the role (400) when the scope is there already",
    )


def test_without_role_creation_a_role_must_be_there(is7: IdentityServer, happened: Happened) -> None:
    made = connector(is7, "2.0.3")
    made.register_scope(Scope("bound", ("admin", "nobody-has-it")))
    assert made.roles_of("bound") == {"admin"}
    happened(
        PART,
        "A scope with a role that Identity Server has not, without role creation",
        "no error, no binding",
    )


def test_by_certificate_and_user_header_as_by_password(
    is7_for_connector: IdentityServer, certificate: Path, happened: Happened
) -> None:
    made = connector(is7_for_connector, "2.1.2", Authentication="MutualTLS", IdentityUser="admin")
    made.certificate = certificate
    client = made.create_application("admin", "by-certificate", "Certificate", ("client_credentials",))
    token = made.token(client)["access_token"]
    assert made.introspect(token)["active"] is True
    made.register_scope(Scope("by-certificate", ("admin",)))
    assert made.scope_exists("by-certificate")
    made.delete_application(client["client_id"])
    happened(PART, "Mutual TLS with the certificate and user of the mapping", "works like a password")


def test_a_certificate_stands_for_nobody_else(
    is7_for_connector: IdentityServer, certificate: Path, tmp_path: Path, happened: Happened
) -> None:
    nobody = connector(is7_for_connector, "2.1.2", Authentication="MutualTLS", IdentityUser="nobody")
    nobody.certificate = certificate
    with pytest.raises(ConnectorError) as refused:
        nobody.create_application("admin", "nobody", "Nobody", ())
    assert refused.value.status == 401
    stranger = connector(is7_for_connector, "2.1.2", Authentication="MutualTLS", IdentityUser="admin")
    pair = self_signed("stranger")
    stranger.certificate = tmp_path / "stranger.pem"
    stranger.certificate.write_text(pair.pem + pair.key_pem)
    with pytest.raises(requests.exceptions.ConnectionError):
        stranger.create_application("admin", "stranger", "Stranger", ())
    happened(PART, "Mutual TLS for a user whom the mapping does not name", "401")
    happened(PART, "Mutual TLS with a certificate that Identity Server does not trust", "the handshake fails")


def test_a_tenant_answers_the_connector_like_the_server(is7_for_connector: IdentityServer) -> None:
    tenant = is7_for_connector.make_tenant("tenant1.com")
    made = connector(tenant, "2.1.2", enable_roles_creation=True)
    claims = made.user_claims(user_token(tenant, made, "of-tenant"))
    assert claims["userName"] == "tenant-admin"
    made.register_scope(Scope("of-tenant", ("buyer",)))
    assert made.roles_of("of-tenant") == {"buyer"}
    assert not connector(is7_for_connector, "2.1.2").scope_exists("of-tenant")
