"""How far a polynomial can be off on a run: what it leaves out, and what float64 rounds.

Each bound is a float64 rounded outwards at every operation (`outward`). What is missing are Arb's enclosures
of the Taylor coefficients less the polynomial's, and of the first omitted one over the whole run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flint import arb

from actcheck.reference.certificates.model import KeyRun, Polynomial, Proof
from actcheck.reference.certificates.rounding import UNIT, horner_error, is_exact_line
from actcheck.reference.evaluation import balls
from actcheck.reference.machine.outward import (
    add_up,
    div_up,
    magnitude_up,
    mul_down,
    mul_up,
    power_down,
    powers_up,
    sub_down,
    sum_up,
    weighted_up,
)

_SMALLEST_INPUT = 2.0**-149
#: Of first terms about 0: x^5 times the smallest stays far above the subnormals of float64.
_HIGHEST_FIRST, _SMALLEST_FIRST, _LARGEST_FIRST = 5, 2.0**-200, 2.0**800
_SMALLEST_LEAST = 2.0**-250


def _missing(missing: Sequence[Any], reach: float, first: int = 0) -> float:
    """A bound of the sum of missing[k] * reach^(k - first), in Arb: factors alone may leave float64."""
    with balls.precision(64, 1):
        terms = (m.abs_upper() * arb(reach) ** (k - first) for k, m in enumerate(missing) if not m.is_zero())
        return magnitude_up(sum(terms, arb(0)))


def about_value(ball: Any, value: float, bits: int) -> Proof | None:
    """Of a constant, from an enclosure of the value: a constant is evaluated without rounding."""
    with balls.precision(bits, 1):
        missing = ball - balls.ball(value)
    if not math.isfinite(value) or not missing.is_finite():
        return None
    size = magnitude_up(missing)
    return Proof(0.0, size, max(0.0, sub_down(abs(value), size)))


def about_centre(d: Sequence[float], missing: Sequence[Any], reach: float) -> Proof:
    """The absolute radius: the error is at most what is missing and what is rounded.

    abs(f) >= abs(d0) - sum over k > 0 of abs(d[k]) reach^k - missing, of which ``size`` is more.
    """
    size = add_up(_missing(missing, reach), horner_error(d, reach))
    others = weighted_up(d[1:], powers_up(reach, len(d))[1:])
    return Proof(0.0, size, max(0.0, sub_down(sub_down(abs(d[0]), others), size)))


def about_zero(
    d: Sequence[float], first: int, missing: Sequence[Any], reach: float, nearest: float
) -> Proof | None:
    """f(x) = x^first * g(x): the radius is relative, down to the smallest subnormal input.

    Horner's rule computes G with abs(G - g) <= errors, then multiplies it by x ``first`` times, exactly but
    for a factor (1 + d)^first with abs(d) <= u: with abs(g) >= least, r = errors/least and
    F = (1 + u)^first - 1 < 2 first u it is off by at most (r + F + r F) abs(f). No product leaves the normal
    numbers: abs(G) >= least > 2^-250, and x^5 >= 2^-745.
    """
    if not _SMALLEST_FIRST <= abs(d[first]) <= _LARGEST_FIRST or first > _HIGHEST_FIRST:
        return None
    errors = add_up(_missing(missing[first:], reach), horner_error(d[first:], reach))
    # What was dropped below the first term weighs most at the smallest input other than zero.
    errors = add_up(errors, _missing(missing[:first], _SMALLEST_INPUT, first))
    others = weighted_up(d[first + 1 :], powers_up(reach, len(d))[1:])
    least = sub_down(sub_down(abs(d[first]), others), errors)
    if not least > _SMALLEST_LEAST:
        return None
    own, factor = div_up(errors, least), mul_up(2.0 * first, UNIT)
    relative = sum_up((own, factor, mul_up(own, factor)))
    smallest = max(0.0, mul_down(least, power_down(nearest, first)))
    return Proof(relative, 0.0, smallest)


def without_rounding(run: KeyRun, polynomial: Polynomial, missing: Sequence[Any]) -> bool:
    """Whether p is f and float64 evaluates it exactly: a constant, or a line about 0 with few digits."""
    d = polynomial.coefficients
    if any(d[2:]) or not all(m.is_zero() for m in missing):
        return False
    return not d[1] or (polynomial.centre == 0 and is_exact_line(run.low, run.high, d[0], d[1]))
