"""The packages of module_utils know only those before them, without a circle, and README names each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UTILS = ROOT / "plugins/module_utils"
# Each knows itself and those before it.
LAYERS = ("_problem", "_module", "_files", "_toml", "_keystore", "_carbon", "_http", "_is7", "_apim")
FILES = sorted(
    path.relative_to(UTILS).as_posix() for path in UTILS.rglob("*.py") if path.name != "__init__.py"
)


def layer_of(dotted: tuple[str, ...]) -> str:
    return dotted[0]


def dotted_name(file: str) -> tuple[str, ...]:
    return tuple(file.removesuffix(".py").split("/"))


def imported(file: str) -> Iterator[tuple[str, ...]]:
    """What of module_utils a file of it imports, by dotted names below module_utils."""
    own = dotted_name(file)
    for node in ast.walk(ast.parse((UTILS / file).read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            assert node.module, f"{file} imports a whole package"
            yield (*own[: len(own) - node.level], *node.module.split("."))


def test_every_layer_is_there_and_every_file_is_in_one() -> None:
    assert {layer_of(dotted_name(file)) for file in FILES} == set(LAYERS)


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_only_from_its_own_package_and_those_before_it(file: str) -> None:
    own = LAYERS.index(layer_of(dotted_name(file)))
    for name in imported(file):
        assert LAYERS.index(layer_of(name)) <= own, f"{file} imports {'.'.join(name)}"


def test_there_is_no_circle_between_files() -> None:
    arrows = {dotted_name(file): set(imported(file)) for file in FILES}
    while arrows:
        free = {name for name, targets in arrows.items() if not targets & set(arrows)}
        assert free, f"a circle among {sorted('.'.join(name) for name in arrows)}"
        arrows = {name: targets for name, targets in arrows.items() if name not in free}


def test_only_the_edge_knows_ansible() -> None:
    """The pure layers and the protocol layers are tested, and could be used, without it."""
    edge = {"_module.py", "_carbon/configuration.py", "_apim/connection.py"}
    assert {file for file in FILES if "from ansible." in (UTILS / file).read_text()} == edge


def test_readme_names_every_package() -> None:
    map_of_the_code = (ROOT / "README.md").read_text().partition("\n## Where to change what\n")[2]
    for layer in LAYERS:
        name = f"plugins/module_utils/{layer}" + ("/" if (UTILS / layer).is_dir() else ".py")
        assert f"`{name}`" in map_of_the_code
