"""What becomes of a setting that a site drops again, and of a certificate that stands for a user and changes: the roles on
homes without a server."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.cases import Happened
from support.homes import security
from support.roles import Homes, plays, toml
from support.stock import CONFIGURATION, PASSWORD, stock_home

PART = "deployment_toml"
NOTHING = {"is7.example.com": 0, "apim.example.com": 0}
CONFIGURE = plays("look", "configure")
# What of each setting is to be seen in a diff.
SETTINGS: dict[str, tuple[Any, str]] = {
    "is7_authorize_all_scopes": (True, "authorize_all_scopes = true"),
    "is7_role_creation": (True, "allow_system_prefix_for_role = true"),
    "is7_token_revocation": (True, 'name = "org.wso2.is.notification.ApimOauthEventInterceptor"'),
    "is7_tenant_sharing": (True, 'name = "org.wso2.carbon.identity.mgt.listener.TenantSyncListener"'),
    "is7_mutual_tls": (True, "[[client_certificate_based_authentication.user_thumbprint_mapping]]"),
    "is7_configuration": ("[oauth.token_cleanup]\nenable = false\n", "[oauth.token_cleanup]"),
    "apim_skip_resident_key_manager": (True, "skip_create_resident_key_manager = true"),
    "apim_configuration": ({"apim.x": [{"y": 1}]}, "[[apim.x]]"),
}
ON = {name: value for name, (value, _told) in SETTINGS.items()}
OWN = """
[client_certificate_based_authentication]
enable = true

[[client_certificate_based_authentication.user_thumbprint_mapping]]
trusted_issuer = "CN=theirs"
cert_thumbprint = "AB:CD"
allowed_username = ["admin"]
"""

CLIENT = "carbonops-apim-apim.example.com:client"


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return Homes(
        tmp_path, stock_home(tmp_path / "is7", script="wso2server.sh"), stock_home(tmp_path / "apim")
    )


def run(homes: Homes, stage: list[dict[str, Any]], *arguments: str, **variables: Any) -> str:
    code, output = homes.run(stage, *arguments, **variables)
    assert code == 0, output
    return output


def mappings(home: Path) -> list[dict[str, Any]]:
    table = tomllib.loads(toml(home)).get("client_certificate_based_authentication", {})
    found: list[dict[str, Any]] = table.get("user_thumbprint_mapping", [])
    return found


def test_what_a_site_drops_is_taken_back_by_the_next_run_and_by_remove(
    homes: Homes, happened: Happened
) -> None:
    before = [toml(homes.is7), toml(homes.apim)]
    told = run(homes, CONFIGURE, "--diff", **ON)
    ended = run(homes, CONFIGURE, "--diff")
    for _value, line in SETTINGS.values():
        assert f"+{line}" in told and f"-{line}" in ended, line
        assert line not in toml(homes.is7) + toml(homes.apim)
    run(homes, CONFIGURE, **ON)
    run(homes, plays("remove"))
    assert [toml(homes.is7), toml(homes.apim)] == before
    assert homes.trusted(homes.is7) == homes.trusted(homes.apim) == {}
    happened(
        PART,
        "settings of the roles that are set in one run and not in the next, or not for remove",
        "taken back to the byte, told by the diff; what was there before stays",
    )


def primary_keystore(home: Path, name: str) -> str:
    """Give a home a primary keystore that it does not present; the certificate's thumbprint."""
    store = security(home) / f"{name}.p12"
    pair = ["-alias", "client", "-keyalg", "EC", "-dname", f"CN={name}, O=x"]
    options = ["-keystore", str(store), "-storepass", PASSWORD]
    subprocess.run(["keytool", "-genkeypair", *pair, *options], check=True, capture_output=True)
    primary = f'file_name = "{name}.p12"\npassword = "{PASSWORD}"\nalias = "client"\n'
    (home / "repository/conf/deployment.toml").write_text(
        f'{CONFIGURATION}\n[keystore.primary]\n{primary}\n[keystore.tls]\nfile_name = "wso2carbon.jks"\n'
        f'password = "{PASSWORD}"\nalias = "wso2carbon"\n'
    )
    shown = subprocess.run(["keytool", "-list", "-v", *options], check=True, capture_output=True, text=True)
    return shown.stdout.split("SHA256: ", 1)[1].split()[0]


def test_a_certificate_that_stands_for_a_user_is_trusted_and_replaced_when_it_changes(
    homes: Homes, happened: Happened
) -> None:
    file = homes.is7 / "repository/conf/deployment.toml"
    file.write_text(f"{CONFIGURATION}{OWN}")
    own = mappings(homes.is7)
    for name, user in (("first", "admin"), ("second", "other")):
        thumbprint = primary_keystore(homes.apim, name)
        given = {"is7_mutual_tls": True, "is7_mutual_tls_user": user}
        run(homes, CONFIGURE, **given)
        mapped = {
            "trusted_issuer": f"CN={name}, O=x", "cert_thumbprint": thumbprint, "allowed_username": [user],
        }  # fmt: skip
        assert mappings(homes.is7) == [*own, mapped]
        assert homes.trusted(homes.is7)[CLIENT] == thumbprint.replace(":", "").lower()
    assert homes.changed(CONFIGURE, **given) == NOTHING
    run(homes, CONFIGURE)
    assert OWN in toml(homes.is7) and mappings(homes.is7) == own
    assert "certificateVerification" not in toml(homes.is7)
    assert list(homes.trusted(homes.is7)) == ["carbonops-apim-apim.example.com"]
    happened(
        PART,
        "is7_mutual_tls: API Manager's primary keystore is not the one that it presents, then holds another certificate",
        "mapped and trusted, then the other one in its place; a mapping of the site's own stays; all of it goes with is7_mutual_tls",
    )


def test_a_mapping_of_the_sites_own_is_as_good_and_never_taken(homes: Homes) -> None:
    thumbprint = primary_keystore(homes.apim, "first")
    file = homes.is7 / "repository/conf/deployment.toml"
    theirs = OWN.replace("AB:CD", thumbprint).replace('["admin"]', '["x", "admin"]')
    file.write_text(
        f'{CONFIGURATION}{theirs}\n[transport.https.sslHostConfig.properties]\ncertificateVerification = "want"\n'
    )
    before = toml(homes.is7)
    run(homes, CONFIGURE, is7_mutual_tls=True)
    assert theirs in toml(homes.is7) and len(mappings(homes.is7)) == 1
    run(homes, plays("remove"), is7_mutual_tls=True)
    assert toml(homes.is7) == before
