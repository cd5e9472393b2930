"""The benchmark's pure parts: what it counts, its arithmetic, its page and its picture."""

from __future__ import annotations

import functools
import math
import xml.etree.ElementTree as ET

import pytest
import yaml
from benchmark.counts import Counts, Sample, modules_in, of_recap
from benchmark.curves import Curve
from benchmark.expected import AT_MOST, compared
from benchmark.figures import exponent, ratios, spread
from benchmark.plot import picture
from benchmark.report import Measured, page
from benchmark.runs import FLOOR, HERE, OURS, PEER, alternate, floor

RECAP = """
TASK [Say "apim-1 : ok=9 changed=9"] ****
PLAY RECAP *********************************************************************
apim-1                     : ok=40   changed=2    unreachable=0    failed=0    skipped=9    rescued=0    ignored=0
is7-1                      : ok=25   changed=1    unreachable=0    failed=0    skipped=8    rescued=0    ignored=0
"""
SVG = "{http://www.w3.org/2000/svg}"


def samples(*seconds: float) -> list[Sample]:
    return [Sample(taken, Counts(results=14, jvms=6), cpu=taken / 2) for taken in seconds]


SECOND = {OURS: samples(4, 6, 5), PEER: samples(8, 8, 8), FLOOR: samples(4, 4, 2)}
CURVE = Curve("lines of a `file`", "something reads it", {1: 0.1, 10: 0.1, 100: 1.0})
MEASURED = Measured("This is of today.", {"Second run": SECOND, "From nothing": SECOND}, [CURVE])


def test_a_recap_is_added_up_over_its_hosts() -> None:
    assert of_recap(RECAP) == {
        "ok": 65, "changed": 3, "unreachable": 0, "failed": 0, "skipped": 17, "rescued": 0, "ignored": 0,
    }  # fmt: skip


def test_a_run_without_a_recap_has_no_numbers() -> None:
    assert of_recap("ERROR! the playbook: peer.yml could not be found\n") == {}


def test_modules_are_told_from_what_else_python_runs_on_a_host() -> None:
    calls = ["/root/.ansible/tmp/a-1/AnsiballZ_java_cert.py", "-c import sys", "/tmp/b/AnsiballZ_command.py"]
    assert modules_in(calls) == ["java_cert", "command"]


def test_a_ratio_is_of_one_round_and_not_of_the_medians() -> None:
    slow_rounds = ratios([2, 20, 30], [1, 40, 10])
    assert (slow_rounds.median, slow_rounds.lowest, slow_rounds.highest) == (2, 0.5, 3)
    assert str(slow_rounds) == "2.00 (0.50 to 3.00)"


def test_rounds_that_do_not_belong_together_are_an_error() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratios([1, 2], [1, 2, 3])


def test_a_spread_has_the_median_and_both_ends() -> None:
    found = spread([3, 1, 10, 2])
    assert (found.median, found.lowest, found.highest) == (2.5, 1, 10)


@pytest.mark.parametrize("power", [0, 0.5, 1, 2])
def test_the_exponent_is_that_of_the_points(power: float) -> None:
    assert exponent({size: 3 * size**power for size in (1, 10, 100, 1000)}) == pytest.approx(power)


def test_the_last_step_of_a_curve_is_between_its_largest_sizes() -> None:
    assert CURVE.last_step == pytest.approx(1)
    assert 0 < CURVE.exponent < 1


def order_of(rounds: int, until: float, always_first: int) -> str:
    """In which order ways a, b and c are run."""
    order: list[str] = []

    def run(name: str) -> Sample:
        order.append(name)
        return samples(1)[0]

    ways = {name: functools.partial(run, name) for name in "abc"}
    assert {len(found) for found in alternate(ways, rounds, until, always_first).values()} == {
        len(order) // 3
    }
    return "".join(order)


def test_who_begins_a_round_changes_behind_those_that_are_always_first() -> None:
    assert order_of(rounds=3, until=math.inf, always_first=0) == "abcbcacab"
    assert order_of(rounds=3, until=math.inf, always_first=1) == "abcacbabc"


def test_no_round_but_the_first_is_begun_after_its_time() -> None:
    assert order_of(rounds=3, until=0, always_first=0) == "abc"


def test_the_peer_has_thirteen_tasks_and_the_floor_a_ping_for_each() -> None:
    text = (HERE / "peer.yml").read_text()
    plays, pings = yaml.safe_load(text), yaml.safe_load(floor(text))
    assert sum(len(play["tasks"]) for play in plays) == 13
    assert [len(play["tasks"]) for play in pings] == [len(play["tasks"]) for play in plays]
    for play, pinging in zip(plays, pings, strict=True):
        assert {**play, "tasks": 0} == {**pinging, "tasks": 0}
        assert all(task.keys() == {"name", "ansible.builtin.ping"} for task in pinging["tasks"])


def test_a_number_above_its_bound_is_told_and_one_at_it_is_not() -> None:
    most = AT_MOST[OURS]
    assert all(good for _what, good in compared(OURS, most))
    beyond = Counts(**{**vars(most), "jvms": most.jvms + 1})
    assert [what for what, good in compared(OURS, beyond) if not good] == [
        f"ours: {most.jvms + 1} jvms, at most {most.jvms}"
    ]


def test_no_second_run_may_change_or_restart_anything() -> None:
    assert {(most.changes, most.restarts) for most in AT_MOST.values()} == {(0, 0)}


def test_the_page_has_a_row_for_each_way_and_each_curve() -> None:
    text = page(MEASURED)
    ratio = "0.62 (0.50 to 0.75)"
    assert f"| ours | 5.00 (4.00 to 6.00) | {ratio} | 2.50 (2.00 to 3.00) | {ratio} |" in text
    assert "| the peer | 8.00 (8.00 to 8.00) | 1.00 (1.00 to 1.00) |" in text
    assert "| ours | 14 | 0 | 0 | 0 | 6 | 0 | 0 |" in text
    assert "| lines of a `file` | something reads it | 1: 0.10, 10: 0.10, 100: 1.00 | 0.50 | 1.00 |" in text


def test_every_table_of_the_page_has_as_many_cells_in_each_row_as_in_its_head() -> None:
    for block in page(MEASURED).split("\n\n"):
        rows = [line.count("|") for line in block.splitlines() if line.startswith("|")]
        assert len(set(rows)) <= 1, block


def test_a_page_without_curves_says_nothing_of_them() -> None:
    assert "exponent" not in page(Measured("", {"Second run": SECOND}, []))


def test_the_picture_is_well_formed_and_shows_every_ratio_and_point() -> None:
    root = ET.fromstring(picture(MEASURED))
    assert len(list(root.iter(f"{SVG}circle"))) == 4 + 3  # two situations with two ratios, and the curve
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert "lines of a file: exponent 0.50" in words


def test_everything_in_the_picture_is_inside_of_it() -> None:
    root = ET.fromstring(picture(MEASURED))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for part in root.iter():
        for names, most in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
            assert all(0 <= float(part.attrib[name]) <= most for name in names if name in part.attrib)


def test_a_picture_without_curves_is_well_formed_too() -> None:
    ET.fromstring(picture(Measured("", {"Second run": SECOND}, [])))
