"""A site of the test bed: an IS 7 and an API Manager on free ports, an inventory for them, and playbooks run
on it.
"""

from __future__ import annotations

import dataclasses
import os
import random
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
import yaml
from testbed.homes import Home, lay_out_both

CACHE = Path(os.environ["CARBONOPS_TESTBED_CACHE"])
# What a Carbon server listens on, each plus the offset.
_BASE_PORTS = (9443, 9763, 9999, 11111, 10000)
_RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


def free_offset() -> int:
    """A port offset from which on two servers find all their ports free; the demo's own are never taken."""
    for _attempt in range(200):
        offset = random.randint(200, 9000)
        if all(_is_free(base + offset + step) for base in _BASE_PORTS for step in (0, 1)):
            return offset
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) != 0


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of a playbook."""

    code: int
    output: str

    @property
    def changed(self) -> dict[str, int]:
        return {
            host: int(changed) for host, _ok, changed, _unreachable, _failed in _RECAP.findall(self.output)
        }

    def errors(self) -> str:
        """The error texts, line breaks folded."""
        return " ".join(
            line
            for line in self.output.splitlines()
            if "ERROR" in line or "fatal:" in line or '"msg":' in line
        )


def run_playbook(
    folder: Path, inventory: Path, playbook: str, *arguments: str, environment: dict[str, str] | None = None
) -> Run:
    """Run a playbook, by its full name or its file, in this folder."""
    command = ["ansible-playbook", "-i", str(inventory), playbook, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    return Run(done.returncode, done.stdout + done.stderr)


class Site:
    """Homes in a folder of their own; ``variables`` go into the inventory."""

    def __init__(
        self,
        folder: Path,
        password: str | None = None,
        hosts: tuple[str, str] = ("identity-server", "api-manager"),
        **variables: Any,
    ) -> None:
        self.folder = folder
        self.is7, self.apim = lay_out_both(CACHE, folder / "homes", admin_password=password)
        self.offset = free_offset()
        self.password = password or "admin"
        self._hosts = hosts
        self.variables: dict[str, Any] = {
            "is7_home": str(self.is7.path),
            "is7_port_offset": self.offset + 1,
            "apim_home": str(self.apim.path),
            "apim_port_offset": self.offset,
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            **({"is7_admin_password": password, "apim_admin_password": password} if password else {}),
            **variables,
        }

    @property
    def is7_url(self) -> str:
        return f"https://localhost:{9443 + self.offset + 1}"

    @property
    def apim_url(self) -> str:
        return f"https://localhost:{9443 + self.offset}"

    def playbook(self, name: str, *arguments: str, **variables: Any) -> Run:
        """Run one of the collection's playbooks by its name; further variables beat the site's."""
        hosts = {
            group: {"hosts": {host: None}} for group, host in zip(("is7", "apim"), self._hosts, strict=True)
        }
        return self.run(f"carbonops.wso2.{name}", *arguments, groups=hosts, **variables)

    def run(
        self,
        playbook: str,
        *arguments: str,
        groups: dict[str, Any],
        environment: dict[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        """Run any playbook, by its full name or its file, on these groups of an inventory."""
        inventory = self.folder / "inventory.yml"
        inventory.write_text(yaml.safe_dump({**groups, "all": {"vars": {**self.variables, **variables}}}))
        return run_playbook(self.folder, inventory, playbook, *arguments, environment=environment)

    def api(self, method: str, path: str, **options: Any) -> Any:
        """A call of API Manager's Admin REST API, as a test of its own would make it."""
        answer = requests.request(
            method, f"{self.apim_url}/api/am/admin/v4{path}", auth=("admin", self.password), verify=False,
            timeout=30, **options
        )  # fmt: skip
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def key_manager(self, name: str = "WSO2-IS-7") -> dict[str, Any] | None:
        found = [item for item in self.api("GET", "/key-managers")["list"] if item["name"] == name]
        return self.api("GET", f"/key-managers/{found[0]['id']}") if found else None

    def access_decision(self) -> dict[str, Any]:
        """What the real access control of the running IS 7 decides for GET /scim2/Me."""
        answer = requests.get(
            f"{self.is7_url}/scim2/Me", auth=("admin", self.password), verify=False, timeout=30
        )
        answer.raise_for_status()
        access: dict[str, Any] = answer.json()["access"]
        return access

    def pids(self) -> tuple[int | None, int | None]:
        return self.is7.pid(), self.apim.pid()

    def stop(self) -> None:
        for home in (self.apim, self.is7):
            home.stop()


def content_of(home: Home) -> dict[str, bytes]:
    """What a run that changes nothing must leave as it is: configuration and stores."""
    return {str(file): file.read_bytes() for file in (home.deployment_toml, home.keystore, home.truststore)}
