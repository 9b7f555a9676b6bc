"""Bounds of scaled errors over runs of consecutive floats, without looking at each of them.

The scaled error of a result is its error times ulp(f) / ulp(max(abs(f), s)): a power of two. f is bounded
over a run by its values at the ends and the slope of its polynomial, s by interval arithmetic in float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.evaluation import numeric
from actcheck.reference.expressions.tree import ZERO
from actcheck.reference.formats import FORMATS
from actcheck.reference.sweeping.kernels.distances import SLOPE
from actcheck.reference.sweeping.tables import SweepTables

Array = NDArray[Any]
_FORM = FORMATS["float32"]
#: More than the roundings of a polynomial's value and its radius, which is 2^-45 of the value or of the
#: smallest normal number.
_RELATIVE, _ABSOLUTE = 2.0**-40, 2.0**-168


def scales_of(t: SweepTables, x: Array) -> Array:
    """Lower bounds of s(x)."""
    with np.errstate(all="ignore"):
        low: Array = numeric.bounds(np, t.scale, x)[0]
    return low


def shift(t: SweepTables, ends: tuple[float, float], row: Array, proof: Array) -> int:
    """By how many powers of two at most the unit of the value exceeds that of the scaled error on a run."""
    if t.scale == ZERO:
        return 0
    least, most = sizes(ends, row, proof)
    larger = max(least, t.least_scale(min(ends), max(ends)))
    return min(0, _power(most) - _power(larger))


def sizes(ends: tuple[float, float], row: Array, proof: Array) -> tuple[float, float]:
    """Bounds of the value's magnitude between two inputs of a segment; the lower one may be negative.

    p(t) is at most p(a) + L*(t - a) and at most p(b) + L*(b - t) for a slope L, so at most half their sum; so
    below.
    """
    reach = float(proof[SLOPE]) * abs(ends[1] - ends[0])
    coefficients = row.tolist()
    values = [_horner(coefficients, end - coefficients[0]) for end in ends]
    rounded = max(map(abs, values)) * _RELATIVE + _ABSOLUTE
    low, high = (sum(values) - reach) / 2 - rounded, (sum(values) + reach) / 2 + rounded
    return max(low, -high), max(-low, high)


def _horner(row: list[float], t: float) -> float:
    value = row[-1]
    for coefficient in row[-2:0:-1]:
        value = value * t + coefficient
    return value


def _power(magnitude: float) -> int:
    """The exponent of ulp, up to a constant."""
    if not 0 < magnitude < math.inf:
        return _FORM.emax if magnitude > 0 else _FORM.emin
    return min(max(math.frexp(magnitude)[1] - 1, _FORM.emin), _FORM.emax)
