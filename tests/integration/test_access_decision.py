"""Edited files before the real judge: the config mapper, templates and decision class of IS 7.0, 7.1 and 7.2."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._access_control import Entry, plan_absent, plan_present
from ansible_collections.carbonops.wso2.plugins.module_utils._deployment_toml import Document, EditRefused, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml import TomlError
from support.site import CACHE
from support.toml_files import PIECES
from testbed.config_check.oracle import Oracle

STANZA = Entry("(.*)/scim2/Me", "GET", True, True, (), ())
REQUESTS = ["GET /scim2/Me", "GET /t/x/scim2/Me", "GET /scim2/Users", "POST /scim2/Me"]
FILES = 60


@pytest.fixture(scope="module", params=["7.0", "7.1", "7.2"])
def oracle(request: pytest.FixtureRequest) -> Iterator[Oracle]:
    with Oracle(CACHE, request.param) as judge:
        yield judge


def files() -> list[str]:
    """The same files each time: every piece alone, and mixtures."""
    dice = random.Random(7)
    mixtures = [dice.sample(PIECES, dice.randint(2, 7)) for _number in range(FILES)]
    return ["".join(piece if piece.endswith("\n") else f"{piece}\n" for piece in chosen) for chosen in [[piece] for piece in PIECES] + mixtures]


def test_the_edited_file_decides_as_the_document_wants_and_the_way_back_as_before(oracle: Oracle, tmp_path: Path) -> None:
    judged = 0
    for number, text in enumerate(files()):
        try:
            document = Document(text)
        except TomlError:  # the pieces drawn repeat a table
            continue
        file = tmp_path / f"{number}.toml"
        file.write_bytes(to_bytes(text))
        before = oracle.check(file, REQUESTS)
        if not before.accepted:
            continue
        try:
            added = plan_present(document, STANZA, "first").text
        except EditRefused:
            continue
        file.write_bytes(to_bytes(added))
        after = oracle.check(file, REQUESTS)
        assert after.accepted, (text, after.error)
        for request in REQUESTS[:2]:
            decision = after.decisions[request]
            assert (decision.secured, decision.cross_tenant, list(decision.scopes)) == (True, True, []), text
        for request in REQUESTS[2:]:
            assert after.decisions[request] == before.decisions[request], text
        file.write_bytes(to_bytes(plan_absent(Document(added), STANZA).text))
        assert oracle.check(file, REQUESTS).decisions == before.decisions
        judged += 1
    assert judged >= 20, f"only {judged} files were judged"
