"""What systemctl and journalctl are asked, and what is made of their answers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon import systemd
from ansible_collections.carbonops.wso2.plugins.module_utils._carbon.systemd import SystemdUnit
from ansible_collections.carbonops.wso2.plugins.module_utils._problem import Problem


class Commands:
    """Answers commands by their verb, the first word that is not an option, and keeps what was asked."""

    def __init__(self, **answers: tuple[int, str, str]) -> None:
        self.asked: list[list[str]] = []
        self._answers = answers

    def __call__(self, command: list[str]) -> tuple[int, str, str]:
        self.asked.append(command)
        return self._answers.get(command[1].lstrip("-"), (0, "", ""))


@pytest.mark.parametrize("name", ["wso2is", "wso2is.service"])
def test_a_unit_is_asked_for_by_its_whole_name(name: str) -> None:
    commands = Commands(show=(0, "LoadState=loaded\n", ""))
    SystemdUnit(name, commands).require()
    assert commands.asked == [["systemctl", "show", "--property", "LoadState", "wso2is.service"]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            (0, "LoadState=not-found\n", ""),
            "The systemd unit wso2is.service is not found on this host; install it or correct its name.",
        ),
        (
            (0, "LoadState=masked\n", ""),
            "The systemd unit wso2is.service is masked on this host; install it or correct its name.",
        ),
        (
            (0, "\n", ""),
            "The systemd unit wso2is.service is unknown on this host; install it or correct its name.",
        ),
        (
            (1, "", "System has not been booted with systemd as init system (PID 1). Can't operate.\n"),
            "Asking systemd for wso2is.service failed: System has not been booted with systemd as init"
            " system (PID 1). Can't operate; "
            "this host must be run by systemd.",
        ),
    ],
)
def test_a_unit_that_cannot_be_used_is_one_sentence(answer: tuple[int, str, str], told: str) -> None:
    with pytest.raises(Problem) as caught:
        SystemdUnit("wso2is", Commands(show=answer)).require()
    assert str(caught.value) == told


def test_a_refused_start_says_what_systemd_said() -> None:
    refusal = (1, "", 'Job for wso2is.service failed.\nSee "journalctl -xeu wso2is.service" for details.\n')
    with pytest.raises(Problem) as caught:
        SystemdUnit("wso2is", Commands(restart=refusal)).boot(Path("none.log"))
    assert str(caught.value) == (
        'systemctl restart wso2is.service failed: Job for wso2is.service failed. See "journalctl -xeu'
        ' wso2is.service" for details; '
        "this needs root's rights and a unit that starts."
    )


@pytest.mark.parametrize(
    ("state", "down"),
    [("active", False), ("activating", False), ("deactivating", False), ("inactive", True), ("failed", True)],
)
def test_a_boot_has_ended_when_its_unit_is_down(state: str, down: bool) -> None:
    unit = SystemdUnit("wso2is", Commands(show=(0, f"ActiveState={state}\n", "")))
    assert unit.boot(Path("none.log")).has_ended() is down


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.75, 0.999])
def test_a_journal_begins_at_the_very_moment_and_not_at_a_whole_second(fraction: float) -> None:
    since = 1_700_000_000 + fraction
    commands = Commands(unit=(0, "first line\nsecond line\n", ""))
    assert SystemdUnit("wso2is", commands).journal(since) == ["first line", "second line"]
    told, asked = commands.asked
    assert told == ["journalctl", "--sync"]
    assert float(asked[asked.index("--since") + 1].removeprefix("@")) == pytest.approx(since, abs=1e-6)


def monotonic(moment: float) -> str:
    """As systemd tells a moment (Unix time, seconds): microseconds since the host's boot."""
    return str(round((time.monotonic() - time.time() + moment) * 1e6))


def stamped(moment: float, text: str) -> str:
    return (
        f"TID: [-1234] [] [{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(moment))},120]  INFO - {text}\n"
    )


def test_an_earlier_boot_is_told_from_its_journal_and_its_part_of_the_log(tmp_path: Path) -> None:
    begun = time.time() - 60
    log = tmp_path / "wso2carbon.log"
    log.write_text(stamped(begun - 10, "before") + stamped(begun + 1, "after") + "\tat a.B.c(B.java)\n")
    commands = Commands(
        show=(0, f"ExecMainStartTimestampMonotonic={monotonic(begun)}\n", ""), unit=(0, "on console\n", "")
    )
    boot = SystemdUnit("wso2is", commands).earlier_boot(log)
    assert boot is not None
    lines = boot.lines()
    assert [line.rpartition(" ")[2] for line in lines] == ["console", "after", "a.B.c(B.java)"]
    asked = commands.asked[-1]
    assert float(asked[asked.index("--since") + 1].removeprefix("@")) == pytest.approx(begun, abs=0.1)


@pytest.mark.parametrize(("age", "expected"), [(120, []), (0, ["without a stamp"])])
def test_a_log_without_stamps_is_told_by_its_own_time(
    tmp_path: Path, age: float, expected: list[str]
) -> None:
    now = time.time()
    log = tmp_path / "wso2carbon.log"
    log.write_text("without a stamp\n")
    os.utime(log, (now - age, now - age))
    commands = Commands(show=(0, f"ExecMainStartTimestampMonotonic={monotonic(now - 60)}\n", ""))
    boot = SystemdUnit("wso2is", commands).earlier_boot(log)
    assert boot is not None
    assert boot.lines() == expected


@pytest.mark.parametrize("answer", ["ExecMainStartTimestampMonotonic=0\n", "\n"])
def test_a_unit_that_was_never_started_has_no_earlier_boot(answer: str) -> None:
    assert SystemdUnit("wso2is", Commands(show=(0, answer, ""))).earlier_boot(Path("none.log")) is None


@pytest.mark.parametrize(
    ("command", "starts"),
    [
        ("/bin/sh {home}/bin/wso2server.sh", True),
        ("-{home}/bin/wso2server.sh start", True),
        ('/bin/sh "{home}/bin/wso2server.sh" -DportOffset=1', True),
        ("/usr/bin/env A=b \\\n  {link}/bin/wso2server.sh", True),
        ("{home}-other/bin/wso2server.sh", False),
        ("/usr/bin/backup {home}", False),
    ],
)
def test_the_units_that_start_a_home_are_found_by_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, starts: bool
) -> None:
    home, link, units, packaged = (tmp_path / name for name in ("is100%$x", "link", "etc", "usr"))
    for folder in (home / "bin", units, packaged):
        folder.mkdir(parents=True)
    link.symlink_to(home)
    told = command.format(home=str(home).replace("%", "%%").replace("$", "$$"), link=link)
    (units / "site.service").write_text(f"[Service]\nExecStart={told}\n")
    (packaged / "site.service").write_text(f"[Service]\nExecStart={link}/bin/x\n")
    (units / "site@.service").write_text(f"[Service]\nExecStart={link}/bin/x\n")
    monkeypatch.setattr(systemd, "_UNIT_FOLDERS", (str(units), str(packaged)))
    assert systemd.units_starting(home) == (["site.service"] if starts else [])


@pytest.mark.parametrize(
    ("said", "offset"),
    [
        ("ExecStart={ argv[]=/bin/sh x -DportOffset=3 ; }", 3),
        ("Environment=JAVA_OPTS=-DportOffset=4\nExecStart={ argv[]=/bin/sh x }", 4),
        ("ExecStart={ argv[]=/bin/sh x }", None),
    ],
)
def test_the_offset_that_a_unit_gives_is_read_from_its_command_and_environment(
    said: str, offset: int | None
) -> None:
    assert SystemdUnit("wso2is", Commands(show=(0, said, ""))).offset_said() == offset
