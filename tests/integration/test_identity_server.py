"""The test bed's Identity Server answers as the real one: its tenants keep what is theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.identity_server import IdentityServer, User, identity_server

DISCOVERY = "/oauth2/token/.well-known/openid-configuration"
REGISTER = "/api/identity/oauth2/dcr/v1.1/register"
API_RESOURCES = "/api/server/v1/api-resources"
# What the document's first step puts in.
STANZA = (
    '\n[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nsecure=true\nhttp_method="GET"\n'
    "cross_tenant=true\npermissions=[]\nscopes=[]\n"
)


@pytest.fixture(scope="module")
def is7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityServer]:
    with identity_server(tmp_path_factory.mktemp("is7"), STANZA) as server:
        yield server


@pytest.fixture(scope="module")
def tenants(is7: IdentityServer) -> tuple[IdentityServer, IdentityServer]:
    return is7.make_tenant("tenant1.com"), is7.make_tenant("tenant2.com")


def user_token(server: IdentityServer, name: str, user: User) -> str:
    client = server.register(name, "password")
    answer = server.token(client, grant_type="password", username=user.name, password=user.password)
    token: str = answer.json()["access_token"]
    return token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_tenants_addresses_and_issuer_have_its_path(
    is7: IdentityServer, tenants: tuple[IdentityServer, IdentityServer]
) -> None:
    for server in (is7, *tenants):
        document = server.ask("GET", DISCOVERY).json()
        addresses = [value for value in document.values() if isinstance(value, str)]
        assert document["issuer"] == f"{server.base}/oauth2/token"
        assert all(address.startswith(f"{server.base}/o") or "/api/" in address for address in addresses)
        assert document["registration_endpoint"] == f"{server.base}{REGISTER}"
        assert server.ask("GET", "/oauth2/jwks").json()["keys"]


def test_the_super_tenants_own_path_is_the_servers(is7: IdentityServer) -> None:
    document = is7.ask("GET", f"/t/carbon.super{DISCOVERY}").json()
    assert document["issuer"] == f"{is7.base}/oauth2/token"


@pytest.mark.parametrize("path", [f"/t/nowhere.com{DISCOVERY}", "/t/tenant1.com", "/t/"])
def test_what_is_no_tenants_path_is_not_found(is7: IdentityServer, path: str) -> None:
    assert is7.ask("GET", path).status_code == 404


def test_a_tenant_is_made_once_and_by_the_super_tenant_alone(
    is7: IdentityServer, tenants: tuple[IdentityServer, IdentityServer]
) -> None:
    body = {"domain": "tenant1.com", "owners": [{"username": "a", "password": "Aa-1.aaa", "email": "a@b"}]}
    again = is7.ask("POST", "/api/server/v1/tenants", is7.admin, json=body)
    assert again.status_code == 409
    own = tenants[0].ask("POST", "/api/server/v1/tenants", tenants[0].admin, json=body)
    assert own.status_code == 404
    found = is7.ask("GET", "/api/server/v1/tenants/domain/tenant1.com", is7.admin)
    assert found.json()["domain"] == "tenant1.com"
    assert is7.ask("GET", "/api/server/v1/tenants/domain/x.com", is7.admin).status_code == 404


def test_users_may_ask_their_own_tenant_alone(
    is7: IdentityServer, tenants: tuple[IdentityServer, IdentityServer]
) -> None:
    one, other = tenants
    for server in (is7, one, other):
        for user in (is7.admin, one.admin, other.admin):
            allowed = server.ask("GET", API_RESOURCES, user).status_code == 200
            assert allowed == (user is server.admin), (server.base, user)


def test_a_name_without_a_domain_is_one_of_the_tenant_that_is_asked(
    tenants: tuple[IdentityServer, IdentityServer],
) -> None:
    user = User("tenant-admin", tenants[0].admin.password)
    assert tenants[0].ask("GET", API_RESOURCES, user).status_code == 200
    assert tenants[0].ask("GET", API_RESOURCES, User("admin", "Quite-S3cret.pw")).status_code == 401


def test_clients_tokens_and_api_resources_are_one_tenants(
    is7: IdentityServer, tenants: tuple[IdentityServer, IdentityServer]
) -> None:
    one, other = tenants
    client = one.register("of-one", "client_credentials")
    token = one.token(client, grant_type="client_credentials").json()["access_token"]
    body = {"name": "mine", "identifier": "mine"}
    made = one.ask("POST", API_RESOURCES, one.admin, json=body).json()
    for server in (one, other, is7):
        own = server is one
        introspected = server.ask("POST", "/oauth2/introspect", server.admin, data={"token": token}).json()
        assert introspected["active"] is own
        again = server.token(client, grant_type="client_credentials")
        assert again.status_code == (200 if own else 401)
        known = server.ask("GET", f"{REGISTER}/{client['client_id']}", server.admin)
        assert known.status_code == (200 if own else 401)
        found = server.ask("GET", f"{API_RESOURCES}/{made['id']}", server.admin)
        assert found.status_code == (200 if own else 404)
    revoked = one.ask(
        "POST", "/oauth2/revoke", User(client["client_id"], client["client_secret"]), data={"token": token}
    )
    assert revoked.status_code == 200
    assert one.ask("POST", "/oauth2/introspect", one.admin, data={"token": token}).json() == {"active": False}


def test_a_tenants_token_names_the_tenant_as_its_issuer(
    tenants: tuple[IdentityServer, IdentityServer],
) -> None:
    token = user_token(tenants[0], "issuer", tenants[0].admin)
    claims = tenants[0].ask("POST", "/oauth2/introspect", tenants[0].admin, data={"token": token}).json()
    assert claims["iss"] == f"{tenants[0].base}/oauth2/token"
    assert claims["username"] == "tenant-admin"


def test_with_the_stanza_a_token_of_any_tenant_may_ask_who_its_user_is(
    is7: IdentityServer, tenants: tuple[IdentityServer, IdentityServer]
) -> None:
    token = user_token(tenants[0], "cross", tenants[0].admin)
    for server in (is7, *tenants):
        answer = server.ask("GET", "/scim2/Me", headers=bearer(token))
        assert answer.json()["userName"] == "tenant-admin"
    assert is7.ask("GET", "/scim2/Me", headers=bearer("made.up.token")).status_code == 401
