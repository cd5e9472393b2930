"""Asks an Identity Server what API Manager's connector of type WSO2-IS-7 asks it, in its order and forms.

Follows the published sources of releases 2.0.2 to 2.1.2 (``WSO2IS7KeyManager`` and its clients). What it is given is a
key manager as API Manager has it stored.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import requests

from .api_managers import session

RELEASES = ("2.0.2", "2.0.3", "2.0.4", "2.0.8", "2.1.2")
RESOURCE = "User-defined-oauth2-resource"
_SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
Json = dict[str, Any]


class ConnectorError(Exception):
    """An answer that the connector takes for a failure."""

    def __init__(self, method: str, url: str, status: int) -> None:
        super().__init__(f"{method} {url} answered {status}")
        self.status = status


@dataclasses.dataclass(frozen=True)
class Scope:
    """One of API Manager's scopes with the roles, as API Manager names them, that may have it."""

    name: str
    roles: tuple[str, ...] = ()
    display_name: str = "A scope"
    description: str = "For tests"


@dataclasses.dataclass
class Connector:
    """One release of it, set up for one key manager.

    ``password`` is what API Manager does not show; ``certificate`` is the file with API Manager's own certificate and
    key, for mutual TLS. ``asked`` is what was asked, and how it was answered.
    """

    release: str
    key_manager: Json
    password: str = dataclasses.field(default="", repr=False)
    certificate: Path | None = None
    asked: list[tuple[str, str, int]] = dataclasses.field(default_factory=list)
    session: requests.Session = dataclasses.field(default_factory=session)

    # Applications

    def create_application(self, owner: str, identifier: str, name: str, grants: tuple[str, ...]) -> Json:
        """The client of an application's production keys."""
        body = self._client(owner, identifier, name, grants)
        return self._json("POST", self._registration, json=body)

    def retrieve_application(self, client_id: str) -> Json:
        return self._json("GET", f"{self._registration}/{client_id}")

    def update_application(self, client: Json, owner: str, identifier: str, name: str) -> Json:
        body = {
            **self._client(owner, identifier, name, tuple(client["grant_types"])),
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
        return self._json("PUT", f"{self._registration}/{client['client_id']}", json=body)

    def delete_application(self, client_id: str) -> None:
        self._ask("DELETE", f"{self._registration}/{client_id}")

    def _client(self, owner: str, identifier: str, name: str, grants: tuple[str, ...]) -> Json:
        client: Json = {
            "client_name": f"{owner.replace('@', '-AT-')}_{identifier}_PRODUCTION",
            "ext_application_display_name": name,
            "grant_types": list(grants),
            "token_type_extension": "JWT",
            "ext_refresh_token_lifetime": 0,
            "ext_id_token_lifetime": 0,
            **dict.fromkeys(("ext_pkce_mandatory", "ext_pkce_support_plain", "ext_public_client"), False),
        }
        return {**client, **({"ext_allowed_audience": "organization"} if self._since("2.0.3") else {})}

    # Tokens

    def token(self, client: Json, *scopes: str) -> Json:
        """A token for the application itself."""
        form = {"grant_type": "client_credentials", "scope": " ".join(scopes)}
        signed = (client["client_id"], client["client_secret"])
        return self._json("POST", self.key_manager["tokenEndpoint"], own=False, data=form, auth=signed)

    def introspect(self, token: str) -> Json:
        return self._json("POST", self.key_manager["introspectionEndpoint"], data={"token": token})

    def revoke_one_time_token(self, token: str, client_id: str) -> None:
        """From 2.1.1; without the client's secret, and whatever is answered."""
        if self._since("2.1.1"):
            form = {"token": token, "client_id": client_id}
            self._send("POST", self.key_manager["revokeEndpoint"], own=False, data=form)

    def user_claims(self, token: str) -> Json:
        """Who the user of a token is, by that token; with the user's schema where the release reads it."""
        url = self.key_manager["userInfoEndpoint"]
        bearer = {"Authorization": f"Bearer {token}"}
        if self._since("2.0.9") and not url.lower().endswith("scim2/me"):
            return self._json("POST", f"{url}/claims/generate", json={"accessToken": token})
        user = self._json("GET", url, own=False, headers=bearer)
        if self._since("2.0.7") and not self._mutual_tls and url.lower().endswith("/me"):
            schemas = self._ask("GET", f"{url[:-3]}/Schemas", own=False, headers=bearer).json()
            user["schema"] = {item["name"]: item["returned"] for item in schemas[0]["attributes"]}
        return user

    # Scopes

    def register_scope(self, scope: Scope) -> None:
        if not self._since("2.0.3"):
            self._ask("POST", self._scopes, json=_old_form(scope))
            return
        resource = self._resource()
        if resource is None:
            body = {
                "identifier": RESOURCE,
                "name": "User-defined OAuth2 Resource",
                "description": "This is Default OAuth2 Resource Representation",
                "requiresAuthorization": True,
                "scopes": [_form(scope)],
            }
            self._ask("POST", self._resources, json=body)
        elif scope.name not in self._scope_names(resource):
            self._ask("PATCH", f"{self._resources}/{resource}", json={"addedScopes": [_form(scope)]})
        self._bind(scope, scope.roles)

    def scope_exists(self, name: str) -> bool:
        if not self._since("2.0.3"):
            return self._send("HEAD", f"{self._scopes}/name/{name}").status_code == 200
        resource = self._resource()
        return resource is not None and name in self._scope_names(resource)

    def roles_of(self, name: str) -> set[str]:
        """The roles of a scope, as API Manager names them."""
        if not self._since("2.0.3"):
            bindings = self._json("GET", f"{self._scopes}/name/{name}").get("bindings") or [{}]
            return set(bindings[0].get("binding", []))
        self._ask("GET", f"{self._resources}/{self._resource()}/scopes")
        return self._bound(name)

    def update_scope(self, scope: Scope) -> None:
        if not self._since("2.0.3"):
            self._ask("PUT", f"{self._scopes}/name/{scope.name}", json=_old_form(scope))
            return
        words = {"displayName": scope.display_name, "description": scope.description}
        self._ask("PATCH", f"{self._resources}/{self._resource()}/scopes/{scope.name}", json=words)
        bound = self._bound(scope.name)
        self._bind(scope, tuple(role for role in scope.roles if role not in bound))
        for role in bound.difference(scope.roles):
            self._unbind(scope.name, role)

    def delete_scope(self, name: str) -> None:
        if not self._since("2.0.3"):
            self._ask("DELETE", f"{self._scopes}/name/{name}")
        else:
            self._ask("DELETE", f"{self._resources}/{self._resource()}/scopes/{name}")

    def _resource(self) -> str | None:
        """The id of the API resource that has the scopes."""
        found = self._json("GET", self._resources, params={"filter": f"identifier eq {RESOURCE}"})
        resources = found["apiResources"]
        return resources[0]["id"] if resources else None

    def _scope_names(self, resource: str) -> set[str]:
        return {scope["name"] for scope in self._ask("GET", f"{self._resources}/{resource}/scopes").json()}

    # Roles

    def _bind(self, scope: Scope, roles: tuple[str, ...]) -> None:
        """Without the right to make roles, one that is not there is passed over."""
        permission = {"value": scope.name, "display": scope.display_name}
        for role in roles:
            name = self._is7_role(role)
            identifier = self._role_id(name)
            if identifier is not None:
                permissions = self._json("GET", f"{self._roles}/{identifier}")["permissions"]
                self._replace(identifier, [*permissions, permission])
            elif self._makes_roles:
                self._ask("POST", self._roles, json={"displayName": name, "permissions": [permission]})

    def _unbind(self, scope: str, role: str) -> None:
        identifier = self._role_id(self._is7_role(role))
        if identifier is not None:
            permissions = self._json("GET", f"{self._roles}/{identifier}")["permissions"]
            self._replace(identifier, [{"value": p["value"]} for p in permissions if p["value"] != scope])

    def _replace(self, role: str, permissions: list[Json]) -> None:
        operation = {"op": "replace", "value": {"permissions": permissions}}
        self._ask("PATCH", f"{self._roles}/{role}", json={"Operations": [operation]})

    def _role_id(self, name: str) -> str | None:
        found = self._search(f"displayName eq {name}")
        return found[0]["id"] if found else None

    def _bound(self, scope: str) -> set[str]:
        having = [
            role["displayName"]
            for role in self._search(None)
            if any(permission["value"] == scope for permission in role.get("permissions", []))
        ]
        return {_apim_role(name) if self._since("2.0.8") else name for name in having}

    def _search(self, wanted: str | None) -> list[Json]:
        body = {"schemas": [_SEARCH], **({"filter": wanted} if wanted else {})}
        found: list[Json] = self._json("POST", f"{self._roles}/.search", json=body).get("Resources", [])
        return found

    def _is7_role(self, name: str) -> str:
        if not self._makes_roles:
            return name
        if name.startswith("Application/"):
            raise ValueError(f"Role: {name} is invalid.")
        return name.removeprefix("Internal/") if name.startswith("Internal/") else f"system_primary_{name}"

    # What is asked where, and as whom

    @property
    def _properties(self) -> Json:
        properties: Json = self.key_manager["additionalProperties"]
        return properties

    @property
    def _registration(self) -> str:
        return str(self.key_manager["clientRegistrationEndpoint"])

    @property
    def _scopes(self) -> str:
        return str(self.key_manager["scopeManagementEndpoint"])

    @property
    def _resources(self) -> str:
        return str(self._properties["api_resource_management_endpoint"])

    @property
    def _roles(self) -> str:
        return str(self._properties["is7_roles_endpoint"])

    @property
    def _makes_roles(self) -> bool:
        return self._since("2.0.4") and self._properties.get("enable_roles_creation") is True

    @property
    def _mutual_tls(self) -> bool:
        return self._since("2.0.7") and self._properties.get("Authentication") == "MutualTLS"

    def _since(self, release: str) -> bool:
        return _number(self.release) >= _number(release)

    def _json(self, method: str, url: str, own: bool = True, **options: Any) -> Json:
        found: Json = self._ask(method, url, own, **options).json()
        return found

    def _ask(self, method: str, url: str, own: bool = True, **options: Any) -> requests.Response:
        answer = self._send(method, url, own, **options)
        if not answer.ok:
            raise ConnectorError(method, url, answer.status_code)
        return answer

    def _send(self, method: str, url: str, own: bool = True, **options: Any) -> requests.Response:
        """``own``: as the connector's user, not as a client or user of its own."""
        options.setdefault("headers", {})
        if own and self._mutual_tls:
            options["cert"] = str(self.certificate)
            options["headers"]["WSO2-Identity-User"] = self._properties["IdentityUser"]
        elif own:
            options["auth"] = (self._properties["Username"], self.password)
        # A certificate would stay in the session's TLS context.
        sender = requests.Session() if "cert" in options else self.session
        answer = sender.request(method, url, verify=False, timeout=30, **options)
        self.asked.append((method, url, answer.status_code))
        return answer


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def _form(scope: Scope) -> Json:
    return {"name": scope.name, "displayName": scope.display_name, "description": scope.description}


def _old_form(scope: Scope) -> Json:
    binding = {"bindingType": "DEFAULT", "binding": list(scope.roles)}
    return {**_form(scope), "bindings": [binding]}


def _apim_role(name: str) -> str:
    prefix = "system_primary_"
    return name.removeprefix(prefix) if name.startswith(prefix) else f"Internal/{name}"
