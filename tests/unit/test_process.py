"""Processes and ports of this host, with real processes and sockets."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import find, process, sockets
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.find import find_carbon
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.process import (
    is_alive,
    is_shell_running,
    start_arguments_of,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.sockets import (
    At,
    describe_owner,
    is_taken,
    owner_of,
    owns_port,
    places_of,
    sockets_of,
)
from hypothesis import given
from hypothesis import strategies as st
from support.cases import Happened
from support.java import Javas, lay_java
from support.web import free_port

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def java(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_java(tmp_path_factory.mktemp("java") / "jdk")


@pytest.fixture
def start(java: Path) -> Iterator[Start]:
    """Start what is a java, unless said otherwise, and wait until it runs."""
    javas = Javas(java)
    yield javas.start
    javas.end()


def test_a_server_is_found_by_its_home_and_nothing_else_is(start: Start, tmp_path: Path) -> None:
    for folder in ("home", "other"):
        (tmp_path / folder).mkdir()
    home = tmp_path / "home"
    start(f"-Dcarbon.home={tmp_path / 'other'}")
    start(f"-Dcarbon.home={home}", name="grep")
    start(f"-Dcarbon.home={home}x")
    start(f"carbon.home={home}")
    assert find_carbon(home) is None
    before = time.time()
    wanted = start("-Xmx1g", f"-Dcarbon.home={home}", "-DportOffset=3", "org.wso2.carbon.bootstrap.Bootstrap")
    found = find_carbon(home)
    assert found is not None
    assert (found.pid, found.port_offset, found.user) == (wanted.pid, 3, os.geteuid())
    assert abs(found.started_at - before) < 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("-Dcarbon.home={link}",),
        ("-Dcarbon.home={home}/",),
        ("-Dcarbon.home=/nowhere", "-Dcarbon.home={link}/../home"),
    ],
)
def test_a_home_is_found_by_any_of_its_paths(
    start: Start, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    home, link = tmp_path / "home", tmp_path / "link"
    home.mkdir()
    link.symlink_to(home)
    process = start(*(argument.format(home=home, link=link) for argument in arguments))
    for path in (home, link):
        found = find_carbon(path)
        assert found is not None
        assert (found.pid, found.port_offset) == (process.pid, None)


@pytest.mark.parametrize(
    ("arguments", "offset"),
    [(["-DportOffset=1", "-DportOffset=2"], 2), (["-DportOffset=x"], None), (["-DportOffset="], None)],
)
def test_the_last_offset_of_a_command_line_counts(
    start: Start, tmp_path: Path, arguments: list[str], offset: int | None
) -> None:
    start(f"-Dcarbon.home={tmp_path}", *arguments)
    found = find_carbon(tmp_path)
    assert found is not None
    assert found.port_offset == offset


def test_what_a_start_script_was_given_is_told_without_its_secrets(start: Start, tmp_path: Path) -> None:
    given = ("-Dprofile=gateway-worker", "-Ddb.password=hidden", "-DapiToken=hidden", "-DportOffset=1")
    start("-Xmx1g", f"-Dcarbon.home={tmp_path}", "org.wso2.carbon.bootstrap.Bootstrap", *given)
    found = find_carbon(tmp_path)
    assert found
    assert start_arguments_of(found) == (
        "-Dprofile=gateway-worker",
        "-Ddb.password=********",
        "-DapiToken=********",
        "-DportOffset=1",
    )


def test_a_start_script_runs_until_its_shell_ends(tmp_path: Path) -> None:
    script = tmp_path / "wso2server.sh"
    script.write_text("echo up\nread line\n")
    assert not is_shell_running([str(script)])
    with subprocess.Popen(["sh", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdout
        assert shell.stdout.readline() == b"up\n"
        assert is_shell_running([str(script)])
        assert not is_shell_running([str(tmp_path / "other.sh")])
    assert not is_shell_running([str(script)])


def test_a_process_is_alive_until_it_has_ended_though_nobody_has_waited_for_it(
    start: Start, tmp_path: Path, happened: Happened
) -> None:
    process = start(f"-Dcarbon.home={tmp_path}")
    found = find_carbon(tmp_path)
    assert found
    assert is_alive(found)
    assert not is_alive(dataclasses.replace(found, start_ticks=found.start_ticks - 1)), (
        "an earlier process of the same id"
    )
    happened(
        "carbon_server",
        "another process has got the id of the one that was stopped",
        "told apart by its start time; the stopped one has ended",
    )
    os.kill(process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(found)
    assert find_carbon(tmp_path) is None
    process.wait()
    assert not is_alive(found)


@pytest.mark.parametrize(
    ("host", "family", "address"),
    [
        ("127.0.0.1", socket.AF_INET, "127.0.0.1"),
        ("127.0.0.2", socket.AF_INET, "127.0.0.2"),
        ("", socket.AF_INET, "0.0.0.0"),
        ("::", socket.AF_INET6, "::"),
        ("::1", socket.AF_INET6, "::1"),
        ("::ffff:127.0.0.3", socket.AF_INET6, "127.0.0.3"),
    ],
)
def test_a_port_belongs_to_the_process_that_listens_on_it(
    start: Start, tmp_path: Path, host: str, family: socket.AddressFamily, address: str
) -> None:
    if family == socket.AF_INET6 and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6")
    port = free_port()
    assert not is_taken(At(port))
    dual = host in ("::", "::ffff:127.0.0.3")
    with socket.create_server((host, port), family=family, dualstack_ipv6=dual) as server:
        server_process = start(f"-Dcarbon.home={tmp_path}", keep=(server.fileno(),))
        assert describe_owner(owner_of(At(port))).startswith("process ")
    found = find_carbon(tmp_path)
    assert found
    assert is_taken(At(port))
    assert owns_port(found, port)
    assert places_of(found) == {At(port, address)}
    assert [socket.address for socket in sockets_of(found) or ()] == [address]
    assert describe_owner(owner_of(At(port))) == f"process {found.pid} (java)"
    (tmp_path / "other").mkdir()
    start(f"-Dcarbon.home={tmp_path / 'other'}")
    other = find_carbon(tmp_path / "other")
    assert other
    assert not owns_port(other, port)
    assert places_of(other) == set()
    server_process.kill()
    server_process.wait()
    assert not is_taken(At(port))


def test_a_connection_and_a_port_only_bound_are_no_listening() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
        socket.socket() as bound,
    ):
        bound.bind(("127.0.0.1", 0))
        assert is_taken(At(server.getsockname()[1]))
        assert not is_taken(At(client.getsockname()[1]))
        assert not is_taken(At(bound.getsockname()[1]))


@given(st.text(max_size=200))
def test_a_line_about_sockets_that_cannot_be_read_is_none(line: str) -> None:
    sockets._parse(line)
    sockets._parse(f"  0: {line} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1")
    sockets._parse(f"  0: 0100007F:24E3 00000000:0000 0A {line}")


@given(name=st.binary(max_size=40), rest=st.binary(max_size=200))
def test_whatever_the_host_tells_of_a_process_is_borne(
    name: bytes, rest: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("proc")
    (folder / "7").mkdir()
    (folder / "net").mkdir()
    for file in ("cmdline", "stat", "cgroup", "status", "net/tcp"):
        (folder / file if "/" in file else folder / "7" / file).write_bytes(rest)
    (folder / "7/cmdline").write_bytes(b"java\0-Dcarbon.home=" + name + b"\0" + rest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "PROC", folder)
        patch.setattr(sockets, "PROC", folder)
        patch.setattr(find, "PROC", folder)
        found = process.CarbonProcess(7, None, 0, 0)
        find_carbon(folder)
        is_alive(found)
        process.unit_of(found)
        start_arguments_of(found)
        places_of(found)
        describe_owner(owner_of(At(1)))


def test_the_name_of_a_program_steers_no_terminal(start: Start) -> None:
    program = start(name="/bin/\x1b[2Jevil")
    assert describe_owner(program.pid) == f"process {program.pid} (\\x1b[2Jevil)"


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("0::/system.slice/wso2is.service", True),
        ("0::/system.slice/wso2is.service/inner", True),
        ("0::/system.slice/wso2is.service2", False),
        ("0::/system.slice/ssh.service", False),
        ("0::/user.slice/user-1000.slice/user@1000.service/system.slice/wso2is.service", False),
        ("0::/user.slice/wso2is.service", False),
        ("4:memory:/\n1:name=systemd:/system.slice/wso2is.service\n0::/", True),
        ("4:memory:/system.slice/wso2is.service\n1:name=systemd:/user.slice", False),
        ("", False),
    ],
)
def test_the_whole_path_of_a_control_group_tells_who_runs_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: str, expected: bool
) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/cgroup").write_text(groups + "\n")
    monkeypatch.setattr(process, "PROC", tmp_path)
    found = process.CarbonProcess(7, None, 0, 0)
    assert process.runs_in_control_group(found, "/system.slice/wso2is.service") is expected
    assert not process.runs_in_control_group(found, ""), "a unit that is down has no group"


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        ("0::/system.slice/wso2is.service", "wso2is.service"),
        ("4:memory:/\n1:name=systemd:/system.slice/wso2is.service\n0::/", "wso2is.service"),
        ("0::/box/system.slice/wso2is.service/inner", "wso2is.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/wso2is.service", None),
        ("0::/user.slice/user-0.slice/session-1.scope", None),
        ("0::/", None),
        ("", None),
    ],
)
def test_the_unit_of_a_process_is_read_from_its_control_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, groups: str, unit: str | None
) -> None:
    (tmp_path / "7").mkdir()
    (tmp_path / "7/cgroup").write_text(groups + "\n")
    monkeypatch.setattr(process, "PROC", tmp_path)
    assert process.unit_of(process.CarbonProcess(7, None, 0, 0)) == unit
