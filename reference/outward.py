"""Directed operations: every bound in float64 that a verdict rests on is rounded away from what it bounds.

A float64 operation that rounds to nearest is off by half a unit in the last place of its result at most. The
float next to a rounded sum or product, on the far side, is therefore a bound of the exact one.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

#: An upper end is multiplied by this, a lower end divided, after at most eight operations that round to
#: nearest: (1 + 2^-53)^8 < 1 + 2^-49.
WIDER = 1 + 2.0**-49
#: The unit roundoff of float64, and room for eight roundings of sums of a value and its radius.
ROUNDOFF, ROOM = 2.0**-53, 2.0**-50
_LARGEST = Fraction(2**53 - 1) * 2**971


def up(value: float) -> float:
    """The next larger float64: an upper bound of what rounds to ``value``."""
    return math.nextafter(value, math.inf)


def down(value: float) -> float:
    """The next smaller float64: a lower bound of what rounds to ``value``."""
    return math.nextafter(value, -math.inf)


def above(value: Fraction) -> float:
    """The smallest float64 that is no smaller than a rational number."""
    if value > _LARGEST:
        return math.inf
    if value < -_LARGEST:
        return -math.ldexp(2.0 - 2.0**-52, 1023)
    near = float(value)
    return near if near >= value else up(near)


def below(value: Fraction) -> float:
    """The largest float64 that is no larger than a rational number."""
    return -above(-value)


def roomy(relative: float, absolute: float) -> tuple[float, float]:
    """A radius ``relative * abs(p) + absolute`` with room for the rounding of what is computed with it.

    Whoever forms p - radius, p + radius or abs(y - p) + radius to nearest gets a bound outwards: the three
    roundings (product, sum, difference) weigh at most 3 * 2^-53 * (abs(p) + radius), less than `ROOM` *
    abs(p) as long as the radius is below abs(p), and less than 2^-20 of the radius where it is not. A radius
    of 0 stays 0: then p is exact, and so is p +- 0.
    """
    if relative == absolute == 0:
        return 0.0, 0.0
    slack = 1 + 2.0**-20
    return (relative + ROOM) * slack, absolute * slack


def roomy_array(xp: Any, radius: Any, value: Any) -> Any:
    """The same for an array of radii of an Array API namespace, beside their values."""
    wide = radius * (1 + 2.0**-20) + xp.abs(value) * ROOM
    return xp.where(radius > 0, wide, xp.zeros_like(wide))
