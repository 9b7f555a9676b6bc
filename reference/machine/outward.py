"""Float64 operations whose results are bounds by construction.

IEEE arithmetic to nearest is off by half a unit of its result at most, subnormal results included: the
neighbour of a result on the wanted side lies beyond the exact value. An exact zero factor stays zero, a
result that overflows is infinity upwards and the largest number downwards, and NaN stays NaN, which every
comparison refuses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: An upper end is multiplied by this, a lower end divided, after at most eight operations that round to
#: nearest: (1 + 2^-53)^8 < 1 + 2^-49.
WIDER = 1 + 2.0**-49
#: What a radius gains, relative to the value beside it (see `roomy`).
ROOM = 2.0**-50


@overload
def up(value: float) -> float: ...
@overload
def up(value: Array) -> Array: ...
def up(value: float | Array) -> float | Array:
    """The next float64 above, of a number or of each element of an array."""
    if isinstance(value, np.ndarray):
        above: Array = np.nextafter(value, np.inf)
        return above
    return math.nextafter(value, math.inf)


@overload
def down(value: float) -> float: ...
@overload
def down(value: Array) -> Array: ...
def down(value: float | Array) -> float | Array:
    """The next float64 below, of a number or of each element of an array."""
    if isinstance(value, np.ndarray):
        below: Array = np.nextafter(value, -np.inf)
        return below
    return math.nextafter(value, -math.inf)


def add_up(a: float, b: float) -> float:
    """At least a + b."""
    return up(a + b) if a and b else a + b


def add_down(a: float, b: float) -> float:
    """At most a + b."""
    return down(a + b) if a and b else a + b


def sub_up(a: float, b: float) -> float:
    """At least a - b."""
    return add_up(a, -b)


def sub_down(a: float, b: float) -> float:
    """At most a - b."""
    return add_down(a, -b)


def mul_up(a: float, b: float) -> float:
    """At least a*b; zero for a zero factor, however large the other one."""
    return up(a * b) if a and b else 0.0


def mul_down(a: float, b: float) -> float:
    """At most a*b; zero for a zero factor, however large the other one."""
    return down(a * b) if a and b else 0.0


def div_up(a: float, b: float) -> float:
    """At least a/b, for b other than zero."""
    return up(a / b) if a else 0.0


def div_down(a: float, b: float) -> float:
    """At most a/b, for b other than zero."""
    return down(a / b) if a else 0.0


def powers_up(base: float, count: int) -> list[float]:
    """Upper bounds of the powers 0 to count - 1 of a base that is not negative."""
    powers = [1.0]
    while len(powers) < count:
        powers.append(mul_up(powers[-1], base))
    return powers[:count]


def power_down(base: float, exponent: int) -> float:
    """A lower bound, not negative, of a power of a base that is not negative."""
    power = 1.0
    for _ in range(exponent):
        power = max(0.0, mul_down(power, base))
    return power


def sum_up(values: Iterable[float]) -> float:
    """At least the sum."""
    total = 0.0
    for value in values:
        total = add_up(total, value)
    return total


def weighted_up(values: Sequence[float], weights: Sequence[float]) -> float:
    """At least the sum of abs(value)*weight, for weights that are not negative."""
    return sum_up(mul_up(abs(v), w) for v, w in zip(values, weights, strict=False))


def magnitude_up(ball: Any) -> float:
    """A float64 no smaller than the magnitude of an Arb ball; zero for exactly zero alone."""
    return 0.0 if ball.is_zero() else up(float(ball.abs_upper()))


def fraction_up(value: Fraction) -> float:
    """A float64 no smaller than a rational number."""
    try:
        nearest = float(value)
    except OverflowError:
        return math.inf if value > 0 else -np.finfo(float).max
    return nearest if math.isfinite(nearest) and Fraction(nearest) >= value else up(nearest)


def fraction_down(value: Fraction) -> float:
    """A float64 no larger than a rational number."""
    return -fraction_up(-value)


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
