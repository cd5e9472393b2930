"""carbon_server in every state that a server can be in: the products' own start script, and a scripted JVM
that misbehaves on demand.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.home import CarbonHome
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.state import ServerState, look_at_server
from ansible_collections.carbonops.wso2.plugins.module_utils._files.lock import only_run_in
from support.cases import Happened
from support.modules import run_module
from support.scripted_servers import Server, lay_jdk
from support.site import free_offset
from testbed.homes import APIM

_NOBODY = 65534
_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a module as another user")


@pytest.fixture(scope="session")
def jdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_jdk(tmp_path_factory.mktemp("java") / "jdk")


@pytest.fixture
def server(tmp_path: Path, jdk: Path) -> Iterator[Server]:
    made = Server(tmp_path / "home", jdk)
    yield made
    made.end()


@pytest.fixture
def other(tmp_path: Path, jdk: Path) -> Iterator[Server]:
    made = Server(tmp_path / "other", jdk)
    yield made
    made.end()


@pytest.fixture
def open_server(jdk: Path) -> Iterator[Server]:
    """Where every user may look."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = Server(Path(folder) / "home", jdk)
        yield made
        made.end()


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def shells_running(script: Path) -> list[int]:
    wanted = str(script).encode()
    files = Path("/proc").glob("[0-9]*/cmdline")
    return [int(file.parent.name) for file in files if wanted in file.read_bytes().split(b"\0")[1:2]]


def test_started_stopped_and_restarted(server: Server, happened: Happened) -> None:
    happened("carbon_server", "stop when stopped", server.told(server.carry_out(state="stopped")))
    happened("carbon_server", "start when stopped", server.told(server.carry_out()))
    happened("carbon_server", "start when started", server.told(server.carry_out()))
    pid = server.pids()
    restarted = server.carry_out(state="restarted")
    assert server.pids() != pid
    happened("carbon_server", "restart when started", server.told(restarted))
    happened("carbon_server", "stop when started", server.told(server.carry_out(state="stopped")))
    with socket.socket() as attempt:
        assert attempt.connect_ex(("127.0.0.1", server.port)) != 0
    happened("carbon_server", "restart when stopped", server.told(server.carry_out(state="restarted")))


def test_another_offset_restarts_it(server: Server, happened: Happened) -> None:
    server.run()
    old, server.offset = server.offset, free_offset()
    happened(
        "carbon_server",
        "running with another offset",
        server.told(server.carry_out()).replace(str(old), "OTHER"),
    )


def test_a_changed_file_restarts_it_once(server: Server, happened: Happened) -> None:
    server.run()
    (server.path / "repository/conf/deployment.toml").touch()
    happened(
        "carbon_server",
        "a file that is read at boot is newer than the process",
        server.told(server.carry_out(restart_if_newer=["repository/conf/deployment.toml"])),
    )


@pytest.mark.parametrize(
    ("case", "content"),
    [
        ("stale", b"999999999\n" + b"\0" * 90),
        ("padded with NUL, of init", b"1".ljust(100, b"\0")),
        ("empty", b""),
        ("garbage", b"\xff\0nonsense -1"),
    ],
)
def test_a_pid_file_that_lies_is_no_obstacle(
    server: Server, happened: Happened, case: str, content: bytes
) -> None:
    (server.path / "wso2carbon.pid").write_bytes(content)
    done = server.carry_out()
    (server.path / "wso2carbon.pid").write_bytes(content)
    stopped = server.carry_out(state="stopped")
    happened("carbon_server", f"pid file: {case}", f"{server.told(done)}; {server.told(stopped)}")


def test_what_a_pid_file_names_by_mistake_stays(server: Server, other: Server, happened: Happened) -> None:
    other.run()
    innocent = subprocess.Popen(["sleep", "60"])
    try:
        for case, pid in (
            ("of another program", innocent.pid),
            ("of another Carbon server", other.pids()[0]),
        ):
            lie = str(pid).encode().ljust(100, b"\0")
            (server.path / "wso2carbon.pid").write_bytes(lie)
            started = server.carry_out()
            (server.path / "wso2carbon.pid").write_bytes(lie)
            stopped = server.carry_out(state="stopped")
            assert innocent.poll() is None
            assert len(other.pids()) == 1
            happened(
                "carbon_server",
                f"pid file: {case}",
                f"{server.told(started)}; {server.told(stopped)}; that process stays",
            )
    finally:
        innocent.kill()
        innocent.wait()


def test_a_port_of_a_stranger_is_refused_before_anything_is_stopped(
    server: Server, happened: Happened
) -> None:
    def refused() -> str:
        for check in (True, False):
            outcome = server.run(check=check)
            assert outcome.failed
        return server.told(outcome).replace("(python3.11)", "(PROGRAM)").replace("(python)", "(PROGRAM)")

    with socket.create_server(("127.0.0.1", server.port)):
        told = refused()
        assert "PORT is taken by process PID (PROGRAM)" in told, told
        happened("carbon_server", "port taken by a stranger", told)
    server.run()
    pids, server.offset = server.pids(), free_offset()
    with socket.create_server(("127.0.0.1", server.port)):
        refused()
    assert server.pids() == pids
    happened(
        "carbon_server", "restart to another offset, whose port a stranger has", "refused, the server runs on"
    )


def test_a_port_that_is_about_to_be_free_is_waited_for(server: Server, happened: Happened) -> None:
    with socket.create_server(("127.0.0.1", server.port)):
        run = server.start()
        time.sleep(0.8)
    assert run.outcome()["action"] == "started"
    happened(
        "carbon_server",
        "a port that becomes free a moment later, as that of a process just killed does",
        "started",
    )


def test_a_port_lost_while_booting_is_no_start_whatever_the_log_says(
    server: Server, happened: Happened
) -> None:
    started = (
        "INFO {org.wso2.carbon.core.internal.StartupFinalizerServiceComponent} - WSO2 Carbon started in 21"
        " sec"
    )
    lost = server.run(
        how={
            "loses_port": True,
            "log": ["ERROR {tomcat} - java.net.BindException: Address already in use", started],
        }
    )
    assert f"port {server.port} was taken by process" in lost["msg"], lost
    assert "BindException" in lost["log"][0]
    assert server.pids() == []
    happened(
        "carbon_server",
        "port taken by a stranger while it boots, and 'WSO2 Carbon started' in the log",
        "failed, with the BindException in log; not left running",
    )


@pytest.mark.parametrize(
    ("case", "console", "reason"),
    [
        (
            "TOML error",
            [
                "JAVA_HOME environment variable is set to /opt/jdk",
                "SEVERE: Error while performing configuration changes",
                "org.wso2.config.mapper.ConfigParserException: Error while parsing deployment.toml",
                "\tat org.wso2.config.mapper.ConfigParser.parse(ConfigParser.java:1)",
                "Caused by: org.wso2.config.mapper.ConfigParserException: unexpected '=' at line 3",
            ],
            "Caused by: org.wso2.config.mapper.ConfigParserException: unexpected '=' at line 3",
        ),
        (
            "JDK too old",
            [
                "Error: LinkageError occurred while loading main class org.wso2.carbon.bootstrap.Bootstrap",
                "\tjava.lang.UnsupportedClassVersionError: org/wso2/carbon/bootstrap/Bootstrap has been"
                " compiled by a more recent version",
            ],
            "java.lang.UnsupportedClassVersionError: org/wso2/carbon/bootstrap/Bootstrap has been compiled"
            " by a more recent version",
        ),
        (
            "heap too small",
            ["Error occurred during initialization of VM", "Too small maximum heap"],
            "Too small maximum heap",
        ),
        (
            "unknown JVM option",
            ["Unrecognized VM option 'Foo'", "Error: Could not create the Java Virtual Machine."],
            "Unrecognized VM option 'Foo'",
        ),
    ],
)
def test_a_boot_that_ends_says_why(
    server: Server, happened: Happened, case: str, console: list[str], reason: str
) -> None:
    failed = server.run(how={"console": console, "ends": True})
    assert f"the server ended while booting ({reason}); correct that" in failed["msg"], failed
    assert reason in failed["log"]
    assert server.pids() == []
    happened("carbon_server", f"a boot that dies: {case}", server.told(failed))


def test_a_boot_that_hangs_ends_with_the_timeout_and_the_end_of_the_log(
    server: Server, happened: Happened
) -> None:
    lines = [f"INFO - step {number}" for number in range(100)]
    failed = server.run(how={"log": lines, "seconds": 60}, timeout=2)
    assert failed["log"][-1] == lines[-1], failed
    assert lines[0] not in failed["log"]
    assert server.pids() == []
    happened("carbon_server", "a boot that hangs", f"{server.told(failed)} It is not left running.")


def test_a_passing_error_is_waited_for(server: Server, happened: Happened) -> None:
    assert server.carry_out(how={"statuses": [500, 500, 200]})["action"] == "started"
    happened("carbon_server", "the first HTTPS answers are 500", "waits for 200")


def test_an_error_that_stays_is_no_start(server: Server, happened: Happened) -> None:
    failed = server.run(how={"statuses": [500]}, timeout=2)
    assert "HTTP status 500 instead of 200" in failed["msg"], failed
    assert server.pids() == []
    happened("carbon_server", "every HTTPS answer is 500", server.told(failed))


def test_a_server_killed_while_it_boots_is_a_failed_start(server: Server, happened: Happened) -> None:
    running = server.start(how={"seconds": 60})
    wait_for(server.pids)
    os.kill(server.pids()[0], signal.SIGKILL)
    failed = running.outcome()
    assert "the server ended while booting" in failed["msg"], failed
    happened("carbon_server", "kill -9 of the server while it boots", server.told(failed))
    assert server.carry_out()["action"] == "started"


def test_a_run_killed_while_it_waits_is_made_good_by_the_next(server: Server, happened: Happened) -> None:
    running = server.start(how={"seconds": 3})
    wait_for(server.pids)
    pids = server.pids()
    os.kill(running.pid, signal.SIGKILL)
    waited = server.run()
    assert (waited["action"], [waited["pid"]]) == ("none", pids), waited
    happened(
        "carbon_server",
        "kill -9 of the run while the server boots, then another run",
        f"waits until it is ready; {server.told(waited)}",
    )


def test_a_killed_server_is_started_again(server: Server, happened: Happened) -> None:
    os.kill(server.run()["pid"], signal.SIGKILL)
    wait_for(lambda: not server.pids())
    happened(
        "carbon_server", "kill -9 of a started server, its pid file left", server.told(server.carry_out())
    )


def test_a_server_that_takes_no_sigterm_is_not_called_stopped(server: Server, happened: Happened) -> None:
    pid = server.run(how={"stubborn": True})["pid"]
    failed = server.run(state="stopped", timeout=1)
    assert f"process {pid} did not end within 1 s" in failed["msg"], failed
    happened("carbon_server", "a server that does not end", server.told(failed).replace(str(pid), "PID"))


def test_without_a_jdk_nothing_is_stopped(
    server: Server, happened: Happened, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = server.run()["pid"]
    for program in ("sh", "cat"):
        (server.path / "tmp").mkdir(exist_ok=True)
        (server.path / "tmp" / program).symlink_to(shutil.which(program) or "")
    monkeypatch.setenv("PATH", str(server.path / "tmp"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    for check in (True, False):
        failed = server.run(check=check, java_home=None, state="restarted")
        assert "no java was found in JAVA_HOME or on the PATH" in failed["msg"], failed
        assert server.pids() == [pid]
    happened("carbon_server", "no JAVA_HOME and no java", server.told(failed))


def test_a_configuration_that_cannot_be_read_keeps_nobody_from_stopping(
    server: Server, happened: Happened
) -> None:
    server.run()
    (server.path / "repository/conf/deployment.toml").write_text("[server\n")
    for state in ("started", "restarted"):
        failed = server.run(state=state)
        assert "deployment.toml is not what a server can read" in failed["msg"], failed
    happened("carbon_server", "deployment.toml that no server can read", server.told(failed))
    happened(
        "carbon_server",
        "deployment.toml that no server can read, stopped",
        server.told(server.carry_out(state="stopped")),
    )


def test_two_runs_at_once_start_one_server(server: Server, happened: Happened) -> None:
    runs = [server.start(how={"seconds": 0.5}) for _number in range(3)]
    outcomes = [run.outcome() for run in runs]
    assert sorted(outcome["action"] for outcome in outcomes) == ["none", "none", "started"], outcomes
    assert len(server.pids()) == 1
    happened("carbon_server", "three runs at once on one home", "one starts it, two find it started")


def test_a_run_that_does_not_end_is_told_of_and_not_waited_for_without_end(
    server: Server, happened: Happened
) -> None:
    with only_run_in(server.path, 1):
        assert server.run(check=True)["action"] == "started"
        refused = server.run(timeout=1)
    assert (
        refused["msg"]
        == f"Working on {server.path} was not tried: another run has been there for 2 s; wait for that run or end it."
    )
    assert server.pids() == []
    happened("carbon_server", "another run that does not end", server.told(refused))


def test_a_restart_that_fails_says_that_it_stopped_the_server(server: Server, happened: Happened) -> None:
    server.run()
    failed = server.run(state="restarted", how={"ends": True, "console": ["Exception: no"]})
    assert failed["msg"].endswith("The server that ran before had been stopped."), failed
    happened("carbon_server", "a restart whose boot dies", server.told(failed))


def test_a_start_that_is_not_waited_for_is_waited_for_by_another_run(
    server: Server, happened: Happened
) -> None:
    how = {"seconds": 5}
    started = server.run(how=how, wait=False)
    assert (started["action"], started["ready"], started["https_port"]) == ("started", False, server.port)
    assert started["seconds"] < 5
    assert server.pids() == [started["pid"]]
    ready = server.run(how=how, state="ready")
    assert (ready["action"], ready["changed"], ready["ready"]) == ("none", False, True), ready
    assert ready["pid"] == started["pid"]
    happened(
        "carbon_server",
        "start without waiting, then state ready",
        f"{server.told(started)}, ends when the process is there; {server.told(ready)}, waits until it is ready",
    )


def test_a_server_that_runs_as_asked_is_not_even_asked_without_waiting(server: Server) -> None:
    pid = server.run(how={"statuses": [500]}, wait=False)["pid"]
    begun = time.monotonic()
    again = server.run(how={"statuses": [500]}, wait=False, timeout=60)
    assert (again["action"], again["ready"], again["pid"]) == ("none", False, pid), again
    assert time.monotonic() - begun < 10


def test_a_restart_without_waiting_waits_until_the_old_process_is_gone(
    server: Server, happened: Happened
) -> None:
    old = server.run()["pid"]
    restarted = server.run(how={"seconds": 1}, state="restarted", wait=False)
    assert (restarted["action"], restarted["ready"]) == ("restarted", False), restarted
    assert server.pids() == [restarted["pid"]] != [old]
    assert server.run(how={"seconds": 1}, state="ready")["ready"] is True
    happened("carbon_server", "restart without waiting, then state ready", server.told(restarted))


def test_a_boot_that_dies_after_its_run_is_told_by_the_run_that_waits(
    server: Server, happened: Happened
) -> None:
    log = server.path / "repository/logs/wso2carbon.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("ERROR - of an earlier boot\n")
    how = {"console": ["Error occurred during initialization of VM", "Too small maximum heap"]}
    started = server.run(how={**how, "log": ["ERROR - of this boot"], "seconds": 1, "ends": True}, wait=False)
    assert started["action"] == "started", started
    wait_for(lambda: not server.pids())
    for _time in range(2):
        failed = server.run(state="ready")
        assert failed["msg"] == (
            f"Starting {server.path} failed: the server ended while booting (Too small maximum heap); correct that,"
            " more is in log."
        )
        assert failed["log"] == [*how["console"], "ERROR - of this boot"]
        assert server.pids() == []
    happened("carbon_server", "start without waiting, its boot dies, then state ready", server.told(failed))


def test_a_boot_that_dies_while_another_run_waits_is_told_at_once(server: Server) -> None:
    how = {"console": ["Exception: no"], "seconds": 2, "ends": True}
    server.run(how=how, wait=False)
    failed = server.run(how=how, state="ready", timeout=60)
    assert "the server ended while booting (Exception: no)" in failed["msg"], failed
    assert failed["log"] == ["Exception: no"]


def test_a_server_that_does_not_run_is_not_started_by_waiting(server: Server, happened: Happened) -> None:
    for check in (True, False):
        assert server.run(check=True, state="ready")["action"] == "none"
        failed = server.run(state="ready")
        assert failed["msg"] == f"Waiting for {server.path} failed: its server does not run; start it first."
        assert server.pids() == []
        if check:
            server.run()
            server.run(state="stopped")
    happened("carbon_server", "state ready, never started or stopped since", server.told(failed))


def test_a_server_that_is_not_ready_in_time_is_left_to_boot(server: Server, happened: Happened) -> None:
    how = {"log": ["INFO - step 1"], "seconds": 60}
    pid = server.run(how=how, wait=False)["pid"]
    failed = server.run(how=how, state="ready", timeout=1)
    assert "was not ready within 1 s (nothing of it listens on port" in failed["msg"], failed
    assert failed["log"][-1] == "INFO - step 1"
    assert server.pids() == [pid]
    happened("carbon_server", "state ready, a boot that hangs", f"{server.told(failed)} It is left running.")


def test_a_look_sees_a_server_without_waiting(server: Server) -> None:
    home = CarbonHome(str(server.path))
    assert look_at_server(home) == ServerState()
    pid = server.run(how={"seconds": 1}, wait=False)["pid"]
    booting = look_at_server(home)
    assert (booting.pid, booting.user, booting.ready, booting.answers) == (pid, os.geteuid(), False, {})
    assert (booting.port_offset, booting.https_port) == (server.offset, server.port)
    assert booting.arguments == (f"-DportOffset={server.offset}",)
    assert booting.listens == ()
    server.run(state="ready")
    ready = look_at_server(home)
    assert ready.ready
    assert set(ready.answers.values()) == {""}
    assert ready.listens == (("127.0.0.1", server.port),)
    assert ready.unseen == {}
    assert abs((ready.started_at or 0) - time.time()) < 60
    (server.path / "repository/conf/deployment.toml").write_text("[server\n")
    blind = look_at_server(CarbonHome(str(server.path)))  # a home reads its configuration once
    assert (blind.pid, blind.https_port, blind.ready) == (pid, None, False)
    assert "is not what a server can read" in blind.unseen["https_port"]


@_AS_ROOT
def test_another_users_home_and_process_are_refused(open_server: Server, happened: Happened) -> None:
    server = open_server
    for check in (True, False):
        failed = server.run(check=check, user=_NOBODY, java_home=None)
        assert "user id 65534 may not write to it" in failed["msg"], failed
    happened("carbon_server", "not root, a home owned by another user", server.told(failed))
    pid = server.run()["pid"]
    for check in (True, False):
        for state in ("started", "restarted", "stopped"):
            failed = server.run(check=check, user=_NOBODY, state=state)
            assert (
                f"is process {pid} of user id 0, which user id 65534 may not touch; nothing was changed"
                in failed["msg"]
            ), failed
    assert server.pids() == [pid]
    happened(
        "carbon_server", "not root, a server of another user", server.told(failed).replace(str(pid), "PID")
    )


@_AS_ROOT
@pytest.mark.parametrize("part", ["", "bin", "bin/wso2server.sh"])
def test_root_does_not_run_the_script_of_another_user(server: Server, happened: Happened, part: str) -> None:
    os.chown(server.path / part, _NOBODY, _NOBODY)
    planned = server.run(check=True)
    assert ("belongs to user id 65534" in str(planned.get("warnings"))) is (part == ""), planned
    refused = server.run()
    assert "belongs to user id 65534, whose script root does not run" in refused["msg"], refused
    assert server.pids() == []
    if not part:
        happened("carbon_server", "root, a home owned by another user", server.told(refused))


@_AS_ROOT
def test_a_user_who_may_write_to_another_users_home_is_warned(open_server: Server) -> None:
    server = open_server
    for path in (server.path, *server.path.rglob("*")):
        os.chown(path, 1000, _NOBODY)
        path.chmod(path.stat().st_mode | 0o070)
    planned = server.run(user=_NOBODY, check=True, java_home=None)
    assert planned["action"] == "started", planned
    assert "belongs to user id 1000, but the server runs as 65534" in str(planned["warnings"]), planned


def test_a_console_that_somebody_has_put_there_is_not_written_through(server: Server, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("untouched")
    console = server.path / "repository/logs/carbonops-console.log"
    console.parent.mkdir(exist_ok=True)
    console.symlink_to(precious)
    written = ["first", *["x" * 99] * 10_000, "last"]
    assert server.run(how={"console": written})["ready"]
    assert precious.read_text() == "untouched"
    assert not console.is_symlink()
    assert console.stat().st_mode & 0o777 == 0o600
    assert "first" in console.read_text().splitlines()
    assert 200 << 10 < console.stat().st_size <= 512 << 10


def test_a_unit_that_is_not_there_stops_nothing(server: Server, happened: Happened) -> None:
    pid = server.run()["pid"]
    for check in (True, False):
        failed = server.run(check=check, systemd_unit="carbonops-none")
        assert failed.failed, failed
        assert server.pids() == [pid]


@pytest.fixture
def manager(tmp_path: Path, jdk: Path) -> Iterator[Server]:
    """An API Manager."""
    made = Server(tmp_path / "manager", jdk, APIM)
    yield made
    made.end()


GATEWAY_CHECK = "/api/am/gateway/v2/server-startup-healthcheck"


def test_a_profile_without_a_gateway_is_ready_without_the_gateways_health_check(
    manager: Server, happened: Happened
) -> None:
    shutil.rmtree(manager.path / "repository/deployment", ignore_errors=True)
    manager.begin("-Dprofile=control-plane", f"-DportOffset={manager.offset}")
    how = {"paths": {GATEWAY_CHECK: 404}}
    pids = manager.pids()
    seen = manager.run(how=how)
    assert (seen["action"], seen["ready"], manager.pids()) == ("none", True, pids), seen
    done = manager.run(how=how, state="restarted")
    assert (done["action"], done["ready"]) == ("restarted", True), done
    assert "-Dprofile=control-plane" in manager.command()
    happened(
        "carbon_server",
        "a control plane, whose home has no gateway and whose gateway's health check is 404",
        "ready, unchanged; restarted it runs with its profile",
    )


@pytest.mark.parametrize("option", [{}, {"start_arguments": ["-Dprofile=other"]}])
def test_a_restart_keeps_what_the_server_was_started_with(
    manager: Server, happened: Happened, option: dict[str, Any]
) -> None:
    given = ("-Dprofile=gateway-worker", "-Dfoo=bar", "-Ddb.password=Geheim")
    variables = {"JAVA_OPTS": "-Done=1 -Dtwo=2", "JVM_MEM_OPTS": "-Xmx77m", "DB_PASSWORD": "Geheim"}
    manager.begin(*given, f"-DportOffset={manager.offset}", **variables)
    toml = manager.path / "repository/conf/deployment.toml"
    toml.write_text(toml.read_text() + '\n[site]\npassword = "$env{DB_PASSWORD}"\n')
    toml.touch()
    done = manager.carry_out(restart_if_newer=["repository/conf/deployment.toml"], **option)
    assert done["action"] == "restarted", done
    assert {*given, "-Done=1", "-Dtwo=2", "-Xmx77m"} <= set(manager.command())
    assert "DB_PASSWORD=Geheim" in Path(f"/proc/{manager.pids()[0]}/environ").read_text()
    told = ["-Dprofile=gateway-worker", "-Dfoo=bar", "-Ddb.password=********"]
    told += [f"-DportOffset={manager.offset}", "JAVA_OPTS", "JVM_MEM_OPTS", "DB_PASSWORD"]
    assert done["carried_over"] == told
    assert "started again with -Dprofile=gateway-worker -Dfoo=bar" in done["diff"]["after"]
    assert "Geheim" not in done.output
    if not option:
        happened(
            "carbon_server",
            "a changed file, and a server with arguments, JAVA_OPTS, JVM_MEM_OPTS and a variable of deployment.toml",
            "restarted with all of them, told without the values of secrets",
        )


def test_only_the_offset_that_is_asked_for_changes(manager: Server) -> None:
    manager.begin("-Dfoo=bar", f"-DportOffset={manager.offset}")
    kept = manager.run(port_offset=None, state="restarted")
    assert (kept["action"], kept["https_port"]) == ("restarted", manager.port), kept
    assert f"-DportOffset={manager.offset}" in manager.command()
    manager.offset = free_offset()
    moved = manager.run()
    assert (moved["action"], moved["https_port"]) == ("restarted", manager.port), moved
    assert {"-Dfoo=bar", f"-DportOffset={manager.offset}"} <= set(manager.command())


@pytest.mark.parametrize("script", ["gateway.sh", "traffic-manager.sh", "key-manager.sh", "api-cp.sh"])
def test_each_distribution_is_started_by_its_own_script(
    manager: Server, happened: Happened, script: str
) -> None:
    manager.call_script(script)
    started = manager.carry_out(start_arguments=["-Dfoo=bar"])
    assert (started["ready"], started["script"]) == (True, str(manager.path / "bin" / script)), started
    assert "-Dfoo=bar" in manager.command()
    if script == "gateway.sh":
        happened("carbon_server", "a home that holds bin/gateway.sh alone", f"{manager.told(started)}; ready")


def test_a_server_is_restarted_by_the_script_that_runs_it(manager: Server, happened: Happened) -> None:
    manager.call_script("key-manager.sh")
    shutil.copy(manager.path / "bin/key-manager.sh", manager.path / "bin/api-cp.sh")
    manager.begin(f"-DportOffset={manager.offset}")
    done = manager.run(state="restarted")
    assert (done["action"], done["script"]) == ("restarted", str(manager.path / "bin/key-manager.sh")), done
    happened(
        "carbon_server",
        "a home with api-cp.sh and key-manager.sh, run by the second",
        "restarted by the one that runs it",
    )


def test_a_boot_that_dies_is_told_at_once_though_its_script_left_something_running(
    manager: Server, happened: Happened
) -> None:
    beside = "trap '' TERM INT\nn=0\nwhile [ $n -lt 200 ]; do sleep 0.1; n=$((n+1)); done\n"
    (manager.path / "bin/diagnostics.sh").write_text(beside)
    begun = time.monotonic()
    failed = manager.run(how={"console": ["Exception: no"], "ends": True})
    assert "the server ended while booting (Exception: no)" in failed["msg"], failed
    assert time.monotonic() - begun < 10
    for pid in shells_running(manager.path / "bin/diagnostics.sh"):
        os.kill(pid, signal.SIGKILL)
    happened(
        "carbon_server",
        "a boot of API Manager that dies, while what its script runs beside it keeps the console open",
        manager.told(failed),
    )


def test_two_servers_share_a_port_at_two_addresses(server: Server, other: Server, happened: Happened) -> None:
    other.offset = server.offset
    for number, one in ((2, server), (3, other)):
        toml = one.path / "repository/conf/deployment.toml"
        address = f"127.0.0.{number}"
        toml.write_text(f'{toml.read_text()}\n[transport.https.properties]\naddress = "{address}"\n')
        assert one.carry_out(how={"address": address})["action"] == "started"
    restarted = server.run(how={"address": "127.0.0.2"}, state="restarted")
    assert (restarted["action"], restarted["ready"]) == ("restarted", True), restarted
    assert len(other.pids()) == 1
    happened(
        "carbon_server",
        "two servers on one port, each bound to an address of its own",
        "each is asked at its own, and neither is in the other's way",
    )


def test_what_a_supervisor_would_start_again_is_not_stopped(
    server: Server, happened: Happened, tmp_path: Path
) -> None:
    server.behave()
    supervisor = tmp_path / "runsv"
    supervisor.write_text("import subprocess, sys\nwhile True: subprocess.run(['sh', *sys.argv[1:]])\n")
    script = str(server.path / "bin" / server.script)
    command = [sys.executable, str(supervisor), script, f"-DportOffset={server.offset}"]
    process = subprocess.Popen(command, env={**os.environ, "JAVA_HOME": str(server.jdk)})
    try:
        wait_for(server.pids)
        pids = server.pids()
        for state in ("restarted", "stopped"):
            for check in (True, False):
                refused = server.run(check=check, state=state)
                sentence = (
                    f"was not tried: runsv runs it (process {process.pid}); have that stop and start it"
                )
                assert sentence in refused["msg"], refused
        assert server.run()["ready"]
        assert server.pids() == pids
    finally:
        process.kill()
        process.wait()
    happened(
        "carbon_server",
        "a server that a supervisor (runit) would start again, restarted or stopped",
        server.told(refused).replace(str(process.pid), "PID"),
    )


def test_nothing_is_stopped_or_started_where_nobody_may(server: Server, happened: Happened) -> None:
    down = server.run(restart="never")
    assert (down["changed"], down["action"], server.pids()) == (False, "none", []), down
    assert down["restart_required"] == [
        {"server": str(server.path), "since": None, "newer": [], "reason": "it does not run"}
    ]
    assert server.run(restart="never", state="ready")["restart_required"] == down["restart_required"]
    server.run()
    assert server.run(restart="never")["restart_required"] == []
    (server.path / "repository/conf/deployment.toml").touch()
    pids = server.pids()
    files = ["repository/conf/deployment.toml", "not/there"]
    for state in ("started", "ready", "restarted"):
        for check in (True, False):
            left = server.run(check=check, state=state, restart="never", restart_if_newer=files)
            assert (left["changed"], left["action"]) == (False, "none"), left
            assert server.pids() == pids
    [required] = left["restart_required"]
    assert (required["newer"], required["server"]) == (files[:1], str(server.path))
    assert f"runs since {required['since']} and has to be restarted" in str(left["warnings"])
    happened(
        "carbon_server",
        "restart: never, a file that is read at boot is newer than the process",
        "nothing is stopped; server, since when it runs and what is newer are told, with a warning",
    )


def test_everything_else_is_one_sentence(server: Server) -> None:
    assert run_module("carbon_server", carbon_home=str(server.path / "bin"))["msg"].endswith("unpacked into.")
