"""The table of cases is made of what tests told."""

from __future__ import annotations

from pathlib import Path

from support.cases import plain
from tools import cases

REPORT = """<testsuites><testsuite>
<testcase classname="b" name="y"><properties><property name="case" value="carbon_server&#9;two | pipes&#9;said why"/></properties></testcase>
<testcase classname="b" name="x"><properties><property name="case" value="is7_access_control&#9;later&#9;kept"/></properties></testcase>
<testcase classname="a" name="z"><properties><property name="other" value="1"/>
<property name="case" value="is7_access_control&#9;first&#9;put in"/></properties></testcase>
<testcase classname="a" name="n"/></testsuite></testsuites>"""


def test_rows_come_by_part_and_file_and_the_page_has_them_all(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    told = cases.rows(report)
    assert [row[1] for row in told] == ["first", "later", "two | pipes"]
    page = cases.document(told)
    assert (
        page.index("## is7_access_control")
        < page.index("| first | put in |")
        < page.index("## carbon_server")
        < page.index("| two \\| pipes | said why |")
    )
    assert cases.missing(page, told) == []
    assert cases.missing(page, told[1:]) == ["is7_access_control: first"]
    assert cases.missing("", told[:1]) == ["is7_access_control: first"]
    assert cases.repeated(told) == []
    assert cases.repeated([*told, told[0]]) == ["is7_access_control: first"]


def test_cases_that_differ_in_two_things_and_end_alike_are_a_matrix() -> None:
    told = [
        ("faults", "create: reset", "read again"),
        ("faults", "create: half | an answer", "read again"),
        ("faults", "delete: reset", "read again"),
        ("faults", "delete: half | an answer", "read again"),
        ("faults", "delete: refused", "read anew"),
        ("faults", "nothing", "done"),
    ]
    page = cases.document(told)
    assert "| reset | yes | yes |\n| half \\| an answer | yes | yes |\n" in page
    assert "\nread again, in each of these cases:\n\n| case | create | delete |\n|---|---|---|\n" in page
    assert "| delete: refused | read anew |\n| nothing | done |\n" in page
    assert cases.missing(page, told) == []
    assert cases.missing(page, told[1:]) == ["faults: create: reset"]
    assert cases.missing(page, [*told, ("faults", "create: refused", "done")]) == ["faults: create: refused"]


def test_cases_of_which_one_is_missing_stay_rows() -> None:
    told = [("faults", case, "read again") for case in ("create: reset", "create: half", "delete: reset")]
    page = cases.document(told)
    assert "| create: reset | read again |\n" in page
    assert cases.missing(page, told) == []


def test_a_plain_text_names_what_differs_from_run_to_run() -> None:
    assert plain("/a/b/c on\n 9444", folder="/a/b", file="/a/b/c", port=9444) == "FILE on PORT"
