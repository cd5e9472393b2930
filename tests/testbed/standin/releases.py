"""What the releases of API Manager differ in: their WSO2-IS-7 connector, and what their Admin REST
API knows."""

from __future__ import annotations

import dataclasses
from typing import Any

IS7 = "WSO2-IS-7"
OLD_IS = "WSO2-IS"
Field = dict[str, Any]


def _field(
    name: str,
    required: bool = False,
    mask: bool = False,
    kind: str = "input",
    values: tuple[Any, ...] = (),
    default: str = "",
) -> Field:
    return {
        "name": name,
        "label": name,
        "type": kind,
        "required": required,
        "mask": mask,
        "multiple": False,
        "values": list(values),
        "default": default,
    }


def _checkbox(name: str) -> Field:
    return _field(name, kind="checkbox", values=("Enable",), default="Enable")


def _way(name: str, *fields: Field) -> Field:
    """One way to authenticate, of which several can be described."""
    return {**_field(name, kind="labelOnly", values=fields), "multiple": True}


_CREDENTIALS = (_field("Username", True), _field("Password", True, mask=True))
_ENDPOINTS = (_field("api_resource_management_endpoint", True), _field("is7_roles_endpoint", True))
_ROLES_CREATION = _checkbox("enable_roles_creation")
_SCHEMA_CACHE = _checkbox("user_schema_cache_enabled")
_TENANT_WIDE = _field(
    "TenantWide", kind="labelOnly", values=(_field("TenantWideCertificate", True, kind="certificate"),)
)
_MUTUAL_TLS_OPTIONS = _field(
    "MutualTLSOptions", True, kind="options", values=(_field("ServerWide", kind="labelOnly"), _TENANT_WIDE)
)
_AUTHENTICATION = _field(
    "Authentication", True, kind="dropdown",
    values=(
        _way("BasicAuth", *_CREDENTIALS),
        _way("MutualTLS", _field("IdentityUser", True), _MUTUAL_TLS_OPTIONS),
    ),
    default="BasicAuth",
)  # fmt: skip
# That of Identity Server before 7, of type WSO2-IS.
_OLD_IS = (
    *_CREDENTIALS,
    _field("km_admin_as_app_owner", kind="select", values=("Use as Application Owner",)),
)
_AUTH0 = (_field("client_id", True), _field("client_secret", True, mask=True), _field("audience", True))
_IS7_URLS = (
    _field("client_registration_endpoint", True), _field("introspection_endpoint", True),
    _field("token_endpoint", True), _field("revoke_endpoint", True),
    _field("userinfo_endpoint"), _field("authorize_endpoint"), _field("display_token_endpoint"),
    _field("display_revoke_endpoint"),
)  # fmt: skip
_CUSTOM_URLS = (
    _field("token_endpoint", True), _field("revoke_endpoint", True),
    _field("authorize_endpoint"), _field("display_token_endpoint"), _field("display_revoke_endpoint"),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Release:
    """One release. ``organizations``: it has allowedOrganizations. ``usages``: it tells what is in use, and
    refuses to delete that.

    ``not_found`` is (status, code) of an unknown id; ``userinfo``: discovery fills in /oauth2/userinfo, else
    nothing;
    ``drops_pem``: it loses a PEM certificate of a token type other than DIRECT.
    """

    name: str
    configurations: tuple[Field, ...]
    authentication: tuple[Field, ...] = ()
    organizations: bool = True
    usages: bool = True
    not_found: tuple[int, int] = (404, 901411)
    userinfo: bool = True
    drops_pem: bool = False

    def connectors(self) -> list[dict[str, Any]]:
        """The key manager types of GET /settings."""
        return [
            _connector("Auth0", _AUTH0, (), _IS7_URLS),
            _connector("Custom", (), (), _CUSTOM_URLS),
            _connector(OLD_IS, _OLD_IS, (), _IS7_URLS),
            _connector(IS7, self.configurations, self.authentication, _IS7_URLS),
        ]  # fmt: skip

    def connector(self, kind: str) -> dict[str, Any] | None:
        """One type; ``default``, the Resident Key Manager's, is there without being listed."""
        if kind == "default":
            return _connector(kind, (), (), ())
        return next((item for item in self.connectors() if item["type"] == kind), None)


def _connector(
    kind: str, configurations: tuple[Field, ...], authentication: tuple[Field, ...], urls: tuple[Field, ...]
) -> dict[str, Any]:
    return {
        "type": kind, "displayName": kind, "defaultConsumerKeyClaim": "azp", "defaultScopesClaim": "scope",
        "configurations": list(configurations), "authConfigurations": list(authentication),
        "endpointConfigurations": list(urls),
    }  # fmt: skip


_OLD: dict[str, Any] = {"organizations": False, "usages": False}
RELEASES = {
    release.name: release
    for release in (
        Release("4.3", _CREDENTIALS, not_found=(400, 901403), userinfo=False, **_OLD),
        Release("4.4", (*_CREDENTIALS, *_ENDPOINTS), drops_pem=True, **_OLD),
        Release("4.5", (*_CREDENTIALS, *_ENDPOINTS, _ROLES_CREATION)),
        Release("4.6", (*_ENDPOINTS, _ROLES_CREATION, _SCHEMA_CACHE), (_AUTHENTICATION,)),
        Release("4.7", (*_ENDPOINTS, _ROLES_CREATION, _SCHEMA_CACHE), (_AUTHENTICATION,)),
    )
}
