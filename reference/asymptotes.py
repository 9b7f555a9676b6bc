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
    """constant + slope*x + rest, where the rest is a ball."""

    constant: Fraction
    slope: Fraction
    rest: Any

    @property
    def sign(self) -> int:
        """The sign of the rest; 0 where it is not known."""
        return 1 if self.rest > 0 else -1 if self.rest < 0 else 0


def split(node: Node, x: Any) -> Split | None:
    """The value of a smooth node on a ball of inputs; None where it is no such sum."""
    with balls.precision(_BITS, 1):
        return _split(node, x)


def _split(node: Node, x: Any) -> Split | None:
    match node:
        case Number(value):
            return Split(value, _ZERO, arb(0))
        case Symbol("x"):
            return Split(_ZERO, Fraction(1), arb(0))
        case Negate(operand):
            inner = _split(operand, x)
            return inner and _times(inner, Fraction(-1))
        case Binary("+" | "-" as operator, left, right):
            a, b = _split(left, x), _split(right, x)
            if a is None or b is None:
                return None
            b = b if operator == "+" else _times(b, Fraction(-1))
            return Split(a.constant + b.constant, a.slope + b.slope, a.rest + b.rest)
        case Binary("*", left, right):
            return _product(_split(left, x), _split(right, x))
        case Call("tanh" | "sigmoid" as function, (argument,)):
            return _saturating(function, _split(argument, x), x)
    return None


def _times(value: Split, factor: Fraction) -> Split:
    scale = arb(factor.numerator) / factor.denominator
    return Split(value.constant * factor, value.slope * factor, value.rest * scale)


def _product(a: Split | None, b: Split | None) -> Split | None:
    if a is None or b is None:
        return None
    if a.slope == 0 and a.rest == 0:
        return _times(b, a.constant)
    if b.slope == 0 and b.rest == 0:
        return _times(a, b.constant)
    return None


def _saturating(function: str, argument: Split | None, x: Any) -> Split | None:
    """tanh or sigmoid of a large argument: its limit, and what it lacks."""
    if argument is None:
        return None
    u = _ball(argument.constant) + _ball(argument.slope) * x + argument.rest
    if not abs(u) > 1:
        return None
    if function == "tanh":
        lacking = 2 / ((2 * abs(u)).exp() + 1)
        return Split(Fraction(1), _ZERO, -lacking) if u > 0 else Split(Fraction(-1), _ZERO, lacking)
    lacking = 1 / (abs(u).exp() + 1)
    return Split(Fraction(1), _ZERO, -lacking) if u > 0 else Split(_ZERO, _ZERO, lacking)


def _ball(value: Fraction) -> Any:
    return arb(value.numerator) / value.denominator
