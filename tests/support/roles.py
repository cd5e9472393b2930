"""The roles on homes as they are downloaded, stage by stage, without a server."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from .modules import run_module

IS7_URL, APIM_URL = "https://is7.example.com:9444", "https://apim.example.com:9443"
GIVEN = {
    "is7_url": IS7_URL, "apim_url": APIM_URL, "is7_admin_password": "Geheim-is7", "apim_admin_password": "Geheim-apim",
}  # fmt: skip
HOSTS = (("is7", "is7.example.com"), ("apim", "apim.example.com"))


def plays(*stages: str) -> list[dict[str, Any]]:
    """One stage after the other, each on both products."""
    return [
        {
            "hosts": group, "gather_facts": False, "any_errors_fatal": True,
            "tasks": [{"ansible.builtin.import_role": {"name": f"carbonops.wso2.{group}", "tasks_from": stage}}],
        }
        for stage in stages
        for group, _host in HOSTS
    ]  # fmt: skip


@dataclasses.dataclass
class Homes:
    """Both products on this host, and playbooks run on them."""

    folder: Path
    is7: Path
    apim: Path

    def run(self, playbook: str | list[dict[str, Any]], *arguments: str, **variables: Any) -> tuple[int, str]:
        homes = {"is7_home": str(self.is7), "apim_home": str(self.apim)}
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        inventory = {
            "all": {"vars": {**here, **homes, **GIVEN, **variables}},
            **{group: {"hosts": {host: None}} for group, host in HOSTS},
        }
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
        if not isinstance(playbook, str):
            (self.folder / "play.yml").write_text(yaml.safe_dump(playbook))
            playbook = "play.yml"
        command = ["ansible-playbook", "-i", "inventory.yml", playbook, *arguments]
        environment = {**os.environ, "COLUMNS": "10000"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        output = done.stdout + done.stderr
        assert "Geheim" not in output
        return done.returncode, output

    def changed(self, playbook: list[dict[str, Any]], **variables: Any) -> dict[str, int]:
        code, output = self.run(playbook, **variables)
        assert code == 0, output
        return {
            host: int(count)
            for host, count in re.findall(r"^(\S+)\s+: .*changed=(\d+)", output, re.MULTILINE)
        }

    def trusted(self, home: Path) -> dict[str, str]:
        entries = run_module("keystore_info", carbon_home=str(home), store="truststore")["entries"]
        return {
            entry["alias"]: entry["sha256"] for entry in entries if entry["kind"] == "trusted_certificate"
        }

    def presented(self, home: Path) -> dict[str, Any]:
        entry: dict[str, Any] = run_module("keystore_info", carbon_home=str(home))["entries"][0]
        return entry


def toml(home: Path) -> str:
    return (home / "repository/conf/deployment.toml").read_text()
