"""The module carbon_home_info on real homes and stores: what it sees at once, and what it says it cannot see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.carbonops.wso2.plugins.modules import carbon_home_info
from support.cases import Happened, plain
from support.homes import carbon_home, security
from support.modules import Outcome, run_module
from support.stores import PASSWORD, CountingJdk, listed, template

STANZA = (
    '[[resource.access_control]]\ncontext="(.*)/scim2/Me"\nsecure=true\nhttp_method="GET"\n'
    "cross_tenant=true\npermissions=[]\nscopes=[]\n"
)
DEFAULTS = {
    "keystore.primary.file_name": "primary.p12",
    "keystore.primary.password": PASSWORD,
    "keystore.primary.alias": "server",
    "truststore.file_name": "trust.jks",
    "truststore.password": PASSWORD,
}
EVERYTHING = ["home", "configuration", "keystore", "truststore", "start"]


def lay_home(folder: Path, toml: str = "") -> Path:
    """A home of Identity Server 7 that holds both stores, without a server."""
    home = carbon_home(folder / "wso2is", toml, DEFAULTS, ("wso2server.sh",))
    (security(home) / "primary.p12").write_bytes(template("PKCS12"))
    (security(home) / "trust.jks").write_bytes(template("JKS"))
    return home


def look(home: Path, **options: Any) -> Outcome:
    outcome = run_module("carbon_home_info", carbon_home=str(home), **options)
    assert PASSWORD not in outcome.output
    assert "PRIVATE KEY" not in outcome.output
    return outcome


def test_one_look_sees_everything_about_a_home(tmp_path: Path) -> None:
    home = lay_home(tmp_path, '[server]\nhostname = "is.example.com"\noffset = 3\n')
    (home / "bin/version.txt").write_text("WSO2 Identity Server 7.2.0\n")
    seen = look(home, trusted_as="carbonops-is7-one", access_control={}, requires=EVERYTHING[:-1])
    assert seen.get("msg") is None
    assert (seen["exists"], seen["changed"], seen["settled"]) == (True, False, False)
    assert seen["script"] == str(home / "bin/wso2server.sh")
    assert seen["version"] == "WSO2 Identity Server 7.2.0"
    assert seen["owner"]["uid"] == home.stat().st_uid
    configuration = seen["configuration"]
    assert (configuration["hostname"], configuration["port_offset"]) == ("is.example.com", 3)
    assert configuration["https_port"] == 9446
    assert configuration["access_control"] == {"changes": True, "shadowed_by": []}
    own = listed(security(home) / "primary.p12", PASSWORD)["server"][1]
    assert (seen["certificate"]["sha256"], seen["certificate"]["trusted_as"]) == (own, "carbonops-is7-one")
    base = listed(security(home) / "trust.jks", PASSWORD)["base"][1]
    assert seen["truststore"]["trusted"] == {"base": base}
    assert seen["truststore"]["sha256"] == [base]
    assert seen["truststore"]["type"] == "JKS"
    assert (seen["server"]["running"], seen["server"]["ready"]) == (False, False)
    assert seen["server"]["restart_reason"] == ""
    assert seen["proof"] is None


def test_what_the_look_tells_is_what_its_documentation_says(tmp_path: Path) -> None:
    def compare(told: dict[str, Any], documented: dict[str, Any]) -> None:
        assert set(told) == set(documented)
        for name, about in documented.items():
            if isinstance(told[name], dict) and "contains" in about:
                compare(told[name], about["contains"])

    seen = look(
        lay_home(tmp_path),
        access_control={},
        wanted={"tables": {"oauth": {"x": True}}},
        client_certificate=True,
    )
    documented = yaml.safe_load(carbon_home_info.RETURN)
    told = {name: value for name, value in seen.items() if name not in ("changed", "invocation", "warnings")}
    compare(told, documented)


def test_each_store_is_read_by_one_jvm(tmp_path: Path) -> None:
    jdk = CountingJdk(tmp_path / "jdk")
    seen = look(lay_home(tmp_path), java_home=jdk.java_home, access_control={})
    assert seen["truststore"] is not None
    assert len(jdk.calls()) == 2


@pytest.mark.parametrize(
    "toml", ["", STANZA, STANZA.replace("true", "false")], ids=["none", "right", "other"]
)
def test_the_look_says_of_the_entry_what_its_module_does(tmp_path: Path, toml: str) -> None:
    home = lay_home(tmp_path, toml)
    seen = look(home, access_control={"position": "first"})
    done = run_module("is7_access_control", carbon_home=str(home), check=True)
    assert seen["configuration"]["access_control"]["changes"] is done["changed"]


WANTED = {
    "tables": {"oauth": {"authorize_all_scopes": True}},
    "snippet": "[super_admin]\npassword = 'pw-of-it'\n",
}


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "[oauth]\nauthorize_all_scopes = true\n[super_admin]\npassword = 'pw-of-it'\n",
        "[oauth]\n[super_admin]\n",
    ],
    ids=["none", "right", "other"],
)
def test_the_look_says_of_what_is_wanted_what_deployment_toml_does(tmp_path: Path, toml: str) -> None:
    home = lay_home(tmp_path, toml)
    seen = look(home, wanted=WANTED)
    done = run_module("deployment_toml", carbon_home=str(home), check=True, **WANTED)
    told = seen["configuration"]["wanted"]
    assert (told["changes"], told["edited"]) == (done["changed"], done["edited"])
    assert "pw-of-it" not in str(seen) + seen.output


def test_the_look_tells_which_certificates_users_may_show(tmp_path: Path) -> None:
    table = "[client_certificate_based_authentication]\nenable = true\n"
    mapping = (
        "[[client_certificate_based_authentication.user_thumbprint_mapping]]\ntrusted_issuer = 'CN=x'\n"
        "cert_thumbprint = 'AB:CD'\nallowed_username = ['a', 'b']\nother = 1979-05-27\n"
    )
    seen = look(lay_home(tmp_path / "on", table + mapping))
    assert seen["configuration"]["client_certificates"] == [
        {
            "trusted_issuer": ["CN=x"],
            "cert_thumbprint": ["AB:CD"],
            "allowed_username": ["a", "b"],
            "put": False,
        }
    ]
    off = look(lay_home(tmp_path / "off", table.replace("true", "false") + mapping))
    assert off["configuration"]["client_certificates"] == []


def test_the_look_tells_what_was_put_in_and_what_for(tmp_path: Path) -> None:
    mappings = "client_certificate_based_authentication.user_thumbprint_mapping"
    theirs = (
        f"[client_certificate_based_authentication]\nenable = true\n[[{mappings}]]\ncert_thumbprint = 'A'\n"
    )
    home = lay_home(tmp_path, theirs)
    run_module(
        "deployment_toml",
        carbon_home=str(home),
        tables={mappings: [{"cert_thumbprint": "B"}], "server": {"hostname": "x.y"}},
        purpose="certificates",
    )
    seen = look(home, wanted={"purpose": "other"})["configuration"]
    put = [(mapping["cert_thumbprint"], mapping["put"]) for mapping in seen["client_certificates"]]
    assert put == [(["A"], False), (["B"], True)]
    assert (seen["purposes"], seen["hostname_put"]) == (["certificates"], True)
    assert not seen["wanted"]["changes"]
    bare = lay_home(tmp_path / "bare")
    (bare / "repository/conf/deployment.toml").unlink()
    assert look(bare, wanted={"purpose": "certificates"})["configuration"]["wanted"]["changes"] is False
    ended = look(home, wanted={"purpose": "certificates"})["configuration"]["wanted"]
    assert ended["changes"] and ended["edited"][0] == "server.hostname"


def test_the_look_tells_the_certificate_of_the_primary_keystore(tmp_path: Path) -> None:
    jdk = CountingJdk(tmp_path / "jdk")
    seen = look(lay_home(tmp_path), java_home=jdk.java_home, client_certificate=True)
    assert len(jdk.calls()) == 2, "the store that is presented is read once"
    assert seen["client_certificate"]["presented"]
    shown = seen["client_certificate"]["mapping"]
    assert shown["cert_thumbprint"].replace(":", "").lower() == seen["certificate"]["sha256"]
    assert shown["trusted_issuer"] == ", ".join(sorted(shown["trusted_issuer"].split(", ")))
    assert look(lay_home(tmp_path / "other"))["client_certificate"] is None


def test_an_entry_that_is_shadowed_is_told_at_each_look(tmp_path: Path) -> None:
    home = lay_home(tmp_path, f'[[resource.access_control]]\ncontext="(.*)"\nhttp_method="all"\n{STANZA}')
    seen = look(home, access_control={"position": "last"})
    assert seen["configuration"]["access_control"] == {"changes": False, "shadowed_by": ["(.*)"]}
    assert "earlier entries take requests for the same paths: (.*)." in str(seen["warnings"])


# What is wrong -> the part that cannot be seen, and the sentence about it.
UNSEEN: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a configuration that no server reads": (
        "[broken\n",
        {},
        "configuration",
        r"FILE is not what a server can read: .* \(at line 1, column 8\); correct it",
    ),
    "an inline entry": (
        "[resource]\naccess_control = [{context = 'a', http_method = 'GET'}]\n",
        {"access_control": {}},
        "configuration",
        r"Editing FILE was refused: line 2 writes resource.access_control inline",
    ),
    "a keystore password that only the server knows": (
        '[keystore.tls]\npassword = "$env{KEYS}"\n',
        {},
        "keystore",
        r"FILE takes keystore.tls.password from \$env\{KEYS\}, which only the server can see",
    ),
    "a wrong keystore password": (
        "",
        {"keystore_password": "wrong-one"},
        "keystore",
        "the password is wrong",
    ),
    "a wrong truststore password": (
        "",
        {"truststore_password": "wrong-one"},
        "truststore",
        "the password is wrong",
    ),
    "a truststore that is missing": (
        '[truststore]\nfile_name = "none.p12"\n',
        {},
        "truststore",
        r"none.p12 does not exist",
    ),
    "an alias that is missing": (
        '[keystore.tls]\nalias = "other"\n',
        {},
        "keystore",
        r"has no certificate under the alias 'other'; correct the alias",
    ),
    "a JDK that is missing": (
        "",
        {"java_home": "/nowhere/jdk"},
        "start",
        r"/nowhere/jdk/bin/java does not exist",
    ),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_cannot_be_seen_is_named_and_fails_only_what_requires_it(
    happened: Happened, tmp_path: Path, name: str
) -> None:
    toml, options, part, sentence = UNSEEN[name]
    home = lay_home(tmp_path, toml)
    seen = look(home, **options)
    assert seen.get("msg") is None, "nothing requires it"
    file = str(home / "repository/conf/deployment.toml")
    assert re.search(sentence.replace("FILE", re.escape(file)), seen["not_seen"][part]), seen["not_seen"]
    refused = look(home, **options, requires=[part])
    assert refused.failed
    assert refused["msg"] == seen["not_seen"][part]
    assert "wrong-one" not in seen.output + refused.output
    others = [other for other in EVERYTHING if other not in seen["not_seen"]]
    assert look(home, **options, requires=others).get("msg") is None
    happened(
        "carbon_home_info",
        name,
        f"named as not seen; where it is required: {plain(refused['msg'], home=home)}",
    )


def test_a_home_that_does_not_exist_is_an_error_only_where_it_is_required(tmp_path: Path) -> None:
    seen = look(tmp_path / "nothing", requires=["configuration", "keystore"])
    assert (seen["exists"], seen["settled"], seen["changed"]) == (False, False, False)
    refused = look(tmp_path / "nothing", requires=["home"])
    assert refused["msg"].startswith(f"{tmp_path}/nothing is no carbon home (it has no bin folder); give")


def test_a_home_without_a_start_script_is_never_taken_for_one(tmp_path: Path) -> None:
    home = carbon_home(tmp_path / "home")
    assert "holds no start script" in look(home)["msg"]


def test_the_last_proof_is_read_with_a_limit(tmp_path: Path) -> None:
    home = lay_home(tmp_path)
    (home / "repository/carbonops-proof").write_text("f" * 64 + "g" * 1000)
    assert look(home)["proof"] == "f" * 64
