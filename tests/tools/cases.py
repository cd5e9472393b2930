"""docs/cases.md: what happened in each case of a test run, out of that run's report."""

from __future__ import annotations

import collections
import itertools
import xml.etree.ElementTree as ET
from pathlib import Path

# The modules first, in the document's order; then the other parts by name.
_FIRST = ("is7_access_control", "truststore_cert", "keystore_info", "carbon_server")
_HEAD = """# What happens when

Each row is a case that the tests make happen, and what the collection did about it; so is each *yes* where two
things differ and all ends alike. `./dev test` writes this file from its own report; names in capitals stand for what
differs from run to run.
"""

_OUTCOME = "what happened"

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
    """The rows as a page: for each part a table, and a matrix where cases differ in two things and end alike."""
    page = _HEAD
    for part, of_part in itertools.groupby(told, key=lambda row: row[0]):
        rows_of_part = list(of_part)
        found = _matrices(rows_of_part)
        in_matrices = {row for cells in found.values() for row in cells.values()}
        page += f"\n## {part}\n"
        page += _table([row for row in rows_of_part if row not in in_matrices])
        page += "".join(_matrix(outcome, cells) for outcome, cells in found.items())
    return page


Cells = dict[tuple[str, str], Row]


def _matrices(rows_of_part: list[Row]) -> dict[str, Cells]:
    """Outcome -> (column, row) -> the case "column: row", where each column has each row, two at least."""
    by_outcome: dict[str, Cells] = {}
    for part, case, outcome in rows_of_part:
        column, colon, row = case.partition(": ")
        if colon:
            by_outcome.setdefault(outcome, {})[column, row] = (part, case, outcome)
    return {outcome: cells for outcome, cells in by_outcome.items() if _is_full(cells)}


def _is_full(cells: Cells) -> bool:
    columns, lines = _axes(cells)
    return min(len(columns), len(lines)) > 1 and len(cells) == len(columns) * len(lines)


def _axes(cells: Cells) -> tuple[list[str], list[str]]:
    """Columns and rows, in the order in which the cases were told."""
    return list(dict.fromkeys(column for column, _row in cells)), list(
        dict.fromkeys(row for _column, row in cells)
    )


def _table(plain: list[Row]) -> str:
    if not plain:
        return ""
    lines = (f"| {_cell(case)} | {_cell(outcome)} |\n" for _part, case, outcome in plain)
    return f"\n| case | {_OUTCOME} |\n|---|---|\n" + "".join(lines)


def _matrix(outcome: str, cells: Cells) -> str:
    columns, lines = _axes(cells)
    head = f"| case | {' | '.join(_cell(column) for column in columns)} |\n|---|{'---|' * len(columns)}\n"
    body = (f"| {_cell(line)} | {' | '.join(['yes'] * len(columns))} |\n" for line in lines)
    return f"\n{outcome.removesuffix('.')}, in each of these cases:\n\n{head}" + "".join(body)


def missing(page: str, told: list[Row]) -> list[str]:
    """Cases of the page that this run did not see, or the other way round."""
    return sorted(_cases_of(page) ^ {f"{part}: {_cell(case)}" for part, case, _outcome in told})


def _cases_of(page: str) -> set[str]:
    found: set[str] = set()
    part, columns = "", [""]
    for line in page.splitlines():
        first, *others = line.removeprefix("| ").removesuffix(" |").split(" | ")
        if line.startswith("## "):
            part = line.removeprefix("## ")
        elif line.startswith("| case |"):
            columns = [""] if others == [_OUTCOME] else [f"{column}: " for column in others]
        elif line.startswith("| "):
            found |= {f"{part}: {column}{first}" for column in columns}
    return found


def repeated(told: list[Row]) -> list[str]:
    """Cases that more than one test told, so that one of them is not what its name says."""
    times = collections.Counter(f"{part}: {case}" for part, case, _outcome in told)
    return sorted(case for case, count in times.items() if count > 1)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
