"""The archive that users install holds the project's own files, and nothing else that lies in a checkout."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED_FOLDERS = ("LICENSES/", "docs/", "meta/", "playbooks/", "plugins/", "roles/")
SHIPPED_FILES = {
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "REUSE.toml",
    "SECURITY.md",
    "bindep.txt",
    "changelogs/changelog.yaml",
    "changelogs/config.yaml",
    "requirements.txt",
}
# What people have lying about, also in folders whose own files are shipped.
STRAYS = (
    ".env",
    ".vault_pass",
    "id_rsa",
    "inventory",
    "inventory.yml",
    "server.pem",
    "vault.yml",
    "docs/notes.txt",
    "meta/vault.yml",
    "playbooks/.env",
    "playbooks/group_vars/all/vault.yml",
    "playbooks/host_vars/apim.yml",
    "playbooks/inventory/hosts.yml",
    "playbooks/vault.yml",
    "plugins/id_rsa",
    "plugins/modules/__pycache__/carbon_server.cpython-311.pyc",
    "roles/apim/defaults/vault.yml",
    "roles/apim/files/server.pem",
    "roles/apim/vars/vault.yml",
    "roles/is7/.env",
    "roles/is7/tasks/id_rsa",
)


def tracked() -> list[str]:
    """The project's files, which are in git's index, as far as they are still there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in an archive that was built from a checkout with strays in it."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in tracked():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    for name in STRAYS:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("a secret\n")
    built = checkout.parent / f"{checkout.name}-built"
    build = ["ansible-galaxy", "collection", "build", "--output-path", str(built), str(checkout)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        return {member.name for member in archive.getmembers() if not member.isdir()}


def test_the_archive_holds_every_file_that_users_need(members: set[str]) -> None:
    expected = {name for name in tracked() if name in SHIPPED_FILES or name.startswith(SHIPPED_FOLDERS)}
    assert sorted(expected - members) == []


def test_the_archive_holds_nothing_else(members: set[str]) -> None:
    own = {name for name in tracked() if name in SHIPPED_FILES or name.startswith(SHIPPED_FOLDERS)}
    assert sorted(members - own) == ["FILES.json", "MANIFEST.json"]
