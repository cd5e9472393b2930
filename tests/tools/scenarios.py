"""The scenarios of extensions/molecule: everything they need, their runs, and nothing left behind."""

from __future__ import annotations

import concurrent.futures
import hashlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed.apim.build import build as build_apim
from testbed.homes import APIM, IS7, Product, lay_out
from testbed.is7.build import build as build_is7

from . import containers
from . import environment as env

FOLDER = env.REPOSITORY / "extensions" / "molecule"
_STATE = env.STATE / "molecule"
_KEY = _STATE / "id_ed25519"
_REQUIREMENTS = "requirements-molecule.txt"
# Molecule's commands beside test, for work on a scenario.
_STEPS = ("create", "prepare", "converge", "idempotence", "side-effect", "verify", "destroy")
_TOGETHER = 2
_LIMIT_SECONDS = 1200


def names() -> list[str]:
    """All scenarios, the longest first."""
    found = sorted(file.parent.name for file in FOLDER.glob("*/molecule.yml"))
    return sorted(found, key=lambda name: name != "cluster")


def main(*arguments: str) -> int:
    """Test the scenarios named, or all; with one of Molecule's other commands before them, do that alone and leave the containers."""
    step, chosen = (arguments[0], arguments[1:]) if arguments and arguments[0] in _STEPS else ("test", arguments)
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        raise env.EnvironmentProblem(f"There is no scenario {', '.join(unknown)}; there are {', '.join(names())}.")
    prepare()
    if step != "test":
        return max(_molecule(step, name).returncode for name in chosen or names())
    results = run(chosen or names())
    print(f"{sum(results.values())} passed, {len(results) - sum(results.values())} failed")
    return 0 if all(results.values()) else 1


def prepare() -> None:
    """The environment, the image, the key and the products' archives."""
    env.require_programs()
    containers.require()
    env.require_python_packages(env.RUN, _REQUIREMENTS)
    env.install_collection()
    _STATE.mkdir(parents=True, exist_ok=True)
    if not _KEY.exists():
        env.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(_KEY)])
    containers.image()
    _archives()


def run(chosen: Sequence[str]) -> dict[str, bool]:
    """Test these scenarios, two at a time; whether each passed. Containers and networks are gone afterwards, whatever happened."""
    try:
        with concurrent.futures.ThreadPoolExecutor(_TOGETHER) as pool:
            return dict(zip(chosen, pool.map(_test, chosen), strict=True))
    finally:
        _clear_away(chosen)


def _test(name: str) -> bool:
    begun = time.monotonic()
    log = _STATE / f"{name}.log"
    with log.open("wb") as output:
        try:
            passed = _molecule("test", name, stdout=output, stderr=subprocess.STDOUT, timeout=_LIMIT_SECONDS).returncode == 0
        except subprocess.TimeoutExpired:
            passed = False
            output.write(f"\nNot done within {_LIMIT_SECONDS} s.\n".encode())
    print(f"== Scenario {name}: {'passed' if passed else 'FAILED'}\n   {time.monotonic() - begun:.1f} s", flush=True)
    if not passed:
        print("".join(log.read_text(errors="replace").splitlines(keepends=True)[-60:]) + f"All of it is in {log}.", flush=True)
    return passed


def _molecule(step: str, name: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [str(env.VENV / "bin" / "molecule"), step, "--scenario-name", name]
    return subprocess.run(command, env=_variables(name), cwd=env.REPOSITORY, check=False, **options)  # type: ignore[call-overload,no-any-return]


def _variables(name: str) -> dict[str, str]:
    return {
        **containers.variables(env.variables()),
        "ANSIBLE_HOME": str(_STATE / "ansible"),
        "NO_COLOR": "1",
        "MOLECULE_COMMAND_BORDERS": "false",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(_STATE / name),
        "CARBONOPS_IMAGE": containers.image(),
        "CARBONOPS_HOMES": str(_archives()),
        "CARBONOPS_KEY": str(_KEY),
        "CARBONOPS_NETWORK": _network(),
        "CARBONOPS_SUBNET": _subnet(),
    }


def _of_this_clone() -> str:
    """A name of this clone of the repository, which others on the machine do not have."""
    return hashlib.sha256(str(env.REPOSITORY).encode()).hexdigest()


def _network() -> str:
    return f"carbonops-{_of_this_clone()[:8]}"


def _subnet() -> str:
    """The first two numbers of this clone's addresses; each scenario has the third of its own."""
    return f"10.{128 + int(_of_this_clone(), 16) % 100}"


def _clear_away(chosen: Sequence[str]) -> None:
    """What a run that was cut off has left."""
    for name in chosen:
        network = f"{_network()}-{name}"
        found = containers.podman("ps", "--all", "--quiet", f"--filter=network={network}").stdout.split()
        if found:
            containers.podman("rm", "--force", "--volumes", "--time=0", *found)
        containers.podman("network", "rm", "--force", network)


def _archives() -> Path:
    """The folder with the products' archives, each of a home with its host's name and certificate."""
    homes: Mapping[str, tuple[Product, Path]] = {"is7": (IS7, build_is7(env.CACHE)), "apim": (APIM, build_apim(env.CACHE))}
    wanted = hashlib.sha256(repr(sorted(str(template) for _product, template in homes.values())).encode()).hexdigest()[:12]
    folder = _STATE / f"archives-{wanted}"
    if not folder.exists():
        with env.step("Making the products' archives"), tempfile.TemporaryDirectory(dir=_STATE) as scratch:
            made = Path(scratch) / "made"
            for name, (product, template) in homes.items():
                home = lay_out(product, template, Path(scratch) / name, hostname=f"{name}.wso2.test")
                shutil.make_archive(str(made / name), "zip", home.path.parent, home.path.name)
            made.rename(folder)
    return folder
