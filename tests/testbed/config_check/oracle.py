"""What the real Identity Server makes of a deployment.toml, asked without starting a server.

WSO2's configuration mapper renders the file with the templates of the version asked for, and WSO2's own class
decides on the
requests. One Java process answers for many files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from ..is7 import conf
from ..is7.build import build as is7_home
from ..maven import TestbedError, compile_java, fingerprint, require_tool

_HERE = Path(__file__).parent
_IS7 = conf.ARTIFACTS.parent
_CONF = "repository/resources/conf"

# What a decision is made from; the kernel's own file says whether permissions or scopes count.
_DECIDING = ("resource-access-control-v2.xml.j2", "carbon.xml.j2")

# The server in the test bed asks for its decisions with the same two classes.
_SHARED = [
    _IS7 / "src" / "carbonops" / "testbed" / "is7" / name
    for name in ("AccessDecision.java", "AccessRules.java")
]


@dataclass(frozen=True)
class Decision:
    """What the server decides on one request. Everything but `request` is None when no rule matches."""

    request: str
    context: str | None
    secured: bool | None
    cross_tenant: bool | None
    scopes: list[str] | None
    handlers: str | None


@dataclass(frozen=True)
class Verdict:
    """What the server makes of one file: refused with an error, or accepted with a decision for each request.

    `entries` are the access control entries that it saw, and `rest` a digest of all other configuration that
    came out.
    """

    accepted: bool
    error: str | None = None
    decisions: dict[str, Decision] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    rest: str | None = None


class Oracle:
    """The real configuration mapper and access decision of one Identity Server version, "7.0", "7.1" or
    "7.2".

    With `only_access_rules` no other file is rendered, which is three times as fast.
    """

    def __init__(self, cache: Path, version: str = "7.2", only_access_rules: bool = False) -> None:
        home = is7_home(cache.resolve())
        build = _build(cache.resolve(), version, home)
        self._scratch = Path(tempfile.mkdtemp(prefix="oracle-"))
        templates = self._scratch / "templates"
        shutil.copytree(build / "conf", templates)
        if only_access_rules:
            for template in [path for path in templates.rglob("*.j2") if path.name not in _DECIDING]:
                template.unlink()
        self._log = (self._scratch / "log").open("w+", encoding="utf-8")
        self._java = subprocess.Popen(
            [
                require_tool("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
                _classpath(build, home),
                "carbonops.testbed.config.ConfigCheck", str(templates), str(self._scratch / "home"),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8",
        )  # fmt: skip
        plugin = self._read()["plugin"]
        if plugin != f"org.wso2.carbon.identity.core-{conf.FEATURES[version]}.jar":
            self.close()
            raise TestbedError(f"Templates of Identity Server {version}, but {plugin} was loaded.")

    def check(self, path: Path, requests: Sequence[str]) -> Verdict:
        """Return what the server makes of the file at `path` and of requests like "GET /scim2/Me"."""
        answer = self._ask("render", path, *requests)
        decisions = [
            Decision(d["request"], d["context"], d["secured"], d["crossTenant"], d["scopes"], d["handlers"])
            for d in answer.get("decisions", [])
        ]
        return Verdict(
            answer["accepted"],
            answer.get("error"),
            {d.request: d for d in decisions},
            answer.get("entries") or [],
            answer.get("rest"),
        )

    def rendered(self) -> dict[str, str]:
        """What the last file that was accepted has been rendered into: the text of each file, by its name."""
        conf = self._scratch / "home/repository/conf"
        files = sorted(path for path in conf.rglob("*") if path.is_file())
        return {str(path.relative_to(conf)): path.read_text("utf-8", "replace") for path in files}

    def read(self, path: Path) -> dict[str, Any] | None:
        """Return what the server reads in the file at `path`, by dotted keys, or None where it cannot."""
        values: dict[str, Any] | None = self._ask("read", path).get("values")
        return values

    def close(self) -> None:
        """End the Java process."""
        assert self._java.stdin is not None
        self._java.stdin.close()
        self._java.wait(timeout=30)
        self._log.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Oracle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, what: str, path: Path, *more: str) -> dict[str, Any]:
        assert self._java.stdin is not None
        print(what, path.resolve(), *more, sep="\t", file=self._java.stdin, flush=True)
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._java.stdout is not None
        line = self._java.stdout.readline()
        if not line:
            self._log.seek(0)
            raise TestbedError(f"The configuration check ended: {self._log.read()[-1000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def _build(cache: Path, version: str, home: Path) -> Path:
    """Return a folder with the templates, the plugins and our classes for one version, made once."""
    done = cache / f"config-check-{version}-{fingerprint([_HERE, _IS7])[:12]}"
    if done.is_dir():
        return done
    artifacts = conf.fetch(cache)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as temporary:
        build = Path(temporary) / "build"
        shutil.copytree(conf.unpack_kernel(artifacts, Path(temporary), _CONF) / _CONF, build / "conf")
        conf.merge_identity(artifacts, version, build / "conf")
        conf.merge_json(build / "conf" / "default.json", _stock_values())
        conf.unpack_plugins(artifacts, version, build / "plugins")
        for jar in artifacts.glob("*.jar"):
            shutil.copy(jar, build / "plugins")
        compile_java([*(_HERE / "src").rglob("*.java"), *_SHARED], _classpath(build, home), build / "classes")
        build.rename(done)
    return done


def _stock_values() -> dict[str, object]:
    """The keys of the stock file.

    A server refuses a file without some of them; a file asked about may hold the matter of a test only.
    """
    flat: dict[str, object] = {}

    def collect(prefix: str, table: dict[str, Any]) -> None:
        for key, value in table.items():
            if isinstance(value, dict):
                collect(f"{prefix}{key}.", value)
            else:
                flat[prefix + key] = value

    collect("", tomllib.loads((_IS7 / "deployment.toml").read_text(encoding="utf-8")))
    return flat


def _classpath(build: Path, home: Path) -> str:
    """Our classes and the identity plugins of the version asked for, then the kernel's jars."""
    return ":".join(
        [f"{build}/classes", f"{build}/plugins/*", f"{home}/lib/*", f"{home}/repository/components/plugins/*"]
    )
