"""What decides results that lie exactly, or all but exactly, half a unit or one from the value.

Where a definition is a line with rational coefficients, such as x/6 + 1/2, every sixth result may lie just
there, and integers decide. Near 0 a function is its first term up to a rest far below any unit: mish starts
with 3x/5, so that every fifth input has a neighbour of the correct result one unit away, up to the rest, and
the sign of the rest decides. Far out it may be a line up to such a rest. No enclosure of fixed width could.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from actcheck.reference import balls, mp
from actcheck.reference.asymptotes import split
from actcheck.reference.binding import ORDERS, Bound
from actcheck.reference.calculus import derivative, folded
from actcheck.reference.certificate import Certificate, Segment, value_of
from actcheck.reference.expression import ZERO, Node
from actcheck.reference.formats import Format

_BITS = 1200
#: What the first coefficient may differ from its fraction; the rest at the smallest input weighs far more.
_AGREEMENT = 2.0**-700
#: Numerator and denominator times a float32 stay exact in float64: 20 and 24 bits.
_MOST = 1 << 20
#: Up to here a rest is looked at in place of the whole function.
_REACH = 2.0**-30
#: The highest order of a rest: f^(k) of one sign, all lower ones zero.
_ORDERS = range(2, 6)
_SMALLEST = 2.0**-149

#: A row a segment: (a + b*x)/c + r(x) for abs(x) <= reach, r of a sign and abs(r) <= most * abs(x)^power.
COLUMNS = ("a", "b", "c", "sign", "most", "power", "reach")
_UNKNOWN = (0.0,) * len(COLUMNS)
_Row = tuple[float, ...]


def terms(bound: Bound, quantity: str, certificate: Certificate) -> NDArray[np.float64]:
    """The rows of a certificate's segments; c is 0 where nothing is known, the sign is 0 without a rest."""
    rows = np.zeros((len(certificate.segments), len(COLUMNS)))
    lines = [_line(piece.value) for piece in bound.differentiated[ORDERS[quantity]]]
    for at, segment in enumerate(certificate.segments):
        case = bound.select(Fraction(value_of(segment.low)))
        d = segment.polynomial.coefficients
        line = lines[case]
        if line is not None:
            rows[at] = (*line[:3], line[3] if segment.low >= 0 else -line[3], *line[4:])
        elif segment.polynomial.centre == 0 and d[0] == 0 and d[1]:
            rows[at] = _term(bound, quantity, case, segment)
        elif not any(d[2:]):
            rows[at] = _asymptote(bound, quantity, case, segment)
    return rows


def _line(node: Node) -> _Row | None:
    if folded(derivative(node, 2)) != ZERO:
        return None
    values: list[Any] = [mp.evaluate(n, {"x": Fraction(0)}) for n in (node, derivative(node, 1))]
    if not all(isinstance(v, Fraction) for v in values):
        return None
    # A slope such as 0.01 is that fraction up to its rounding to binary64, whose sign is the rest's.
    slope = values[1].limit_denominator(1 << 10)
    missing = values[1] - slope
    if missing and (values[0] or abs(missing) > abs(slope) * Fraction(1, 1 << 45)):
        return None
    found = _integers(values[0], slope)
    sign = float((missing > 0) - (missing < 0))
    return found and (*found, sign, _above(abs(missing)), 1.0, math.inf)


def _integers(constant: Fraction, slope: Fraction) -> _Row | None:
    denominator = math.lcm(constant.denominator, slope.denominator)
    row = int(constant * denominator), int(slope * denominator), denominator
    return tuple(map(float, row)) if max(map(abs, row)) < _MOST else None


def _above(size: Any) -> float:
    """A float64 no smaller than a fraction or Arb number, and more than 0 where that is."""
    return float(size) * (1 + 2.0**-40) + 2.0**-1060 if size else 0.0


def _asymptote(bound: Bound, quantity: str, case: int, segment: Segment) -> _Row:
    """Far out a function may be a line up to a rest below any precision, of known sign."""
    node = derivative(balls.prepared(bound.pieces[case].value), ORDERS[quantity])
    found = split(node, value_of(segment.low), value_of(segment.high))
    if found is None or not found.sign or not found.size < arb(2) ** -60:
        return _UNKNOWN
    integers = _integers(found.constant, found.slope)
    return (*integers, float(found.sign), _above(found.size), 0.0, math.inf) if integers else _UNKNOWN


def _term(bound: Bound, quantity: str, case: int, segment: Segment) -> _Row:
    """f(x) = b*x/c + r(x) about 0, by Taylor's theorem with Lagrange's remainder."""
    node, order = balls.prepared(bound.pieces[case].value), ORDERS[quantity]
    factor = Fraction(segment.polynomial.coefficients[1]).limit_denominator(_MOST)
    hull = balls.hull(0.0, _REACH) if segment.low >= 0 else balls.hull(-_REACH, 0.0)
    length = order + _ORDERS.stop
    with balls.precision(_BITS, length):
        at_zero = shifted(balls.expansion(node, balls.ball(0.0), length), order)
        around = shifted(balls.expansion(node, hull, length), order)
        at_zero[1] = at_zero[1] - balls.ball(factor)
        for k in _ORDERS:
            if not all(abs(c) < _AGREEMENT for c in at_zero[:k]):
                break
            if around[k] > 0 or around[k] < 0:
                # What the lower coefficients may differ from 0 weighs less than the rest, wherever x is not
                # 0.
                if not abs(around[k]).lower() * arb(_SMALLEST) ** k > 8 * _AGREEMENT:
                    break
                sign = 1.0 if bool(around[k] > 0) == (segment.low >= 0 or k % 2 == 0) else -1.0
                integers = _integers(Fraction(0), factor)
                most = _above(abs(around[k]).upper()) * 2
                return (*integers, sign, most, float(k), _REACH) if integers else _UNKNOWN
    return _UNKNOWN


def shifted(series: list[Any], order: int) -> list[Any]:
    """Coefficients of the order-th derivative from those of the function."""
    for _ in range(order):
        series = [c * (k + 1) for k, c in enumerate(series[1:])]
    return series


@dataclass(frozen=True)
class Decided:
    """What integers and signs tell of each result; where nothing is ``known`` the other fields mean
    nothing."""

    known: NDArray[np.bool_]
    correct: NDArray[np.bool_]
    faithful: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    #: The error in ULP, on its side of 1/2 and 1; a bound of it elsewhere.
    high: NDArray[np.float64]


def decided(form: Format, x: NDArray[Any], y: NDArray[Any], rows: NDArray[Any]) -> Decided:
    """Decide float64 results y at inputs x, both float32 values at most; ``rows`` has one of `terms` for
    each.

    The value is (T + t)/c with T = fl(a + b*x), t the exact rest of that addition plus c*r(x). c*y - T is
    exact wherever it is near a unit: both are multiples of a unit of float64 at T, or of the smallest
    subnormal, and differ by a factor of 2 at most (Sterbenz). So a difference from half a unit or one, when
    it is not 0, is decided where it exceeds abs(t); when it is 0, by the sign of t.
    """
    a, b, c, sign, most, power, reach = rows.T
    x, y = x.astype(np.float64), y.astype(np.float64)
    with np.errstate(all="ignore"):
        product = b * x
        total = a + product
        # Knuth's two-sum: what the addition rounded away, exactly.
        back = total - a
        lost_bits = (a - (total - back)) + (product - back)
        bound = c * most * np.abs(x) ** power * (1 + 2.0**-40)
        tail = np.where(lost_bits == 0, sign, np.sign(lost_bits))
        clear = (lost_bits == 0) | (sign == 0) | (np.sign(lost_bits) == sign) | (np.abs(lost_bits) > bound)
        slack = 2 * (np.abs(lost_bits) + bound)
        size, apart = np.abs(total), c * y - total
        unit, unit_clear = _units(form, size, np.maximum(c, 1.0), tail * np.sign(total), slack)
        distance, inside = np.abs(apart), tail * np.sign(apart) > 0
        half, one = distance - unit / 2, distance - unit
        normal = size - c * form.smallest_normal
        outward = tail * np.sign(total) >= 0
        known = (c > 0) & (np.abs(x) <= reach) & clear & unit_clear & np.isfinite(y)
        for gap in (half, one, np.where(y == 0, normal, 0.0)):
            known &= (gap == 0) | (np.abs(gap) >= slack)
        known &= size < c * 2.0**form.emax
        own = np.abs(y) / np.maximum(unit / np.maximum(c, 1.0), form.smallest)
        even = (tail == 0) & (np.floor(own / 2) * 2 == own)
        correct = np.where(half == 0, inside | even, half < 0)
        faithful = np.where(one == 0, inside, one < 0)
        lost = (y == 0) & ((normal > 0) | ((normal == 0) & outward))
        high = distance / unit
        beside = (half == 0) | (one == 0)
        away = beside & ~inside & (tail != 0)
        high = np.where(away | ~beside, high * (1 + 2.0**-50), high)
    return Decided(known, correct, faithful, lost, high)


def _units(
    form: Format, size: NDArray[Any], c: NDArray[Any], outwards: NDArray[Any], slack: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """c times ulp of (size + tail)/c, and whether that is clear; ``outwards`` < 0: the tail makes it
    smaller."""
    mantissa, exponent = np.frexp(size)
    against, reference = np.frexp(c)
    exponent = exponent - reference - (mantissa < against)  # c * 2^exponent <= size < c * 2^(exponent + 1)
    low = np.ldexp(c, exponent)
    clear = ((size == low) | (size - low >= slack)) & (2 * low - size >= slack)
    exponent = np.clip(exponent - ((size == low) & (outwards < 0)), form.emin, form.emax)
    exponent = np.where(size == 0, form.emin, exponent)
    clear |= (size + slack < c * form.smallest_normal) | (size == 0)
    return np.ldexp(c, exponent - form.precision + 1), clear
