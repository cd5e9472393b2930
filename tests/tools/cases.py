"""docs/cases.md: what happened in each case of a test run, out of that run's report."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

_PARTS = ("is7_access_control", "truststore_cert", "keystore_info", "carbon_server")
_HEAD = """# What happens when

Each row is a case that the tests make happen, and what the collection did about it. `./dev test` writes this file from its own report;
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
    found.sort(key=lambda item: (_PARTS.index(item[1][0]), item[0]))
    return [row for _file, row in found]


def document(told: list[Row]) -> str:
    """The rows as a page, a table for each part."""
    page = _HEAD
    for part in _PARTS:
        of_part = [row for row in told if row[0] == part]
        if of_part:
            page += f"\n## {part}\n\n| case | what happened |\n|---|---|\n"
            page += "".join(f"| {_cell(case)} | {_cell(outcome)} |\n" for _part, case, outcome in of_part)
    return page


def missing(page: str, told: list[Row]) -> list[str]:
    """Cases of the page that this run did not see, or the other way round."""
    cases = {line.split(" | ")[0].removeprefix("| ") for line in page.splitlines() if line.startswith("| ") and not line.startswith("| case |")}
    return sorted(cases ^ {_cell(case) for _part, case, _outcome in told})


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
