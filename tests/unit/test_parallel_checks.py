"""Checks that run side by side do not write in the same place."""

from __future__ import annotations

import dataclasses

from tools.environment import MAIN
from tools.matrix import CORES
from tools.sanity import home_of


def test_each_ansible_core_has_a_home_of_its_own_for_ansible_test() -> None:
    environments = [MAIN, *(dataclasses.replace(MAIN, core=f"{core}.*") for core in CORES)]
    assert len({home_of(environment) for environment in environments}) == len(environments)
