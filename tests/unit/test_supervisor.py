"""Who runs a server, and would start it again: told from processes and control groups as a host has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import process as process_of
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.process import CarbonProcess
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.supervisor import (
    UnitState,
    is_run_by,
    supervisor_of,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem

HOME = Path("/opt/wso2is")
SERVER = CarbonProcess(7, None, 0, 0)
GROUP = "/system.slice/site.service"
SCRIPT = ["sh", f"{HOME}/bin/wso2server.sh"]
SSHD = ["sshd: wso2@notty"]


class Host:
    """A /proc with the server, process 7, below others."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setattr(process_of, "PROC", folder)

    def have(self, pid: int, parent: int, command: list[str], group: str = GROUP) -> None:
        made = self.folder / str(pid)
        made.mkdir()
        (made / "cmdline").write_bytes(b"".join(word.encode() + b"\0" for word in command))
        (made / "stat").write_text(f"{pid} (x) S {parent} " + "0 " * 18)
        (made / "cgroup").write_text(f"0::{group}\n")

    def chain(self, *commands: list[str], group: str = GROUP) -> None:
        """The server below these, the first of which is process 1, each next one its child."""
        for number, command in enumerate(commands, 1):
            self.have(number, number - 1, command, group if number > 1 else "/init.scope")
        self.have(SERVER.pid, len(commands), ["/opt/jdk/bin/java"], group)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


INIT = ["/sbin/init"]


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ([INIT, SCRIPT], ""),
        ([INIT], ""),
        ([INIT, SSHD, ["-bash"], SCRIPT], ""),
        (
            [INIT, ["/usr/bin/python3", "/usr/bin/supervisord", "-n"], SCRIPT],
            "supervisord runs it (process 2)",
        ),
        ([INIT, ["runsvdir"], ["runsv", "is"], SCRIPT], "runsv runs it (process 3)"),
        ([INIT, ["s6-supervise", "is"], SCRIPT], "s6-supervise runs it (process 2)"),
        ([INIT, ["/usr/bin/conmon", "-c", "x"], SCRIPT], "conmon runs it (process 2)"),
        ([INIT, ["/usr/bin/containerd-shim-runc-v2"], SCRIPT], "containerd-shim-runc-v2 runs it (process 2)"),
        ([SCRIPT], "it is the first process of its container, which would end with it"),
    ],
)
def test_what_would_start_it_again_is_told(host: Host, commands: list[list[str]], told: str) -> None:
    host.chain(*commands)
    assert supervisor_of(SERVER) == told


def test_a_server_that_is_the_first_process_itself_is_its_containers(host: Host) -> None:
    host.have(1, 0, ["java"])
    assert "first process" in supervisor_of(CarbonProcess(1, None, 0, 0))


def test_a_users_own_systemd_is_told(host: Host) -> None:
    group = "/user.slice/user-1000.slice/user@1000.service/app.slice/is.service"
    host.chain(INIT, ["/lib/systemd/systemd", "--user"], SCRIPT, group=group)
    assert supervisor_of(SERVER) == "a user's own systemd runs it (is.service)"


@pytest.mark.parametrize(
    "group",
    [
        "/user.slice/user-1000.slice/session-3.scope",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope",
    ],
)
def test_a_session_is_nobody_who_starts_it_again(host: Host, group: str) -> None:
    host.chain(INIT, SCRIPT, group=group)
    assert supervisor_of(SERVER) == ""


def state(main: int, command: str = "{ path=/srv/run ; argv[]=/srv/run }", kind: str = "simple") -> UnitState:
    return UnitState("loaded", "active", kind, main, GROUP, "enabled", "/etc/x", command, "")


@pytest.mark.parametrize(
    ("commands", "unit", "runs"),
    [
        ([INIT, SCRIPT], state(2), True),
        ([INIT], state(SERVER.pid, kind="forking"), True),
        ([INIT, ["sh", "/srv/run"], SCRIPT], state(2), True),
        ([INIT, ["su", "wso2"], ["sh", "/srv/run"], SCRIPT], state(2), True),
        ([INIT, SCRIPT], state(0, kind="forking"), True),
        ([INIT, SCRIPT], state(0, kind="oneshot"), True),
        ([INIT, SCRIPT], state(0), False),
        ([INIT, SCRIPT], state(99, f"{{ argv[]=/bin/sh {HOME}/bin/wso2server.sh start }}"), True),
        ([INIT, SCRIPT], state(99), False),
        ([INIT, ["/usr/sbin/sshd", "-D"], SSHD, ["-bash"], SCRIPT], state(2), False),
        ([INIT, ["/usr/sbin/cron"], ["sh"], SCRIPT], state(2), False),
    ],
)
def test_a_unit_runs_what_it_has_started_and_not_what_a_session_did(
    host: Host, commands: list[list[str]], unit: UnitState, runs: bool
) -> None:
    host.chain(*commands)
    assert is_run_by(SERVER, HOME, "site.service", unit) is runs


def test_a_unit_of_another_systemd_does_not_count(host: Host) -> None:
    host.chain(INIT, SCRIPT, group=f"/machine.slice/box.scope{GROUP}")
    assert not is_run_by(SERVER, HOME, "site.service", state(2))


def test_what_nobody_can_tell_is_refused(host: Host) -> None:
    host.chain(INIT, ["/opt/site/launcher"], SCRIPT)
    with pytest.raises(Problem) as caught:
        is_run_by(SERVER, HOME, "site.service", state(2))
    assert str(caught.value) == (
        "Nobody can tell whether site.service runs process 7: launcher stands between them;"
        " name site.service as the server's, or stop the server yourself."
    )


def test_a_unit_that_runs_more_than_the_server_is_not_stopped(host: Host) -> None:
    host.chain(INIT, SCRIPT)
    host.have(9, 1, ["java", "-Dcarbon.home=/opt/other"])
    with pytest.raises(Problem, match=r"^site.service runs more than process 7: java is process 9 of it;"):
        is_run_by(SERVER, HOME, "site.service", state(0, kind="forking"))
