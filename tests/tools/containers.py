"""Containers to test in:

Debian with systemd, sshd, Python and a JDK, made on this machine out of Debian's own packages.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import environment as env

CONFIGURATION = Path(__file__).with_name("containers.conf")
# Python 3.9 and JDK 11, 3.11 and 17, 3.13 and 21.
SUITES = ("bullseye", "bookworm", "trixie")

_PROGRAMS = {
    "podman": "podman", "runc": "runc", "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
    "iptables": "iptables", "mmdebstrap": "mmdebstrap", "ssh": "openssh-client",
}  # fmt: skip
_PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "procps", "iproute2", "ca-certificates",
    "unzip",
    "nginx-light",
    "default-jre-headless", "python3", "python3-requests", "python3-jmespath", "python3-cryptography",
)  # fmt: skip
# systemd reads its own arguments as a kernel's; from version 256 on it wants to be told twice to boot on the
# older cgroup hierarchy.
_INIT = '["/sbin/init", "systemd.unified_cgroup_hierarchy=0", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"]'


def variables(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables under which podman runs the tests' way, beside those given or this process's
    own.
    """
    return {**(base or os.environ), "CONTAINERS_CONF": str(CONFIGURATION)}


def require() -> None:
    """Have podman and what it takes; raises EnvironmentProblem where containers cannot be had."""
    if os.geteuid() != 0:
        raise env.EnvironmentProblem("Containers that run systemd need root here; run this command as root.")
    env.require_programs(_PROGRAMS)
    done = podman("info", "--format", "{{.Host.NetworkBackend}}")
    if done.returncode or done.stdout.strip() != "netavark":
        raise env.EnvironmentProblem(
            "podman cannot run containers here:"
            f" {_last_line(done.stderr) or 'its network is ' + done.stdout.strip()}."
        )


def image(suite: str = "bookworm") -> str:
    """Have the image of this Debian suite's hosts; the name that podman knows it by."""
    return make_image("node", suite, _PACKAGES, f"CMD {_INIT}")


def make_image(what: str, suite: str, packages: Sequence[str], change: str) -> str:
    """Have an image of these packages; its name. What it is made of is in the name, so it is made once."""
    make = _make_root(suite, packages)
    name = (
        f"localhost/carbonops-{what}:{suite}-{hashlib.sha256(repr((make, change)).encode()).hexdigest()[:12]}"
    )
    if podman("image", "exists", name).returncode == 0:
        return name
    with env.step(f"Making the image {name} out of Debian's packages"):
        root = subprocess.Popen(make, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        imported = subprocess.run(
            ["podman", "import", "--quiet", "--change", change, "-", name],
            stdin=root.stdout, env=variables(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        told = root.communicate()[1].decode("utf-8", "replace")
        if root.returncode or imported.returncode:
            podman("image", "rm", "--force", name)
            raise env.EnvironmentProblem(
                f"The image of Debian {suite} was not made:"
                f" {_last_line(told) or _last_line(imported.stderr)}."
            )
    return name


def _make_root(suite: str, packages: Sequence[str]) -> list[str]:
    """The command that writes the root file system as a tar archive."""
    return [
        "mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}",
        '--aptopt=Apt::Install-Recommends "false"', "--dpkgopt=force-unsafe-io",
        *(f"--dpkgopt=path-exclude=/usr/share/{unused}/*" for unused in ("man", "doc", "locale")),
        '--essential-hook=mkdir -p "$1/usr/share/man/man1"',  # the JRE's alternatives want it
        '--customize-hook=rm -f "$1"/etc/systemd/system/timers.target.wants/*.timer',
        # A scenario that has one starts it.
        '--customize-hook=rm -f "$1"/etc/systemd/system/multi-user.target.wants/nginx.service',
        suite, "-",
    ]  # fmt: skip


def podman(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run podman; its exit code is the caller's to look at."""
    return subprocess.run(
        ["podman", *arguments], env=variables(), capture_output=True, text=True, check=False
    )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1].rstrip(".")


def main(*arguments: str) -> int:
    """Have the images of these suites and print their names."""
    unknown = sorted(set(arguments) - set(SUITES))
    if unknown:
        print(f"There is no image of {', '.join(unknown)}; there are {', '.join(SUITES)}.", file=sys.stderr)
        return 1
    require()
    for suite in arguments or SUITES[1:2]:
        print(image(suite))
    return 0
