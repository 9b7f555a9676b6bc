"""Float64 bounds of exact values for arrays: those of the certificates, and Arb's where these say nothing."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.answers.rounding import narrow_bounds
from actcheck.reference.answers.wide_bounds import outward_bounds
from actcheck.reference.certificates.model import SATURATED
from actcheck.reference.formats import Format
from actcheck.reference.judging import pointwise
from actcheck.reference.machine.outward import fraction_down, fraction_up
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]
Ends = tuple[NDArray[np.float64], NDArray[np.float64]]


def bounds(bound: Bound, quantity: str, form: Format, x: Array, factor: Array | None) -> Ends:
    """Bounds of the quantity at flat x of a format, times a factor (float64)."""
    known = outward_bounds if form.name == "float64" else narrow_bounds
    low, high = known(bound, quantity, x, factor)
    if form.bits <= 32 and factor is None:
        # The constant that stands for values beyond the format says no more than that they are so large.
        high[low >= SATURATED] = np.inf
        low[high <= -SATURATED] = -np.inf
    open_ones = np.flatnonzero(np.isnan(low))
    values = x[open_ones].astype(np.float64).tolist()
    factors = [1.0] * len(values) if factor is None else factor[open_ones].tolist()
    for at, value, times in zip(open_ones.tolist(), values, factors, strict=True):
        low[at], high[at] = _ends(bound, quantity, value, times)
    return low, high


@lru_cache(maxsize=1 << 14)
def _ends(bound: Bound, quantity: str, x: float, factor: float) -> tuple[float, float]:
    """Bounds at one input, of all that is right there."""
    if math.isnan(x) or math.isnan(factor):
        return math.nan, math.nan
    found = pointwise.exact(bound, quantity, x)
    if isinstance(found, float) or math.isinf(factor):
        sides = (found, found) if isinstance(found, float) else tuple((v > 0) - (v < 0) for v in found)
        ends = sorted(side * factor for side in sides)
        return ends[0], ends[-1]
    low, high = sorted(end * Fraction(factor) for end in found)
    return fraction_down(low), fraction_up(high)
