"""docs/bench.svg: the ratios as dots with their spread, and the curves on logarithmic axes. Pure.

Its colours follow the reader's light or dark scheme.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from .curves import Curve
from .figures import Spread
from .report import Measured, ratios_to_peer

WIDTH = 760
_LEFT, _RIGHT, _TOP = 250, 40, 50
_ROW, _GROUP = 22, 34
_PANEL_WIDTH, _PANEL_HEIGHT, _PANEL_GAP = 300, 150, 80
_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 }
  .small { font-size: 11px; fill: #57606a }
  .axis { stroke: #8c959f; stroke-width: 1; fill: none }
  .one { stroke: #8c959f; stroke-dasharray: 4 3 }
  .spread, .curve { stroke: #0969da; stroke-width: 2; fill: none }
  .dot { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .small { fill: #9198a1 }
    .spread, .curve { stroke: #4493f8 }
    .dot { fill: #4493f8 }
  }
"""


def picture(measured: Measured) -> str:
    """The whole file."""
    groups = {name: ratios_to_peer(samples) for name, samples in measured.situations.items()}
    dots, below = _ratios(groups)
    panels, height = _panels(measured.curves, below)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Ratios to the peer, and curves">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join([*dots, *panels]) + "\n</svg>\n"
    )


def _ratios(groups: Mapping[str, Mapping[str, Spread]]) -> tuple[list[str], int]:
    """The upper half, and where it ends."""
    most = max((found.highest for group in groups.values() for found in group.values()), default=1.0)
    end = max(1.0, math.ceil(most * 2) / 2)

    def across(ratio: float) -> float:
        return _LEFT + ratio / end * (WIDTH - _LEFT - _RIGHT)

    parts = [_text(20, 24, "Seconds as a multiple of the hand-written playbook's", "title")]
    at = _TOP
    for situation, group in groups.items():
        at += _GROUP
        parts.append(_text(20, at - 10, situation, "title"))
        for name, found in group.items():
            parts += _dot(
                name, found, across(found.lowest), across(found.median), across(found.highest), at + 6
            )
            at += _ROW
    parts.append(_line("one", across(1), _TOP, across(1), at))
    parts.append(_line("axis", across(0), at, across(end), at))
    ticks = [number / 2 for number in range(int(end * 2) + 1)]
    parts += [_text(across(tick), at + 16, f"{tick:g}", "small", "middle") for tick in ticks]
    return parts, at + 40


def _dot(name: str, found: Spread, lowest: float, median: float, highest: float, at: float) -> list[str]:
    return [
        _text(_LEFT - 70, at + 4, name, anchor="end"),
        _text(_LEFT - 14, at + 4, f"{found.median:.2f}", anchor="end"),
        _line("spread", lowest, at, highest, at),
        f'<circle class="dot" cx="{median:.1f}" cy="{at}" r="5"/>',
    ]


def _panels(curves: Sequence[Curve], top: int) -> tuple[list[str], int]:
    """A panel for each curve, two beside each other, and where they end."""
    if not curves:
        return [], top
    parts = [_text(20, top + 20, "Seconds by size, both logarithmic", "title")]
    step = _PANEL_HEIGHT + _PANEL_GAP
    for number, curve in enumerate(curves):
        left = 60 + number % 2 * (_PANEL_WIDTH + 60)
        parts += _panel(curve, left, top + 60 + number // 2 * step)
    return parts, top + 60 + (len(curves) + 1) // 2 * step


def _panel(curve: Curve, left: int, top: int) -> Iterator[str]:
    bottom = top + _PANEL_HEIGHT
    sizes, times = list(curve.points), list(curve.points.values())
    lowest, highest = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)) + 1e-9)

    def place(size: float, seconds: float) -> tuple[float, float]:
        x = left + math.log10(size) / math.log10(max(sizes)) * _PANEL_WIDTH
        return x, bottom - (math.log10(seconds) - lowest) / (highest - lowest) * _PANEL_HEIGHT

    spots = [place(size, seconds) for size, seconds in curve.points.items()]
    yield _text(left, top - 10, f"{curve.name.replace('`', '')}: exponent {curve.exponent:.2f}")
    yield f'<path class="axis" d="M{left} {top}V{bottom}H{left + _PANEL_WIDTH}"/>'
    yield f'<polyline class="curve" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>'
    yield from (f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in spots)
    for size, (x, _y) in zip(sizes, spots, strict=True):
        yield _text(x, bottom + 16, f"{size:,}", "small", "middle")
    for power in range(lowest, highest + 1):
        yield _text(left - 6, place(1, 10.0**power)[1] + 4, f"{10.0**power:g} s", "small", "end")


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
