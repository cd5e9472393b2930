"""The scenarios of extensions/molecule can fail: they look at hosts that are there, for names that the code uses."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2] / "extensions/molecule"
UTILS = ROOT.parents[1] / "plugins/module_utils"
SCENARIOS = sorted(file.parent.name for file in ROOT.glob("*/molecule.yml"))
FILES = sorted(path for path in ROOT.rglob("*.yml") if "inventory" not in path.parts)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def children(groups: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(group, what is in it) for each host and group of an inventory."""
    for name, group in groups.items():
        below = (group or {}).get("children") or {}
        yield from ((name, child) for child in (*below, *((group or {}).get("hosts") or ())))
        yield from children(below)


def groups_of(scenario: str) -> set[str]:
    """The groups with a host in them, at whatever depth; a host has a dot in its name."""
    pairs = [
        *children(read(ROOT / scenario / "inventory/hosts.yml")),
        *children(read(ROOT / "shared/inventory/hosts.yml")),
    ]
    found: set[str] = set()
    while more := {name for name, child in pairs if "." in child or child in found} - found:
        found |= more
    return {"localhost", *found}


def tasks_of(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The tasks of a file of plays or of tasks."""
    for item in items:
        below = [task for part in ("pre_tasks", "tasks", "post_tasks") for task in item.get(part) or []]
        yield from below if "hosts" in item else [item]


def test_the_stock_sites_inventory_is_readmes_word_for_word() -> None:
    inventory = (ROOT / "stock/inventory/hosts.yml").read_text().removeprefix("---\n")
    readme = (ROOT.parents[1] / "README.md").read_text()
    assert f"```yaml\n{inventory}```\n" in readme


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_scenario_has_a_verification(scenario: str) -> None:
    assert (ROOT / scenario / "verify.yml").is_file()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_plays_of_a_scenario_have_hosts(scenario: str) -> None:
    """A play for a group that is not there does nothing, and fails at nothing."""
    for file in sorted((ROOT / scenario).glob("*.yml")):
        for play in read(file) if file.name != "molecule.yml" else []:
            hosts = play.get("hosts", "localhost").split(":")
            assert set(hosts) <= groups_of(scenario), f"{file.name}: {play['name']}"


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_failure_is_ignored(file: Path) -> None:
    content = read(file)
    for task in tasks_of(content) if isinstance(content, list) else ():
        assert "ignore_errors" not in task, task["name"]
        assert "rescue" not in task, task["name"]
        assert task.get("failed_when") is not False, task["name"]


def test_what_is_looked_for_is_what_an_interrupted_run_leaves() -> None:
    (look,) = [
        task["ansible.builtin.find"]
        for task in read(ROOT / "shared/tasks/done_once.yml")
        if "ansible.builtin.find" in task
    ]
    sources = "".join(path.read_text() for path in UTILS.glob("_files/*.py"))
    beginnings = re.findall(r'"(\.?carbonops-[^"{]*)', sources)
    assert beginnings
    for beginning in beginnings:
        assert any(fnmatch.fnmatch(f"{beginning}x", pattern) for pattern in look["patterns"]), beginning
    assert look["hidden"]
    assert look["file_type"] == "any"
