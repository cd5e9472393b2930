"""carbon_server on the test bed's servers, for what a scripted JVM cannot show.

The tests run in this order.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cases import Happened, plain
from support.modules import Outcome, run_module
from support.site import CACHE, free_offset
from testbed.apim.build import build as build_apim
from testbed.homes import APIM, IS7, Home, answers, java_home, lay_out
from testbed.is7.build import build as build_is7


class Server:
    """One API Manager home, whose server boots in seconds."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.offset = free_offset()

    @property
    def port(self) -> int:
        return 9443 + self.offset

    def run(self, check: bool = False, **options: Any) -> Outcome:
        return run_module(
            "carbon_server",
            check=check,
            **{"carbon_home": str(self.home.path), "port_offset": self.offset, "timeout": 60, **options},
        )

    def stop(self) -> None:
        self.run(state="stopped")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(lay_out(APIM, build_apim(CACHE), tmp_path_factory.mktemp("with a blank")))
    yield made
    made.home.stop()


def test_check_mode_says_what_would_be_and_starts_nothing(server: Server) -> None:
    planned = server.run(check=True)
    assert (planned["changed"], planned["action"], planned["pid"], planned["https_port"]) == (
        True,
        "started",
        None,
        server.port,
    )
    assert server.home.pid() is None


def test_started_means_that_its_own_process_answers_on_its_port(server: Server) -> None:
    started = server.run()
    assert (started["changed"], started["action"]) == (True, "started"), started
    assert started["pid"] == server.home.pid()
    assert answers(server.port, APIM.ready_path)


def test_started_again_changes_nothing(server: Server) -> None:
    for check in (True, False):
        again = server.run(check=check)
        assert (again["changed"], again["action"], again["pid"]) == (False, "none", server.home.pid())


def test_a_changed_file_restarts_it_once(server: Server) -> None:
    before = server.home.pid()
    server.home.truststore.touch()
    files = ["repository/conf/deployment.toml", str(server.home.truststore), "not/there"]
    assert server.run(check=True, restart_if_newer=files)["action"] == "restarted"
    restarted = server.run(restart_if_newer=files)
    assert restarted["action"] == "restarted"
    assert str(server.home.truststore) in restarted["reason"]
    assert restarted["pid"] != before
    assert server.run(restart_if_newer=files)["action"] == "none"


def test_another_offset_restarts_it_there(server: Server) -> None:
    old = server.port
    server.offset = free_offset()
    moved = server.run()
    assert (moved["action"], moved["https_port"]) == ("restarted", server.port)
    assert not answers(old, APIM.ready_path)


def test_a_restart_to_a_taken_port_is_refused_before_anything_is_stopped(server: Server) -> None:
    pid = server.home.pid()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = (
            server.run(port_offset=taken.getsockname()[1] - 9443) if taken.getsockname()[1] > 9443 else None
        )
    if refused is not None:
        assert re.search(rf"taken by process {os.getpid()} ", refused["msg"])
    assert server.home.pid() == pid


def test_stopped_means_gone_and_the_port_free(server: Server) -> None:
    assert server.run(check=True, state="stopped")["action"] == "stopped"
    assert server.home.pid() is not None
    stopped = server.run(state="stopped")
    assert (stopped["changed"], stopped["pid"]) == (True, None)
    assert server.home.pid() is None
    with socket.socket() as attempt:
        assert attempt.connect_ex(("127.0.0.1", server.port)) != 0
    assert not server.run(state="stopped")["changed"]


def test_a_server_started_by_its_script_is_known(server: Server) -> None:
    server.home.start(server.offset)
    assert server.run()["action"] == "none"
    server.stop()


def test_a_server_still_booting_is_waited_for(server: Server) -> None:
    script = str(server.home.path / "bin" / APIM.script)
    subprocess.run(
        ["sh", script, "start", f"-DportOffset={server.offset}"],
        env={**os.environ, "JAVA_HOME": java_home()},
        check=True,
    )
    while server.home.pid() is None:
        pass
    waited = server.run()
    assert waited["action"] == "none"
    assert answers(server.port, APIM.ready_path)
    server.stop()


def test_a_configuration_that_only_the_server_finds_wrong_is_told_from_its_log(
    tmp_path: Path, happened: Happened
) -> None:
    home = lay_out(IS7, build_is7(CACHE), tmp_path)
    home.deployment_toml.write_text(
        home.deployment_toml.read_text() + '\n[extra]\nvalue = "$ref{not.there}"\n'
    )
    failed = run_module("carbon_server", carbon_home=str(home.path), port_offset=free_offset(), timeout=60)
    assert re.search(r"the server ended while booting \(.*not\.there", failed["msg"]), failed
    assert home.pid() is None
    happened(
        "carbon_server",
        "a boot of the real kernel that dies of its deployment.toml",
        plain(failed["msg"], home=home.path),
    )


def test_a_boot_that_ends_says_why(server: Server) -> None:
    failed = server.run(environment={**os.environ, "JVM_MEM_OPTS": "-Xmx1k"})
    assert re.search(
        r"the server ended while booting \(Too small maximum heap\); correct that", failed["msg"]
    ), failed
    assert failed["log"][:2] == ["Error occurred during initialization of VM", "Too small maximum heap"]
    assert server.home.pid() is None


def test_a_configuration_that_no_server_can_read_is_refused_before_it_is_tried(server: Server) -> None:
    good = server.home.deployment_toml.read_bytes()
    server.home.deployment_toml.write_bytes(good + b"\n[mixed]\nvalues = [1, 'a']\n")
    try:
        for check in (True, False):
            failed = server.run(check=check)
            assert re.search(
                r"deployment.toml is not what a server can read: .* \(at line \d+, column 14\); correct it",
                failed["msg"],
            ), failed
        assert server.home.pid() is None
    finally:
        server.home.deployment_toml.write_bytes(good)


def test_what_ready_means_can_be_said(server: Server) -> None:
    assert server.run(ready_path="/never/there", ready_status=404)["action"] == "started"
    server.stop()


@pytest.mark.parametrize("script", ["gateway.sh", "traffic-manager.sh", "key-manager.sh", "api-cp.sh"])
def test_the_kernel_s_script_runs_a_server_under_the_name_of_each_distribution(
    server: Server, script: str
) -> None:
    server.stop()
    standard = server.home.path / "bin" / APIM.script
    called = standard.with_name(script)
    called.write_text(standard.read_text().replace(APIM.script, script))
    standard.rename(standard.with_suffix(".kept"))
    try:
        started = server.run(start_arguments=["-Dprofile=of-the-test"])
        assert (started["action"], started["ready"], started["script"]) == ("started", True, str(called)), (
            started
        )
        restarted = server.run(state="restarted")
        assert restarted["carried_over"][0] == "-Dprofile=of-the-test", restarted
        assert restarted["pid"] == server.home.pid()
        server.stop()
    finally:
        called.unlink()
        standard.with_suffix(".kept").rename(standard)


def test_the_offset_in_the_file_holds_where_none_is_given(server: Server) -> None:
    assert run_module("carbon_port_offset", carbon_home=str(server.home.path), port_offset=server.offset)[
        "changed"
    ]
    assert not run_module("carbon_port_offset", carbon_home=str(server.home.path), port_offset=server.offset)[
        "changed"
    ]
    started = server.run(port_offset=None)
    assert (started["action"], started["https_port"]) == ("started", server.port)
    assert server.run(port_offset=None)["action"] == "none"
    server.stop()
    assert run_module("carbon_port_offset", carbon_home=str(server.home.path), state="absent")["changed"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"carbon_home": "/nowhere"}, "/nowhere is not a folder on this host; give the carbon home"),
        ({"carbon_home": "/etc"}, "/etc holds no repository/conf and so is not a carbon home"),
        ({"java_home": "/nowhere"}, "/nowhere/bin/java does not exist or cannot be run; set java_home"),
    ],
)
def test_bad_input_is_one_sentence(server: Server, options: dict[str, Any], sentence: str) -> None:
    failed = server.run(**options)
    assert failed.failed and sentence in failed["msg"]
