"""Short descriptions begin with a verb, and the changelog says the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
VERBS = {"Give", "List", "Look", "Manage", "Prove", "Read", "Register", "Show", "Start"}
SHORT = {
    path.stem: re.findall(r"^short_description: (.*)$", path.read_text(), re.MULTILINE)[0]
    for path in sorted((ROOT / "plugins/modules").glob("*.py"))
}


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


@pytest.mark.parametrize("module", SHORT)
def test_a_short_description_begins_with_a_verb(module: str) -> None:
    first = SHORT[module].replace(",", "").split()[0]
    assert first in VERBS, f"{first} is a new word; is it a verb?"
    assert not SHORT[module].endswith(".")


def test_the_changelog_has_the_same_descriptions() -> None:
    releases = read("changelogs/changelog.yaml")["releases"].values()
    told = {new["name"]: new["description"] for release in releases for new in release.get("modules", [])}
    assert set(told) == set(SHORT)
    page = (ROOT / "CHANGELOG.md").read_text().replace("\\", "")
    for module, description in told.items():
        assert description.replace("\\_", "_") == SHORT[module]
        assert f"* carbonops.wso2.{module} - {SHORT[module]}\n" in page


def test_the_cache_of_the_changelog_has_the_same_descriptions() -> None:
    cached = read("changelogs/.plugin-cache.yaml")["plugins"]["module"]
    assert set(cached) == set(SHORT)
    for module, found in cached.items():
        assert found["description"] == SHORT[module]
