"""The scenarios of extensions/molecule: everything they need, their runs, and nothing left behind."""

from __future__ import annotations

import collections
import hashlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from testbed.apim.build import build as build_apim
from testbed.homes import APIM, IS7, Product, lay_out, lay_out_stock
from testbed.is7.build import build as build_is7

from . import containers
from . import environment as env
from .results import Results

FOLDER = env.REPOSITORY / "extensions" / "molecule"
_STATE = env.STATE / "molecule"
_KEY = _STATE / "id_ed25519"
_REQUIREMENTS = "requirements-molecule.txt"
# Molecule's commands beside test, for work on a scenario.
_STEPS = ("create", "prepare", "converge", "idempotence", "side-effect", "verify", "destroy")
_LIMIT_SECONDS = 1200
_RUNNING: dict[str, threading.Lock] = collections.defaultdict(threading.Lock)


def names() -> list[str]:
    """All scenarios, the longest first."""
    found = sorted(file.parent.name for file in FOLDER.glob("*/molecule.yml"))
    return sorted(found, key=lambda name: name != "cluster")


def main(*arguments: str) -> int:
    """Test the scenarios named, or all; with one of Molecule's other commands before them, do that alone and
    leave the containers.
    """
    step, chosen = (
        (arguments[0], arguments[1:]) if arguments and arguments[0] in _STEPS else ("test", arguments)
    )
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        raise env.EnvironmentProblem(
            f"There is no scenario {', '.join(unknown)}; there are {', '.join(names())}."
        )
    prepare()
    if step != "test":
        return max(_molecule(env.MAIN, step, name).returncode for name in chosen or names())
    results = Results()
    run(results, env.MAIN, chosen or names())
    return results.close()


def prepare() -> None:
    """Molecule, the image, the key and the products' archives."""
    env.require_programs()
    containers.require()
    env.MAIN.require_python_packages(env.RUN, _REQUIREMENTS)
    env.MAIN.install_collection()
    _STATE.mkdir(parents=True, exist_ok=True)
    if not _KEY.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(_KEY)], check=True)
    containers.image()
    _archives()


def run(results: Results, environment: env.Environment, chosen: Sequence[str]) -> None:
    """Test these scenarios, one after the other, each as one check.

    Containers and networks are gone afterwards, whatever happened.
    """
    for name in chosen:
        # Its containers have the same names and addresses with every ansible-core.
        with _RUNNING[name]:
            try:
                results.check(f"scenario {name}, ansible-core {environment.core}", _test(environment, name))
            finally:
                _clear_away(name)


def with_containers(name: str, use: Callable[[dict[str, str], list[Path]], bool]) -> bool:
    """Whether the scenario's containers were made and what uses them, given its environment variables and
    inventories, says so.
    """
    with _RUNNING[name]:
        try:
            for step in ("destroy", "create"):
                done = _molecule(env.MAIN, step, name, capture_output=True)
                if done.returncode:
                    print((done.stdout + done.stderr).decode(errors="replace")[-2000:], flush=True)
                    return False
            variables = {**_variables(env.MAIN, name), "MOLECULE_SCENARIO_NAME": name}
            return use(variables, [FOLDER / "shared" / "inventory", FOLDER / name / "inventory"])
        finally:
            _molecule(env.MAIN, "destroy", name, capture_output=True)
            _clear_away(name)


def _test(environment: env.Environment, name: str) -> bool:
    log = _STATE / f"{name}-{environment.name}.log"
    with env.step(f"Scenario {name}, ansible-core {environment.core}"), log.open("wb") as output:
        try:
            passed = (
                _molecule(
                    environment, "test", name, stdout=output, stderr=subprocess.STDOUT, timeout=_LIMIT_SECONDS
                ).returncode
                == 0
            )
        except subprocess.TimeoutExpired:
            passed = False
            output.write(f"\nNot done within {_LIMIT_SECONDS} s.\n".encode())
    if not passed:
        print(
            "".join(log.read_text(errors="replace").splitlines(keepends=True)[-60:])
            + f"All of it is in {log}.",
            flush=True,
        )
    return passed


def _molecule(
    environment: env.Environment, step: str, name: str, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Molecule itself, which wants a newer ansible-core than some that are supported, with the
    ansible-playbook of this environment.
    """
    command = [str(env.MAIN.bin / "molecule"), step, "--scenario-name", name]
    variables = _variables(environment, name)
    done: subprocess.CompletedProcess[bytes] = subprocess.run(
        command, env=variables, cwd=env.REPOSITORY, check=False, **options
    )
    return done


def _variables(environment: env.Environment, name: str) -> dict[str, str]:
    return {
        **containers.variables(environment.variables()),
        "ANSIBLE_HOME": str(_STATE / "ansible"),
        "NO_COLOR": "1",
        "MOLECULE_COMMAND_BORDERS": "false",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(_STATE / name),
        "CARBONOPS_IMAGE": containers.image(),
        "CARBONOPS_HOMES": str(_archives()),
        "CARBONOPS_KEY": str(_KEY),
        "CARBONOPS_NETWORK": _network(),
        "CARBONOPS_SUBNET": _subnet(),
        "CARBONOPS_CORE": environment.core.removesuffix("*"),
    }


def _of_this_clone() -> str:
    """A name of this clone of the repository, which others on the machine do not have."""
    return hashlib.sha256(str(env.REPOSITORY).encode()).hexdigest()


def _network() -> str:
    return f"carbonops-{_of_this_clone()[:8]}"


def _subnet() -> str:
    """The first two numbers of this clone's addresses; each scenario has the third of its own."""
    return f"10.{128 + int(_of_this_clone(), 16) % 100}"


def _clear_away(name: str) -> None:
    """What a run that was cut off has left."""
    network = f"{_network()}-{name}"
    found = containers.podman("ps", "--all", "--quiet", f"--filter=network={network}").stdout.split()
    if found:
        containers.podman("rm", "--force", "--volumes", "--time=0", *found)
    for kind in ("network", "volume"):
        containers.podman(kind, "rm", "--force", network)


def _archives() -> Path:
    """The folder with the products' archives, each of a home with its host's name and certificate, and as it
    is downloaded.
    """
    homes: Mapping[str, tuple[Product, Path]] = {
        "is7": (IS7, build_is7(env.CACHE)),
        "apim": (APIM, build_apim(env.CACHE)),
    }
    made_of = ["stock", *sorted(str(template) for _product, template in homes.values())]
    wanted = hashlib.sha256(repr(made_of).encode()).hexdigest()[:12]
    folder = _STATE / f"archives-{wanted}"
    if not folder.exists():
        with env.step("Making the products' archives"), tempfile.TemporaryDirectory(dir=_STATE) as scratch:
            made = Path(scratch) / "made"
            for name, (product, template) in homes.items():
                home = lay_out(product, template, Path(scratch) / name, hostname=f"{name}.wso2.test")
                shutil.make_archive(str(made / name), "zip", home.path.parent, home.path.name)
                stock = lay_out_stock(product, template, Path(scratch) / f"stock-{name}")
                shutil.make_archive(str(made / f"stock-{name}"), "zip", stock.path.parent, stock.path.name)
            made.rename(folder)
    return folder
