"""The arithmetic of the benchmark. Pure."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence


@dataclasses.dataclass(frozen=True)
class Spread:
    """The median of some numbers, and between which they lie."""

    median: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.lowest:.2f} to {self.highest:.2f})"


def spread(numbers: Sequence[float]) -> Spread:
    """Of at least one number."""
    return Spread(statistics.median(numbers), min(numbers), max(numbers))


def ratios(numbers: Sequence[float], base: Sequence[float]) -> Spread:
    """Each number over the one of the same round, for what slows a machine down slows both."""
    return spread([number / other for number, other in zip(numbers, base, strict=True)])


def exponent(points: Mapping[int, float]) -> float:
    """The slope of the straight line through the points' logarithms, by least squares: 1 is linear, 0 is no
    growth; of at least two points.
    """
    across = [math.log(size) for size in points]
    up = [math.log(seconds) for seconds in points.values()]
    return statistics.linear_regression(across, up).slope
