"""What a boot's log and console tell of why it failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.boot_log import (
    last_lines,
    read_lines,
    reason,
    relevant_lines,
    size_of,
)
from hypothesis import given
from hypothesis import strategies as st

_STACK = ["\tat org.wso2.carbon.core.Main.run(Main.java:7)", "\t... 21 more"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["Error occurred during initialization of VM", "Too small maximum heap"], "Too small maximum heap"),
        (
            [
                "Unrecognized VM option 'Foo'",
                "Error: Could not create the Java Virtual Machine.",
                "Error: A fatal exception has occurred. Program will exit.",
            ],
            "Unrecognized VM option 'Foo'",
        ),
        (
            [
                "ERROR - boot failed",
                "java.io.IOException: outer",
                *_STACK,
                "Caused by: a.B: middle",
                *_STACK,
                "Caused by: c.D: inner",
                *_STACK,
            ],
            "Caused by: c.D: inner",
        ),
        (["INFO - step 1", "ERROR - first", "x.YException: second"], "x.YException: second"),
        (["INFO - step 1", "INFO - step 2"], ""),
        (["Error occurred during initialization of VM"], "Error occurred during initialization of VM"),
        ([], ""),
    ],
)
def test_the_one_line_that_tells_most(lines: list[str], expected: str) -> None:
    told = relevant_lines(lines)
    assert reason(told) == expected
    assert not any(line.strip().startswith(("at ", "...")) for line in told)


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20), max_size=40)
)
def test_few_lines_of_its_own_are_shown_in_their_order(lines: list[str]) -> None:
    for shown in (relevant_lines(lines), last_lines(lines)):
        assert len(shown) <= 8
        places = [lines.index(line) for line in shown]
        assert places == sorted(places)
    assert last_lines([*lines, "the last"])[-1] == "the last"


def test_a_log_is_read_from_where_the_boot_began(tmp_path: Path) -> None:
    log = tmp_path / "carbon.log"
    assert (size_of(log), read_lines(log)) == (0, [])
    log.write_bytes(b"before\n\xff broken\n")
    size = size_of(log)
    assert read_lines(log, size) == []
    with log.open("ab") as file:
        file.write(b"after\n")
    assert read_lines(log, size) == ["after"]
    log.write_bytes(b"new\n")
    assert read_lines(log, size) == ["new"], "a log rotated meanwhile is this boot's"
    log.write_bytes(b"x\n" * (1 << 20) + b"last\n")
    assert read_lines(log)[-1] == "last"
    assert len(read_lines(log)) <= (1 << 19) + 1
