"""One segment of a certificate: a polynomial in float64 and the proof of how far it can be off.

On a run of consecutive floats the function f is replaced by a Taylor polynomial about ``centre``,
evaluated in float64 by Horner's rule. The proof counts everything: Arb's enclosure of the first omitted
coefficient over the whole run (Lagrange's remainder), the rounding of the coefficients to float64, and
the rounding of each Horner step, fused or not (N. Higham, Accuracy and Stability of Numerical Algorithms,
5.1). x - centre is exact: both are float32 and at most 2^28 apart in size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from actcheck.reference import balls, intervals
from actcheck.reference.calculus import derivative
from actcheck.reference.expression import Node

DEGREE = 9
#: Working precision of coefficients and enclosures; about 0, where f may vanish to any order, more.
BITS, BITS_AT_ZERO = 256, 1200
#: Unit roundoff of float64, slightly enlarged so that the products of these bounds stay bounds.
_UNIT = 2.0**-53 * (1 + 2.0**-20)
#: Enlarges a bound by more than the rounding of its own computation in float64.
_SLACK = 1 + 2.0**-40
#: Coefficients of f about 0 up to this size are dropped: they stand for zero, and their share is counted.
_NEGLIGIBLE = 2.0**-900
_SMALLEST_INPUT = 2.0**-149
#: Far below float32's smallest subnormal (2^-149), and far beyond its overflow threshold.
VANISHING, SATURATED = 2.0**-170, 2.0**129


@dataclass(frozen=True)
class Run:
    """Consecutive floats on one side of zero, by their values, both ends included; low <= high."""

    low: float
    high: float

    @property
    def reach(self) -> float:
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))


@dataclass(frozen=True)
class Polynomial:
    """p(x) = sum of coefficients[k] * (x - centre)^k; DEGREE + 1 coefficients, the lowest first."""

    centre: float
    coefficients: tuple[float, ...]


@dataclass(frozen=True)
class Proof:
    """abs(p(x) - f(x)) <= relative * abs(f(x)) + absolute for every float of the run, p as computed.

    Both are zero where p is computed without any rounding.
    """

    relative: float
    absolute: float
    #: A lower bound of abs(f) on the run; about 0 and for a vanishing f it is 0.
    smallest: float
    #: f(x) = d1 * x + r(x) about 0, d1 * x is exact in float64, and r has the sign of its first term.
    leading_exact: bool = False

    def within(self, other: Proof) -> bool:
        """Whether the other proof claims no more than this one shows."""
        return (
            self.relative <= other.relative
            and self.absolute <= other.absolute
            and self.smallest >= other.smallest
            and self.leading_exact >= other.leading_exact
        )

    @property
    def size(self) -> float:
        """The radius relative to max(abs(f), smallest normal float32)."""
        return self.relative + self.absolute / max(self.smallest, 2.0**-126)


Coefficients = list[Any]


def shortened(polynomial: Polynomial, degree: int) -> Polynomial:
    """The polynomial without its terms beyond a degree; what they weigh is then part of the radius."""
    kept = polynomial.coefficients[: degree + 1]
    return Polynomial(polynomial.centre, (*kept, *(0.0,) * (DEGREE - degree)))


def degree_for(polynomial: Polynomial, reach: float, allowed: float) -> int:
    """The lowest of the degrees 1, 3 and `DEGREE` whose missing terms seem to weigh no more than allowed."""
    d, powers = polynomial.coefficients, _powers(reach)
    return next((n for n in (1, 3) if _weighted(d[n + 1 :], powers[n + 1 :]) <= allowed), DEGREE)


def expand(node: Node, order: int, centre: float) -> tuple[Polynomial, Coefficients]:
    """The Taylor polynomial of the order-th derivative of a tree, and the balls it was rounded from."""
    length = DEGREE + 1
    with balls.precision(BITS if centre else BITS_AT_ZERO, length):
        exact = _shifted(balls.expansion(node, balls.ball(centre), length + order), order)
        rounded = [float(c.mid()) for c in exact]
        if not centre:
            rounded = [0.0 if abs(d) <= _NEGLIGIBLE else d for d in rounded]
        return Polynomial(centre, tuple(rounded)), exact


def prove(node: Node, order: int, run: Run, polynomial: Polynomial, exact: Coefficients) -> Proof | None:
    """The proof of a polynomial on a run of floats; None where there is none (take a shorter run).

    ``exact`` are enclosures of the Taylor coefficients about the polynomial's centre.
    """
    d, centre = polynomial.coefficients, polynomial.centre
    reach = run.reach if centre == 0 else max(run.high - centre, centre - run.low)
    with balls.precision(BITS if centre else BITS_AT_ZERO, 1):
        missing = [c - balls.ball(v) for c, v in zip(exact, d, strict=True)]
    missing.append(_remainder(node, order, run, centre))
    if not all(map(math.isfinite, d)) or not all(ball.is_finite() for ball in missing):
        return None
    if _without_rounding(run, polynomial, missing):
        return Proof(0.0, 0.0, 0.0)
    first = next((k for k, v in enumerate(d) if v), None)
    if centre == 0 and first is not None and (first > 0 or run.low * run.high == 0):
        return _about_zero(d, first, missing, reach, min(abs(run.low), abs(run.high)))
    return _about_centre(d, missing, reach)


def vanishing(node: Node, order: int, run: Run) -> Proof | None:
    """The proof that f stays below `VANISHING` on a run, so that the zero polynomial stands for it."""
    bound = _upper(_range(node, order, run))
    return Proof(0.0, bound, 0.0) if bound <= VANISHING else None


def saturated(node: Node, order: int, run: Run) -> float | None:
    """The sign of f (1.0 or -1.0) where it stays beyond `SATURATED` on a run."""
    if not abs(_range(node, order, Run(run.low, run.low))) > SATURATED:
        return None
    low, high = intervals.enclose(derivative(node, order), run.low, run.high)
    if low > SATURATED:
        return 1.0
    return -1.0 if high < -SATURATED else None


def _range(node: Node, order: int, run: Run) -> Any:
    with balls.precision(BITS, order + 1):
        series = balls.expansion(node, balls.hull(run.low, run.high), order + 1)
        return _shifted(series, order)[0]


def _shifted(series: Coefficients, order: int) -> Coefficients:
    """Coefficients of the order-th derivative from those of the function."""
    for _ in range(order):
        series = [c * (k + 1) for k, c in enumerate(series[1:])]
    return series


def _remainder(node: Node, order: int, run: Run, centre: float) -> Any:
    """An enclosure of the first omitted coefficient between the centre and every float of the run."""
    low, high = (min(run.low, 0.0), max(run.high, 0.0)) if centre == 0 else (run.low, run.high)
    length = DEGREE + 2 + order
    with balls.precision(BITS, length):
        series = balls.expansion(node, balls.hull(low, high), length)
        return _shifted(series, order)[DEGREE + 1]


def _upper(ball: Any) -> float:
    """A float64 that is certainly no smaller than the ball's magnitude, and 0 only for exactly 0."""
    ball = arb(ball)
    return 0.0 if ball.is_zero() else float(ball.abs_upper()) * _SLACK + 2.0**-1060


def _powers(reach: float) -> list[float]:
    with np.errstate(over="ignore"):
        return [float(v) for v in np.float64(reach) ** np.arange(DEGREE + 2) * _SLACK]


def _weighted(values: Sequence[float], weights: Sequence[float]) -> float:
    """The sum of products; a zero stays zero however large its weight."""
    return sum(abs(v) * w for v, w in zip(values, weights, strict=False) if v) * _SLACK


def _horner(d: Sequence[float], reach: float) -> float:
    """A bound of the rounding of Horner's rule: each step's result, and its product, by one unit."""
    total, power, tails = 0.0, 1.0, _tails(d, reach)
    for k in range(len(d)):
        following = tails[k + 1] * reach if k + 1 < len(d) else 0.0
        if following:
            total += (tails[k] + following) * power
        power *= reach
    return total * _UNIT * _SLACK


def _tails(d: Sequence[float], reach: float) -> list[float]:
    """For each k, a bound of what Horner's rule holds after adding coefficient k."""
    tails = [0.0] * len(d)
    held = 0.0
    for k in reversed(range(len(d))):
        held = abs(d[k]) + held * reach
        tails[k] = held * (1 + 2.0**-45)
    return tails


def _missing(missing: Sequence[Any], reach: float, first: int = 0) -> float:
    """A bound of what the polynomial leaves out, in Arb: the factors alone may leave float64's range."""
    with balls.precision(64, 1):
        return _upper(
            sum(m.abs_upper() * arb(reach) ** (k - first) for k, m in enumerate(missing) if not m.is_zero())
        )


def _about_centre(d: Sequence[float], missing: Sequence[Any], reach: float) -> Proof:
    powers = _powers(reach)
    size = (_missing(missing, reach) + _horner(d, reach)) * _SLACK
    return Proof(0.0, size, max(0.0, (abs(d[0]) - _weighted(d[1:], powers[1:]) - size) / _SLACK))


def _about_zero(
    d: Sequence[float], first: int, missing: Sequence[Any], reach: float, nearest: float
) -> Proof | None:
    """f(x) = x^first * g(x): the radius is relative, down to the smallest subnormal input."""
    if abs(d[first]) < 2.0**-200 or first > 5:
        return None
    powers = _powers(reach)
    errors = _missing(missing[first:], reach) + _horner(d[first:], reach)
    # What was dropped weighs most at the smallest input; 2^-900 * 2^(149 * 5) is still next to nothing.
    errors += _missing(missing[:first], _SMALLEST_INPUT, first)
    least = (abs(d[first]) - _weighted(d[first + 1 :], powers[1:]) - errors) / _SLACK
    if not least > 0:
        return None
    relative = (errors / least + first * _UNIT) * (1 + 2.0**-20)
    smallest = least * nearest**first / _SLACK
    return Proof(relative, 0.0, smallest, _leading_exact(d, first, missing, reach))


def _leading_exact(d: Sequence[float], first: int, missing: Sequence[Any], reach: float) -> bool:
    """Whether the first term is known without error and the second outweighs all that follow.

    Half units of subnormal results, such as gelu's x/2, are ties that the second term alone decides.
    """
    second = next((k for k in range(2, len(d)) if d[k]), None)
    if first != 1 or second is None or not missing[1].is_zero() or _digits(d[1]) > 29:
        return False
    others = _missing(missing[second:], reach) + _weighted(d[second + 1 :], _powers(reach)[1:])
    others += _missing((missing[0], *missing[2:second]), _SMALLEST_INPUT, second)
    return others < abs(d[second])


def _without_rounding(run: Run, polynomial: Polynomial, missing: Sequence[Any]) -> bool:
    """Whether p is f and float64 evaluates it exactly: a constant, or a line with few digits."""
    d = polynomial.coefficients
    if any(d[2:]) or not all(m.is_zero() for m in missing):
        return False
    if not d[1]:
        return True
    if polynomial.centre or _digits(d[1]) > 29:
        return False
    if not d[0]:
        return 2.0**-800 < abs(d[1]) < 2.0**800
    unit = min(_lowest_bit(d[1]) * _float32_unit(min(abs(run.low), abs(run.high))), _lowest_bit(d[0]))
    return abs(d[0]) + abs(d[1]) * run.reach <= unit * 2.0**53


def _digits(value: float) -> int:
    numerator = abs(value).as_integer_ratio()[0]
    return (numerator // (numerator & -numerator)).bit_length()


def _lowest_bit(value: float) -> float:
    numerator, denominator = abs(value).as_integer_ratio()
    return (numerator & -numerator) / denominator


def _float32_unit(magnitude: float) -> float:
    return 2.0 ** (max(math.frexp(magnitude)[1] - 1, -126) - 23)
