"""Other ways to have a site: default passwords, one host for both servers, the offset in the file, product
archives.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.cases import Happened
from support.site import Run, Site, content_of

# A value that follows the name of something secret, in any of the forms that Ansible prints.
SHOWN_SECRET = re.compile(
    r"""(?i)["']?\w*(?:pass|pw|password|secret)\w*["']?\s*[:=]\s*["']?(admin|wso2carbon)\b"""
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One host in both groups, default passwords nowhere given, offsets in the files."""
    made = Site(
        tmp_path_factory.mktemp("both"),
        hosts=("one", "one"),
        is7_port_offset_in="file",
        apim_port_offset_in="file",
    )
    yield made
    made.stop()


def assert_no_default_password(run: Run) -> None:
    assert SHOWN_SECRET.search(run.output) is None, SHOWN_SECRET.search(run.output)


def test_one_host_with_default_passwords_and_the_offset_in_the_file(both: Site) -> None:
    original = {**content_of(both.is7), **content_of(both.apim)}
    run = both.playbook("site", "-vvv", "--diff")
    assert run.code == 0, run.output
    assert "introspection says active=True" in run.output
    assert f"offset = {both.offset + 1}" in both.is7.deployment_toml.read_text()
    assert_no_default_password(run)
    assert f"{both.is7_url}/scim2/Me" in run.output, "masking must not eat what is no secret"
    assert "wso2carbon.p12" in run.output
    again = both.playbook("site")
    assert again.changed == {"one": 0}
    back = both.playbook("remove", "-vvv", "--diff")
    assert back.code == 0, back.output
    assert_no_default_password(back)
    for file in (both.is7.deployment_toml, both.apim.deployment_toml):
        assert file.read_bytes() == original[str(file)]


def test_default_passwords_given_in_the_inventory_are_not_shown_either(both: Site) -> None:
    given = {
        "is7_admin_password": "admin",
        "apim_admin_password": "admin",
        "is7_truststore_password": "wso2carbon",
        "apim_keystore_password": "wso2carbon",
    }
    for arguments in (["--check"], []):
        run = both.playbook("site", "-vvv", "--diff", *arguments, **given)
        assert run.code == 0, run.output
        assert_no_default_password(run)


def test_the_key_manager_role_works_alone_from_anywhere(both: Site, happened: Happened) -> None:
    """As for products in containers, of which no home is on any host."""
    play = both.folder / "alone.yml"
    play.write_text(
        yaml.safe_dump(
            [
                {
                    "hosts": "localhost",
                    "connection": "local",
                    "gather_facts": False,
                    "roles": ["carbonops.wso2.key_manager"],
                    "vars": {
                        "ansible_python_interpreter": sys.executable,
                        "apim_url": both.apim_url,
                        "is7_url": both.is7_url,
                        "apim_validate_certs": False,
                        "is7_validate_certs": False,
                    },
                }
            ]
        )
    )
    done = subprocess.run(["ansible-playbook", str(play)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "changed=0 " in done.stdout, "it is registered already"
    assert "introspection says active=True" in done.stdout
    happened(
        "Key managers, one or several",
        "the role key_manager alone, on a host without any home",
        "registers the key manager and proves it",
    )


def test_a_wrong_default_password_is_not_shown_in_the_failure(both: Site) -> None:
    run = both.playbook("site", "-vvv", "--diff", apim_keystore_password="admin")
    assert run.code != 0
    assert "the password is wrong" in run.errors()
    assert_no_default_password(run)


@pytest.mark.parametrize("side", ["controller", "host", "url"])
def test_a_product_is_unpacked_where_it_is_not_there(tmp_path: Path, side: str) -> None:
    """From either side; nothing is left of an archive that is not the expected one."""
    product = tmp_path / "made" / "wso2am-4.7.0" / "bin"
    product.mkdir(parents=True)
    (product / "api-manager.sh").write_text("exit 0")
    archive = tmp_path / "product.zip"
    subprocess.run(
        [
            "jar",
            "--create",
            "--no-manifest",
            "--file",
            str(archive),
            "-C",
            str(product.parent.parent),
            "wso2am-4.7.0",
        ],
        check=True,
    )
    home = tmp_path / "opt" / "apim"
    home.parent.mkdir()
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()

    def unpack(digest: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {
            "ansible_connection": "local", "ansible_python_interpreter": sys.executable,
            "product_name": "apim",
            "product_home": str(home),
            "product_archive": f"file://{archive}" if side == "url" else str(archive),
            "product_archive_on": "controller" if side == "url" else side,
            "product_archive_checksum": f"sha256:{digest}",
        }  # fmt: skip
        role = {"name": "carbonops.wso2.product", "tasks_from": "unpack"}
        task = {"name": "Unpack", "ansible.builtin.include_role": role}
        play = tmp_path / "play.yml"
        play.write_text(
            yaml.safe_dump([{"hosts": "one", "gather_facts": False, "vars": variables, "tasks": [task]}])
        )
        return subprocess.run(
            ["ansible-playbook", "-i", "one,", str(play), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    planned = unpack(checksum, "--check")
    assert planned.returncode == 0, planned.stdout
    assert not home.exists()
    wrong = unpack("0" * 64)
    assert wrong.returncode != 0
    assert "checksum" in wrong.stdout + wrong.stderr
    assert not home.exists()
    done = unpack(checksum)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (home / "bin" / "api-manager.sh").read_text() == "exit 0"
    assert [item.name for item in home.parent.iterdir()] == ["apim"]
    again = unpack(checksum)
    assert again.returncode != 0, "the roles unpack only where there is nothing"
    assert "There is something at" in again.stdout + again.stderr
