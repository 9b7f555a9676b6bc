"""Float64 bounds at float64 inputs, by the certificate in double-double."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.wide import keeping
from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import wide
from actcheck.reference.machine.compiling import exactly, fma
from actcheck.reference.specification.binding import ORDERS, Bound

Array = NDArray[Any]
#: Sizes between which products of float64 neither overflow nor lose what is below them.
_LEAST, _MOST = 2.0**-900, 2.0**1000


def wide_bounds(
    bound: Bound, quantity: str, x: Array, factor: Array | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the quantity at flat float64 x, times the factor, may round to: the least and the largest number.

    With f = hi + lo up to r, fl(hi + fl-(lo - r)) and fl(hi + fl+(lo + r)) are what rounding gives for a
    bound below and one above, and rounding keeps the order: where they are equal, f rounds to that. NaN where
    there are no bounds.
    """
    hi, below, above = _ends(bound, quantity, x, factor)
    with np.errstate(all="ignore"):
        low, high = hi + below, hi + above
    if factor is None:
        _one_sided(bound, quantity, x, low, high)
    return low, high


def outward_bounds(
    bound: Bound, quantity: str, x: Array, factor: Array | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Float64 bounds of the quantity at flat float64 x, times the factor; NaN where there are none."""
    hi, below, above = _ends(bound, quantity, x, factor)
    with np.errstate(all="ignore"):
        (low, under), (high, over) = _sum(hi, below), _sum(hi, above)
        low = np.where(under < 0, np.nextafter(low, -np.inf), low)
        high = np.where(over > 0, np.nextafter(high, np.inf), high)
    return low, high


def _ends(bound: Bound, quantity: str, x: Array, factor: Array | None) -> tuple[Array, Array, Array]:
    """hi, and bounds of what the value is beside it; NaN where there are none."""
    hi, lo, radius = wide.enclosures(bound, quantity, x)
    if factor is not None:
        _multiply(hi, lo, radius, factor)
    with np.errstate(all="ignore"):
        below = np.where(radius > 0, np.nextafter(lo - radius, -np.inf), lo)
        above = np.where(radius > 0, np.nextafter(lo + radius, np.inf), lo)
    hi[~np.isfinite(radius)] = np.nan
    return hi, below, above


def _sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The rounded sum and what it lacks, exactly (D. Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@exactly
def _multiply(hi: Any, lo: Any, radius: Any, factor: Any) -> None:
    """Multiply pairs by numbers, in place; infinite radii where a product leaves the middle of the range.

    hi*factor is the pair p + e exactly; lo*factor + e is rounded once, to within 2^-53 of itself, and so is
    what the pair is brought to its normal form by.
    """
    for i in range(hi.size):
        p = hi[i] * factor[i]
        if not _LEAST < abs(p) < _MOST:
            radius[i] = np.inf
            continue
        rest = fma(lo[i], factor[i], fma(hi[i], factor[i], -p))
        lost = abs(rest) * 2.0**-52 + 2.0**-1070 if lo[i] != 0.0 else 0.0
        radius[i] = radius[i] * abs(factor[i]) * (1 + 2.0**-50) + lost
        hi[i], lo[i] = p, rest


def _one_sided(
    bound: Bound, quantity: str, x: Array, low: NDArray[np.float64], high: NDArray[np.float64]
) -> None:
    """Where both bounds round to zeros, of either sign, the sign of the function on the segment decides."""
    at = np.flatnonzero((low == 0) & (high == 0) & (np.signbit(low) != np.signbit(high)))
    if not len(at):
        return
    segments = np.searchsorted(keeping.tables(bound, quantity).borders, x[at], side="right")
    for segment in np.unique(segments).tolist():
        same = at[segments == segment]
        sign = _sign(bound, quantity, segment)
        if sign:
            low[same] = high[same] = np.copysign(0.0, sign)


@lru_cache(maxsize=1 << 12)
def _sign(bound: Bound, quantity: str, segment: int) -> int:
    """The sign of the quantity on a segment, all of which lies in one case; 0 where it is not known."""
    part = keeping.certificate(bound, quantity).segments[segment]
    low, high = FORMATS["float64"].value(part.low), FORMATS["float64"].value(part.high)
    node = derivative(balls.prepared(bound.pieces[bound.select(Fraction(low))].value), ORDERS[quantity])
    return sign_between(node, (low, high))
