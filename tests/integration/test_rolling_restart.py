"""Clusters restarted by the real playbook one node at a time, of which one does not come back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.cases import Happened
from support.scripted_servers import Server, lay_jdk
from support.web import free_port
from testbed.homes import ALIAS, APIM, IS7, Product, answers, keytool

_NODES: dict[str, Product] = {"is7": IS7, "apim": APIM, "apim_gateways": APIM}


class Cluster:
    """Started nodes of each group, by default two of each product."""

    def __init__(self, folder: Path, **numbers: int) -> None:
        self.folder = folder
        self.jdk = lay_jdk(folder / "jdk")
        self.nodes = {
            name: [self._node(name, number) for number in range(1, count + 1)]
            for name, count in (numbers or {"is7": 2, "apim": 2}).items()
        }

    def _node(self, name: str, number: int) -> Server:
        node = Server(self.folder / f"{name}-{number}", self.jdk, _NODES[name])
        if name == "apim_gateways":
            node.call_script("gateway.sh")
        started = node.run(port_offset=node.offset, start_arguments=["-Dfoo=bar"])
        assert started["action"] == "started", started
        return node

    def site(self, **variables: Any) -> subprocess.CompletedProcess[str]:
        """The whole document. Nothing answers for the key manager: it is to end before that."""
        inventory = self.folder / "inventory.yml"
        groups: dict[str, Any] = {
            name: {
                "hosts": {
                    node.path.name: {
                        f"{_role(name)}_home": str(node.path),
                        f"{_role(name)}_port_offset": node.offset,
                    }
                    for node in nodes
                }
            }
            for name, nodes in self.nodes.items()
        }
        common = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "apim_url": f"https://127.0.0.1:{free_port()}",
            **{f"{_role(name)}_java_home": str(self.jdk) for name in self.nodes},
            **{f"{_role(name)}_timeout": 10 for name in self.nodes},
            **variables,
        }
        inventory.write_text(yaml.safe_dump({**groups, "all": {"vars": common}}))
        command = ["ansible-playbook", "-i", str(inventory), "carbonops.wso2.site"]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)

    def end(self) -> None:
        for nodes in self.nodes.values():
            for node in nodes:
                node.end()


def _role(group: str) -> str:
    return "apim" if group == "apim_gateways" else group


class Client:
    """Asks the nodes of each group all the while, as a load balancer's checks do."""

    def __init__(self, cluster: Cluster, *groups: str) -> None:
        self.asked = 0
        self._nodes = {name: cluster.nodes[name] for name in groups or cluster.nodes}
        self.unanswered = dict.fromkeys(self._nodes, 0)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        while not self._over.is_set():
            for name, nodes in self._nodes.items():
                if not any(answers(node.port, _NODES[name].ready_path) for node in nodes):
                    self.unanswered[name] += 1
            self.asked += 1
            time.sleep(0.1)

    def end(self) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.end()


@pytest.mark.parametrize("product", ["is7", "apim"])
def test_a_node_that_does_not_come_back_stops_the_roll(
    cluster: Cluster, happened: Happened, product: str
) -> None:
    first, second = cluster.nodes[product]
    others = [node for nodes in cluster.nodes.values() for node in nodes if node is not first]
    later = others if product == "is7" else [second]
    pids = {node.path.name: node.pids() for node in others}
    for node in cluster.nodes[product]:
        (node.path / "repository/conf/deployment.toml").touch()  # newer than the process
    first.behave(ends=True, console=["Caused by: java.lang.IllegalStateException: no database"])
    client = Client(cluster)
    run = cluster.site()
    client.end()
    assert run.returncode == 2, run.stdout
    assert "no database" in run.stdout + run.stderr, run.stdout
    assert first.pids() == []
    assert {node.path.name: node.pids() for node in later} == {
        node.path.name: pids[node.path.name] for node in later
    }
    assert client.asked > 20
    assert client.unanswered == {"is7": 0, "apim": 0}
    first.behave()
    happened(
        "carbon_server",
        f"a cluster of {product} restarted one node at a time, the first of which does not come back",
        "the run ends there; the other nodes are as they were, and a client that asks both nodes is"
        " answered all the while",
    )


@pytest.fixture
def distributed(tmp_path: Path) -> Iterator[Cluster]:
    """A control plane, two gateways, one Identity Server, whose certificate nobody trusts yet."""
    made = Cluster(tmp_path, is7=1, apim=1, apim_gateways=2)
    store = made.nodes["is7"][0].path / "repository/resources/security" / IS7.keystore
    key = ("-alias", ALIAS, "-keystore", str(store))
    keytool("-delete", *key)
    keytool("-genkeypair", *key, "-keyalg", "RSA", "-validity", "825", "-dname", "CN=localhost")
    yield made
    made.end()


def test_gateways_trust_identity_server_and_restart_one_at_a_time(
    distributed: Cluster, happened: Happened
) -> None:
    gateways = distributed.nodes["apim_gateways"]
    pids = [node.pids() for node in gateways]
    client = Client(distributed, "apim_gateways")
    run = distributed.site()
    client.end()
    assert all(len(node.pids()) == 1 for node in gateways)
    assert all(old != node.pids() for old, node in zip(pids, gateways, strict=True)), run.stdout
    assert all("-Dfoo=bar" in node.command() for node in gateways)
    assert run.stdout.count("Trust the certificates of the Identity Servers") == 1, run.stdout
    assert client.asked > 20
    assert client.unanswered == {"apim_gateways": 0}
    [registered] = [
        part for part in run.stdout.split("PLAY [") if part.startswith("Register the key manager")
    ]
    assert "apim_gateways" not in registered.partition("PLAY RECAP")[0]
    again = distributed.site()
    assert all(
        line.count("changed=0 ") == 1
        for line in again.stdout.splitlines()
        if "gateways-" in line and "ok=" in line
    )
    happened(
        "carbon_server",
        "two gateways (group apim_gateways) that are to trust Identity Server, a client asks all the while",
        "each has its certificate and is restarted once, with its arguments, one at a time; 0 questions unanswered;"
        " no key manager is registered at a gateway",
    )


def test_where_nobody_may_restart_the_run_ends_with_a_list(distributed: Cluster, happened: Happened) -> None:
    servers = [node for nodes in distributed.nodes.values() for node in nodes]
    pids = [node.pids() for node in servers]
    run = distributed.site(is7_restart="never", apim_restart="never")
    assert run.returncode == 0, run.stdout + run.stderr
    assert [node.pids() for node in servers] == pids
    told = " ".join(run.stdout.rpartition("TASK [List the servers]")[2].split())
    for node in servers:
        assert f'"server": "{node.path}"' in told, run.stdout
        assert f'"host": "{node.path.name}"' in told
        assert "has to be restarted" in run.stderr + run.stdout
    assert "client-truststore" in told
    assert "Get a token from Identity Server 7" not in run.stdout.replace("skipping", "")
    happened(
        "carbon_server",
        "is7_restart and apim_restart: never, and no API Manager answers",
        "files are changed, nothing is stopped or started, no key manager is registered; the run ends with the list of"
        " hosts, servers, since when they run and what is newer",
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount file systems")
def test_a_home_that_nobody_may_write_to_has_told_what_would_have_to_change(
    distributed: Cluster, happened: Happened
) -> None:
    node = distributed.nodes["apim"][0]
    pids = node.pids()
    path = str(node.path)
    subprocess.run(["mount", "--bind", path, path], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", path], check=True)
        run = distributed.site(is7_restart="never", apim_restart="never")
    finally:
        subprocess.run(["umount", path], check=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert node.pids() == pids
    told = " ".join(run.stdout.rpartition("TASK [List the servers]")[2].split())
    assert f'"to_change": [ "{path}/repository/resources/security/client-truststore.jks" ]' in told, told
    happened(
        "carbon_server",
        "apim_restart: never, a home on a read-only mount",
        "the run ends well with what would have to change and be restarted; nothing is tried",
    )


def test_nodes_of_one_database_do_not_make_an_encryption_key_each(tmp_path: Path, happened: Happened) -> None:
    cluster = Cluster(tmp_path, is7=1, apim=2)
    nodes = cluster.nodes["apim"]
    files = [node.path / "repository/conf/deployment.toml" for node in nodes]
    try:
        for node, file in zip(nodes, files, strict=True):
            node.end()
            text = file.read_text()
            file.write_text(text.replace("jdbc:h2:./repository", "jdbc:mysql://db.example:3306"))
        refused = cluster.site()
        assert refused.returncode == 2, refused.stdout
        told = " ".join((refused.stdout + refused.stderr).split())
        assert "2 API Managers have one database, but no encryption key in their deployment.toml" in told
        assert [node.pids() for node in nodes] == [[], []]
        assert not any("[encryption]" in file.read_text() for file in files)
        key = "5ec4e7" * 8
        done = cluster.site(apim_encryption_key=key)
        assert [len(node.pids()) for node in nodes] == [1, 1], done.stdout
        assert all(f'key = "{key}"' in file.read_text() for file in files)
        assert key not in done.stdout + done.stderr
        nodes[1].end()
        other = cluster.site(apim_encryption_key="0" * 48)
        assert "has another encryption key than apim_encryption_key" in " ".join(other.stdout.split())
        assert f'key = "{key}"' in files[1].read_text()
    finally:
        cluster.end()
    happened(
        "deployment_toml",
        "two API Managers 4.7 with one database, their first start",
        "refused without apim_encryption_key; with it both have that key before they start; one that is there is not"
        " changed",
    )
