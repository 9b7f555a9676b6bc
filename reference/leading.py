"""What decides results that lie exactly, or all but exactly, half a unit or one from the value.

Where a definition is a line with rational coefficients, such as x/6 + 1/2, every sixth result may lie just
there, and integers decide. Near 0 a function is its first term up to a rest far below any unit: mish starts
with 3x/5, so that every fifth input has a neighbour of the correct result one unit away, up to the rest, and
the sign of the rest decides. No enclosure of fixed width could.
"""

from __future__ import annotations

import math
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
from actcheck.reference.formats import FORMATS

_BITS = 1200
#: The first coefficient agrees with its fraction to this; the rest at the smallest input weighs far more.
_AGREEMENT = 2.0**-700
#: Numerator and denominator times a float32 stay exact in float64.
_MOST = 1 << 20
#: Only up to here is the rest far below half a unit.
_REACH = 2.0**-30
_F = FORMATS["float32"]


def terms(bound: Bound, quantity: str, certificate: Certificate) -> NDArray[np.float64]:
    """A row a segment: integers a, b and c of (a + b*x)/c, the sign of the rest, and how far that holds.

    The sign is 0 where there is no rest, and c is 0 where nothing is known of the segment.
    """
    rows = np.zeros((len(certificate.segments), 5))
    lines = [_line(piece.value) for piece in bound.differentiated[ORDERS[quantity]]]
    for at, segment in enumerate(certificate.segments):
        line = lines[bound.select(Fraction(value_of(segment.low)))] if any(lines) else None
        if line:
            a, b, c, side = line
            rows[at] = a, b, c, side if segment.low >= 0 else -side, math.inf
        elif segment.polynomial.centre == 0 and segment.polynomial.coefficients[0] == 0:
            rows[at] = _term(bound, quantity, segment) or (0.0,) * 5
        elif quantity == "forward" and not any(segment.polynomial.coefficients[2:]):
            rows[at] = _asymptote(bound, segment) or (0.0,) * 5
    return rows


def _line(node: Node) -> tuple[float, ...] | None:
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
    denominator = math.lcm(values[0].denominator, slope.denominator)
    a, b = int(values[0] * denominator), int(slope * denominator)
    if max(abs(a), abs(b), denominator) >= _MOST:
        return None
    return float(a), float(b), float(denominator), float((missing > 0) - (missing < 0))


def _asymptote(bound: Bound, segment: Segment) -> tuple[float, ...] | None:
    """Far out a function may be a line up to a rest below any precision, of known sign."""
    ends = value_of(segment.low), value_of(segment.high)
    inside = arb((ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2 * (1 + 2.0**-20))
    found = split(bound.pieces[bound.select(Fraction(ends[0]))].value, inside)
    if found is None or not found.sign or not found.size < arb(2) ** -60:
        return None
    denominator = math.lcm(found.constant.denominator, found.slope.denominator)
    a, b = int(found.constant * denominator), int(found.slope * denominator)
    if max(abs(a), abs(b), denominator) >= _MOST:
        return None
    return float(a), float(b), float(denominator), float(found.sign), math.inf


def _term(bound: Bound, quantity: str, segment: Segment) -> tuple[float, ...] | None:
    d = segment.polynomial.coefficients
    second = next((k for k in range(2, len(d)) if d[k]), None)
    if not d[1] or second is None or segment.proof.relative <= 0:
        return None
    node = balls.prepared(bound.pieces[bound.select(Fraction(value_of(segment.low)))].value)
    order = ORDERS[quantity]
    with balls.precision(_BITS, order + 2):
        exact = balls.expansion(node, balls.ball(0.0), order + 2)
        first = exact[order + 1] * math.factorial(order + 1)
        value = exact[order] * math.factorial(order)
        factor = Fraction(d[1]).limit_denominator(_MOST)
        apart = first - arb(factor.numerator) / factor.denominator
        near = abs(apart) < arb(_AGREEMENT) and abs(value) < arb(_AGREEMENT)
    following = sum(abs(v) * _REACH ** (k - second) for k, v in enumerate(d) if k > second and v)
    # What is missing from the polynomial is covered by the proof only in relation to the first term.
    if not near or factor.numerator >= _MOST or following > abs(d[second]) / 4:
        return None
    sign = math.copysign(1.0, d[second])
    if segment.low < 0 and second % 2 == 1:
        sign = -sign
    return 0.0, float(factor.numerator), float(factor.denominator), sign, _REACH


def decided(x: NDArray[Any], y: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Whether a point is decided, correctly rounded and faithful; ``rows`` has one of `terms` for each."""
    a, b, c, sign, reach = rows.T
    line = (reach == math.inf) & (sign == 0)
    product = b * x.astype(np.float64)
    total = a + product
    # What the addition rounded away, exactly: either the constant or the product is the larger one.
    swapped = np.abs(product) > np.abs(a)
    rounded = np.where(swapped, a - (total - product), product - (total - a))
    rest = np.where(line, np.sign(rounded), sign)
    size, apart = np.abs(total), c * y.astype(np.float64) - total
    mantissa, exponent = np.frexp(size)
    against, reference = np.frexp(np.maximum(c, 1.0))
    # A power of two itself: with a rest it is not clear which unit holds.
    power = (mantissa == against) & (rest != 0)
    exponent = np.clip(exponent - reference - (mantissa < against), _F.emin, _F.emax)
    unit = np.ldexp(c, exponent - _F.precision + 1)
    distance = np.abs(apart)
    inside = rest * apart > 0
    half, one = distance == unit / 2, distance == unit
    count = np.abs(y.astype(np.float64)) / np.maximum(unit / np.maximum(c, 1.0), 2.0**-149)
    even = (rest == 0) & (np.floor(count / 2) * 2 == count)
    near = half | one
    known = (
        (c > 0) & ~(~line & (rounded != 0)) & ~power & np.where(line, size > 0, near & (np.abs(x) <= reach))
    )
    correct = np.where(half, inside | even, distance < unit / 2)
    return known, correct, np.where(one, inside, distance < unit)
