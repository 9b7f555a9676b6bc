"""What decides results for tiny inputs: an exact first term, and the sign of all that follows it.

Near 0 a function is its first term up to a rest far below any unit. Where that term times an input lies
half a unit, or one, from a result, no enclosure of fixed width can tell on which side; the sign of the
rest can. mish starts with 3x/5: for every fifth input the neighbour of the correct result is one unit
away, up to the rest.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from actcheck.reference import balls
from actcheck.reference.binding import ORDERS, Bound
from actcheck.reference.certificate import Certificate, Segment, value_of
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
    """A row a segment: numerator and denominator of the first term's factor, and the sign of the rest.

    The sign is 0 where nothing is known of the segment.
    """
    rows = np.zeros((len(certificate.segments), 3))
    for at, segment in enumerate(certificate.segments):
        if segment.polynomial.centre == 0 and segment.polynomial.coefficients[0] == 0:
            rows[at] = _term(bound, quantity, segment) or (0.0, 1.0, 0.0)
    return rows


def _term(bound: Bound, quantity: str, segment: Segment) -> tuple[float, float, float] | None:
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
    return float(factor.numerator), float(factor.denominator), sign


def decided(x: NDArray[Any], y: NDArray[Any], terms: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Whether a point is decided, correctly rounded and faithful; ``terms`` has a row of `terms` a point."""
    p, q, sign = terms.T
    a, b = p * x.astype(np.float64), q * y.astype(np.float64)
    apart, size = b - a, np.abs(a)
    exponent = np.clip(np.frexp(size / np.maximum(q, 1.0))[1] - 1, _F.emin, _F.emax)
    unit = np.ldexp(1.0, exponent - _F.precision + 1) * q
    power = np.frexp(size)[0] == np.frexp(q)[0]  # the first term may be a power of two: units change there
    half, one = np.abs(apart) == unit / 2, np.abs(apart) == unit
    inside = apart * sign > 0
    known = (sign != 0) & (np.abs(x) <= _REACH) & ~power & (half | one)
    return known, half & inside, half | inside
