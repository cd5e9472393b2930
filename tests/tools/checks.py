"""The checks that make up the tests, each a list of commands."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from testbed.apim.build import build as build_apim
from testbed.is7.build import build as build_is7

from . import cases
from . import environment as env

_PLUGINS = "ansible_collections.carbonops.wso2.plugins"


def prepare() -> None:
    """Everything that the checks need."""
    env.require_programs()
    env.require_python_packages(env.RUN, env.TEST)
    env.install_collection()


def lint() -> int:
    """Format, style, types, Ansible's own rules and documentation."""
    prepare()
    tool = env.VENV / "bin"
    failed = 0
    with tempfile.TemporaryDirectory() as empty:
        for what, command, variables in (
            ("ruff format", [tool / "ruff", "format", "--check", "-q", "plugins", "tests", "dev"], {}),
            ("ruff check", [tool / "ruff", "check", "-q", "plugins", "tests", "dev"], {}),
            ("mypy of the plugins", [tool / "mypy", "--config-file", "pyproject.toml", "-p", _PLUGINS], {"MYPYPATH": f"{env.COLLECTIONS}:tests/stubs"}),
            ("mypy of the tools", [tool / "mypy", "--config-file", "pyproject.toml", "-p", "testbed", "-p", "tools"], {"MYPYPATH": "tests"}),
            ("ansible-lint", [tool / "ansible-lint", "--offline", "-q", "--profile", "production", "galaxy.yml", "meta", "playbooks", "roles"], {}),
            ("antsibull-docs", [tool / "antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", env.COLLECTION], {}),
        ):
            with env.step(what):
                full = {**env.variables(), **variables, "XDG_CACHE_HOME": empty}
                failed += subprocess.run(list(map(str, command)), env=full, cwd=env.REPOSITORY, check=False).returncode != 0
    return failed


def unit(*arguments: str) -> int:
    """The pure layers and the modules on files and stores; no server."""
    prepare()
    return _pytest(*_with_folder("tests/unit", arguments))


def integration(*arguments: str) -> int:
    """The modules and playbooks on the test bed's servers."""
    prepare()
    _build_homes()
    return _pytest(*_with_folder("tests/integration", arguments))


def _with_folder(folder: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The folder, unless the arguments name files of their own."""
    return arguments if any(Path(argument.partition("::")[0]).exists() for argument in arguments) else (folder, *arguments)


def _build_homes() -> None:
    """Once, before several test processes want them."""
    env.CACHE.mkdir(parents=True, exist_ok=True)
    with env.step("Having the test bed's homes (the first time, WSO2's jars come from Maven Central: 200 MB)"):
        build_is7(env.CACHE)
        build_apim(env.CACHE)


def everything() -> int:
    """All checks; the last line says how many tests passed and failed."""
    lint_failures = lint()
    report = Path(tempfile.mkdtemp()) / "report.xml"
    _build_homes()
    failed = _pytest("tests/unit", "tests/integration", "-n", "2", "--dist", "loadfile", "--durations", "10", f"--junit-xml={report}")
    counted = _count(report)
    stale = _write_cases(report)
    passed = counted["tests"] - counted["failures"] - counted["errors"] - counted["skipped"]
    bad = counted["failures"] + counted["errors"] + lint_failures + stale + (1 if failed and not counted["failures"] + counted["errors"] else 0)
    skipped = f", {counted['skipped']} skipped" if counted["skipped"] else ""
    print(f"{passed} passed, {bad} failed{skipped}", flush=True)
    return 1 if bad or not passed else 0


def _write_cases(report: Path) -> int:
    """Have docs/cases.md say what this run saw; 1 where the page that was there has other cases."""
    if not report.exists():
        return 0
    page = env.REPOSITORY / "docs" / "cases.md"
    told = cases.rows(report)
    before, after = page.read_text(), cases.document(told)
    other = cases.missing(before, told)
    if before != after:
        page.write_text(after)
        print(f"docs/cases.md was written anew; look at it and commit it{': ' + '; '.join(other) if other else ''}.", flush=True)
    return 1 if other else 0


def _pytest(*arguments: str) -> int:
    variables = {**env.variables(), "PYTHONPATH": f"{env.COLLECTIONS}:{env.REPOSITORY / 'tests'}", "CARBONOPS_TESTBED_CACHE": str(env.CACHE)}
    command = [str(env.VENV / "bin" / "python"), "-m", "pytest", *arguments]
    return subprocess.run(command, env=variables, cwd=env.REPOSITORY, check=False).returncode


def _count(report: Path) -> dict[str, int]:
    import xml.etree.ElementTree as ElementTree

    keys = ("tests", "failures", "errors", "skipped")
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        print("The tests left no report.", file=sys.stderr)
        return dict.fromkeys(keys, 0)
    totals = dict.fromkeys(keys, 0)
    for suite in suites:
        for key in keys:
            totals[key] += int(suite.get(key, 0))
    return totals
