"""Clusters restarted by the real playbook one node at a time, of which one does not come back."""

from __future__ import annotations

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
from testbed.homes import APIM, IS7, Product, answers

_NODES = {"is7": IS7, "apim": APIM}


class Cluster:
    """Two started nodes of each product."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jdk = lay_jdk(folder / "jdk")
        self.nodes = {
            name: [self._node(name, product, number) for number in (1, 2)] for name, product in _NODES.items()
        }

    def _node(self, name: str, product: Product, number: int) -> Server:
        node = Server(self.folder / f"{name}-{number}", self.jdk, product)
        started = node.run(port_offset=node.offset)
        assert started["action"] == "started", started
        return node

    def site(self) -> subprocess.CompletedProcess[str]:
        """The whole document. Nothing answers for the key manager: it is to end before that."""
        inventory = self.folder / "inventory.yml"
        groups: dict[str, Any] = {
            name: {
                "hosts": {
                    node.path.name: {f"{name}_home": str(node.path), f"{name}_port_offset": node.offset}
                    for node in nodes
                }
            }
            for name, nodes in self.nodes.items()
        }
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "apim_url": f"https://127.0.0.1:{free_port()}",
            **{f"{name}_java_home": str(self.jdk) for name in self.nodes},
            **{f"{name}_timeout": 10 for name in self.nodes},
        }
        inventory.write_text(yaml.safe_dump({**groups, "all": {"vars": variables}}))
        command = ["ansible-playbook", "-i", str(inventory), "carbonops.wso2.site"]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)

    def end(self) -> None:
        for nodes in self.nodes.values():
            for node in nodes:
                node.end()


class Client:
    """Asks both nodes of each product all the while, as a load balancer's checks do."""

    def __init__(self, cluster: Cluster) -> None:
        self.asked = 0
        self.unanswered = dict.fromkeys(cluster.nodes, 0)
        self._cluster = cluster
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def _ask(self) -> None:
        while not self._over.is_set():
            for name, nodes in self._cluster.nodes.items():
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
