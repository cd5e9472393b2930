"""A product's archive unpacked where others can reach the archive, its way, or the folder that the home is to be in."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from support.cases import Happened

PART = "unpacking"
PRODUCT = {"wso2am-4.7.0/bin/api-manager.sh": "exit 0", "wso2am-4.7.0/LICENSE.txt": "x"}


class Ground:
    """Folders for archives and homes, and runs of the role's tasks on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "opt" / "apim"
        self.scratch = folder / "tmp"
        self.home.parent.mkdir()
        self.scratch.mkdir()

    def archive(self, name: str = "product.zip", files: dict[str, str] | None = None) -> Path:
        path = self.folder / name
        with zipfile.ZipFile(path, "w") as file:
            for inner, content in (files or PRODUCT).items():
                file.writestr(inner, content)
        return path

    def unpack(self, archive: object, *arguments: str, on: str = "controller", checksum: str = "") -> str:
        """What a run wrote that unpacked the archive."""
        done = self.run(archive, *arguments, on=on, checksum=checksum)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, archive: object, *arguments: str, on: str = "controller", checksum: str = "") -> str:
        """What a run wrote that failed, on one line."""
        done = self.run(archive, *arguments, on=on, checksum=checksum)
        assert done.returncode != 0, done.stdout
        return " ".join((done.stdout + done.stderr).replace("\\n", " ").split())

    def run(
        self, archive: object, *arguments: str, on: str, checksum: str
    ) -> subprocess.CompletedProcess[str]:
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "product_name": "apim",
            "product_home": str(self.home),
            "product_archive": str(archive),
            "product_archive_on": on,
            "product_archive_checksum": checksum,
        }
        role = {"name": "carbonops.wso2.product", "tasks_from": "unpack"}
        task = {"name": "Unpack", "ansible.builtin.include_role": role}
        play = self.folder / "play.yml"
        play.write_text(
            yaml.safe_dump([{"hosts": "one", "gather_facts": False, "vars": variables, "tasks": [task]}])
        )
        command = ["ansible-playbook", "-i", "one,", str(play), *arguments]
        environment = {**os.environ, "TMPDIR": str(self.scratch)}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    def leftovers(self) -> list[Path]:
        return [*self.scratch.glob(".carbonops-*"), *self.home.parent.glob(".*")]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    assert made.leftovers() == []


@contextmanager
def serving(content: bytes) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A web server that answers 304 to whoever has an older file; its URL and the headers that it was sent."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(dict(self.headers))
            older = "If-Modified-Since" in self.headers or "If-None-Match" in self.headers
            self.send_response(304 if older else 200)
            self.send_header("Content-Length", str(0 if older else len(content)))
            self.end_headers()
            if not older:
                self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/product.zip", seen
    finally:
        server.shutdown()
        server.server_close()


def sha256(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@pytest.mark.parametrize("on", ["controller", "host"])
def test_plain_http_needs_a_checksum_and_an_older_file_is_never_taken_for_the_archive(
    ground: Ground, happened: Happened, on: str
) -> None:
    archive = ground.archive()
    older = ground.archive("opt/apim.archive", {"evil/bin/api-manager.sh": "evil"})
    with serving(archive.read_bytes()) as (url, seen):
        for check in ([], ["--check"]):
            told = ground.refused(url, *check, on=on)
            assert "would be fetched without anything that says whether it is the expected archive" in told
        assert seen == []
        ground.unpack(url, on=on, checksum=sha256(archive))
    assert not any(name.startswith("If-") for headers in seen for name in headers)
    assert (ground.home / "bin/api-manager.sh").read_text() == "exit 0"
    assert older.exists()
    if on == "host":
        happened(PART, "an archive by http without a checksum", "refused before anything is fetched")
        happened(PART, "an older file at HOME.archive, a server that answers 304", "fetched anew; left alone")


WEAK = {
    "md5": "md5:" + "0" * 32,
    "sha1": "sha1:" + "0" * 40,
    "digits alone": "0" * 64,
    "a URL": "sha256:https://localhost/x",
    "too short": "sha256:abc",
}


@pytest.mark.parametrize("kind", WEAK)
def test_a_checksum_that_binds_nothing_is_refused(ground: Ground, kind: str) -> None:
    assert "is not sha256:, sha384: or sha512:" in ground.refused(ground.archive(), checksum=WEAK[kind])
    assert not ground.home.exists()


@pytest.mark.parametrize("on", ["controller", "host"])
def test_an_archive_with_another_checksum_leaves_nothing(ground: Ground, on: str) -> None:
    told = ground.refused(ground.archive(), on=on, checksum="sha256:" + "0" * 64)
    assert "does not have the checksum given" in told or "not the one given" in told
    assert not ground.home.exists()


IN_PLACE: dict[str, Callable[[Path, Path], object]] = {
    "a symlink": lambda home, other: home.symlink_to(other),
    "a symlink to nothing": lambda home, other: home.symlink_to(other / "nowhere"),
    "an empty folder": lambda home, _other: home.mkdir(),
    "a file": lambda home, _other: home.write_text(""),
}


@pytest.mark.parametrize("kind", IN_PLACE)
def test_what_is_at_the_homes_path_is_never_used(ground: Ground, happened: Happened, kind: str) -> None:
    other = ground.folder / "other"
    other.mkdir()
    IN_PLACE[kind](ground.home, other)
    for check in ([], ["--check"]):
        assert "There is something at" in ground.refused(ground.archive(), *check)
    assert list(other.iterdir()) == []
    happened(PART, f"{kind} at the home's path", "refused; nothing is unpacked or followed")


def test_what_lies_beside_the_home_is_not_followed(ground: Ground) -> None:
    other = ground.folder / "other"
    other.mkdir()
    (ground.home.parent / "apim.unpacking").symlink_to(other)
    ground.unpack(ground.archive())
    assert list(other.iterdir()) == []
    assert (ground.home / "bin/api-manager.sh").exists()


@pytest.mark.parametrize("kind", ["a symlink", "a folder"])
def test_what_comes_to_the_homes_path_meanwhile_is_not_followed(ground: Ground, kind: str) -> None:
    many = {**PRODUCT, **{f"wso2am-4.7.0/lib/{number}": "x" for number in range(3000)}}
    archive, other, over = ground.archive(files=many), ground.folder / "other", threading.Event()
    other.mkdir()

    def plant() -> None:
        while not over.wait(0.01):
            if list(ground.home.parent.glob(".carbonops-*/content")):
                if kind == "a symlink":
                    ground.home.symlink_to(other)
                else:
                    ground.home.mkdir()
                    (ground.home / "evil").write_text("x")
                return

    thread = threading.Thread(target=plant)
    thread.start()
    ground.refused(archive)
    over.set()
    thread.join()
    assert list(other.iterdir()) == []
    assert not (ground.home / "bin").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_in_which_others_could_exchange_the_home_is_refused(ground: Ground) -> None:
    parent = ground.home.parent
    os.chown(parent, 65534, 65534)
    assert "others could exchange the home" in ground.refused(ground.archive())
    os.chown(parent, 0, 0)
    parent.chmod(0o777)
    assert "others could exchange the home" in ground.refused(ground.archive(), "--check")
    parent.chmod(0o1777)
    ground.unpack(ground.archive())


NO_PRODUCT = {
    "two folders": {"a/bin/x": "1", "b/bin/x": "1"},
    "no bin folder": {"a/x": "1"},
    "files alone": {"x": "1"},
}


@pytest.mark.parametrize("kind", NO_PRODUCT)
def test_an_archive_that_is_no_products_is_refused(ground: Ground, kind: str) -> None:
    told = ground.refused(ground.archive(files=NO_PRODUCT[kind]))
    assert "does not hold exactly one folder, with a bin folder in it" in told
    assert not ground.home.exists()
