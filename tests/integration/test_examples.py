"""Every example of every module runs, as printed but for what stands for the site in it, and once more."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.api_managers import CONNECTOR_PASSWORD, IS7, PASSWORD, ApiManager, token_of
from support.cases import Happened
from support.certificates import authority, self_signed
from support.modules import Outcome, run_module
from support.proof_site import IS7_PASSWORD, USER_PASSWORD, proof_site
from support.proof_site import PASSWORD as PORTAL_PASSWORD
from support.scripted_servers import Server, lay_jdk
from support.site import free_offset
from support.web import Says, serving
from testbed.homes import APIM, STORE_PASSWORD
from testbed.homes import IS7 as IS7_PRODUCT

ROOT = Path(__file__).parents[2]
MODULES = sorted(file.stem for file in (ROOT / "plugins/modules").glob("[a-z]*.py"))
# What says of itself that each run changes something.
CHANGES_EACH_TIME = {"Give the connector a new password"}


@dataclass
class Place:
    """What stands for the site: texts in the examples' values, options that they leave to the host, options
    whose values are no texts, and the module's environment.
    """

    texts: dict[str, str]
    options: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if isinstance(value, str):
            for text, replacement in self.texts.items():
                value = value.replace(text, replacement)
            assert "{{" not in value, f"the table has nothing for {value}"
        return value

    def run(self, module: str, task: dict[str, Any]) -> Outcome:
        options = {**self.filled(task[f"carbonops.wso2.{module}"]), **self.options}
        options.update({name: value for name, value in self.replaced.items() if name in options})
        return run_module(module, environment={**os.environ, **self.environment}, **options)


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Place]:
    """A home of each product, their JVM a scripted one, and the files that the examples name."""
    servers = {
        product.name: Server(tmp_path / product.folder, lay_jdk(tmp_path / f"{product.name}-jdk"), product)
        for product in (IS7_PRODUCT, APIM)
    }
    is7, apim = servers["is7"], servers["apim"]
    toml = apim.path / "repository/conf/deployment.toml"
    toml.write_text(toml.read_text().replace("#offset = 0", f"offset = {apim.offset}"))
    apim.behave(offset=apim.offset)
    store = tmp_path / "truststore.p12"
    store.write_bytes((is7.path / "repository/resources/security/client-truststore.p12").read_bytes())
    copy = tmp_path / "deployment.toml"
    copy.write_text((is7.path / "repository/conf/deployment.toml").read_text())
    pairs = {
        "is7": self_signed(),
        "is7-a": self_signed("a"),
        "is7-b": self_signed("b"),
        "ca": authority("CA"),
    }
    for name, pair in pairs.items():
        (tmp_path / f"{name}.pem").write_text(pair.pem)
    apim_homes = ("/opt/wso2am-4.7.0", "/opt/wso2am-4.5.0", "/opt/wso2am-acp-4.5.0")
    yield Place(
        {
            "/opt/wso2is-7.2.0": str(is7.path),
            **dict.fromkeys(apim_homes, str(apim.path)),
            "/etc/wso2is/deployment.toml": str(copy),
            "/etc/wso2/truststore.p12": str(store),
            "/etc/wso2/is7": str(tmp_path / "is7"),
            "/etc/pki/company-ca.pem": str(tmp_path / "ca.pem"),
            "{{ lookup('ansible.builtin.file', 'is7.pem') }}": pairs["is7"].pem,
            "{{ truststore_password }}": STORE_PASSWORD,
            "{{ vault_apim_admin_password }}": PASSWORD,
            "{{ our_settings | default({}) }}": '{"oauth": {"authorize_all_scopes": true}}',
        }
    )
    for server in servers.values():
        server.end()


@contextlib.contextmanager
def files(homes: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    yield homes


@contextlib.contextmanager
def servers(homes: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    """What the example calls port offset 1 is one where nothing listens."""
    homes.environment["JAVA_HOME"] = str(Path(homes.texts["/opt/wso2is-7.2.0"]).parent / "is7-jdk")
    homes.options["timeout"] = 30
    homes.replaced["port_offset"] = free_offset()
    yield homes


@contextlib.contextmanager
def key_managers(homes: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    """WSO2's classes, with the connector that Auth0 describes."""
    apim: ApiManager = request.getfixturevalue("wso2_classes")
    der = ssl.PEM_cert_to_DER_cert(Path(apim.tls["ca_path"]).read_text())
    apim.register(name="WSO2-IS-7")
    try:
        yield Place(
            {
                "https://localhost:9443": apim.url,
                "https://localhost:9444": IS7,
                "/etc/ssl/apim.pem": apim.tls["ca_path"],
                "{{ apim_certificate.entries[0].sha256 }}": hashlib.sha256(der).hexdigest(),
                "{{ apim_admin_password }}": PASSWORD,
                "{{ apim_token }}": token_of(apim),
                "{{ is7_admin_password }}": CONNECTOR_PASSWORD,
                "{{ is7_new_password }}": f"{CONNECTOR_PASSWORD}-2",
                "{{ auth0_client_id }}": "client",
                "{{ auth0_client_secret }}": f"{CONNECTOR_PASSWORD}-3",
            },
            {"ca_path": apim.tls["ca_path"]},
            environment={"WSO2_APIM_URL": apim.url},
        )
    finally:
        apim.clear()


@contextlib.contextmanager
def proofs(homes: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A portal, an Identity Server that signs, and a gateway that takes every token."""
    with proof_site() as site, serving(Says(200)) as gateway:
        site.key_manager["name"] = "WSO2-IS-7"
        yield Place(
            {
                "https://localhost:9444": site.is7.url,
                "https://localhost:8243": gateway.url,
                "{{ apim_admin_password }}": PORTAL_PASSWORD,
                "{{ is7_admin_password }}": IS7_PASSWORD,
                "{{ joes_password }}": USER_PASSWORD,
            },
            environment={"WSO2_APIM_URL": site.apim.url},
        )


@contextlib.contextmanager
def discovery(homes: Place, request: pytest.FixtureRequest) -> Iterator[Place]:
    certificate = self_signed()
    folder: Path = request.getfixturevalue("tmp_path")
    (folder / "is7-tls.pem").write_text(certificate.pem)
    document = {"issuer": "https://localhost:9444/oauth2/token"}
    with serving(Says(body=document), certificate) as web:
        url = web.url.replace("127.0.0.1", "localhost")
        yield Place(
            {"https://localhost:9444": url, "/etc/ssl/is7.pem": str(folder / "is7-tls.pem")},
        )


# A module that is not here has examples that nobody has run.
SITES: dict[str, Callable[..., contextlib.AbstractContextManager[Place]]] = {
    "apim_key_manager": key_managers,
    "apim_key_manager_check": proofs,
    "apim_key_manager_info": key_managers,
    "carbon_home_info": files,
    "carbon_port_offset": files,
    "carbon_server": servers,
    "deployment_toml": files,
    "is7_access_control": files,
    "is7_discovery_info": discovery,
    "keystore_info": files,
    "keystore_pair": files,
    "truststore_cert": files,
}


@pytest.mark.parametrize("module", MODULES)
def test_every_example_runs_and_changes_nothing_the_second_time(
    module: str, homes: Place, request: pytest.FixtureRequest, happened: Happened
) -> None:
    assert module in SITES, f"nothing says where the examples of {module} run"
    plugin = importlib.import_module(f"ansible_collections.carbonops.wso2.plugins.modules.{module}")
    tasks = yaml.safe_load(plugin.EXAMPLES)
    with SITES[module](homes, request) as place:
        for task in tasks:
            done = place.run(module, task)
            assert not done.failed, (task["name"], done)
            again = place.run(module, task)
            assert not again.failed, (task["name"], again)
            assert again["changed"] == (task["name"] in CHANGES_EACH_TIME), (task["name"], again)
    always = CHANGES_EACH_TIME & {task["name"] for task in tasks}
    but = ", but for update_secrets: always" if always else ""
    happened(
        "Examples", f"the {len(tasks)} of {module}, twice", f"Run as printed, the second time unchanged{but}"
    )
