"""The checks that make up the tests, and what runs them together."""

from __future__ import annotations

import concurrent.futures
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from testbed.apim.build import build as build_apim
from testbed.is7.build import build as build_is7

from . import cases, galaxy, matrix, scenarios
from . import environment as env
from .bench import bench as run_bench
from .execution_environment import execution_environment as run_execution_environment
from .lint import lint as run_lint
from .results import Results
from .sanity import sanity as run_sanity

_UNIT, _INTEGRATION = "tests/unit", "tests/integration"
# What a quick run has of the tests on servers.
_SMOKE = "tests/integration/test_key_manager.py"


def prepare() -> None:
    """Everything that tests need."""
    env.require_programs()
    env.MAIN.require_python_packages(env.RUN, env.TEST)
    env.MAIN.install_collection()


def lint() -> int:
    """Format, style, types, Ansible's own rules and documentation."""
    env.require_programs()
    results = Results()
    run_lint(results)
    return results.close()


def unit(*arguments: str) -> int:
    """The pure layers and the modules on files and stores; no server."""
    prepare()
    return _pytest(env.MAIN, *_with_folder(_UNIT, arguments))


def integration(*arguments: str) -> int:
    """The modules and playbooks on the test bed's servers."""
    prepare()
    _build_homes()
    return _pytest(env.MAIN, *_with_folder(_INTEGRATION, arguments))


def bench(*arguments: str) -> int:
    """Seconds beside a hand-written playbook, what runs do, and how it grows."""
    prepare()
    _build_homes()
    return run_bench(*arguments)


def coverage(*arguments: str) -> int:
    """Lines and branches of modules and module_utils that the tests run through, those that Ansible itself
    starts in playbooks aside.
    """
    prepare()
    env.MAIN.require_python_packages(env.RUN, env.TEST, env.TOOLS)
    _build_homes()
    shutil.rmtree(env.STATE / "coverage", ignore_errors=True)
    (env.STATE / "coverage").mkdir(parents=True)
    failed = _pytest(
        env.MAIN,
        *(arguments or (_UNIT, _INTEGRATION)),
        "-n",
        "2",
        "--dist",
        "loadfile",
        runner=("coverage", "run", "-m", "pytest"),
    )
    for step in ("combine", "report"):
        env.MAIN.run("coverage", step, *(["--quiet"] if step == "combine" else []))
    return failed


def sanity() -> int:
    """ansible-test's sanity tests and Galaxy's importer."""
    prepare()
    results = Results()
    run_sanity(results, env.MAIN)
    galaxy.importer(results)
    return results.close()


def execution_environment() -> int:
    """ansible-builder's image with the collection, and a run of site from inside it."""
    prepare()
    scenarios.prepare()
    results = Results()
    run_execution_environment(results)
    return results.close()


def all_cores(*arguments: str) -> int:
    """Units, sanity and the default scenario on every other ansible-core, or on those named."""
    unknown = sorted(set(arguments) - set(matrix.CORES))
    if unknown:
        raise env.EnvironmentProblem(
            f"There is no ansible-core {', '.join(unknown)} here; there are {', '.join(matrix.CORES)}."
        )
    prepare()
    results = Results()
    containers_here = _containers_here()
    together(results, [functools.partial(_core, core, containers_here) for core in arguments or matrix.CORES])
    return results.close()


def everything(*arguments: str) -> int:
    """All checks, or with --quick those of four minutes; the last line says how many passed and failed."""
    if set(arguments) - {"--quick"}:
        print("./dev test takes --quick and nothing else.", file=sys.stderr)
        return 2
    prepare()
    results = Results()
    run_lint(results)
    _build_homes()
    if "--quick" in arguments:
        _tests(results, env.MAIN, "Unit tests and one of a server", _UNIT, _SMOKE)
        return results.close()
    report = _tests(results, env.MAIN, "Unit and integration tests", _UNIT, _INTEGRATION)
    results.check("docs/cases.md has the cases of this run", _write_cases(report))
    containers_here = _containers_here()
    in_containers = [
        *(_scenario(containers_here, env.MAIN, name) for name in scenarios.names()),
        _or_skipped(containers_here, "execution environment", run_execution_environment),
    ]
    anywhere: list[Job] = [functools.partial(run_sanity, environment=env.MAIN), galaxy.importer, _smoke_bench]
    cores: list[Job] = [functools.partial(_core, core, containers_here) for core in matrix.CORES]
    # The longest first, so that none of them is what the end waits for.
    together(results, [*cores, *in_containers, *anywhere])
    return results.close()


def _smoke_bench(results: Results) -> None:
    """What a second run may come to, which is no matter of how fast this machine is."""
    results.check("what a second run counts is within its bounds", run_bench("--smoke") == 0)


Job = Callable[[Results], None]


def _containers_here() -> bool:
    """Have what the scenarios need; where that cannot be, say so."""
    try:
        scenarios.prepare()
    except env.EnvironmentProblem as exc:
        print(f"The scenarios and the execution environment are left out: {exc}", flush=True)
        return False
    return True


def _scenario(containers_here: bool, environment: env.Environment, name: str) -> Job:
    job = functools.partial(scenarios.run, environment=environment, chosen=[name])
    return _or_skipped(containers_here, f"scenario {name}, ansible-core {environment.core}", job)


def _or_skipped(can_be_done: bool, what: str, job: Job) -> Job:
    """The job; where it cannot be done here, one that counts it as skipped."""
    return job if can_be_done else lambda results: results.skip(what)


def together(results: Results, jobs: Sequence[Job]) -> None:
    """Do the jobs, one more at a time than there are processors here, as most wait for some of their time.

    One that cannot be done counts as failed.
    """

    def do(job: Job) -> Results:
        own = Results()
        try:
            job(own)
        except (env.EnvironmentProblem, subprocess.CalledProcessError) as exc:
            own.check(str(exc), False)
        return own

    with concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        for own in pool.map(do, jobs):
            results.add(own)


def _core(core: str, containers_here: bool, results: Results) -> None:
    """What is tested on one of the other ansible-cores."""
    environment = matrix.environment(core)
    if environment is None:
        results.skip(f"ansible-core {core}")
        return
    _tests(results, environment, "Unit tests", *map(str, matrix.unit_tests(core)))
    run_sanity(results, environment)
    _scenario(containers_here, environment, "default")(results)


def _tests(results: Results, environment: env.Environment, what: str, *paths: str) -> Path:
    """Run tests in two processes, count them, and return the report."""
    report = Path(tempfile.mkdtemp()) / "report.xml"
    with env.step(f"{what}, ansible-core {environment.core}"):
        code = _pytest(
            environment, *paths, "-n", "2", "--dist", "loadfile", "--durations", "10", f"--junit-xml={report}"
        )
        results.report(report, code)
    return report


def _with_folder(folder: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The folder, unless the arguments name files of their own."""
    return (
        arguments
        if any(Path(argument.partition("::")[0]).exists() for argument in arguments)
        else (folder, *arguments)
    )


def _build_homes() -> None:
    """Once, before several test processes want them."""
    env.CACHE.mkdir(parents=True, exist_ok=True)
    with env.step(
        "Having the test bed's homes (the first time, WSO2's jars come from Maven Central: 200 MB)"
    ):
        build_is7(env.CACHE)
        build_apim(env.CACHE)


def _write_cases(report: Path) -> bool:
    """Have docs/cases.md say what this run saw; false where the page that was there has other cases, or two
    tests told the same one.
    """
    if not report.exists():
        return False
    page = env.REPOSITORY / "docs" / "cases.md"
    told = cases.rows(report)
    before, after = page.read_text(), cases.document(told)
    other = cases.missing(before, told)
    if before != after:
        page.write_text(after)
        print(
            "docs/cases.md was written anew; look at it and commit"
            f" it{': ' + '; '.join(other) if other else ''}.",
            flush=True,
        )
    if repeated := cases.repeated(told):
        print(f"Told by more than one test: {'; '.join(repeated)}.", flush=True)
    return not other and not repeated


def _pytest(environment: env.Environment, *arguments: str, runner: tuple[str, ...] = ("pytest",)) -> int:
    variables = {
        **environment.variables(),
        "PYTHONPATH": f"{environment.collections}:{env.REPOSITORY / 'tests'}",
        "CARBONOPS_TESTBED_CACHE": str(env.CACHE),
    }
    command = [str(environment.bin / "python"), "-m", *runner, *arguments]
    return subprocess.run(command, env=variables, cwd=env.REPOSITORY, check=False).returncode
