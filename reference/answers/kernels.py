"""The loops over inputs in any order: each is looked up, its value enclosed, and rounded or judged by.

An enclosure is the certificate's polynomial less and plus its radius, with room for the roundings of what is
formed here (see `outward.roomy`); products with a factor have more. Multiply-adds are fused, which rounds
less often than the proof of the polynomial counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.reference.answers.tables import ABSOLUTE, CENTRE, COEFFICIENTS, RELATIVE, SHIFT, SIGN
from actcheck.reference.certificates.model import DEGREE
from actcheck.reference.judging.wide.deciding import (
    CORRECT,
    FAITHFUL,
    LOST,
    UNDECIDED,
    WRONG_INFINITY,
    WRONG_NAN,
)
from actcheck.reference.machine.compiling import EXPONENT, bits_of, exactly, fma, number_of
from actcheck.reference.machine.outward import WIDER

_HALVES = 1 << (31 - SHIFT)
#: Beyond this a polynomial may stand for anything as large, which says nothing of products.
_BEYOND = 2.0**128
#: An error that may be told as twice as large: less than `SHARP`.
_NOTHING = 2.0**-22


@exactly
def _key(pattern: Any) -> Any:
    """The key of a float32 with these bits (see `certificates.model`)."""
    bits = np.int64(pattern)
    return bits if bits >= 0 else -(bits & 0x7FFFFFFF) - 1


@exactly
def _segment(key: int, starts: Any, first: Any) -> Any:
    """The segment of a key, by bisection between those of its half and of the next."""
    half = (key >> SHIFT) + _HALVES
    low, high = first[half], first[half + 1]
    while low < high:
        middle = (low + high + 1) >> 1
        if starts[middle] <= key:
            low = middle
        else:
            high = middle - 1
    return low


@exactly
def _value(x: float, row: Any) -> Any:
    t = x - row[CENTRE]
    p = row[COEFFICIENTS + DEGREE]
    for k in range(COEFFICIENTS + DEGREE - 1, COEFFICIENTS - 1, -1):
        p = fma(p, t, row[k])
    return p


@exactly
def _times(value: float, radius: float, factor: float) -> tuple[float, float]:
    """A product and its radius; NaN for the radius where nothing is known of it.

    The product is off by half a unit of float64, unless it was exact; what underflows by 2^-1074. The last
    summand leaves room as `outward.roomy` does.
    """
    product = value * factor
    if abs(value) >= _BEYOND:
        return product, np.nan
    inexact = fma(value, factor, -product) != 0.0 or (product == 0.0 and value != 0.0 and factor != 0.0)
    if radius == 0.0 and not inexact and (abs(product) > 2.0**-900 or value == 0.0 or factor == 0.0):
        return product, 0.0
    return product, (radius * abs(factor) * (1 + 2.0**-19) + abs(product) * 2.0**-49) + 2.0**-1000


@exactly
def bounds(x: Any, factor: Any, answers: Any, low: Any, high: Any) -> None:
    """Write float64 bounds of factor * f(x) for float32 x; NaN where an input must be answered by itself.

    ``factor`` is empty where there is none.
    """
    keys = x.view(np.int32)
    for i in range(x.size):
        row = answers.rows[_segment(_key(keys[i]), answers.starts, answers.first)]
        value = _value(np.float64(x[i]), row)
        radius = row[RELATIVE] * abs(value) + row[ABSOLUTE]
        side = row[SIGN]
        if factor.size:
            value, radius = _times(value, radius, factor[i])
            side = side * factor[i]
        # Where 0 stands for a small number its sign is known; so many results are zeros of that sign.
        low[i] = 0.0 if side > 0 else value - radius
        high[i] = -0.0 if side < 0 else value + radius


@exactly
def rounded(x: Any, answers: Any, out: Any, unsure: Any) -> int:
    """Write the float32 nearest to f(x) for float32 x.

    Where the bounds do not round alike the lower one's is written, and the index noted in ``unsure``; for
    inputs that must be answered by themselves NaN. Returns how many are noted.
    """
    keys, count = x.view(np.int32), 0
    for i in range(x.size):
        row = answers.rows[_segment(_key(keys[i]), answers.starts, answers.first)]
        value = _value(np.float64(x[i]), row)
        radius = row[RELATIVE] * abs(value) + row[ABSOLUTE]
        # A zero of an exact value has no sign.
        low, high = np.float32(value - radius + 0.0), np.float32(value + radius + 0.0)
        if low == 0 and high == 0 and radius > 0 and np.signbit(low) != np.signbit(high):
            # Nearer to 0 than to any other number, by either bound: a zero of either sign is right.
            low = np.float32(-0.0 if row[SIGN] < 0 else 0.0)
        elif not low == high:  # noqa: SIM201, NaN comes here too
            unsure[count] = i
            count += 1
        out[i] = low
    return count


@exactly
def _per_unit(size: float, least: int, most: int, offset: int) -> Any:
    """1/ulp of a magnitude, exactly; the limits are bits of powers of two."""
    return number_of(offset - (min(max(bits_of(size), least), most) & EXPONENT))


@exactly
def _distance(got: float, value: float, radius: float) -> tuple[float, float]:
    """Bounds of how far a result is from the exact value: without a radius, and where the difference is
    exact, the distance itself."""
    apart = got - value
    back = apart - got
    if radius == 0.0 and (got - (apart - back)) - (value + back) == 0.0:
        return abs(apart), abs(apart)
    return max(abs(apart) / WIDER - radius, 0.0), (abs(apart) + radius) * WIDER


@exactly
def errors(x: Any, factor: Any, y: Any, scale: Any, form: Any, answers: Any, error: Any, flags: Any) -> None:
    """Write the error of each result y of a format, in its units, as an upper bound, and what is decided.

    ``form`` is precision, emin and emax; ``scale`` holds s(x) from below, and is empty where there is none.
    Where nothing is undecided an error is the exact one or above it, by at most 2^-20 and 2^-48 of itself.
    """
    precision, normal, top = form[0], 2.0 ** form[1], 2.0 ** (form[2] + 1)
    overflow = top * (1.0 - 2.0 ** (-1 - precision))
    least_bits, most_bits = bits_of(normal), bits_of(2.0 ** form[2])
    offset = (2046 + precision - 1) << 52
    keys = x.view(np.int32)
    for i in range(x.size):
        row = answers.rows[_segment(_key(keys[i]), answers.starts, answers.first)]
        value = _value(np.float64(x[i]), row)
        radius = row[RELATIVE] * abs(value) + row[ABSOLUTE]
        if factor.size:
            value, radius = _times(value, radius, factor[i])
        got = np.float64(y[i])
        if radius != radius:  # noqa: PLR0124
            flags[i], error[i] = UNDECIDED, 0.0
            continue
        if got != got:  # noqa: PLR0124
            flags[i], error[i] = WRONG_NAN, np.inf
            continue
        size = abs(value)
        small, large = min(max(size - radius, 0.0), top), min(size + radius, top)
        unclear = False
        if abs(got) == np.inf:
            if large < overflow or (got > 0) != (value > 0):
                flags[i], error[i] = WRONG_INFINITY, np.inf
                continue
            unclear = small < overflow
        # From there on the exact value stands at the top, for certain.
        radius = 0.0 if small >= top else radius
        near, far = _distance(min(max(got, -top), top), min(max(value, -top), top), radius)
        per_unit = _per_unit(small, least_bits, most_bits, offset)
        per_larger = _per_unit(large, least_bits, most_bits, offset)
        low, high = near * per_larger, far * per_unit
        # Next to a power of two the unit is not known, which matters where there is an error to speak of.
        unclear = unclear or (per_unit != per_larger and high > _NOTHING)
        known = low == high
        pairs = abs(min(max(got, -top), top)) * per_unit * 0.5
        even = known and high == 0.5 and np.floor(pairs) == pairs
        unclear = unclear or (not known and ((low <= 0.5 and high >= 0.5) or (low < 1.0 and high >= 1.0)))
        lost = got == 0.0 and small >= normal
        unclear = unclear or (got == 0.0 and small < normal and large >= normal)
        flag = (CORRECT if high < 0.5 or even else 0) | (FAITHFUL if high < 1.0 else 0)
        flags[i] = flag | (LOST if lost else 0) | (UNDECIDED if unclear else 0)
        if scale.size:
            high = far * _per_unit(min(max(small, scale[i]), top), least_bits, most_bits, offset)
        error[i] = high
