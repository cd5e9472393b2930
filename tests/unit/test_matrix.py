"""What is tested on the other ansible-cores, and what is not tested there again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools import matrix

UNIT = Path(__file__).parent
# In its place nothing can be imported that is Ansible's or that runs it.
IMPORT_WITHOUT_ANSIBLE = """
import importlib, sys
sys.modules.update({"ansible": None, "support.modules": None})
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    importlib.import_module(name)
"""


def test_what_is_not_run_on_an_older_core_has_nothing_of_ansible() -> None:
    there = set(matrix.unit_tests("2.16"))
    others = [file.stem for file in sorted(UNIT.glob("test_*.py")) if file not in there]
    assert "test_toml" in others and "test_truststore_cert" not in others
    command = [sys.executable, "-c", IMPORT_WITHOUT_ANSIBLE, str(UNIT), *others]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_newest_core_runs_every_unit_test() -> None:
    assert matrix.unit_tests("2.21") == sorted(UNIT.glob("test_*.py"))
