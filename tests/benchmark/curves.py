"""How what a run takes grows with a site: one curve for each thing that a site can have many of."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.api_managers import ApiManager
from support.certificates import self_signed
from support.modules import Outcome, run_module
from testbed.homes import ALIAS, STORE_PASSWORD, keytool

from .bed import Bed
from .figures import exponent, spread

STORE_SIZES = (1, 10, 100, 1000)
KEY_MANAGERS = (1, 10, 100)
HOSTS = (1, 2, 4, 8)
LINES = (1, 10, 100, 1000, 10_000)
KEYS = (1, 10, 100, 1000)
# Of a module, which takes little; a whole run is measured once.
_REPEATS = 3


@dataclasses.dataclass(frozen=True)
class Curve:
    """``points`` are seconds by size; ``how`` says what was run, as part of a sentence."""

    name: str
    how: str
    points: Mapping[int, float]

    @property
    def exponent(self) -> float:
        """Of the whole curve."""
        return exponent(self.points)

    @property
    def last_step(self) -> float:
        """The exponent between the two largest sizes, where what every run takes weighs least."""
        return exponent(dict(sorted(self.points.items())[-2:]))


def deployment_toml(_bed: Bed, folder: Path) -> Curve:
    """The edit of the document in files of so many lines."""
    file = folder / "deployment.toml"
    points = {}
    for size in LINES:
        text = "".join(f"{line}\n" for line in _lines(size))

        def begin(text: str = text) -> None:
            file.write_text(text)

        points[size] = _seconds(lambda: run_module("is7_access_control", path=str(file)), begin, changed=True)
    return Curve("lines of a `deployment.toml`", "`is7_access_control` puts its entry in", points)


def merged_keys(_bed: Bed, folder: Path) -> Curve:
    """So many keys, each in a table that is there, merged into a file of ten thousand lines."""
    file = folder / "deployment.toml"
    text = "".join(f"{line}\n" for line in _lines(LINES[-1]))
    points = {}

    def begin() -> None:
        file.write_text(text)

    for size in KEYS:
        tables = {f"database.pool_{number}": {"maxActive": 60} for number in range(size)}

        def merge(tables: dict[str, Any] = tables) -> Outcome:
            return run_module("deployment_toml", path=str(file), tables=tables)

        points[size] = _seconds(merge, begin, changed=True)
    return Curve("keys for 10,000 lines", "`deployment_toml` changes them", points)


def _lines(number: int) -> list[str]:
    """The first so many lines of a file with one table after the other."""
    table = (
        "[database.pool_{}]",
        'type = "h2"',
        'url = "jdbc:h2:./repository/database/{}"',
        "maxActive = 50",
        "",
    )
    return [table[line % len(table)].format(line // len(table)) for line in range(number)]


def store(_bed: Bed, folder: Path) -> Curve:
    """One certificate looked for in stores that hold so many."""
    path = folder / "store.p12"
    certificates = [
        {"alias": f"site-{number}", "content": self_signed(f"site-{number}").pem}
        for number in range(STORE_SIZES[-1])
    ]
    common: dict[str, Any] = {"path": str(path), "password": STORE_PASSWORD}
    points = {}
    for size in STORE_SIZES:
        run_module("truststore_cert", create=True, certificates=certificates[:size], **common)
        points[size] = _seconds(
            lambda: run_module("truststore_cert", certificates=certificates[:1], **common)
        )
    return Curve("certificates in a PKCS12 store", "`truststore_cert` finds that one is there", points)


def hosts(bed: Bed, _folder: Path) -> Curve:
    """Second runs on so many hosts of each kind."""
    points = {size: bed.run("carbonops.wso2.site", size, key_manager_check=False).seconds for size in HOSTS}
    return Curve("hosts of each kind", "the second run of `site`, without the proof", points)


def key_managers(bed: Bed, folder: Path) -> Curve:
    """The second run for one key manager beside others."""
    apim = ApiManager("wso2-classes", bed.site.apim_url, {"ca_path": str(_certificate(bed, folder))})
    points = {}
    for number in range(1, KEY_MANAGERS[-1] + 1):
        _must(apim.register(**_key_manager(number)))
        if number in KEY_MANAGERS:
            points[number] = _seconds(lambda: apim.register(**_key_manager(1)))
    return Curve("key managers", "`apim_key_manager` finds that one is as wanted", points)


def _key_manager(number: int) -> dict[str, Any]:
    return {"name": f"SITE-{number}", "is7_url": f"https://is7-{number}.example:9444"}


def _certificate(bed: Bed, folder: Path) -> Path:
    file = folder / "apim.pem"
    file.write_text(keytool("-exportcert", "-rfc", "-alias", ALIAS, "-keystore", str(bed.site.apim.keystore)))
    return file


def _seconds(
    run: Callable[[], Outcome], begin: Callable[[], None] = lambda: None, changed: bool = False
) -> float:
    """The median over some runs, each after ``begin``; what a module does, without Ansible around it."""
    found = []
    for _repeat in range(_REPEATS):
        begin()
        begun = time.monotonic()
        outcome = run()
        found.append(time.monotonic() - begun)
        if _must(outcome)["changed"] is not changed:
            raise AssertionError(f"changed is not {changed}: {outcome}")
    return spread(found).median


def _must(outcome: Outcome) -> Outcome:
    if outcome.failed:
        raise AssertionError(outcome["msg"])
    return outcome


# On a bed whose servers run, with a folder for files; its API Manager has 100 more key managers after the last.
CURVES: tuple[Callable[[Bed, Path], Curve], ...] = (deployment_toml, merged_keys, store, hosts, key_managers)
