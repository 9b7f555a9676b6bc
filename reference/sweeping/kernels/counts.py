"""Counting what the distances of a chunk come to: not correctly rounded, not faithful, lost to zero.

Most chunks are counted from the distances alone, which are held as float32; where one lies too close to
1/2 or 1 for that, or a reference too close to a power of two, every point is looked at with its radius, and
what that leaves open is marked.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from actcheck.reference.judging.verdict import EDGES
from actcheck.reference.machine.compiling import EXPONENT, bits_of, compiled, inlined
from actcheck.reference.machine.outward import WIDER
from actcheck.reference.machine.patterns import (
    BELOW,
    LEAST,
    MAGNITUDE,
    TOP,
    pattern,
    per_unit,
    polynomial,
    radius_of,
)
from actcheck.reference.sweeping.kernels.distances import (
    ABSOLUTE,
    LOOP,
    RELATIVE,
    SIDE,
    SIDE_REACH,
    SLOPE,
    Loop,
    all_zero,
)

#: Errors are held as float32; one this close to 1/2 or 1 is looked at again. It is more than the radius of
#: any segment in units of float32 (2^-45 * 2^24, see `distances`) and the rounding to float32 (2^-25)
#: together.
NEAR = 2.0**-20
#: Marks of single points: left open; a zero where the exact answer is a normal number.
UNDECIDED, LOST = 1, 2

HALF_BELOW, _HALF_ABOVE = pattern(0.5 - NEAR), pattern(0.5 + NEAR)
_ONE_BELOW, _ONE_ABOVE = pattern(1 - NEAR), pattern(1 + NEAR)
#: A result that was lost to zero, where the exact answer is a normal number, is off by 2^23 units at least.
_LOSING = pattern(2.0**22)
_LINE_ANYWHERE, _FULL_ANYWHERE, _VANISHING = (
    int(Loop.LINE_ANYWHERE),
    int(Loop.FULL_ANYWHERE),
    int(Loop.VANISHING),
)
_THREE_QUARTERS, _THREE_HALVES = pattern(0.75), pattern(1.5)
_EDGES = np.array([pattern(edge) for edge in EDGES], np.int32)
_LIMITS = np.array(EDGES)


@compiled
def _straddles(x: Any, row: Any) -> Any:
    """Whether a reference lies so close to a power of two that its unit is open."""
    different = np.int64(0)
    for i in range(x.size):
        p = polynomial(np.float64(x[i]) - row[0], row)
        different |= (bits_of(p) - BELOW) ^ (bits_of(p) + BELOW)
    return (different & EXPONENT) != 0


class Counted(NamedTuple):
    """What is counted of a chunk: not correctly rounded, not faithful, lost to zero, undecided; the histogram
    of all; and marks of its points."""

    part: Any
    histogram: Any
    marks: Any


@inlined
def _may_straddle(x: float, width: float, row: Any, slope: float) -> Any:
    """Whether a reference within a width of x can come near a power of two, by a bound of the slope."""
    p = polynomial(np.float64(x) - row[0], row)
    reach = slope * width
    low, high = (abs(p) - reach) * (1 - 2.0**-40), (abs(p) + reach) * (1 + 2.0**-40)
    return low <= 0 or (bits_of(low) & EXPONENT) != (bits_of(high) & EXPONENT)


@compiled
def _all_normal(x: Any, row: Any, proof: Any) -> bool:
    """Whether every reference is a normal number, two units large at least."""
    least = np.inf
    for i in range(x.size):
        size = abs(polynomial(np.float64(x[i]) - row[0], row))
        least = min(least, size - (proof[RELATIVE] * size + proof[ABSOLUTE]))
    return least >= LEAST


@inlined
def _enter(histogram: Any, size: int, half: Any, above: Any, beyond: Any, far: Any) -> None:
    """Enter how many errors are beyond 1/2, 3/4, 1 and 3/2, as if none were beyond 2."""
    histogram[0] += size - half
    histogram[1] += half - above
    histogram[2] += above - beyond
    histogram[3] += beyond - far
    histogram[4] += far


@compiled
def _count_plain(errors: Any, totals: Any, histogram: Any) -> None:
    """Count from the distances alone, unless totals[2] of them lie too close to 1/2 or 1 to tell."""
    bits = errors.view(np.int32)
    wrong, faithless, above, far = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    near_half, near_one = np.int32(0), np.int32(0)
    for i in range(bits.size):
        b = np.int32(bits[i] & MAGNITUDE)
        near_half = np.int32(near_half + np.int32(b >= HALF_BELOW))
        wrong = np.int32(wrong + np.int32(b > _HALF_ABOVE))
        above = np.int32(above + np.int32(b > _THREE_QUARTERS))
        near_one = np.int32(near_one + np.int32(b >= _ONE_BELOW))
        faithless = np.int32(faithless + np.int32(b > _ONE_ABOVE))
        far = np.int32(far + np.int32(b > _THREE_HALVES))
    totals[0], totals[1], totals[2] = wrong, faithless, (near_half - wrong) + (near_one - faithless)
    if totals[2] == 0:
        _enter(histogram, bits.size, near_half, above, faithless, far)


@compiled
def _sign_decides(x: Any, row: Any, proof: Any) -> Any:
    """Whether errors close to 1/2 or 1 are just that, up to a rest of known sign (see `sweeping.tables`)."""
    far = max(abs(np.float64(x[0])), abs(np.float64(x[-1])))
    if proof[SIDE] == 0 or far > proof[SIDE_REACH]:
        return False
    # Through the origin and below the normal numbers there is but one unit.
    small = far * abs(row[2]) < LEAST * (1 - 2.0**-20) and row[0] == 0 and row[1] == 0
    return small or not (_may_straddle(x[0], abs(x[-1] - x[0]), row, proof[SLOPE]) and _straddles(x, row))


@compiled
def _count_by_sign(errors: Any, sign: float, totals: Any, histogram: Any) -> None:
    """Count from the distances and, close to 1/2 and 1, from the side on which the rest lies."""
    bits = errors.view(np.int32)
    flip = np.int32(0) if sign > 0 else np.int32(-1)
    wrong, faithless, above, far = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
    for i in range(bits.size):
        b = np.int32(bits[i] & MAGNITUDE)
        away = np.int32((bits[i] ^ flip) < 0)
        wrong = np.int32(wrong + (np.int32(b > _HALF_ABOVE) | (np.int32(b >= HALF_BELOW) & away)))
        above = np.int32(above + np.int32(b > _THREE_QUARTERS))
        faithless = np.int32(faithless + (np.int32(b > _ONE_ABOVE) | (np.int32(b >= _ONE_BELOW) & away)))
        far = np.int32(far + np.int32(b > _THREE_HALVES))
    _enter(histogram, bits.size, wrong, above, faithless, far)
    totals[0], totals[1] = wrong, faithless


@compiled
def _bin(highs: Any, most: Any, undecided: int, histogram: Any) -> None:
    """Enter errors that are at most so large (as bits of a float32); undecided ones are negative."""
    remaining = highs.size - undecided
    for k in range(_LIMITS.size):
        if most <= _EDGES[k]:
            histogram[k] += remaining
            return
        edge, beyond = _LIMITS[k], np.int64(0)
        for i in range(highs.size):
            beyond += np.int64(highs[i] > edge)
        histogram[k] += remaining - beyond
        remaining = beyond
    histogram[_LIMITS.size] += remaining


@compiled
def _count(x: Any, y: Any, row: Any, proof: Any, out: Any, totals: Any, histogram: Any, marks: Any) -> Any:
    """Count one chunk, all of whose y are finite, point by point; the bits of its largest error are returned.

    totals: not correctly rounded, not faithful, lost to zero, undecided (marked, and in none of the others,
    the histogram and the largest error).
    """
    m, relative, absolute = row[0], proof[RELATIVE], proof[ABSOLUTE]
    rounded_wrong = faithless = lost = undecided = 0
    highs = np.empty(x.size)
    for i in range(x.size):
        p = polynomial(np.float64(x[i]) - m, row)
        size = abs(p)
        radius = radius_of(size, relative, absolute)
        got, z = np.float64(y[i]), min(max(p, -TOP), TOP)
        per_least, per_most = per_unit(size - radius), per_unit(size + radius)
        # Knuth's two-sum: without a radius, and where the difference is exact, so is the error.
        difference = got - z
        back = difference - got
        missing = (got - (difference - back)) - (z + back)
        exact = radius == 0 and missing == 0
        wider = 1.0 if exact else WIDER
        distance = abs(difference)
        high = (distance + radius) * wider * per_least
        low = (distance / wider - radius) * per_most
        count = abs(got) * per_unit(abs(got))
        tie_right = exact and high == 0.5 and np.floor(count * 0.5) * 2 == count
        near_half = low <= 0.5 and high >= 0.5 and not exact
        near_one = low < 1.0 and high >= 1.0 and not exact
        straddling = per_least != per_most and high >= 0.5
        zero = y[i] == 0
        near_normal = zero and size - radius < LEAST and size + radius >= LEAST
        unknown = near_half or near_one or near_normal or straddling
        undecided += unknown
        known = not unknown
        rounded_wrong += known and not (high < 0.5 or tie_right)
        faithless += known and high >= 1.0
        gone = known and zero and size - radius >= LEAST
        lost += gone
        marks[i] = UNDECIDED if unknown else LOST if gone else 0
        highs[i] = -1.0 if unknown else high
        # Rounded to float32 an error may come out smaller: the next larger float32 is a bound.
        out[i] = np.float32(0.0) if unknown else np.float32(high * (1.0 if exact else 1 + 2.0**-23))
    totals[0] += rounded_wrong
    totals[1] += faithless
    totals[2] += lost
    totals[3] += undecided
    bits = out.view(np.int32)
    most = np.int32(0)
    for i in range(bits.size):
        most = np.int32(max(most, np.int32(bits[i] & MAGNITUDE)))
    _bin(highs, most, undecided, histogram)
    return most


@compiled
def _spread(errors: Any, most: Any, histogram: Any) -> None:
    """Move the errors beyond 2, which `_enter` took for less, to where they belong."""
    if most <= _EDGES[4]:
        return
    bits = errors.view(np.int32)
    below = np.int32(0)
    for k in range(4, _EDGES.size):
        edge = _EDGES[k]
        count = np.int32(0)
        for i in range(bits.size):
            count = np.int32(count + np.int32(np.int32(bits[i] & MAGNITUDE) <= edge))
        if k > 4:
            histogram[k] += count - below
            histogram[4] -= count - below
        below = count
        if edge >= most:
            break
    histogram[_EDGES.size] += errors.size - below
    histogram[4] -= errors.size - below


@compiled
def tally(x: Any, y: Any, row: Any, proof: Any, out: Any, most: Any, counted: Any) -> Any:
    """Count a chunk with these distances, all finite, the quickest way that is exact; see `_count`.

    ``counted`` is a `Counted`. Returns the bits of its largest error, without those of undecided points.
    """
    part, histogram, marks = counted
    if most < HALF_BELOW:
        histogram[0] += x.size
        return most
    if most < _LOSING and _sign_decides(x, row, proof):
        _count_by_sign(out, proof[SIDE], part, histogram)
        _spread(out, most, histogram)
        return most
    if most >= _LOSING and all_zero(y) and _all_normal(x, row, proof) and not _straddles(x, row):
        _count_plain(out, part, histogram)
        _spread(out, most, histogram)
        part[:3] = x.size
        marks[:] = LOST
        return most
    loop = proof[LOOP]
    closely = loop in (_LINE_ANYWHERE, _FULL_ANYWHERE, _VANISHING) or most >= _LOSING
    if not closely and not (_may_straddle(x[0], abs(x[-1] - x[0]), row, proof[SLOPE]) and _straddles(x, row)):
        _count_plain(out, part, histogram)
        if part[2] == 0:
            _spread(out, most, histogram)
            return most
    part[:] = 0
    return _count(x, y, row, proof, out, part, histogram, marks)
