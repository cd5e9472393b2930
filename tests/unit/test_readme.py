"""What README says is what there is: modules, roles, variables, defaults, files, commands, versions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from tools.commands import COMMANDS
from tools.environment import MAIN
from tools.matrix import CORES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
# Roles that others include; who uses the collection meets only their variables of the products.
INNER = ("product",)


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in section.splitlines()
        if line.startswith("| ")
    ]
    assert len(rows) > 1, heading
    return rows[1:]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def options(role: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())
    found: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return found


OPTIONS = {name: option for role in ROLES if role not in INNER for name, option in options(role).items()}
# Those that the role key_manager looks up in the inventory.
ELSEWHERE = set(
    re.findall(r"\b(?:is7|apim)_\w+", (ROOT / "roles/key_manager/defaults/main.yml").read_text())
) - {"is7_look", "apim_look", "is7_server", "apim_server"}


def variables() -> list[tuple[str, str]]:
    """(variable, its default as the table says it)."""
    found = []
    for names, default, _meaning in table("Variables"):
        given = code(names)
        if "the same for `apim`" in names:
            given = [
                *code(names.partition(", the same")[0]),
                *(name.replace("is7_", "apim_") for name in code(names.partition(", the same")[0])),
            ]
        values = code(default)
        each = len(values) == len(given) and " and " not in default
        found += [(name, f"`{values[number]}`" if each else default) for number, name in enumerate(given)]
    return found


def test_every_module_is_in_the_table_of_steps_and_every_name_there_exists() -> None:
    text = " ".join(done_by for _step, done_by in table("The document's steps"))
    names = set(code(text))
    assert set(MODULES) <= names
    assert {name for name in names if "_" in name} <= {*MODULES, *ROLES, *OPTIONS}
    assert set(re.findall(r"roles? `(\w+)`", text)) <= set(ROLES)


@pytest.mark.parametrize(("name", "default"), variables(), ids=lambda value: value if "_" in value else "")
def test_a_variable_exists_and_has_that_default(name: str, default: str) -> None:
    assert name in OPTIONS or name in ELSEWHERE
    option = OPTIONS.get(name, {})
    if "default" not in option:
        assert default == "none" or name not in OPTIONS or not option.get("required")
        return
    actual = option["default"]
    if actual in ("", [], {}):
        assert "`" not in default or not default.startswith("`")  # in words: what is taken then
    else:
        assert code(default) == [str(actual).lower() if isinstance(actual, bool) else str(actual)]


def test_every_variable_of_the_products_is_in_the_table() -> None:
    named = {name for name, _default in variables()}
    assert ({name for name in OPTIONS if not name.startswith("key_manager_")} | ELSEWHERE) - {
        "is7_server_cert_sha256",
        "apim_server_cert_sha256",
        "apim_look",
    } <= named


def test_every_file_and_folder_named_exists() -> None:
    for name in re.findall(r"`((?:plugins|tests|roles|playbooks|docs|extensions)/[\w./]*)`", README):
        assert (ROOT / name).exists(), name
    for _what, where in table("Where to change what"):
        folder = ""
        for name in code(where):
            folder = name.rpartition("/")[0] if "plugins/" in name else folder
            assert (ROOT / name).exists() or (ROOT / folder / name).exists(), name


def test_every_command_named_exists() -> None:
    named = re.findall(r"\./dev ([a-z]+(?: [a-z]+)?)", README)
    assert named
    for words in named:
        assert words in COMMANDS or words.split()[0] in COMMANDS, words


def test_the_versions_are_those_that_are_tested() -> None:
    lowest = min(CORES, key=lambda version: tuple(map(int, version.split("."))))
    assert f"ansible-core {lowest} or later" in README
    assert yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"] == f">={lowest}.0"
    assert yaml.safe_load((ROOT / "tests/config.yml").read_text())["modules"]["python_requires"] == ">=3.9"
    assert "Python 3.9 or later" in README
    for version in (*CORES, MAIN.core.rpartition(".")[0]):
        assert version in table_of_versions(), version


def table_of_versions() -> str:
    return README.partition("\n## Tested on what\n")[2].partition("\n## ")[0]


AWX = (ROOT / "docs/awx.md").read_text()


def test_the_page_for_automation_platforms_names_what_the_roles_read() -> None:
    defaults = (ROOT / "roles/key_manager/vars/main.yml").read_text()
    credentials = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", AWX, re.DOTALL)]
    named = {name for found in credentials for name in found.get("env", {})}
    for name in named:
        assert name in defaults, name
    fields = {field["id"] for found in credentials for field in found.get("fields", [])}
    assert {
        re.sub(r"[{} ]", "", value) for found in credentials for value in found.get("env", {}).values()
    } == fields


def test_the_survey_there_asks_for_variables_of_the_roles() -> None:
    (survey,) = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", AWX, re.DOTALL))
    for question in survey["spec"]:
        option = OPTIONS[question["variable"]]
        assert (
            question["default"] == str(option["default"]).lower() or question["default"] == option["default"]
        )
