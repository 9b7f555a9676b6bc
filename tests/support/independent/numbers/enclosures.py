"""What is known of exact values: a float64 for each, and an enclosure of what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.independent.numbers.columns import rational
from tests.support.independent.numbers.ranges import Range

Floats = NDArray[np.float64]
#: Beyond the first every narrow format overflows, whatever the value; below the second all are alike tiny.
HUGE, TINY = 2.0**200, 2.0**-300
#: Stands for a rest too small for float64: every number that is compared is a multiple of 2^-400 or more.
SPECK = 2.0**-1000


@dataclass(frozen=True)
class Enclosure:
    """main + low <= value <= main + high, with low = high = 0 only where main is the value.

    low and high have one sign. Where main is 0 or +-`HUGE` the value is that small or that large.
    """

    main: Floats
    low: Floats
    high: Floats

    @classmethod
    def empty(cls, count: int) -> Enclosure:
        """Nothing known yet."""
        return cls(*(np.full(count, np.nan) for _ in range(3)))

    def put(self, at: Any, main: Any, low: Any, high: Any) -> None:
        """Enter what was found for some inputs."""
        self.main[at], self.low[at], self.high[at] = main, low, high

    def take(self, at: Any) -> Enclosure:
        """The enclosures of some inputs."""
        return Enclosure(self.main[at], self.low[at], self.high[at])


def ends_of(rest: Range, sign: int) -> tuple[float, float]:
    """The ends in float64, rounded outwards; what it cannot hold is a `SPECK`."""
    if sign == 0:
        return 0.0, 0.0
    least, most = (rest.low, rest.high) if sign > 0 else (-rest.high, -rest.low)
    ends = max(float(least.lower()) * (1 - 2.0**-50), SPECK), max(float(most.upper()) * (1 + 2.0**-50), SPECK)
    return (ends[0], ends[1]) if sign > 0 else (-ends[1], -ends[0])


def parts(value: Any) -> tuple[float, float]:
    """A rational as the nearest float64 and what is missing, itself rounded."""
    p, q = int(value.p), int(value.q)
    if abs(p) > q << 200:
        return (HUGE if p > 0 else -HUGE), 0.0
    if p and abs(p) << 300 < q:
        return 0.0, float(np.copysign(max(abs(p) / q, SPECK), p))
    main = p / q
    missing = value - rational(main)
    return main, int(missing.p) / int(missing.q) or (
        0.0 if missing == 0 else float(np.copysign(SPECK, int(missing.p)))
    )
