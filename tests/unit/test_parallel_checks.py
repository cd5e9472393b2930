"""Checks that run side by side do not write in the same place, and one that cannot be done does not hide the
others.
"""

from __future__ import annotations

import dataclasses
import subprocess

import pytest
from tools import checks, matrix, scenarios
from tools.checks import together
from tools.environment import MAIN, EnvironmentProblem
from tools.matrix import CORES
from tools.results import Results
from tools.sanity import home_of


def test_each_ansible_core_has_a_home_of_its_own_for_ansible_test() -> None:
    environments = [MAIN, *(dataclasses.replace(MAIN, core=f"{core}.*") for core in CORES)]
    assert len({home_of(environment) for environment in environments}) == len(environments)


def test_a_check_that_cannot_be_done_counts_as_failed_beside_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(_results: Results) -> None:
        subprocess.run(["false"], check=True)

    results = Results()
    together(results, [fails, lambda others: others.check("runs", True)])
    assert (results.passed, results.failed) == (1, 1)
    assert capsys.readouterr().out == "FAILED: Command '['false']' returned non-zero exit status 1.\n"


@pytest.fixture
def without_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where containers cannot be had, and where everything else takes no time."""

    def cannot_be_had() -> None:
        raise EnvironmentProblem("There is no podman here.")

    monkeypatch.setattr(scenarios, "prepare", cannot_be_had)
    monkeypatch.setattr(matrix, "environment", lambda core: dataclasses.replace(MAIN, core=f"{core}.*"))
    monkeypatch.setattr(checks, "prepare", lambda: None)
    monkeypatch.setattr(checks, "run_sanity", lambda results, environment: results.check("sanity", True))
    monkeypatch.setattr(checks, "_tests", lambda results, *_paths: results.check("tests", True))


def test_one_core_skips_one_scenario_where_there_are_no_containers(
    without_containers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checks.all_cores("2.18") == 0
    said = capsys.readouterr().out.splitlines()
    assert "SKIPPED: scenario default, ansible-core 2.18.*" in said
    assert said[-1] == "2 passed, 0 failed, 1 skipped"


def test_all_cores_skip_one_scenario_each_where_there_are_no_containers(
    without_containers: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checks.all_cores() == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"{2 * len(CORES)} passed, 0 failed, {len(CORES)} skipped"


def test_a_core_without_its_python_is_skipped(
    without_containers: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "environment", lambda _core: None)
    checks.all_cores("2.20")
    assert capsys.readouterr().out.endswith("SKIPPED: ansible-core 2.20\n0 passed, 0 failed, 1 skipped\n")
