"""A value as a line with rational coefficients plus a rest that may be smaller than any precision resolves.

x - tanh(x) is x - 1 plus about 2*exp(-2x). At x = 2^24 a result lies exactly half a unit from x - 1, and only
the sign of the rest, some 48 million bits further down, tells how the value rounds. Taking tanh apart into 1
and what it lacks keeps that sign, in Arb, whose exponents have no bounds. The same holds for elu far left,
-alpha + alpha*exp(x), and for gelu far right, x - x*Phi(-x).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from actcheck.reference.evaluation import balls, intervals
from actcheck.reference.evaluation.intervals import Interval
from actcheck.reference.expressions.budget import MOST_EXACT_BITS, bit_length
from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol

#: exp(u) keeps a relative width of abs(u) * 2^-bits: u = x^2 with the largest float64 needs 2048 bits, x^3
#: 3072, and so on.
_BITS = (2304, 4608, 9216)
_ZERO = Fraction(0)
_LARGEST = math.nextafter(math.inf, 0)
_NOTHING: Interval = (arb(0), arb(0))


@dataclass(frozen=True)
class LineAndRest:
    """constant + slope*x + rest, the rest enclosed by two exact Arb numbers of one sign (or both 0)."""

    constant: Fraction
    slope: Fraction
    rest: Interval

    @property
    def sign(self) -> int:
        """The sign of the rest; 0 where there is none."""
        return 1 if self.rest[0] > 0 else -1 if self.rest[1] < 0 else 0

    @property
    def size(self) -> Any:
        """An upper bound of the rest's magnitude, an Arb number."""
        return abs(self.rest[0]).max(abs(self.rest[1])).upper()


def split(node: Node, low: float, high: float) -> LineAndRest | None:
    """The value of a smooth node over low <= x <= high; None where it is no such sum, or the sign is open."""
    for bits in _BITS:
        found = _split_at(bits, node, low, high)
        if found is not None and (found.sign or found.rest == _NOTHING):
            return found
    return None


def far_out(node: Node, sign: int) -> LineAndRest | None:
    """The value for all float64 of a sign from 2^1000 on, up to a rest of any sign; None where unknown."""
    return _split_at(_BITS[0], node, *sorted((sign * 2.0**1000, sign * _LARGEST)))


def _split_at(bits: int, node: Node, low: float, high: float) -> LineAndRest | None:
    with balls.precision(bits, 1):
        x = balls.ball(low), balls.ball(high)
        try:
            found = _split(balls.prepared(node), x)
        except intervals.UnknownError:
            return None
        return found if all(end.is_finite() for end in found.rest) else None


def _split(node: Node, x: Interval) -> LineAndRest:
    """The sum; a value without structure is all rest."""
    return _structured(node, x) or LineAndRest(_ZERO, _ZERO, intervals.read(node, x))


def _structured(node: Node, x: Interval) -> LineAndRest | None:
    match node:
        case Number(value):
            return LineAndRest(value, _ZERO, _NOTHING)
        case Symbol("x"):
            return LineAndRest(_ZERO, Fraction(1), _NOTHING)
        case Negate(operand):
            return _product(LineAndRest(Fraction(-1), _ZERO, _NOTHING), _split(operand, x), x)
        case Binary("+", left, right):
            return _sum(_split(left, x), _split(right, x))
        case Binary("-", left, right):
            return _sum(_split(left, x), _split(Negate(right), x))
        case Binary("*", left, right):
            return _product(_split(left, x), _split(right, x), x)
        case Binary("/", left, right):
            inverse = _inverse(_split(right, x))
            return inverse and _product(_split(left, x), inverse, x)
        case Power(base, exponent) if exponent >= 1:
            return _power(_split(base, x), exponent, x)
        case Call("log1pexp", (argument,)):
            return _softplus(argument, x)
        case Call(function, (argument,)) if function in _LIMITS:
            return _saturating(function, intervals.read(argument, x))
    return None


def _sum(a: LineAndRest, b: LineAndRest) -> LineAndRest:
    return LineAndRest(a.constant + b.constant, a.slope + b.slope, intervals.binary("+", a.rest, b.rest))


def _product(a: LineAndRest, b: LineAndRest, x: Interval) -> LineAndRest | None:
    """(L + r)(M + s) = L*M + (L*s + M*r + r*s), where L*M is a line."""
    if a.slope and b.slope:
        return None
    if sum(bit_length(value) for part in (a, b) for value in (part.constant, part.slope)) > MOST_EXACT_BITS:
        return None
    constant, slope = a.constant * b.constant, a.constant * b.slope + a.slope * b.constant
    rest = intervals.binary("*", a.rest, b.rest)
    for line, other in ((a, b), (b, a)):
        if other.rest != _NOTHING:
            rest = intervals.binary("+", rest, intervals.binary("*", _line(line, x), other.rest))
    return LineAndRest(constant, slope, rest)


def _line(part: LineAndRest, x: Interval) -> Interval:
    slope, constant = balls.ball(part.slope), balls.ball(part.constant)
    inner = intervals.binary("*", (slope.lower(), slope.upper()), x)
    return intervals.binary("+", inner, (constant.lower(), constant.upper()))


def _inverse(a: LineAndRest) -> LineAndRest | None:
    """1/(c + r) = 1/c - r/(c*(c + r))."""
    if a.slope or not a.constant:
        return None
    inverted = LineAndRest(1 / a.constant, _ZERO, _NOTHING)
    if a.rest == _NOTHING:
        return inverted
    c = balls.ball(a.constant)
    ends: Interval = (c.lower(), c.upper())
    below = intervals.binary("*", ends, intervals.binary("+", ends, a.rest))
    low, high = intervals.binary("/", a.rest, below)
    return LineAndRest(inverted.constant, _ZERO, (-high, -low))


def _power(base: LineAndRest, exponent: int, x: Interval) -> LineAndRest | None:
    result: LineAndRest | None = base
    for _ in range(exponent - 1):
        result = result and _product(result, base, x)
    return result


def _softplus(argument: Node, x: Interval) -> LineAndRest | None:
    """log(1 + exp(u)), which is u + log(1 + exp(-u)) as well."""
    u = intervals.read(argument, x)
    if u[1] <= 0:
        return LineAndRest(_ZERO, _ZERO, (u[0].exp().log1p().lower(), u[1].exp().log1p().upper()))
    if u[0] >= 0:
        rest = (-u[1]).exp().log1p().lower(), (-u[0]).exp().log1p().upper()
        return _sum(_split(argument, x), LineAndRest(_ZERO, _ZERO, rest))
    return None


def _normal(u: Any) -> Any:
    return intervals.complementary_error(-u / arb(2).sqrt()) / 2


def _logistic(u: Any) -> Any:
    return u.exp() / (1 + u.exp())


#: Function, its limits at minus and plus infinity, and a positive increasing g with f(u) = first + scale*g(u)
#: for u <= 0 and f(u) = second - scale*g(-u) for u >= 0.
_LIMITS: dict[str, tuple[int, int, int, Callable[[Any], Any]]] = {
    "tanh": (-1, 1, 2, lambda u: _logistic(2 * u)),
    "sigmoid": (0, 1, 1, _logistic),
    "Phi": (0, 1, 1, _normal),
    "erf": (-1, 1, 1, lambda u: intervals.complementary_error(-u)),
    "erfc": (2, 0, -1, lambda u: intervals.complementary_error(-u)),
    "exp": (0, 0, 1, lambda u: u.exp()),
}


def _saturating(function: str, u: Interval) -> LineAndRest | None:
    """A function far from 0: its limit, and what it lacks."""
    first, second, scale, g = _LIMITS[function]
    if first == -second != 0 and u[0] > -1 and u[1] < 1:
        return None  # odd: near 0 the value itself is what is small
    if u[1] <= 0 or first == second:
        limit, low, high = first, scale * g(u[0]), scale * g(u[1])
    elif u[0] >= 0:
        limit, low, high = second, -scale * g(-u[0]), -scale * g(-u[1])
    else:
        return None
    if scale < 0:
        low, high = high, low
    return LineAndRest(Fraction(limit), _ZERO, (arb(low).lower(), arb(high).upper()))
