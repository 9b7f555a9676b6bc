"""Values that are rational, of whatever functions they are made.

No precision tells how far off a result is that lies a whole unit, or half of one, beside a rational value:
the value must be known. Mish's slope at 0 is tanh(log(2)), which is 3/5, and the root in squareplus is 5/2 at
3/2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpz

from actcheck.reference.expressions.budget import MOST_EXACT_BITS, bit_length
from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol

_ZERO, _ONE = Fraction(0), Fraction(1)
#: What the functions of the language make of the arguments for which they are rational, roots apart.
_KNOWN: Mapping[tuple[str, Fraction], Fraction] = {
    (name, Fraction(at)): Fraction(value)
    for name, at, value in (
        ("exp", 0, 1),
        ("log", 1, 0),
        ("tanh", 0, 0),
        ("erf", 0, 0),
        ("erfc", 0, 1),
        ("sigmoid", 0, 0.5),
        ("Phi", 0, 0.5),
    )
}
#: The highest root that is tried.
_ROOTS = 64


@dataclass(frozen=True, slots=True)
class _Logarithm:
    """``factor * log(of)``, for ``of`` above 0 and not 1."""

    factor: Fraction
    of: Fraction


#: A value in closed form; None where there is none that leads to a rational number.
_Closed = Fraction | _Logarithm | None


def rational(node: Node, x: Fraction) -> Fraction | None:
    """The value at a rational x of a tree in the form that `balls.prepared` gives it, else None.

    Known are arithmetic, roots of squares, `known_value`, and exponentials of logarithms. None as well for a
    number of more than `MOST_EXACT_BITS` bits.
    """
    value = _closed(node, x)
    return value if isinstance(value, Fraction) else None


def known_value(function: str, argument: Fraction) -> Fraction | None:
    """What a function of the language makes of a rational argument, where that is known to be rational."""
    if function == "sqrt":
        return _power(argument, Fraction(1, 2)) if argument >= 0 else None
    return _KNOWN.get((function, argument))


def _closed(node: Node, x: Fraction) -> _Closed:
    match node:
        case Number(value):
            return value
        case Symbol("x"):
            return x
        case Negate(operand):
            return _multiplied(-_ONE, _closed(operand, x))
        case Power(base, exponent):
            inner = _closed(base, x)
            return _power(inner, Fraction(exponent)) if isinstance(inner, Fraction) else None
        case Binary(sign, left, right):
            return _combined(sign, _closed(left, x), _closed(right, x))
        case Call("log1pexp", (argument,)):
            power = _exponential(_closed(argument, x))
            return None if power is None else _logarithm(1 + power)
        case Call(function, (argument,)):
            return _applied(function, _closed(argument, x))
    return None


def _combined(sign: str, a: _Closed, b: _Closed) -> _Closed:
    if sign == "*":
        return _multiplied(a, b) if isinstance(a, Fraction) else _multiplied(b, a)
    if sign == "/":
        if a == 0 and b is None:
            return _ZERO  # every divisor is finite, and not 0, where the value has an enclosure
        return _multiplied(1 / b, a) if isinstance(b, Fraction) and b else None
    return _sum(a, b if sign == "+" else _multiplied(-_ONE, b))


def _multiplied(a: _Closed, b: _Closed) -> _Closed:
    if a == 0 or b == 0:
        return _ZERO  # every factor is finite where the value has an enclosure
    match a, b:
        case Fraction(), Fraction() if _are_short(a, b):
            return a * b
        case Fraction(), _Logarithm(factor, of) if _are_short(a, factor):
            return _Logarithm(a * factor, of)
    return None


def _sum(a: _Closed, b: _Closed) -> _Closed:
    if a == 0 or b == 0:
        return b if a == 0 else a
    match a, b:
        case Fraction(), Fraction() if _are_short(a, b):
            return a + b
        case _Logarithm(factor, of), _Logarithm(other, more) if abs(factor) == abs(other):
            short = _are_short(of, more)
            return _logarithm(of * more if factor == other else of / more, factor) if short else None
    return None


def _applied(function: str, value: _Closed) -> _Closed:
    if isinstance(value, Fraction):
        if function == "log" and value > 0:
            return _logarithm(value)
        return known_value(function, value)
    if function not in ("exp", "sigmoid", "tanh"):
        return None
    power = _exponential(_multiplied(Fraction(2), value) if function == "tanh" else value)
    if power is None or function == "exp":
        return power
    return (power - 1) / (power + 1) if function == "tanh" else power / (1 + power)


def _logarithm(of: Fraction, factor: Fraction = _ONE) -> _Closed:
    return _ZERO if of == 1 else _Logarithm(factor, of)


def _exponential(value: _Closed) -> Fraction | None:
    if isinstance(value, _Logarithm):
        return _power(value.of, value.factor)
    return _ONE if value == 0 else None


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator > _ROOTS or bit_length(base) * abs(exponent.numerator) > MOST_EXACT_BITS:
        return None
    above, below = (_root(part, exponent.denominator) for part in (base.numerator, base.denominator))
    if above is None or below is None:
        return None
    return Fraction(above, below) ** exponent.numerator


def _root(whole: int, degree: int) -> int | None:
    """The root of a whole number that is a power of one, else None; no root is taken of negative numbers."""
    if degree == 1:
        return whole
    found = int(fmpz(whole).root(degree))
    return found if found**degree == whole else None


def _are_short(a: Fraction, b: Fraction) -> bool:
    return bit_length(a) + bit_length(b) <= MOST_EXACT_BITS
