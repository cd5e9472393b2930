"""Every module on every Python that the hosts of the products may have, as far as this machine has them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.site import CACHE, Site
from tools.interpreters import find_python

PLAYBOOK = Path(__file__).with_name("every_module.yml")
MODULES = sorted(path.stem for path in (PLAYBOOK.parents[2] / "plugins/modules").glob("*.py"))
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def interpreter(version: str) -> Path:
    """Its Python in an environment of its own with what README says has to be there, and nothing else."""
    found = find_python(version)
    if found is None:
        pytest.skip(f"there is no Python {version} here")
    folder = CACHE / f"python-{version}"
    python = folder / "bin" / "python"
    if not (folder / ".done").exists():
        subprocess.run([str(found), "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "requests", "jmespath"], check=True)
        (folder / ".done").touch()
    return python


@pytest.fixture(scope="module")
def running(site: Site) -> Site:
    run = site.playbook("site")
    assert run.code == 0, run.output
    return site


def test_the_playbook_has_every_module() -> None:
    assert (
        sorted(set(re.findall(r"^ +carbonops\.wso2\.(\w+):$", PLAYBOOK.read_text(), re.MULTILINE))) == MODULES
    )


@pytest.mark.parametrize("version", PYTHONS)
def test_every_module_works_on_it(running: Site, tmp_path: Path, version: str) -> None:
    python = interpreter(version)
    variables = {
        **running.variables, "ansible_python_interpreter": str(python), "expected_python": version,
        "scratch": str(tmp_path),
        "password": running.password, "is7_url": running.is7_url, "apim_url": running.apim_url,
    }  # fmt: skip
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"one": None}, "vars": variables}}))
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(inventory), str(PLAYBOOK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
