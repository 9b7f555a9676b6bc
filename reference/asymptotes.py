"""A value as a line with rational coefficients plus a rest that may be smaller than any precision resolves.

x - tanh(x) is x - 1 plus about 2*exp(-2x). At x = 2^24 a result lies exactly half a unit from x - 1, and only
the sign of the rest, some 48 million bits further down, tells how the value rounds. Taking tanh apart into 1
and what it lacks keeps that sign, in Arb, whose exponents have no bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from actcheck.reference import balls
from actcheck.reference.expression import Binary, Call, Negate, Node, Number, Symbol

_BITS = 128
_ZERO = Fraction(0)


@dataclass(frozen=True)
class Split:
    """constant + slope*x + rest: the rest by its sign and a bound of its size."""

    constant: Fraction
    slope: Fraction
    #: 0 where there is no rest.
    sign: int
    size: Any


def split(node: Node, x: Any) -> Split | None:
    """The value of a smooth node on a ball of inputs; None where it is no such sum."""
    with balls.precision(_BITS, 1):
        return _split(node, x)


def _split(node: Node, x: Any) -> Split | None:
    match node:
        case Number(value):
            return Split(value, _ZERO, 0, arb(0))
        case Symbol("x"):
            return Split(_ZERO, Fraction(1), 0, arb(0))
        case Negate(operand):
            inner = _split(operand, x)
            return inner and _times(inner, Fraction(-1))
        case Binary("+", left, right):
            return _sum(_split(left, x), _split(right, x))
        case Binary("-", left, right):
            return _sum(_split(left, x), _split(Negate(right), x))
        case Binary("*", left, right):
            return _product(_split(left, x), _split(right, x))
        case Call("tanh" | "sigmoid" as function, (argument,)):
            return _saturating(function, _split(argument, x), x)
    return None


def _sum(a: Split | None, b: Split | None) -> Split | None:
    if a is None or b is None or a.sign * b.sign < 0:
        return None
    return Split(a.constant + b.constant, a.slope + b.slope, a.sign or b.sign, a.size + b.size)


def _times(value: Split, factor: Fraction) -> Split:
    sign = value.sign * ((factor > 0) - (factor < 0))
    return Split(value.constant * factor, value.slope * factor, sign, value.size * abs(_ball(factor)))


def _product(a: Split | None, b: Split | None) -> Split | None:
    if a is None or b is None:
        return None
    for factor, other in ((a, b), (b, a)):
        if factor.slope == 0 and factor.sign == 0:
            return _times(other, factor.constant)
    return None


def _saturating(function: str, argument: Split | None, x: Any) -> Split | None:
    """tanh or sigmoid of a large argument: its limit, and what it lacks."""
    if argument is None:
        return None
    u = _ball(argument.constant) + _ball(argument.slope) * x
    u += arb(0, argument.size.upper()) if argument.sign else 0
    if not abs(u) > 1:
        return None
    positive, least = bool(u > 0), abs(u).lower()
    if function == "tanh":
        side = 1 if positive else -1
        return Split(Fraction(side), _ZERO, -side, 2 * (-2 * least).exp())
    lacking = (-least).exp()
    return Split(Fraction(1), _ZERO, -1, lacking) if positive else Split(_ZERO, _ZERO, 1, lacking)


def _ball(value: Fraction) -> Any:
    return arb(value.numerator) / value.denominator
