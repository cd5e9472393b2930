"""What a carbon home says about itself: product, ports, stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.stores import chosen_store
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from hypothesis import given, settings
from hypothesis import strategies as st
from support.certificates import self_signed
from support.homes import carbon_home, security
from support.stores import keytool


def home(
    folder: Path,
    toml: str | None = "",
    defaults: dict[str, object] | None = None,
    scripts: tuple[str, ...] = (),
) -> CarbonHome:
    return CarbonHome(str(carbon_home(folder, toml, defaults, scripts)))


@pytest.mark.parametrize(
    ("scripts", "product"),
    [
        (("api-manager.sh",), "api-manager.sh"),
        (("wso2server.sh", "api-manager.sh"), "api-manager.sh"),
        (("wso2server.sh", "api-cp.sh"), "api-cp.sh"),
        (("key-manager.sh", "api-cp.sh"), "api-cp.sh"),
        (("gateway.sh",), "gateway.sh"),
        (("traffic-manager.sh", "wso2server.sh"), "traffic-manager.sh"),
        (("key-manager.sh",), "key-manager.sh"),
        (("wso2server.sh", "wso2server.bat"), "wso2server.sh"),
    ],
)
def test_the_product_is_told_by_its_start_script(
    tmp_path: Path, scripts: tuple[str, ...], product: str
) -> None:
    found = home(tmp_path, scripts=scripts).product()
    assert found.script == product
    assert all(path.startswith("/") for path in found.ready_paths(tmp_path))


GATEWAY, VERSION = "/api/am/gateway/v2/server-startup-healthcheck", "/services/Version"
HEALTH, DISCOVERY = "/api/health-check/v1.0/health", "/oauth2/token/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("script", "webapps", "paths"),
    [
        ("api-manager.sh", ["api#am#gateway#v2", "api#am#admin.war"], (GATEWAY, VERSION)),
        ("api-manager.sh", ["api#am#admin.war"], (VERSION,)),
        ("api-manager.sh", None, (VERSION,)),
        ("api-cp.sh", ["api#am#admin"], (VERSION,)),
        ("gateway.sh", ["api#am#gateway#v2.war"], (GATEWAY, VERSION)),
        ("traffic-manager.sh", [], (VERSION,)),
        ("wso2server.sh", None, (HEALTH, DISCOVERY)),
        ("wso2server.sh", ["api#health-check#v1.0.war", "oauth2"], (HEALTH, DISCOVERY)),
        ("wso2server.sh", ["api.war", "oauth2.war"], (HEALTH, DISCOVERY)),
        ("wso2server.sh", ["oauth2.war"], (DISCOVERY,)),
    ],
)
def test_what_ready_means_follows_from_the_web_applications_of_the_home(
    tmp_path: Path, script: str, webapps: list[str] | None, paths: tuple[str, ...]
) -> None:
    found = home(tmp_path, scripts=(script,))
    for webapp in webapps or ():
        (tmp_path / "repository/deployment/server/webapps" / webapp).mkdir(parents=True)
    if webapps == []:
        (tmp_path / "repository/deployment/server/webapps").mkdir(parents=True)
    assert found.product().ready_paths(tmp_path) == paths


@pytest.mark.parametrize(
    ("toml", "defaults", "offset", "port"),
    [
        (None, None, 0, 9443),
        ("[server]\noffset = 1\n", None, 1, 9444),
        ('[server]\noffset = "2"\n', None, 2, 9445),
        ("[transport.https.properties]\nport = 8243\n", None, 0, 8243),
        ('[server]\noffset = 3\n[transport.https.properties]\nport = "8243"\n', None, 3, 8246),
        ("", {"transport.https.properties.port": 9500}, 0, 9500),
        (
            "transport.https.properties.port = 9600\n",
            {"transport.https.properties.port": 9500, "server.offset": "5"},
            5,
            9605,
        ),
        ("[server]\noffset = '$ref{my.offset}'\n[my]\noffset = 7\n", None, 7, 9450),
    ],
)
def test_ports_come_from_the_file_then_from_the_products_defaults(
    tmp_path: Path, toml: str | None, defaults: dict[str, object] | None, offset: int, port: int
) -> None:
    found = home(tmp_path, toml, defaults)
    assert found.port_offset() == offset
    assert found.https_port(found.port_offset()) == port
    assert found.https_port(offset + 10) == port + 10


@pytest.mark.parametrize(
    ("file", "stores"),
    [
        ((), ("client-truststore.p12", "wso2carbon.p12")),
        (("client-truststore.jks", "wso2carbon.jks"), ("client-truststore.jks", "wso2carbon.jks")),
        (("client-truststore.jks", "client-truststore.p12"), ("client-truststore.p12", "wso2carbon.p12")),
    ],
)
def test_without_configuration_and_defaults_the_stores_are_those_all_products_have(
    tmp_path: Path, file: tuple[str, ...], stores: tuple[str, str]
) -> None:
    found = home(tmp_path, None)
    for name in file:
        (security(tmp_path) / name).touch()
    for what, name, alias in (("truststore", stores[0], None), ("keystore", stores[1], "wso2carbon")):
        store = found.store(what)
        assert (store.path, store.password, store.alias) == (security(tmp_path) / name, "wso2carbon", alias)


# What the products ship as repository/resources/conf/default.json.
DEFAULTS = {
    "keystore.primary.file_name": "primary.p12",
    "keystore.primary.password": "one",
    "keystore.primary.alias": "first",
    "keystore.tls.file_name": "$ref{keystore.primary.file_name}",
    "keystore.tls.password": "$ref{keystore.primary.password}",
    "keystore.tls.alias": "$ref{keystore.primary.alias}",
}
PRIMARY = "[keystore.primary]\nfile_name = 'own.jks'\nalias = 'second'\n"


@pytest.mark.parametrize(
    "defaults",
    [DEFAULTS, dict(list(DEFAULTS.items())[:3]), None],
    ids=["all defaults", "primary alone", "none"],
)
@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        (PRIMARY + "password = 'two'\n", ("own.jks", "two", "second")),
        (
            PRIMARY + "password = '$ref{my.secret}'\n[my]\nsecret = '$ref{my.other}'\nother = 'three'\n",
            ("own.jks", "three", "second"),
        ),
        (PRIMARY + "password = 'two'\n[keystore.tls]\nalias = 'third'\n", ("own.jks", "two", "third")),
        (
            PRIMARY + "[keystore.tls]\nfile_name = 'tls.p12'\npassword = 'four'\nalias = 'third'\n",
            ("tls.p12", "four", "third"),
        ),
        (
            "keystore.tls.file_name = '${carbon.home}/conf/x.p12'\nkeystore.tls.password ="
            " 'a'\nkeystore.tls.alias = 'b'\n",
            ("/conf/x.p12", "a", "b"),
        ),
    ],
)
def test_the_key_that_the_server_presents_is_that_of_tls_before_primary(
    tmp_path: Path, toml: str, expected: tuple[str, str, str], defaults: dict[str, object] | None
) -> None:
    store = home(tmp_path, toml, defaults).store("keystore")
    place = tmp_path / expected[0][1:] if expected[0].startswith("/") else security(tmp_path) / expected[0]
    assert (store.path, store.password, store.alias) == (place, *expected[1:])


def test_a_stores_password_is_not_in_its_text(tmp_path: Path) -> None:
    assert "Geheim" not in repr(home(tmp_path, '[truststore]\npassword = "Geheim"\n').store("truststore"))


@settings(max_examples=50, deadline=None)
@given(
    given_password=st.none() | st.just("given"),
    in_file=st.none() | st.just("file"),
    in_defaults=st.none() | st.just("defaults"),
)
def test_a_given_password_beats_the_file_which_beats_the_defaults(
    tmp_path_factory: pytest.TempPathFactory,
    given_password: str | None,
    in_file: str | None,
    in_defaults: str | None,
) -> None:
    toml = f'[truststore]\npassword = "{in_file}"\n' if in_file else ""
    found = home(
        tmp_path_factory.mktemp("home"), toml, {"truststore.password": in_defaults} if in_defaults else {}
    )
    assert found.store("truststore", given_password).password == (
        given_password or in_file or in_defaults or "wso2carbon"
    )


REFUSED = {
    "an offset that is a word": (
        "[server]\noffset = 'one'\n",
        lambda found: found.port_offset(),
        r"gives server.offset as 'one', which is not a number; correct it\.$",
    ),
    "an offset that is a list": (
        "[server]\noffset = [1]\n",
        lambda found: found.port_offset(),
        r"gives server.offset as \[1\], which is not a number",
    ),
    "an offset of the environment": (
        "[server]\noffset = '$env{O}'\n",
        lambda found: found.port_offset(),
        r"gives server.offset as '\$env\{O\}'",
    ),
    "broken TOML": (
        "x = \n",
        lambda found: found.https_port(0),
        r"is not what a server can read: .*line 1.*; correct it\.$",
    ),
    "a password of the vault": (
        "[keystore.tls]\npassword = '$secret{p}'\n",
        lambda found: found.store("keystore"),
        r"takes keystore.tls.password from \$secret\{p\}, which only the server can see; give the keystore's path and password\.$",
    ),
    "a file of the environment": (
        "truststore.file_name = '$sys{x}'\n",
        lambda found: found.store("truststore", "x"),
        r"takes truststore.file_name from \$sys\{x\}",
    ),
    "no start script": (
        "",
        lambda found: found.product(),
        r"/bin holds no start script \(api-manager.sh, api-cp.sh, gateway.sh, .*, wso2server.sh\); give the folder",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_home_says_wrongly_is_told_in_one_sentence(tmp_path: Path, name: str) -> None:
    toml, ask, sentence = REFUSED[name]
    with pytest.raises(Problem, match=sentence):
        ask(home(tmp_path, toml))


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("none", "is not a folder on this host; give"),
        ("file", "is not a folder"),
        ("empty", "holds no repository/conf and so"),
    ],
)
def test_what_is_no_home_is_refused(tmp_path: Path, path: str, sentence: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match=sentence):
        CarbonHome(str(tmp_path / path))


def test_references_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    assert (
        "$ref"
        in home(tmp_path, "[truststore]\npassword = '$ref{truststore.password}'\n")
        .store("truststore")
        .password
    )


def test_a_reference_to_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem):
        home(tmp_path, "[truststore]\npassword = '$ref{my.password}'\n").store("truststore")


def test_a_wrong_password_of_a_store_that_opens_with_any_is_told_by_the_configuration(tmp_path: Path) -> None:
    found = carbon_home(tmp_path, '[truststore]\nfile_name = "t.p12"\npassword = "Geheim-1"\n')
    pem = tmp_path / "x.pem"
    pem.write_text(self_signed().pem)
    plain = ("-J-Dkeystore.pkcs12.macAlgorithm=NONE", "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE")
    keytool(
        *plain,
        "-importcert",
        "-noprompt",
        "-alias",
        "x",
        "-file",
        str(pem),
        "-keystore",
        str(security(found) / "t.p12"),
        "-storepass",
        "Geheim-1",
    )
    options = {"path": None, "carbon_home": str(found)}
    assert chosen_store(options, "truststore", "Geheim-1") == chosen_store(options, "truststore", None)
    with pytest.raises(
        Problem,
        match=r"^The password given for the store \S+t.p12 is wrong: \S+deployment.toml says another; give that one, or none\.$",
    ):
        chosen_store(options, "truststore", "Geheim-2")


@pytest.mark.parametrize("defaults", ["[]", "7", "[" * 100_000, '{"server.offset": 3', "\xff"])
def test_defaults_that_no_product_has_are_as_none(tmp_path: Path, defaults: str) -> None:
    found = home(tmp_path)
    (found.path / "repository/resources/conf/default.json").write_text(defaults, "latin-1")
    assert found.https_port(found.port_offset()) == 9443


def test_files_that_would_hang_a_reader_are_refused_or_as_none(tmp_path: Path) -> None:
    found = home(tmp_path, None)
    os.mkfifo(found.path / "repository/resources/conf/default.json")
    assert found.port_offset() == 0
    os.mkfifo(found.deployment_toml)
    found = CarbonHome(str(found.path))  # it reads its configuration once
    with pytest.raises(Problem) as caught:
        CarbonHome(str(found.path)).port_offset()
    assert str(caught.value) == (
        f"Reading {found.deployment_toml} failed: it is not a regular file; give a regular file."
    )
