"""What decides results that lie exactly, or all but exactly, half a unit or one from the value.

Where a definition is a line with rational coefficients, such as x/6 + 1/2, every sixth result may lie just
there, and integers decide. Near 0 a function is its first term up to a rest far below any unit: mish starts
with 3x/5, so that every fifth input has a neighbour of the correct result one unit away, up to the rest, and
the sign of the rest decides. Far out it may be a line up to such a rest. No enclosure of fixed width could.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Certificate, Segment, value_of
from actcheck.reference.certificates.segments import shifted
from actcheck.reference.evaluation import balls
from actcheck.reference.evaluation.asymptotes import split
from actcheck.reference.evaluation.rational import rational
from actcheck.reference.expressions.calculus import derivative, folded
from actcheck.reference.expressions.tree import ZERO, Node
from actcheck.reference.formats import Format
from actcheck.reference.machine import kept
from actcheck.reference.machine.binades import NUMPY, POWERS, exponents, power
from actcheck.reference.machine.code_digest import digest, sources
from actcheck.reference.specification.binding import ORDERS, Bound

Array = Any  # of an Array API namespace
_BITS = 1200
#: What the first coefficient may differ from its fraction; the rest at the smallest input weighs far more.
_AGREEMENT = 2.0**-700
#: Numerator and denominator times a float32 stay exact in float64: 20 and 24 bits.
_MOST = 1 << 20
#: Up to here a rest is looked at in place of the whole function.
_REACH = 2.0**-30
#: The highest order of a rest.
_LAST = 5
#: The denominator of a constant.
_COARSE = 1 << 10
_SMALLEST = 2.0**-149

#: A row a segment: (a + b*x)/c + r(x) for abs(x) <= reach, r of a sign and abs(r) <= most * abs(x)^power.
COLUMNS = ("a", "b", "c", "sign", "most", "power", "reach")
_UNKNOWN = (0.0,) * len(COLUMNS)
_Row = tuple[float, ...]


def terms(bound: Bound, quantity: str, certificate: Certificate) -> NDArray[np.float64]:
    """The rows of a certificate's segments; c is 0 where nothing is known, the sign is 0 without a rest."""
    rows = np.zeros((len(certificate.segments), len(COLUMNS)))
    lines = [_line(piece.value) for piece in bound.differentiated[ORDERS[quantity]]]
    near = cache(partial(_near_zero, bound, quantity))
    for at, segment in enumerate(certificate.segments):
        case = bound.select(Fraction(value_of(segment.low)))
        line, positive = lines[case], segment.low >= 0
        if line is not None:
            rows[at] = (*line[:3], line[3] if positive else -line[3], *line[4:])
        elif min(abs(value_of(segment.low)), abs(value_of(segment.high))) < _REACH:
            rows[at] = near(case, positive)
        elif not any(segment.polynomial.coefficients[2:]):
            rows[at] = _asymptote(bound, quantity, case, segment)
    return rows


@dataclass(frozen=True)
class Rows:
    """The `terms` of a certificate, as a file holds them."""

    rows: tuple[tuple[float, ...], ...]


@lru_cache(maxsize=256)
def rows(bound: Bound, quantity: str) -> NDArray[np.float64]:
    """The `terms` of a quantity's certificate, from memory, from disk or newly found."""
    certificate = store.certificate(bound, quantity)
    key = kept.key_of([bound.content, quantity, _finder()])
    path = kept.folder("ties") / f"{bound.spec.id}-{key}.msgpack"
    with contextlib.suppress(OSError, ValueError):
        known = np.array(kept.kept(path, key, Rows).rows, np.float64)
        if known.shape == (len(certificate.segments), len(COLUMNS)):
            return known
    found = terms(bound, quantity, certificate)
    with contextlib.suppress(OSError):  # a cache that cannot be written costs time, nothing else
        kept.keep(path, key, Rows(tuple(map(tuple, found.tolist()))))
    return found


@cache
def _finder() -> str:
    """The digest of the code that finds them, and of the library whose numbers they rest on."""
    return digest(sources("actcheck.reference.judging.ties"), ("python-flint",))


def rows_at(bound: Bound, quantity: str, keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """Those for inputs with these float32 keys, one for each."""
    starts = store.certificate(bound, quantity).starts
    return rows(bound, quantity)[np.searchsorted(starts, keys, side="right") - 1]


def _line(node: Node) -> _Row | None:
    if folded(derivative(node, 2)) != ZERO:
        return None
    constant, exact = (rational(n, Fraction(0)) for n in (node, derivative(node, 1)))
    if constant is None or exact is None:
        return None
    # A slope such as 0.01 is that fraction up to its rounding to binary64, whose sign is the rest's.
    slope = exact.limit_denominator(_COARSE)
    missing = exact - slope
    if missing and (constant or abs(missing) > abs(slope) * Fraction(1, 1 << 45)):
        return None
    found = _integers(constant, slope)
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


def _near_zero(bound: Bound, quantity: str, case: int, positive: bool) -> _Row:
    """f(x) = a/c + b*x/c + r(x) about 0, by Taylor's theorem with Lagrange's remainder.

    r has the sign of f^(k) on the whole way, for the first k that has one, and lower coefficients that agree
    with the fractions.
    """
    node, order = balls.prepared(bound.pieces[case].value), ORDERS[quantity]
    hull = balls.hull(0.0, _REACH) if positive else balls.hull(-_REACH, 0.0)
    length = order + _LAST + 1
    with balls.precision(_BITS, length):
        missing = shifted(balls.expansion(node, balls.ball(0.0), length), order)
        around = shifted(balls.expansion(node, hull, length), order)
        if not all(ball.is_finite() for ball in (*missing, *around)):
            return _UNKNOWN
        constant = Fraction(float(missing[0].mid())).limit_denominator(_COARSE)
        slope = Fraction(float(missing[1].mid())).limit_denominator(_MOST)
        missing[0] = missing[0] - balls.ball(constant)
        if abs(missing[1] - balls.ball(slope)) < _AGREEMENT:
            missing[1] = missing[1] - balls.ball(slope)
        elif constant:
            slope = Fraction(0)  # the whole slope is part of the rest
        integers = _integers(constant, slope)
        for k in range(1 if constant else 2, _LAST + 1):
            if integers is None or not all(abs(c) < _AGREEMENT for c in missing[:k]):
                break
            if around[k] > 0 or around[k] < 0:
                # What lower coefficients may differ from fractions weighs less than the rest for all x but 0.
                if not abs(around[k]).lower() * arb(_SMALLEST) ** k > 8 * _AGREEMENT:
                    break
                sign = 1.0 if bool(around[k] > 0) == (positive or k % 2 == 0) else -1.0
                return (*integers, sign, _above(abs(around[k]).upper()) * 2, float(k), _REACH)
    return _UNKNOWN


@dataclass(frozen=True)
class Decided:
    """What integers and signs tell of each result; where nothing is ``known`` the other fields mean
    nothing."""

    known: Array
    correct: Array
    faithful: Array
    lost: Array
    #: The error in ULP, on its side of 1/2 and 1; a bound of it elsewhere.
    high: Array


def decided_rows(form: Format, x: NDArray[Any], y: NDArray[Any], rows: NDArray[np.float64]) -> Decided:
    """`decided` for arrays of numpy; ``rows`` has one of `terms` for each input."""
    with np.errstate(all="ignore"):
        return decided(NUMPY, POWERS, form, x.astype(np.float64), y.astype(np.float64), list(rows.T))


def decided(xp: Any, powers: Array, form: Format, x: Array, y: Array, columns: Sequence[Array]) -> Decided:
    """Decide results y at inputs x, float64 arrays of a namespace with values of float32 at most.

    ``columns`` are `COLUMNS`, a number for each input; ``powers`` holds `binades.POWERS`.

    The value is (T + t)/c with T = fl(a + b*x), t the exact rest of that addition plus c*r(x). c*y - T is
    exact wherever it is near a unit: both are multiples of a unit of float64 at T, or of the smallest
    subnormal, and differ by a factor of 2 at most (Sterbenz). So a difference from half a unit or one, when
    it is not 0, is decided where it exceeds abs(t); when it is 0, by the sign of t.
    """
    a, b, c, sign, most, order, reach = columns
    product = b * x
    total = a + product
    # Knuth's two-sum: what the addition rounded away, exactly.
    back = total - a
    lost_bits = (a - (total - back)) + (product - back)
    bound = c * most * xp.abs(x) ** order * (1 + 2.0**-40)
    tail = xp.where(lost_bits == 0, sign, xp.sign(lost_bits))
    clear = (lost_bits == 0) | (sign == 0) | (xp.sign(lost_bits) == sign) | (xp.abs(lost_bits) > bound)
    slack = 2 * (xp.abs(lost_bits) + bound)
    size, apart, divisor = xp.abs(total), c * y - total, xp.clip(c, 1.0, None)
    unit, unit_clear = _units(xp, powers, form, size, divisor, tail * xp.sign(total), slack)
    distance, inside = xp.abs(apart), tail * xp.sign(apart) > 0
    half, one = distance - unit / 2, distance - unit
    normal = size - c * form.smallest_normal
    outward = tail * xp.sign(total) >= 0
    known = (c > 0) & (xp.abs(x) <= reach) & clear & unit_clear & xp.isfinite(y)
    for gap in (half, one, xp.where(y == 0, normal, xp.zeros_like(normal))):
        known = known & ((gap == 0) | (xp.abs(gap) >= slack))
    known = known & (size < c * 2.0**form.emax)
    own = xp.abs(y) / xp.clip(unit / divisor, form.smallest, None)
    even = (tail == 0) & (xp.floor(own / 2) * 2 == own)
    correct = xp.where(half == 0, inside | even, half < 0)
    faithful = xp.where(one == 0, inside, one < 0)
    lost = (y == 0) & ((normal > 0) | ((normal == 0) & outward))
    # Half of the slack is what the rest may weigh; an error that is known to be below an edge stays there.
    high = xp.where(slack > 0, (distance + slack / 2) / unit * (1 + 2.0**-50), distance / unit)
    for gap, edge in ((half, 0.5), (one, 1.0)):
        below = (gap < 0) | ((gap == 0) & (inside | (tail == 0)))
        high = xp.where(below & (high > edge), edge * xp.ones_like(high), high)
    return Decided(known, correct, faithful, lost, high)


def _units(
    xp: Any, powers: Array, form: Format, size: Array, c: Array, outwards: Array, slack: Array
) -> tuple[Array, Array]:
    """c times ulp of (size + tail)/c, and whether that is clear; ``outwards`` < 0: the tail makes it
    smaller."""
    exponent = exponents(xp, powers, size, form.emin, form.emax, c)
    low = c * power(xp, powers, exponent)  # c * 2^exponent <= size < c * 2^(exponent + 1), or subnormal
    clear = ((size == low) | (size - low >= slack)) & (2 * low - size >= slack)
    below = xp.astype((size == low) & (outwards < 0), xp.int64)
    exponent = xp.clip(exponent - below, form.emin, form.emax)
    clear = clear | (size + slack < c * form.smallest_normal) | (size == 0)
    return c * power(xp, powers, exponent - form.precision + 1), clear
