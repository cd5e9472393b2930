"""The collection as an execution environment: built by ansible-builder, and a whole run of site from inside
it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from . import containers, scenarios
from . import environment as env
from .results import Results

_BUILDER = env.Environment(env.STATE / "builder", env.MAIN.collections, env.MAIN.core)
_STATE = env.STATE / "execution-environment"
_NAME = "localhost/carbonops-execution-environment"
_PACKAGES = ("ca-certificates", "python3", "python3-pip", "python3-venv")
# Where this machine's own settings for package registries are; a build is given those that are there.
_SETTINGS = ("/etc/apt", "/etc/pip.conf", "/etc/ssl/certs", "/etc/hosts")


def execution_environment(results: Results) -> None:
    """Build the image, and carry out the document from it on the default scenario's containers, twice.

    The image is gone afterwards.
    """
    try:
        with env.step("Building the execution environment"):
            built = _build()
        results.check("the execution environment is built", built)
        if built:
            with env.step("Carrying out the document from the execution environment"):
                results.check(
                    "site changes nothing a second time, run by the execution environment",
                    scenarios.with_containers("default", _site_twice),
                )
    finally:
        containers.podman("image", "rm", "--force", _NAME)


def _build() -> bool:
    """By the files that the collection ships, from an archive of it."""
    _BUILDER.require_python_packages("requirements-builder.txt")
    context = _STATE / "context"
    shutil.rmtree(_STATE, ignore_errors=True)
    _STATE.mkdir(parents=True)
    archive = env.MAIN.build_collection(_STATE)
    definition = _STATE / "execution-environment.yml"
    definition.write_text(json.dumps(_definition(archive)))  # which is YAML, too
    _BUILDER.run(
        "ansible-builder",
        "create",
        "--file",
        str(definition),
        "--context",
        str(context),
        stdout=subprocess.DEVNULL,
    )
    settings = [f"--volume={path}:{path}:ro" for path in _SETTINGS if Path(path).exists()]
    trusted = [
        f"--env={name}={value}"
        for name, value in env.MAIN.variables().items()
        if name in ("PIP_CERT", "PIP_INDEX_URL")
    ]
    done = containers.podman(
        "build",
        "--quiet",
        "--layers=false",
        "--network=host",
        *settings,
        *trusted,
        "--tag",
        _NAME,
        str(context),
    )
    if done.returncode:
        print(done.stderr[-3000:], flush=True)
    return done.returncode == 0


def _definition(archive: Path) -> dict[str, object]:
    """What a user would write who has the archive: this collection, an ansible-core and a base image."""
    base = containers.make_image("base", "bookworm", _PACKAGES, "CMD /bin/bash")
    return {
        "version": 3,
        "images": {"base_image": {"name": base}},
        "dependencies": {
            "ansible_core": {"package_pip": f"ansible-core=={env.MAIN.core}"},
            "ansible_runner": {"package_pip": "ansible-runner"},
            "python_interpreter": {"python_path": "/usr/bin/python3"},
            "galaxy": {"collections": [{"name": f"collections/{archive.name}", "type": "file"}]},
        },
        "additional_build_files": [{"src": str(archive), "dest": "collections"}],
        # Debian's pip comes as a package, and refuses to write beside Debian's own unless told; its package
        # lists are not in the image.
        "options": {"package_manager_path": "/usr/bin/apt-get", "skip_pip_install": True},
        "additional_build_steps": {
            "prepend_base": ["ENV PIP_BREAK_SYSTEM_PACKAGES=1"],
            "prepend_builder": ["ENV PIP_BREAK_SYSTEM_PACKAGES=1", "RUN apt-get update"],
            "prepend_final": ["RUN apt-get update"],
        },
    }


def _site_twice(variables: dict[str, str], inventories: list[Path]) -> bool:
    """The containers are there; the second run of site must change nothing."""
    shared = [env.REPOSITORY / "extensions", env.STATE / "molecule"]
    command = [
        "run", "--rm", "--network=host", "--user=root",  # whose the key is
        *(f"--volume={path}:{path}:ro" for path in shared),
        *(f"--env={name}" for name in variables if name.startswith(("CARBONOPS_", "MOLECULE_"))),
        _NAME, "ansible-playbook", *(f"--inventory={path}" for path in inventories), "carbonops.wso2.site",
    ]  # fmt: skip
    runs = [
        subprocess.run(["podman", *command], env=variables, capture_output=True, text=True, check=False)
        for _time in range(2)
    ]
    good = (
        all(run.returncode == 0 for run in runs)
        and "changed=0" in runs[1].stdout
        and "changed=0" not in runs[0].stdout
    )
    if not good:
        print("\n".join(run.stdout[-3000:] + run.stderr[-1000:] for run in runs), flush=True)
    return good
