"""Edited files before the real judge: the config mapper, templates and decision class of IS 7.0,
7.1 and 7.2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._is7.access_control import (
    Entry,
    methods,
    plan_absent,
    plan_present,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.document import Document, to_bytes
from ansible_collections.carbonops.wso2.plugins.module_utils._toml.reader import TomlError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.cases import Happened
from support.deployment_files import DECLINED, EDITED, ENVIRONMENT, GROUPS, UNREADABLE, entry
from support.site import CACHE
from support.toml_files import PIECES
from support.toml_rules import STRICTER
from support.toml_statements import files
from testbed.config_check.oracle import Oracle, Verdict

PART = "is7_access_control"
STANZA = Entry("(.*)/scim2/Me", "GET", True, True, (), ())
OURS = ["GET /scim2/Me", "GET /t/x/scim2/Me"]
OTHERS = ["GET /scim2/Users", "POST /scim2/Me", "GET /t/x/other", "GET /a", "GET /b", "GET /carbon"]
VERSIONS = ("7.0", "7.1", "7.2")

Ask = Callable[[str], Verdict]


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ask]]:
    """Each version's word on a text; the newest renders its whole configuration, the others what the
    decisions are made from.
    """
    oracles = {
        version: Oracle(CACHE, version, only_access_rules=version != VERSIONS[-1]) for version in VERSIONS
    }
    file = tmp_path_factory.mktemp("judged") / "deployment.toml"

    def asking(oracle: Oracle) -> Ask:
        def ask(text: str) -> Verdict:
            file.write_bytes(to_bytes(text))
            return oracle.check(file, OURS + OTHERS)

        return ask

    yield {version: asking(oracle) for version, oracle in oracles.items()}
    for oracle in oracles.values():
        oracle.close()


def is_ours(table: dict[str, Any]) -> bool:
    return table.get("context") == STANZA.context and methods(table.get("http_method", "")) == {"GET"}


def assert_put_in(ask: Ask, text: str) -> bool:
    """Have the entry put in; the server's verdict before and after.

    False where the server refuses the file for its own reasons.
    """
    before = ask(text)
    edited = plan_present(Document(text), STANZA, "first")
    after = ask(edited.text)
    assert after.accepted is before.accepted, (before.error, after.error)
    if not before.accepted:
        return False
    for request in OURS:
        decision = after.decisions[request]
        assert (decision.context, decision.secured, decision.cross_tenant, decision.scopes) == (
            STANZA.context,
            True,
            True,
            [],
        )
    assert [after.decisions[request] for request in OTHERS] == [
        before.decisions[request] for request in OTHERS
    ]
    assert after.rest == before.rest
    assert [is_ours(table) for table in after.entries].count(True) == 1
    assert [table for table in after.entries if not is_ours(table)] == [
        table for table in before.entries if not is_ours(table)
    ]
    assert edited.shadowed_by == []
    return True


def assert_bytes_kept(text: str) -> None:
    """A second run changes nothing, and the way back gives all bytes but our entries'."""
    edited = plan_present(Document(text), STANZA, "first").text
    assert plan_present(Document(edited), STANZA, "first").text == edited
    back = plan_absent(Document(edited), STANZA).text
    without = plan_absent(Document(text), STANZA).text
    if any(is_ours(table) for table in Document(text).data.get("resource", {}).get("access_control", [])):
        assert lines(back) == lines(without)
    else:
        assert to_bytes(back) == to_bytes(text)


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("name", [name for name, group in GROUPS.items() if group.fate == EDITED])
def test_the_entry_put_in_wins_and_nothing_else_changes(
    judges: dict[str, Ask], name: str, happened: Happened
) -> None:
    for text in GROUPS[name].files.values():
        assert_bytes_kept(text)
        for ask in judges.values():
            assert assert_put_in(ask, text)
    outcome = (
        "put in; the server decides crossTenant=true scopes=[], and all else as before; unchanged by a"
        " second run; taken out without a trace"
    )
    happened(PART, f"{name}: {len(GROUPS[name].files)} files", outcome)


def test_what_the_server_cannot_read_is_refused(judges: dict[str, Ask], happened: Happened) -> None:
    for name, group in GROUPS.items():
        for what, text in group.files.items() if group.fate == UNREADABLE else ():
            with pytest.raises(TomlError, match=r"\(at line \d+, column \d+\)\.$"):
                Document(text)
            assert [release for release, ask in judges.items() if ask(text).accepted] == [], what
        if group.fate == UNREADABLE:
            happened(
                PART,
                f"{name}: {len(group.files)} files",
                "refused with line and column; IS 7.0, 7.1 and 7.2 refuse them too",
            )


def test_entries_written_otherwise_are_declined_with_their_line(
    judges: dict[str, Ask], happened: Happened
) -> None:
    for name, group in GROUPS.items():
        for text in group.files.values() if group.fate == DECLINED else ():
            assert judges[VERSIONS[-1]](text).accepted
            with pytest.raises(Problem, match=r"[Ll]ine \d+ .*(inline|\[\[resource\]\])"):
                plan_present(Document(text), STANZA, "first")
            assert plan_absent(Document(text), STANZA).text == text
        if group.fate == DECLINED:
            happened(
                PART,
                f"{name}: {len(group.files)} files",
                "refused with the word inline and the line; state=absent finds nothing to do",
            )


def test_what_only_the_environment_can_tell_is_not_refused(
    judges: dict[str, Ask], happened: Happened
) -> None:
    for name, group in GROUPS.items():
        for text in group.files.values() if group.fate == ENVIRONMENT else ():
            assert_bytes_kept(text)
            for ask in judges.values():
                assert_put_in(ask, text)
        if group.fate == ENVIRONMENT:
            happened(
                PART,
                f"{name}: {len(group.files)} files",
                "edited as any other; the server refuses or takes it as before",
            )


CONTEXTS = ("(.*)/scim2/Me", "(.*)", "/scim2/(.*)", "(.*)/scim2/Users", "/t/(.*)")
ENTRIES = st.builds(
    entry,
    context=st.sampled_from([f"'{context}'" for context in CONTEXTS]),
    http_method=st.sampled_from(['"GET"', '"get"', '"all"', '"POST, GET"', "'HEAD'"]),
    secure=st.sampled_from(["true", "false", '"true"', ""]),
    cross_tenant=st.sampled_from(["true", "'false'", ""]),
    scopes=st.sampled_from(["[]", "['a'] # c", ""]),
)
ANY_FILE = st.lists(
    st.one_of(ENTRIES, ENTRIES, st.sampled_from(PIECES), files()), min_size=1, max_size=5
).map(lambda parts: "".join(part if part.endswith("\n") else f"{part}\n" for part in parts))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=ANY_FILE)
def test_any_file_at_all(judges: dict[str, Ask], text: str) -> None:
    ask = judges["7.1"]
    try:
        assert_put_in(ask, text)
        assert_bytes_kept(text)
    except TomlError as refused:
        assert not ask(text).accepted or STRICTER.search(str(refused))
    except Problem as refused:
        assert "inline" in str(refused) or "IS 7 could not read it then" in str(refused)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(
        [
            "(.*)/scim2/Me",
            r"(.*)/scim\d/\w+",
            "/a(/.*)?",
            "(.*)/[a-z.-]+/x{2,3}",
            "(.*)/o'x y",
            "/a|/b",
            "(?:/t/[^/]+)?/me$",
        ]
    ),
    st.sampled_from(["GET", "ALL", "GET, HEAD", "PATCH"]),
    st.booleans(),
    st.booleans(),
    st.lists(st.sampled_from(["internal_login", "a b", "x:y/z,", "#1"]), max_size=2),
)
def test_every_value_reaches_the_server_as_it_was_given(
    judges: dict[str, Ask], context: str, method: str, secure: bool, cross_tenant: bool, scopes: list[str]
) -> None:
    wanted = replace(
        STANZA,
        context=context,
        http_method=method,
        secure=secure,
        cross_tenant=cross_tenant,
        scopes=tuple(scopes),
    )
    verdict = judges["7.0"](plan_present(Document(""), wanted, "first").text)
    assert verdict.accepted, verdict.error
    assert verdict.entries == [wanted.as_table()]
