"""The mpmath reading of the tree: the reference of record.

Rational parts are computed exactly, as fractions. Where a sum cancels so far that fewer than
`GUARD` bits are left, the whole evaluation is repeated with twice the precision, so that no
knowledge of the formula is needed to trust its value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import mpmath

from actcheck.reference.expression import Binary, Call, Negate, Node, Number, Power, Symbol, Text

#: Bits that every intermediate result keeps.
GUARD = 120
_FIRST = 192
#: Beyond this precision a sum that still cancels is zero for every format: 2^(1024*3 - 8192) is.
_LAST = 8192

Exact = Fraction
Value = Any  # Fraction while exact, mpmath.mpf afterwards


class _CancelledError(Exception):
    """A sum lost too many bits at this precision."""


def evaluate(node: Node, values: Mapping[str, Fraction]) -> Fraction | Any:
    """The value of a tree at exact rational arguments: a Fraction where it is rational, else an mpf.

    An mpf is correct to about `GUARD` bits relative. Raises ZeroDivisionError at a pole and
    ValueError outside the domain of a function (log or sqrt of a negative number).
    """
    precision = _FIRST
    while True:
        with mpmath.workprec(precision):
            try:
                value: Fraction | Any = _Reader(values, precision).read(node)
                return value
            except _CancelledError:
                precision *= 2


def to_fraction(value: Fraction | Any) -> Fraction:
    """An evaluated value as an exact rational number (of the mpf, where it is one)."""
    if isinstance(value, Fraction):
        return Fraction(value)
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:
        raise OverflowError("the value is not finite")
    # Far below every subnormal the exponent alone would fill the memory.
    if exponent < -(1 << 16):
        return Fraction(0)
    if exponent > 1 << 16:
        return Fraction((-1 if sign else 1) * 2 ** (1 << 16))
    power = Fraction(2) ** exponent if exponent >= 0 else Fraction(1, 2**-exponent)
    return Fraction(-int(mantissa) if sign else int(mantissa)) * Fraction(power)


def to_mpf(value: Fraction | Any) -> Any:
    """An evaluated value as an mpf at the working precision."""
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return value


class _Reader:
    def __init__(self, values: Mapping[str, Fraction], precision: int) -> None:
        self.values = values
        self.precision = precision

    def read(self, node: Node) -> Value:
        match node:
            case Number(value):
                return value
            case Symbol("pi"):
                return +mpmath.pi
            case Symbol(name):
                return self.values[name]
            case Negate(operand):
                return -self.read(operand)
            case Power(base, exponent):
                return self.read(base) ** exponent
            case Binary(operator, left, right):
                return self.combine(operator, self.read(left), self.read(right))
            case Call(function, arguments):
                operands = [self.read(a) for a in arguments]
                if function == "log" and not isinstance(operands[0], Fraction):
                    # Near 1 the logarithm keeps only the bits by which its argument differs from 1.
                    self.sum(operands[0], to_mpf(Fraction(-1)))
                return _apply(function, operands)
            case Text(value):
                raise ValueError(f"the choice {value!r} has no numerical value")

    def combine(self, operator: str, a: Value, b: Value) -> Value:
        if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
            a, b = (v if v == 0 and isinstance(v, Fraction) else to_mpf(v) for v in (a, b))
        match operator:
            case "*":
                return Fraction(0) if 0 in (a, b) else a * b
            case "/":
                return Fraction(0) if a == 0 and isinstance(a, Fraction) and b != 0 else a / b
            case "+":
                return self.sum(a, b)
            case _:
                return self.sum(a, -b)

    def sum(self, a: Value, b: Value) -> Value:
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return a + b
        if isinstance(a, Fraction) or isinstance(b, Fraction):
            return b if isinstance(a, Fraction) else a  # the exact one is zero
        total = a + b
        kept = self.precision + (mpmath.mag(total) - max(mpmath.mag(a), mpmath.mag(b)) if total else -(10**9))
        if kept < GUARD and self.precision < _LAST:
            raise _CancelledError
        return total


def _apply(function: str, arguments: list[Value]) -> Value:
    if function in ("min", "max"):
        choose = min if function == "min" else max
        # Fractions and mpmath's numbers have no order.
        return choose(arguments, key=to_mpf if len({*map(type, arguments)}) > 1 else None)
    (u,) = arguments
    if function == "abs":
        return abs(u)
    exact = _EXACT.get((function, u)) if isinstance(u, Fraction) else None
    return exact if exact is not None else _FUNCTIONS[function](to_mpf(u))


#: Values that stay rational, so that a zero of the definition is an exact zero.
_EXACT: dict[tuple[str, Any], Fraction] = {
    ("exp", 0): Fraction(1),
    ("log", 1): Fraction(0),
    ("tanh", 0): Fraction(0),
    ("erf", 0): Fraction(0),
    ("erfc", 0): Fraction(1),
    ("sqrt", 0): Fraction(0),
    ("sqrt", 1): Fraction(1),
    ("sigmoid", 0): Fraction(1, 2),
    ("Phi", 0): Fraction(1, 2),
}


def _log(u: Any) -> Any:
    if u <= 0:
        raise ValueError("log of a number that is not positive")
    return mpmath.log(u)


def _sqrt(u: Any) -> Any:
    if u < 0:
        raise ValueError("sqrt of a negative number")
    return mpmath.sqrt(u)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": mpmath.exp,
    "log": _log,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "sqrt": _sqrt,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "Phi": lambda u: mpmath.erfc(-u / mpmath.sqrt(2)) / 2,
}
