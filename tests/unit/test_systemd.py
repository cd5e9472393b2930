"""What systemctl and journalctl are asked, and what is made of their answers."""

from __future__ import annotations

import pytest
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
        SystemdUnit("wso2is", Commands(restart=refusal)).boot()
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
    assert SystemdUnit("wso2is", Commands(show=(0, f"ActiveState={state}\n", ""))).boot().has_ended() is down


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.75, 0.999])
def test_a_journal_begins_at_the_very_moment_and_not_at_a_whole_second(fraction: float) -> None:
    since = 1_700_000_000 + fraction
    commands = Commands(unit=(0, "first line\nsecond line\n", ""))
    assert SystemdUnit("wso2is", commands).journal(since) == ["first line", "second line"]
    told, asked = commands.asked
    assert told == ["journalctl", "--sync"]
    assert float(asked[asked.index("--since") + 1].removeprefix("@")) == pytest.approx(since, abs=1e-6)
