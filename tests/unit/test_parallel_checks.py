"""Checks that run side by side do not write in the same place, and one that cannot be done does not hide the
others.
"""

from __future__ import annotations

import dataclasses
import subprocess

import pytest
from tools.checks import together
from tools.environment import MAIN
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
