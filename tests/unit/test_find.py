"""Which process is the server of a home: real processes, some of which only say that they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.find import find_carbon, may_be_seen
from support.cases import Happened
from support.java import Javas, lay_java

_NOBODY = 65534
_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")


def can_run(*command: str) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, check=False).returncode == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where every user may look."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def home(folder: Path) -> Path:
    (folder / "home/repository/logs").mkdir(parents=True)
    return folder / "home"


@pytest.fixture
def java(folder: Path) -> Path:
    return lay_java(folder / "jdk")


@pytest.fixture
def javas(java: Path) -> Iterator[Javas]:
    made = Javas(java)
    yield made
    made.end()


def found_pid(home: Path, *users: int) -> int | None:
    found = find_carbon(home, users)
    return found.pid if found else None


def test_what_only_calls_itself_java_is_no_server(
    javas: Javas, home: Path, folder: Path, happened: Happened
) -> None:
    javas.start(f"-Dcarbon.home={home}", program=Path(sys.executable))
    assert find_carbon(home) is None
    (folder / "bin").mkdir()
    javas.start(f"-Dcarbon.home={home}", program=Path(shutil.copy(sys.executable, folder / "bin/java")))
    assert find_carbon(home) is None, "a java outside of any JDK"
    real = javas.start(f"-Dcarbon.home={home}")
    assert found_pid(home) == real.pid
    happened("carbon_server", "a process that only calls itself java and names the home", "does not count")


def test_the_second_jvm_of_api_managers_script_is_never_taken_for_the_server(
    javas: Javas, home: Path, java: Path, happened: Happened
) -> None:
    second = subprocess.Popen(
        ["/opt/jdk/bin/java", "-c", "input()", f"-Dcarbon.home={home}", "org.wso2.diagnostics.Main"],
        executable=java, stdin=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert find_carbon(home) is None
        real = javas.start(f"-Dcarbon.home={home}")
        assert found_pid(home) == real.pid
    finally:
        second.kill()
        second.communicate()
    happened(
        "carbon_server",
        "the second JVM of API Manager's start script, which names the same home",
        "does not count; the server is told by the kernel's bootstrap class",
    )


def test_a_server_whose_jdk_was_replaced_meanwhile_is_still_one(javas: Javas, home: Path, java: Path) -> None:
    real = javas.start(f"-Dcarbon.home={home}")
    shutil.rmtree(java.parent.parent.parent)
    assert found_pid(home) == real.pid


def test_a_home_given_from_where_the_server_was_started_is_found(
    javas: Javas, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home / "repository")
    real = javas.start("-Dcarbon.home=./../repository/..")
    monkeypatch.chdir("/")
    assert found_pid(home) == real.pid


@_AS_ROOT
def test_a_process_of_a_stranger_is_no_server_and_hides_none(
    javas: Javas, home: Path, happened: Happened
) -> None:
    stranger = javas.start(f"-Dcarbon.home={home}", user=_NOBODY)
    assert find_carbon(home) is None
    real = javas.start(f"-Dcarbon.home={home}")
    assert found_pid(home) == real.pid
    assert stranger.poll() is None
    happened("carbon_server", "a java of another user that names the home", "does not count, and stays")


@_AS_ROOT
def test_whoever_the_home_or_its_logs_or_its_unit_belong_to_may_run_the_server(
    javas: Javas, home: Path
) -> None:
    server = javas.start(f"-Dcarbon.home={home}", user=_NOBODY)
    assert found_pid(home, _NOBODY) == server.pid
    os.chown(home / "repository/logs", _NOBODY, _NOBODY)
    assert found_pid(home) == server.pid
    os.chown(home / "repository/logs", 0, 0)
    os.chown(home, _NOBODY, _NOBODY)
    found = find_carbon(home)
    assert found
    assert (found.pid, found.user) == (server.pid, _NOBODY)


@pytest.mark.skipif(not can_run("unshare", "--mount", "true"), reason="no mount namespaces may be made here")
def test_the_server_of_another_home_at_the_same_path_is_not_ours(
    javas: Javas, home: Path, folder: Path, happened: Happened
) -> None:
    """As a container has one, whose processes root sees as its own host's."""
    (folder / "other").mkdir()
    (folder / "link").symlink_to(home)
    inside = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"']
    for named in (home, folder / "link"):
        javas.start_by([*inside, str(folder / "other"), str(home)], f"-Dcarbon.home={named}")
        assert find_carbon(home) is None
    moved = javas.start_by([*inside, str(home), str(folder / "other")], f"-Dcarbon.home={folder}/other")
    assert found_pid(home) == moved.pid, "the very folder at another path"
    happened(
        "carbon_server",
        "a container's server whose home has the same path inside",
        "does not count, and stays",
    )


_WITHOUT_PTRACE = ("setpriv", "--bounding-set", "-sys_ptrace")


@_AS_ROOT
@pytest.mark.skipif(not can_run(*_WITHOUT_PTRACE, "true"), reason="no setpriv")
def test_where_a_process_may_not_be_looked_into_its_user_and_command_line_count(
    javas: Javas, home: Path
) -> None:
    """As root is in a container that lacks CAP_SYS_PTRACE."""
    os.chown(home, _NOBODY, _NOBODY)
    server = javas.start(f"-Dcarbon.home={home}", user=_NOBODY)
    code = (
        "import pathlib, sys\n"
        f"from {find_carbon.__module__} import find_carbon, may_be_seen\n"
        "found = find_carbon(pathlib.Path(sys.argv[1]))\n"
        "print(found and (found.pid, may_be_seen(found)))\n"
    )
    command = [*_WITHOUT_PTRACE, sys.executable, "-c", code, str(home)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    assert told == f"({server.pid}, False)\n"
    found = find_carbon(home)
    assert found
    assert may_be_seen(found)
