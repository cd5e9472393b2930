"""A jar delivered into a home's dropins by the role product: from either side or a URL, checked, and nothing left behind."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.cases import Happened

PART = "jars"
NAME = "wso2is.notification.event.handlers-2.1.3.jar"
CONTENT = b"PK\x05\x06" + b"\0" * 18
CHECKSUM = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    (made / "repository/components").mkdir(parents=True)
    return made


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(CONTENT)
    return path


def deliver(
    home: Path, source: object, *arguments: str, checksum: str = "", side: str = "controller"
) -> tuple[int, str]:
    """How a run ended that delivers it, and what it wrote, on one line."""
    variables = {
        "ansible_connection": "local", "ansible_python_interpreter": sys.executable, "product_home": str(home),
        "product_archive": str(source), "product_archive_checksum": checksum, "product_archive_on": side,
        "product_dropin": Path(str(source)).name,
    }  # fmt: skip
    role = {"name": "carbonops.wso2.product", "tasks_from": "dropin"}
    task = {"name": "Deliver", "ansible.builtin.include_role": role}
    play = home.parent / "play.yml"
    play.write_text(
        yaml.safe_dump([{"hosts": "one", "gather_facts": False, "vars": variables, "tasks": [task]}])
    )
    done = subprocess.run(
        ["ansible-playbook", "-i", "one,", str(play), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, " ".join((done.stdout + done.stderr).replace("\\n", " ").split())


def dropins(home: Path) -> Path:
    return home / "repository/components/dropins"


@pytest.mark.parametrize("side", ["controller", "host"])
def test_a_jar_is_put_in_place(home: Path, jar: Path, side: str, happened: Happened) -> None:
    assert deliver(home, jar, "--check", side=side, checksum=CHECKSUM)[0] == 0
    assert not dropins(home).exists()
    code, output = deliver(home, jar, side=side, checksum=CHECKSUM)
    assert code == 0, output
    assert (dropins(home) / NAME).read_bytes() == CONTENT
    assert os.listdir(home / "repository/components") == ["dropins"] and os.listdir(dropins(home)) == [NAME]
    happened(PART, f"a jar on the {side}, with its checksum", "in the dropins, nothing left beside it")


# Case -> the source (JAR: the one that is there), its checksum, and a part of the sentence.
REFUSED = {
    "another checksum": ("JAR", f"sha256:{'0' * 64}", "is not on the controller or does not have the checksum given"),
    "a checksum that can be forged": ("JAR", "md5:0", "is not sha256:, sha384: or sha512:"),
    "plain http without a checksum": (f"http://127.0.0.1:9/{NAME}", "", "would be fetched without anything that says"),
    "no jar": ("/etc/passwd", "", "is not called like a jar"),
    "a file that is not there": ("/no/such.jar", "", "is not on the controller"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_the_expected_jar_is_refused(
    home: Path, jar: Path, case: str, happened: Happened
) -> None:
    source, checksum, sentence = REFUSED[case]
    code, output = deliver(home, source.replace("JAR", str(jar)), checksum=checksum)
    assert code != 0 and sentence in output, output
    assert os.listdir(home / "repository/components") == []
    happened(PART, case, "refused in one sentence, nothing delivered")


def test_a_symlink_in_its_place_is_replaced_and_not_followed(home: Path, jar: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("kept")
    dropins(home).mkdir()
    (dropins(home) / NAME).symlink_to(theirs)
    assert deliver(home, jar)[0] == 0
    assert theirs.read_text() == "kept" and not (dropins(home) / NAME).is_symlink()


def test_a_folder_in_which_others_could_exchange_it_is_refused(home: Path, jar: Path) -> None:
    (home / "repository/components").chmod(0o777)
    code, output = deliver(home, jar)
    assert code != 0 and "others could exchange the jar before it is in its place" in output
