"""Our reader of deployment.toml beside the servers' own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import Moment, TomlError
from hypothesis import HealthCheck, given, settings
from support.site import CACHE
from support.toml_rules import REFUSED, STRICTER, TAKEN
from support.toml_statements import files
from testbed.config_check.oracle import Oracle


@pytest.fixture(scope="module")
def server() -> Iterator[Oracle]:
    with Oracle(CACHE) as reader:
        yield reader


@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=files())
def test_what_the_server_reads_is_what_we_read_and_what_it_refuses_we_refuse(
    server: Oracle, tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    assert_read_alike(server, tmp_path_factory.getbasetemp(), text)


@pytest.mark.parametrize("text", [*TAKEN, *REFUSED])
def test_the_rules_are_the_servers_own(server: Oracle, tmp_path: Path, text: str) -> None:
    assert_read_alike(server, tmp_path, text)


def assert_read_alike(server: Oracle, folder: Path, text: str) -> None:
    file = folder / "any.toml"
    file.write_bytes(to_bytes(text))
    theirs = server.read(file)
    try:
        ours = Document(text)
    except TomlError as refused:
        assert theirs is None or STRICTER.search(str(refused)), (refused, theirs)
        return
    assert theirs is not None
    assert comparable(theirs) == comparable(flat(ours.data))


def flat(table: dict[str, Any]) -> dict[str, Any]:
    """As the server keeps a table: by dotted keys, without the empty tables in it."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = key if re.fullmatch("[A-Za-z0-9_-]+", key) else f"'{key}'"
        if isinstance(value, dict):
            found.update({f"{name}.{inner}": kept for inner, kept in flat(value).items()})
        else:
            found[name] = _flat_item(value)
    return found


def _flat_item(value: Any) -> Any:
    if isinstance(value, dict):
        return flat(value)
    return [_flat_item(item) for item in value] if isinstance(value, list) else value


def comparable(value: Any) -> Any:
    """With types told apart, dates left out, and stray bytes as the server decodes them."""
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    if isinstance(value, Moment) or (isinstance(value, str) and re.match(r"\d+[-:]\d\d", value)):
        return "a moment"
    if isinstance(value, str):
        return re.sub("[\udc80-\udcff]", "\ufffd", value)
    return repr(value)
