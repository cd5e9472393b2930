"""A home of Identity Server 7.2: the real Carbon kernel with the real identity configuration, and our
endpoints in it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ..kernel_files import SMALL_JVM, changed
from ..maven import TestbedError, compile_java, fingerprint, require_tool
from . import conf

HERE = Path(__file__).parent
VERSION = "7.2"

_PRODUCT = {"name": "WSO2 Identity Server", "key": "IS", "version": f"{VERSION}.0"}

# WSO2's jars that the access decision loads; the kernel has no identity code.
_EMBEDDED = (
    "org.wso2.carbon.identity.auth.service",
    "org.wso2.carbon.identity.base",
    "org.wso2.carbon.identity.core",
    "org.wso2.carbon.identity.organization.management.service",
)


def build(cache: Path) -> Path:
    """Return a template home of Identity Server 7.2, made in the folder `cache` if it is not there.

    The template is to be copied, never started: a started server writes into its home.
    """
    own = ("artifacts", "src", "MANIFEST.MF", "build.py", "conf.py", "deployment.toml")
    sources = [*(HERE / name for name in own), HERE.parent / "kernel_files.py"]
    template = cache / f"is7-home-{fingerprint(sources)[:12]}"
    if not template.is_dir():
        artifacts = conf.fetch(cache)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as temporary:
            made = Path(temporary) / "home"
            _assemble(artifacts, Path(temporary), made / f"wso2is-{VERSION}.0")
            made.rename(template)
    return template / f"wso2is-{VERSION}.0"


def _assemble(artifacts: Path, scratch: Path, home: Path) -> None:
    home.parent.mkdir()
    conf.unpack_kernel(artifacts, scratch).rename(home)
    conf.merge_identity(artifacts, VERSION, home / "repository" / "resources" / "conf")
    shutil.copy(HERE / "deployment.toml", home / "repository" / "conf")
    _name_product(home)
    _shrink_jvm(home / "bin" / "wso2server.sh")
    jars = [
        *artifacts.glob("*.jar"),
        *conf.unpack_plugins(artifacts, VERSION, scratch / "plugins").glob("*.jar"),
    ]
    embedded = [jar for jar in jars if jar.name.rpartition("-")[0] in _EMBEDDED]
    if len(embedded) != len(_EMBEDDED):
        raise TestbedError(
            f"The access decision needs {', '.join(_EMBEDDED)}, but found are"
            f" {', '.join(jar.name for jar in embedded)}."
        )
    _bundle(embedded, home, scratch)


def _name_product(home: Path) -> None:
    """Fill in what a product's build fills in."""
    carbon_xml = (
        home / "repository" / "resources" / "conf" / "templates" / "repository" / "conf" / "carbon.xml.j2"
    )
    for file in (carbon_xml, home / "bin" / "version.txt"):
        text = file.read_text(encoding="utf-8")
        for key, value in _PRODUCT.items():
            text = text.replace(f"${{product.{key}}}", value)
        file.write_text(text, encoding="utf-8")


def _shrink_jvm(script: Path) -> None:
    """Have the start script ask for less than a product's."""
    script.write_text(changed(script, [SMALL_JVM]), encoding="utf-8")


def _bundle(embedded: Sequence[Path], home: Path, scratch: Path) -> None:
    """Compile our endpoints against the kernel and put them, with the jars given, into its dropins."""
    content = scratch / "bundle"
    components = home / "repository" / "components"
    classpath = [*map(str, embedded), f"{home}/lib/*", f"{components}/plugins/*"]
    compile_java((HERE / "src").rglob("*.java"), ":".join(classpath), content)
    (content / "lib").mkdir()
    for jar in embedded:
        shutil.copy(jar, content / "lib")
    manifest = scratch / "MANIFEST.MF"
    entries = ",".join([".", *(f"lib/{jar.name}" for jar in embedded)])
    manifest.write_text(
        HERE.joinpath("MANIFEST.MF").read_text(encoding="utf-8") + _header("Bundle-ClassPath", entries),
        encoding="utf-8",
    )
    target = components / "dropins" / "carbonops.testbed.is7_1.0.0.jar"
    subprocess.run(
        [require_tool("jar"), "--create", "--file", target, "--manifest", manifest, "-C", content, "."],
        check=True,
    )


def _header(name: str, value: str) -> str:
    """A manifest header, folded: a line holds 72 bytes at most."""
    text = f"{name}: {value}"
    lines = [text[:70], *(f" {text[start : start + 69]}" for start in range(70, len(text), 69))]
    return "\n".join(lines) + "\n"
