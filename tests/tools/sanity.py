"""ansible-test sanity on the repository's files, laid out as ansible-test wants them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import environment as env
from .results import Results

_BOOTSTRAP = Path(__file__).with_name("get_pip.py")
# ansible-test fetches a script by each of these names from a host of its own; ours asks the interpreter and
# the package index alone.
_BOOTSTRAP_NAMES = ("get_pip_23_1_2.py", "get_pip_24_2.py", "get_pip_25_2.py")


def sanity(results: Results, environment: env.Environment) -> None:
    """All sanity tests of this environment's ansible-core, as one check."""
    home = home_of(environment)
    for name in _BOOTSTRAP_NAMES:
        place = home / ".ansible" / "test" / "cache" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_BOOTSTRAP, place)
    _keep_pip_settings(environment, home)
    what = f"ansible-test sanity, ansible-core {environment.core}"
    # Not below .dev/: ansible-test asks git for the files, and git ignores that folder.
    with env.step(what), tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "ansible_collections" / "carbonops" / "wso2"
        lay_out(tree)
        command = [
            str(environment.bin / "ansible-test"),
            "sanity",
            "--local",
            "--python",
            environment.python_version(),
            "--color",
            "no",
        ]
        variables = {**environment.variables(), "HOME": str(home)}
        done = subprocess.run(
            command,
            cwd=tree,
            env=variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        good = done.returncode == 0 and 'Running sanity test "validate-modules"' in done.stdout
        if not good:
            print(
                "\n".join(line for line in done.stdout.splitlines() if line.startswith(("ERROR", "FATAL")))
                or done.stdout[-2000:]
            )
        results.check(what, good)


def home_of(environment: env.Environment) -> Path:
    """Where ansible-test keeps its virtual environments: of each core apart, for it removes one that another
    run is still making.
    """
    return env.STATE / "sanity" / environment.name


def _keep_pip_settings(environment: env.Environment, home: Path) -> None:
    """pip's settings of this machine and user, wherever they are, for a pip that finds neither the user's
    home nor environment variables.
    """
    listed = subprocess.run(
        [str(environment.bin / "pip"), "config", "list"],
        env=environment.variables(),
        capture_output=True,
        text=True,
        check=True,
    )
    settings = {
        name.rpartition(".")[2]: ast.literal_eval(value)
        for name, _equals, value in (line.partition("=") for line in listed.stdout.splitlines())
    }
    file = home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(["[global]\n", *(f"{name} = {value}\n" for name, value in settings.items())]))


def lay_out(tree: Path) -> None:
    """The repository's files as they are now, what git ignores left out, in a folder; a link would not do."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=env.REPOSITORY,
        capture_output=True,
        check=True,
    )
    shutil.rmtree(tree, ignore_errors=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = env.REPOSITORY / name
        if source.is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, tree / name)
