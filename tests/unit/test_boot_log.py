"""What a boot's log and console tell of why it failed."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.boot_log import (
    last_lines,
    read_lines,
    read_lines_since,
    reason,
    relevant_lines,
    size_of,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import printable
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


def test_a_log_of_gigabytes_is_read_from_its_end_alone(tmp_path: Path) -> None:
    log = tmp_path / "carbon.log"
    with log.open("wb") as file:
        file.truncate(8 << 30)  # a hole, which takes no room on the disk
        file.seek(0, os.SEEK_END)
        file.write(b"\nERROR - last\n")
    assert relevant_lines(read_lines(log)) == ["ERROR - last"]
    assert read_lines(log, (8 << 30) + 1) == ["ERROR - last"]


def lay_fifo(log: Path) -> None:
    os.mkfifo(log)


def lay_socket(log: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(log))


def lay_device(log: Path) -> None:
    log.symlink_to("/dev/zero")


@pytest.mark.parametrize("lay", [lay_fifo, lay_socket, lay_device, Path.mkdir])
def test_what_is_no_log_is_told_and_never_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lay: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    lay(Path("carbon.log"))
    [told] = read_lines(tmp_path / "carbon.log")
    assert told.startswith(f"{tmp_path}/carbon.log was not read: ")
    assert read_lines_since(tmp_path / "carbon.log", 0) == [told]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files that others must not see")
def test_a_log_that_became_a_link_to_a_file_of_root_shows_nothing_of_it(tmp_path: Path) -> None:
    secret, log = tmp_path / "secret", tmp_path / "carbon.log"
    secret.write_text("ERROR - hidden\n")
    secret.chmod(0o600)
    log.symlink_to(secret)
    assert read_lines(log) == ["ERROR - hidden"], "root's own link is followed"
    os.chown(log, 65534, 65534, follow_symlinks=False)
    [told] = read_lines(log)
    assert "was not read" in told
    assert "hidden" not in told


@given(st.lists(st.text(max_size=30), max_size=20))
def test_nothing_that_is_shown_steers_a_terminal(lines: list[str]) -> None:
    refusal = "Error: Could not create the Java Virtual Machine\x1b[2J"
    told = relevant_lines([*lines, refusal])
    for shown in (*told, *last_lines(lines), reason(told)):
        assert shown == printable(shown)
    assert relevant_lines(["ERROR \x1b[31mred\x9b0m"]) == ["ERROR \\x1b[31mred\\x9b0m"]
