"""The archive that users install: what Galaxy's importer says of it, and that it works from an empty path."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import environment as env
from .results import Results

# Its dependencies bind other versions than the other tools'.
_IMPORTER = env.Environment(env.STATE / "importer", env.MAIN.collections, env.MAIN.core)
_SETTINGS = """[galaxy-importer]
check_changelog = True
check_required_tags = True
run_ansible_doc = True
run_ansible_lint = True
run_ansible_test = False
"""


def importer(results: Results) -> None:
    """galaxy-importer on the built archive, without an error or a warning."""
    _IMPORTER.require_python_packages("requirements-importer.txt")
    with env.step("galaxy-importer"), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = env.MAIN.build_collection(folder)
        settings = folder / "importer.cfg"
        settings.write_text(_SETTINGS)
        variables = {**_IMPORTER.variables(), "GALAXY_IMPORTER_CONFIG": str(settings)}
        command = [str(_IMPORTER.bin / "python"), "-m", "galaxy_importer.main", str(archive)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said = [line for line in done.stdout.splitlines() if line.startswith(("WARNING", "ERROR"))]
        print("\n".join(said) or done.stdout[-2000:] if done.returncode or said else "  no warning")
        results.check("galaxy-importer", done.returncode == 0 and not said)
