"""What a server is started with: what of a process that runs is had again by the one that follows it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import process as process_of
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.launch import (
    first_launch,
    next_launch,
    product_run_by,
    refuse_lost,
)
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.process import BOOTSTRAP, CarbonProcess
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.supervisor import UnitState
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem

SERVER = CarbonProcess(7, 1, 0, 0)
GIVEN = ("-Dprofile=gateway-worker", "-Ddb.password=hidden", "-DportOffset=1")
SHOWN = "-Ddb.password=********"


class Host:
    """A /proc with a server, process 7, that a home's script in process 6 runs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.proc = folder / "proc"
        self.home = folder / "home"
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin/api-cp.sh").touch()
        (self.home / "bin/key-manager.sh").touch()
        monkeypatch.setattr(process_of, "PROC", self.proc)

    def run(
        self, *given: str, script: str = "key-manager.sh", boot: str = BOOTSTRAP, **variables: str
    ) -> None:
        self._have(6, 1, ["sh", f"{self.home}/bin/{script}"], variables)
        self._have(7, 6, ["java", "-Xmx1g", boot, *given], {**variables, "JAVA_OPTS": "of the script"})

    def _have(self, pid: int, parent: int, command: list[str], variables: dict[str, str]) -> None:
        folder = self.proc / str(pid)
        folder.mkdir(parents=True)
        (folder / "cmdline").write_bytes(b"".join(os.fsencode(word) + b"\0" for word in command))
        (folder / "status").write_text("Uid:\t0\t0\t0\t0\n")
        (folder / "stat").write_text(f"{pid} (x) S {parent} " + "0 " * 18)
        lines = (f"{name}={value}\0" for name, value in variables.items())
        (folder / "environ").write_text("".join(lines))


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("offset", "configured", "arguments"),
    [
        (None, 0, GIVEN),
        (1, 0, GIVEN),
        (3, 0, (*GIVEN[:2], "-DportOffset=3")),
        (3, 3, GIVEN[:2]),
        (0, 0, GIVEN[:2]),
    ],
)
def test_only_an_offset_that_is_asked_for_changes(
    host: Host, offset: int | None, configured: int, arguments: tuple[str, ...]
) -> None:
    host.run(*GIVEN)
    launch = next_launch(
        SERVER, host.home, "api-cp.sh", offset=offset, configured=configured, configuration=""
    )
    assert launch.arguments == arguments
    assert launch.carried[:2] == (GIVEN[0], SHOWN)
    assert "hidden" not in repr(launch)


def test_the_variables_of_the_script_and_those_that_the_configuration_names_are_kept(host: Host) -> None:
    host.run(JAVA_OPTS="-Da=b", JVM_MEM_OPTS="-Xmx3g", DB_PASSWORD="hidden", HOME="/root", EMPTY="")
    configuration = 'password = "$env{DB_PASSWORD}"\nx = "$env{EMPTY}$env{NOT_THERE}"'
    launch = next_launch(
        SERVER, host.home, "api-cp.sh", offset=None, configured=0, configuration=configuration
    )
    assert launch.environment == {"JAVA_OPTS": "-Da=b", "JVM_MEM_OPTS": "-Xmx3g", "DB_PASSWORD": "hidden"}
    assert launch.carried == ("JAVA_OPTS", "JVM_MEM_OPTS", "DB_PASSWORD")
    assert "hidden" not in repr(launch)


def test_a_first_start_has_the_arguments_that_were_given(host: Host) -> None:
    assert first_launch("gateway.sh", ["-Dx=1"], 2, 0).arguments == ("-Dx=1", "-DportOffset=2")
    assert first_launch("gateway.sh", ["-Dx=1"], 2, 2).arguments == ("-Dx=1",)
    assert first_launch("gateway.sh", ["-Dx=1"], None, 2).arguments == ("-Dx=1",)


@pytest.mark.parametrize("hidden", ["arguments", "environment"])
def test_what_cannot_be_read_is_refused(host: Host, hidden: str) -> None:
    if hidden == "arguments":
        host.run(boot="org.example.Main")
    else:
        host.run()
        for pid in (6, 7):
            (host.proc / str(pid) / "environ").unlink()
    with pytest.raises(Problem, match=r"^Restarting .* was not tried: .*, so it could not be started again"):
        next_launch(SERVER, host.home, "api-cp.sh", offset=None, configured=0, configuration="")


def test_what_a_server_is_follows_from_the_script_that_runs_it(host: Host) -> None:
    host.run(script="key-manager.sh")
    found = product_run_by(SERVER, host.home)
    assert found and found.script == "key-manager.sh"


def test_a_script_of_another_place_does_not_tell_what_a_server_is(host: Host) -> None:
    host.run(script="gateway.sh")
    assert product_run_by(SERVER, host.home) is None


@pytest.mark.parametrize(
    ("command", "environment", "lost"),
    [
        ("sh x -Dprofile=a -DportOffset=1", "JAVA_OPTS=-Da", ""),
        ("sh x -DportOffset=1", "JAVA_OPTS=-Da", "-Dprofile=a"),
        ("sh x -Dprofile=a", "", "JAVA_OPTS"),
    ],
)
def test_a_unit_that_would_lose_something_does_not_take_a_server_over(
    host: Host, command: str, environment: str, lost: str
) -> None:
    host.run("-Dprofile=a", "-DportOffset=2", JAVA_OPTS="-Da")
    state = UnitState("loaded", "inactive", "simple", 0, "", "", "", command, environment)
    if not lost:
        refuse_lost(SERVER, host.home, "x.service", state, has_files=False)
        return
    with pytest.raises(Problem) as caught:
        refuse_lost(SERVER, host.home, "x.service", state, has_files=False)
    assert str(caught.value) == (
        f"Restarting {host.home} was not tried: it runs with {lost}, and x.service would start it without;"
        " have the unit give it."
    )
