"""docs/cases.md: what happened in each case of a test run, out of that run's report."""

from __future__ import annotations

import collections
import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

# The modules first, in the document's order; then the other parts by name.
_FIRST = ("is7_access_control", "truststore_cert", "keystore_info", "carbon_server")
_HEAD = """# What happens when

Each row is a case that the tests make happen,
and what the collection did about it. `./dev test` writes this file from its own report;
names in capitals stand for what differs from run to run.
"""

Row = tuple[str, str, str]


def rows(report: Path) -> list[Row]:
    """(part, case, what happened), in the order of the test files whatever the order of the run."""
    found: list[tuple[str, Row]] = []
    for case in ET.parse(report).getroot().iter("testcase"):
        for told in case.iterfind("properties/property[@name='case']"):
            part, what, outcome = told.attrib["value"].split("\t")
            found.append((case.get("classname", ""), (part, what, outcome)))
    found.sort(key=lambda item: (_place(item[1][0]), item[0]))
    return [row for _file, row in found]


def _place(part: str) -> tuple[int, str]:
    return (_FIRST.index(part) if part in _FIRST else len(_FIRST), part)


def document(told: list[Row]) -> str:
    """The rows as a page, a table for each part."""
    page = _HEAD
    for part, of_part in itertools.groupby(told, key=lambda row: row[0]):
        page += f"\n## {part}\n\n| case | what happened |\n|---|---|\n"
        page += "".join(f"| {_cell(case)} | {_cell(outcome)} |\n" for _part, case, outcome in of_part)
    return page


def missing(page: str, told: list[Row]) -> list[str]:
    """Cases of the page that this run did not see, or the other way round."""
    cases, part = set(), ""
    for line in page.splitlines():
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| case |"):
            cases.add(f"{part}: {line.split(' | ')[0].removeprefix('| ')}")
    return sorted(cases ^ {f"{part}: {_cell(case)}" for part, case, _outcome in told})


def repeated(told: list[Row]) -> list[str]:
    """Cases that more than one test told, so that one of them is not what its name says."""
    times = collections.Counter(f"{part}: {case}" for part, case, _outcome in told)
    return sorted(case for case, count in times.items() if count > 1)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
