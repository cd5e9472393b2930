"""Any configuration at all, over real HTTP on both tiers: made as given, left alone, and one changed option
is one PUT that changes only that.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.api_managers import CONNECTOR_PASSWORD, ApiManager
from support.cases import Happened
from support.certificates import rsa_signed

EXAMPLES = {"stand-in": 25, "wso2-classes": 10}

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"))
WORDS = st.text(LETTERS, max_size=60)
WORD = st.text(st.characters(codec="ascii", categories=("Ll", "Lu", "Nd")), min_size=1, max_size=12)
URLS = st.builds("https://{}.example:{}/{}".format, WORD, st.integers(1, 65535), WORD)
JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=6,
)
PERMISSIONS = st.one_of(
    st.just({"permission_type": "PUBLIC"}),
    st.fixed_dictionaries(
        {
            "permission_type": st.sampled_from(["ALLOW", "DENY"]),
            "roles": st.lists(st.sampled_from(["admin", "Internal/everyone"]), min_size=1, max_size=3),
        }
    ),
)
CLAIM = st.fixed_dictionaries({"remote_claim": WORD, "local_claim": WORDS.filter(str.strip)})
PEMS = [rsa_signed().pem for _number in range(2)]
RULE = st.one_of(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 99),
            "enable": st.booleans(),
            "type": st.just("REFERENCE"),
            "value": WORD.map(lambda word: f"\\Q{word}\\E"),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("JWT"),
            "value": st.fixed_dictionaries({"body": st.dictionaries(WORD, WORD, max_size=3)}),
        }
    ),
)
# Option -> (its values, the field that it changes).
OPTIONS: dict[str, tuple[st.SearchStrategy[Any], str]] = {
    "display_name": (WORDS.filter(str.strip), "displayName"),
    "description": (st.text(LETTERS, max_size=256), "description"),
    "enabled": (st.booleans(), "enabled"),
    "issuer": (URLS, "issuer"),
    "well_known_endpoint": (URLS | st.just(""), "wellKnownEndpoint"),
    "client_registration_endpoint": (URLS, "clientRegistrationEndpoint"),
    "introspection_endpoint": (URLS, "introspectionEndpoint"),
    "token_endpoint": (URLS, "tokenEndpoint"),
    "display_token_endpoint": (URLS | st.just(""), "displayTokenEndpoint"),
    "revoke_endpoint": (URLS, "revokeEndpoint"),
    "display_revoke_endpoint": (URLS | st.just(""), "displayRevokeEndpoint"),
    "user_info_endpoint": (URLS.map("{}/scim2/Me".format), "userInfoEndpoint"),
    "authorize_endpoint": (URLS | st.just(""), "authorizeEndpoint"),
    "scope_management_endpoint": (URLS, "scopeManagementEndpoint"),
    "consumer_key_claim": (WORD | st.just(""), "consumerKeyClaim"),
    "scopes_claim": (WORD | st.just(""), "scopesClaim"),
    "available_grant_types": (st.lists(WORD, max_size=4), "availableGrantTypes"),
    "certificates": (
        st.fixed_dictionaries({"type": st.just("JWKS"), "value": URLS})
        | st.fixed_dictionaries({"type": st.just("PEM"), "value": st.sampled_from(PEMS)}),
        "certificates",
    ),
    "claim_mapping": (st.lists(CLAIM, max_size=3), "claimMapping"),
    "token_validation": (st.lists(RULE, max_size=2), "tokenValidation"),
    "permissions": (PERMISSIONS, "permissions"),
    "allowed_organizations": (st.lists(WORD, max_size=3), "allowedOrganizations"),
    **{
        f"enable_{option}": (st.booleans(), f"enable{field}")
        for option, field in {
            "token_generation": "TokenGeneration",
            "map_oauth_consumer_apps": "MapOAuthConsumerApps",
            "oauth_app_creation": "OAuthAppCreation",
            "self_validation_jwt": "SelfValidationJWT",
            "token_encryption": "TokenEncryption",
            "token_hashing": "TokenHashing",
        }.items()
    },
    "additional_properties": (
        st.dictionaries(WORD.map("x_{}".format), JSON, max_size=3),
        "additionalProperties",
    ),
}
CONFIGURATION = st.fixed_dictionaries(
    {}, optional={option: values for option, (values, _field) in OPTIONS.items()}
)


def test_any_configuration_is_kept_and_one_change_is_one_change(apim: ApiManager, happened: Happened) -> None:
    tried = changes = 0

    # Making a failing example smaller would take minutes.
    @settings(
        max_examples=EXAMPLES[apim.tier],
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(CONFIGURATION, st.data())
    def check(options: dict[str, Any], data: st.DataObject) -> None:
        nonlocal tried, changes
        apim.clear()
        planned, made = apim.register(check=True, **options), apim.register(**options)
        assert planned["changed"] and made["changed"], (options, made)
        stored = apim.stored()
        assert without_secret(planned["diff"]["after"]) == without_secret(made["diff"]["after"])
        assert not unlike(made["diff"]["after"], stored)
        apim.writes()
        for again in (
            apim.register(check=True, **options),
            apim.register(**{name: turned(value) for name, value in options.items()}),
        ):
            assert not again["changed"], (options, again["diff"])
        assert apim.writes() == [] and apim.stored() == stored

        option = data.draw(st.sampled_from(sorted(OPTIONS)))
        other = {**options, option: data.draw(OPTIONS[option][0])}
        changed = apim.register(**other)
        assert not changed.failed, (other, changed)
        after = apim.stored()
        differing = {name for name in after if after[name] != stored[name]}
        tolerated = {"additionalProperties"} if option == "enable_self_validation_jwt" else set()
        assert differing - tolerated <= {OPTIONS[option][1]}, (option, differing)
        if apim.stand_in:
            assert apim.writes() == ([("PUT", f"/key-managers/{after['id']}")] if changed["changed"] else [])
            row = next(row for row in apim.stand_in.key_managers.rows.values() if row["name"] == "IS7")
            assert row["additionalProperties"]["Password"] == CONNECTOR_PASSWORD
        assert changed["changed"] or not differing
        assert not apim.register(**other)["changed"]
        tried, changes = tried + 1, changes + changed["changed"]

    check()
    assert tried >= EXAMPLES[apim.tier]
    happened(
        f"Key manager on the tier {apim.tier}",
        "Any configuration, then one option changed",
        "Made as given, unchanged, one PUT that changes only that field",
    )


def turned(value: Any) -> Any:
    """Roles, grant types, organizations and claims have no order; rules have."""
    if isinstance(value, dict) and "roles" in value:
        return {**value, "roles": value["roles"][::-1]}
    return (
        value[::-1]
        if isinstance(value, list)
        and not any("enable" in item or "value" in item for item in value if isinstance(item, dict))
        else value
    )


def without_secret(after: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if name != "id"}


def unlike(promised: dict[str, Any], stored: dict[str, Any]) -> list[str]:
    """The fields of which the diff promised something else than is there: as the server sees them, empty is
    absent and lists of texts have no order.
    """
    return [name for name, value in promised.items() if plain(value) != plain(stored.get(name))]


def plain(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.strip()) or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, dict):
        known = {name: plain(item) for name, item in value.items() if name not in ("id", "self_validate_jwt")}
        return {name: item for name, item in known.items() if item is not None} or None
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return sorted(set(items)) if items and all(isinstance(item, str) for item in items) else items or None
    return value
