"""What CONTRIBUTING.md and the page Security say is there: files, folders, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
SECURITY = (ROOT / "docs/security.md").read_text()
PATH = re.compile(r"(?<![\w/.-])((?:plugins|tests|roles|playbooks|docs|extensions)/[\w./-]*[\w/])")
# The folders and files of module_utils in the picture of the layers.
LAYERS = re.findall(r"^  (_\w+(?:/|\.py))", CONTRIBUTING, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(set(PATH.findall(CONTRIBUTING + SECURITY))))
def test_a_path_named_exists(name: str) -> None:
    assert (ROOT / name).exists()


def test_the_map_has_every_file_of_module_utils() -> None:
    files = (path for path in (ROOT / "plugins/module_utils").rglob("*.py") if path.name != "__init__.py")
    missing = [name for path in files if (name := path.relative_to(ROOT).as_posix()) not in CONTRIBUTING]
    assert missing == []


def test_the_picture_has_every_layer() -> None:
    below = (ROOT / "plugins/module_utils").glob("_*")
    there = {path.name if path.is_file() else f"{path.name}/" for path in below if path.name != "__pycache__"}
    assert set(LAYERS) == there


def test_a_command_named_exists() -> None:
    named = set(re.findall(r"\./dev ([a-z]+)", CONTRIBUTING))
    assert named
    assert named <= {name.split()[0] for name in COMMANDS}
