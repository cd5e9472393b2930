"""carbon_server and the roles where systemd runs the server: a real systemd in a container, the products' own
script, a scripted JVM.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from support.cases import Happened
from support.modules import Outcome
from support.scripted_servers import Server, lay_jdk
from support.systemd_host import SystemdHost, systemd_host
from testbed.homes import APIM
from tools.environment import EnvironmentProblem

_UNIT = "wso2am"
_UNIT_FILE = f"/etc/systemd/system/{_UNIT}.service"
_USER = 1000


class Service:
    """An API Manager home of the user wso2 on a host that systemd runs."""

    def __init__(self, host: SystemdHost) -> None:
        self.host = host
        jdk = lay_jdk(host.folder / "jdk", python="/usr/bin/python3", keytool="/usr/bin/keytool")
        host.run("cp", "/usr/bin/python3", str(jdk / "jre/bin/java"))
        self.server = Server(host.folder / "it's 100% $x", jdk, APIM, host.module_server)
        host.run("useradd", "--uid", str(_USER), "--create-home", "wso2")
        self.give_to_user()

    def give_to_user(self) -> None:
        self.host.run("chown", "-R", "wso2", str(self.server.path))

    def run(self, how: dict[str, Any] | None = None, **options: Any) -> Outcome:
        return self.server.run(how=how, **{"systemd_unit": _UNIT, "timeout": 90, **options})

    def pid(self) -> int | None:
        """Its JVM, as processes are numbered in the container."""
        found = self.host.run(
            "pgrep", "-u", "wso2", "-f", f"^[^ ]*java .*-Dcarbon.home={self.server.path.parent}", check=False
        ).stdout.split()
        assert len(found) < 2
        return int(found[0]) if found else None

    def role(self, *arguments: str, user: str = "wso2", code: int = 0, **variables: Any) -> str:
        """The role in a play that becomes a user and ends with this exit code; what it wrote."""
        play = {
            "hosts": "localhost",
            "connection": "local",
            "gather_facts": False,
            "become": True,
            "become_user": user,
            "vars": {
                "ansible_python_interpreter": "/usr/bin/python3",
                "apim_home": str(self.server.path),
                "apim_port_offset": self.server.offset,
                "apim_java_home": str(self.server.jdk),
                "apim_timeout": 90,
                "apim_service": "systemd",
                **variables,
            },
            "roles": ["carbonops.wso2.apim"],
        }
        file = self.host.folder / "play.yml"
        file.write_text(yaml.safe_dump([play]))
        done = self.host.playbook(str(file), *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("systemd")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    try:
        with systemd_host(folder) as host:
            yield Service(host)
    except EnvironmentProblem as problem:
        pytest.skip(str(problem))


def test_a_running_server_goes_over_to_the_unit_by_one_restart(service: Service, happened: Happened) -> None:
    started = service.server.run(user=_USER)
    assert started["pid"] == service.pid()
    planned = service.role("--check", "--diff")
    assert f"restarted: it does not run by {_UNIT}.service" in planned
    assert "ExecStart=/bin/sh" in planned
    assert service.pid() == started["pid"]
    assert service.host.run("ls", _UNIT_FILE, check=False).returncode != 0
    done = service.role("--diff")
    assert f"restarted: it does not run by {_UNIT}.service" in done
    pid = service.pid()
    assert pid not in (None, started["pid"])
    assert f"{_UNIT}.service" in service.host.run("cat", f"/proc/{pid}/cgroup").stdout
    assert service.host.property(_UNIT, "User") == "wso2"
    assert service.host.property(_UNIT, "LimitNOFILE") == "65535"
    assert service.host.property(_UNIT, "UnitFileState") == "enabled"
    assert "changed=0 " in service.role()
    assert service.pid() == pid
    happened(
        "carbon_server",
        "systemd unit by the role, for a server that the script has started",
        "restarted: it does not run by wso2am.service; then unchanged",
    )


def test_it_is_stopped_started_and_restarted_by_its_unit(service: Service, happened: Happened) -> None:
    for state, action, active in (
        ("stopped", "stopped", "inactive"), ("stopped", "none", "inactive"), ("started", "started", "active"),
        ("started", "none", "active"), ("restarted", "restarted", "active"),
    ):  # fmt: skip
        planned = service.run(check=True, state=state)
        done = service.run(state=state)
        assert (planned["action"], planned["diff"]) == (done["action"], done["diff"]), (planned, done)
        assert done["action"] == action, done
        assert done["pid"] == service.pid()
        assert service.host.property(_UNIT, "ActiveState") == active
    happened(
        "carbon_server",
        "systemd unit: stop, start, restart, each twice",
        "by systemctl; ready, pid and port are found as without a unit",
    )


def test_a_killed_server_and_a_unit_written_anew_are_made_good(service: Service, happened: Happened) -> None:
    service.host.run("kill", "-KILL", str(service.pid()))
    killed = service.run()
    assert killed["action"] == "started", killed
    happened("carbon_server", "systemd unit: kill -9 of the server", service.server.told(killed))
    service.host.run("touch", _UNIT_FILE)
    assert service.run(restart_if_newer=[_UNIT_FILE])["action"] == "restarted"
    assert service.run(restart_if_newer=[_UNIT_FILE])["action"] == "none"
    service.server.offset += 1
    moved = service.role("--diff")
    assert f"-DportOffset={service.server.offset}" in moved
    assert service.run()["action"] == "none"
    happened(
        "carbon_server",
        "systemd unit by the role, with another offset",
        "the unit is written anew, and the server restarted once",
    )


def test_a_unit_that_gives_another_offset_is_told(service: Service, happened: Happened) -> None:
    pid = service.pid()
    failed = service.run(port_offset=service.server.offset + 1)
    assert (
        f"was not tried: {_UNIT}.service starts it with port offset {service.server.offset} instead of"
        in failed["msg"]
    ), failed
    assert service.pid() == pid
    happened(
        "carbon_server",
        "systemd unit: it gives another offset than port_offset",
        "refused, names both; nothing is stopped",
    )


def test_a_boot_that_dies_is_told_from_the_journal(service: Service, happened: Happened) -> None:
    failed = service.run(
        how={
            "console": ["Error occurred during initialization of VM", "Too small maximum heap"],
            "ends": True,
        },
        state="restarted",
    )
    assert "the server ended while booting (Too small maximum heap); correct that" in failed["msg"], failed
    happened("carbon_server", "systemd unit: a boot that dies", service.server.told(failed))
    assert service.run()["action"] == "started"


def test_a_boot_that_nobody_waited_for_is_told_from_the_journal_later(
    service: Service, happened: Happened
) -> None:
    service.host.run("systemctl", "reset-failed", _UNIT)  # systemd refuses many starts in a short time
    how = {"console": ["Error occurred during initialization of VM", "Too small maximum heap"]}
    started = service.run(how={**how, "seconds": 1, "ends": True}, state="restarted", wait=False)
    assert not started.failed, started["msg"]
    assert (started["action"], started["ready"]) == ("restarted", False)
    while service.pid() is not None:
        time.sleep(0.1)
    failed = service.run(how=how, state="ready")
    assert "the server ended while booting (Too small maximum heap); correct that" in failed["msg"], failed
    happened(
        "carbon_server",
        "systemd unit: start without waiting, its boot dies, then state ready",
        service.server.told(failed),
    )
    assert service.run(wait=False)["action"] == "started"
    assert service.run(state="ready")["ready"] is True


def test_what_a_user_may_not_and_a_unit_that_is_none(service: Service, happened: Happened) -> None:
    pid = service.pid()
    refused = service.run(user=_USER, state="stopped")
    assert "this needs root's rights" in refused["msg"], refused
    happened("carbon_server", "systemd unit: stopped by a user who is not root", service.server.told(refused))
    for check in (True, False):
        unknown = service.run(check=check, systemd_unit="carbonops-none")
        assert "the systemd unit carbonops-none.service is not found on this host" in unknown["msg"], unknown
    happened("carbon_server", "systemd unit: not there", service.server.told(unknown))
    assert service.pid() == pid


def test_the_script_takes_it_back_from_a_unit_that_would_not_start_it_again(
    service: Service, happened: Happened
) -> None:
    pid = service.pid()
    refused = service.server.run(by_script=True, state="restarted")
    assert f"{_UNIT}.service runs it, and would start it again when the host boots" in refused["msg"], refused
    assert service.pid() == pid
    service.host.run("systemctl", "disable", _UNIT)
    service.host.run("chown", "-R", "root", str(service.server.path))
    taken = service.server.run(by_script=True, state="restarted")
    assert taken["action"] == "restarted", taken
    assert service.host.property(_UNIT, "ActiveState") == "inactive"
    happened(
        "carbon_server",
        "systemd unit: restarted with by_script",
        "refused while the unit is enabled; then stopped by systemctl, started by the script, the unit inactive",
    )
    assert service.server.run(by_script=True, state="stopped")["action"] == "stopped"
    service.give_to_user()


def test_a_unit_does_not_run_a_server_as_root_unless_that_is_said(
    service: Service, happened: Happened
) -> None:
    service.server.run(how={}, state="stopped")
    service.host.run("chown", "-R", "root", str(service.server.path))
    refused = service.role(user="root", code=2, apim_service_name="as-root")
    sentence = (
        "belongs to root, so the unit as-root would run the server as root; give the user to run it as in"
    )
    assert sentence in " ".join(refused.split()), refused
    assert service.host.run("ls", "/etc/systemd/system/as-root.service", check=False).returncode != 0
    service.role(user="root", apim_service_name="as-root", apim_service_user="root")
    assert service.host.property("as-root", "User") == "root"
    assert service.host.property("as-root", "NoNewPrivileges") == "yes"
    assert service.host.property("as-root", "UMask") == "0027"
    service.host.run("systemctl", "disable", "--quiet", "--now", "as-root")
    service.give_to_user()
    happened(
        "carbon_server",
        "systemd unit by the role, for a home of root",
        "refused until apim_service_user names who is to run it",
    )


_SITE = "site-gateway"
_PROFILE = "-Dprofile=gateway-worker"


class SiteUnit:
    """A unit that the site has written itself around the product's script; the server's path has blanks."""

    def __init__(self, service: Service, name: str = _SITE) -> None:
        self.service = service
        self.name = name
        self.file = f"/etc/systemd/system/{name}.service"

    def install(self, *arguments: str, environment: str = "") -> str:
        """Write it, and enable it; its text."""
        home = str(self.service.server.path).replace("%", "%%").replace("$", "$$")
        offset = f"-DportOffset={self.service.server.offset}"
        text = (
            f"[Service]\nUser=wso2\nEnvironment=JAVA_HOME={self.service.server.jdk}\n{environment}"
            f'ExecStart=/bin/sh "{home}/bin/api-manager.sh" {" ".join((offset, *arguments))}\n'
            "Restart=on-failure\nRestartSec=1\nTimeoutStopSec=3\n[Install]\nWantedBy=multi-user.target\n"
        )
        written = self.service.host.folder / "unit"
        written.write_text(text)
        self.service.host.run("cp", str(written), self.file)
        self.service.host.run("systemctl", "daemon-reload")
        self.service.host.run("systemctl", "enable", "--quiet", self.name)
        return text

    def runs(self) -> bool:
        """Whether it runs the one server that there is, for longer than it takes to start another."""
        time.sleep(2)
        pid = self.service.pid()
        return f"{self.name}.service" in self.service.host.run("cat", f"/proc/{pid}/cgroup").stdout

    def remove(self) -> None:
        self.service.host.run("systemctl", "disable", "--quiet", "--now", self.name, check=False)
        self.service.host.run("rm", "-f", self.file)
        self.service.host.run("systemctl", "daemon-reload")


@pytest.fixture
def site_unit(service: Service) -> Iterator[SiteUnit]:
    service.host.run("systemctl", "disable", "--quiet", "--now", _UNIT)
    made = SiteUnit(service)
    yield made
    made.remove()


def test_a_site_s_own_unit_stops_and_starts_its_server_whatever_its_name(
    service: Service, site_unit: SiteUnit, happened: Happened
) -> None:
    text = site_unit.install(_PROFILE, environment="Environment=JVM_MEM_OPTS=-Xmx64m\n")
    service.server.behave()
    started = service.server.run()
    assert started.get("action") == "started", started.get("msg")
    assert site_unit.runs()
    pid = service.pid()
    restarted = service.server.run(state="restarted")
    assert restarted["action"] == "restarted", restarted
    assert site_unit.runs()
    assert service.pid() not in (None, pid)
    command = service.host.run("cat", f"/proc/{service.pid()}/cmdline").stdout.split("\0")
    assert {_PROFILE, "-Xmx64m"} <= set(command)
    assert "changed=0 " in service.role(apim_service="auto")
    (service.server.path / "repository/conf/deployment.toml").touch()
    pid = service.pid()
    assert "deployment.toml changed after the process began" in service.role("--diff", apim_service="auto")
    assert site_unit.runs()
    assert service.pid() != pid
    assert service.host.run("cat", site_unit.file).stdout == text
    happened(
        "carbon_server",
        "a site's own unit (Restart=on-failure) runs the server, nothing given",
        "started, stopped and restarted by that unit, with its arguments; one server runs, the unit is untouched",
    )
    refused = service.server.run(user=_USER, state="restarted")
    assert "this needs root's rights" in refused["msg"], refused


def test_a_unit_that_somebody_else_has_written_is_never_overwritten(
    service: Service, happened: Happened
) -> None:
    service.host.run("systemctl", "disable", "--quiet", "--now", _UNIT)
    site_unit = SiteUnit(service, "wso2-of-the-site")
    text = site_unit.install()
    try:
        service.host.run("systemctl", "start", site_unit.name)
        refused = service.role(code=2, apim_service_name=site_unit.name)
        assert f"{site_unit.file} is not written by this collection, and so not overwritten" in refused
        assert "by the service 'existing'" in refused
        assert service.host.run("cat", site_unit.file).stdout == text
        other = service.role(code=2, apim_service_name="a-second-one")
        assert f"{site_unit.name}.service runs it, and would start it again when the host boots" in other
        assert site_unit.runs()
        assert "changed=0 " in service.role(apim_service="existing", apim_service_name=site_unit.name)
        service.host.run("systemctl", "stop", site_unit.name)
        service.role(apim_service="existing", apim_service_name=site_unit.name)
        assert site_unit.runs()
        assert service.host.run("cat", site_unit.file).stdout == text
    finally:
        site_unit.remove()
    happened(
        "carbon_server",
        "apim_service: systemd, and a unit of that name which somebody else has written",
        "refused, naming `existing`; the unit is untouched and, with `existing`, runs the server",
    )


def test_a_unit_that_would_start_a_server_without_its_arguments_does_not_take_it_over(
    service: Service, site_unit: SiteUnit, happened: Happened
) -> None:
    started = service.server.run(user=_USER, start_arguments=[_PROFILE], by_script=True)
    assert started.get("action") == "started", started.get("msg")
    site_unit.install()
    refused = service.run(systemd_unit=_SITE)
    sentence = f"it runs with {_PROFILE}, and {_SITE}.service would start it without; have the unit give it."
    assert sentence in refused["msg"], refused
    assert service.pid() == started["pid"]
    happened(
        "carbon_server",
        "systemd unit that lacks arguments of the running server",
        service.server.told(refused),
    )
    site_unit.install(_PROFILE)
    assert service.run(systemd_unit=_SITE)["action"] == "restarted"
    assert site_unit.runs()


def test_arguments_of_a_first_start_are_in_the_unit_that_the_role_writes(service: Service) -> None:
    service.role(apim_start_arguments=[_PROFILE, "-Dfoo=100% $x"])
    command = service.host.run("cat", f"/proc/{service.pid()}/cmdline").stdout.split("\0")
    assert {_PROFILE, "-Dfoo=100%", "$x"} <= set(command), command
    assert "changed=0 " in service.role(apim_start_arguments=[_PROFILE, "-Dfoo=100% $x"])
