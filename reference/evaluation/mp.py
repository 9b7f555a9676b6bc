"""The mpmath reading of the tree: the reference of record.

Rational parts are computed exactly, as fractions, up to `MOST_EXACT_BITS`. All else carries a bound of its
error through every step (`evaluation.approximate`), and the evaluation is repeated with twice the precision
until `GUARD` bits of the result are certain. No knowledge of the formula is needed to trust its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath

from actcheck.reference.evaluation import approximate
from actcheck.reference.evaluation.approximate import Approximate, UnsettledError
from actcheck.reference.evaluation.functions import FUNCTIONS, pi
from actcheck.reference.evaluation.rational import known_value
from actcheck.reference.expressions.budget import MOST_EXACT_BITS, bit_length
from actcheck.reference.expressions.tree import (
    ARITHMETIC,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    Text,
    text,
)

#: Leading bits of a result that are certain.
GUARD = 120
_FIRST = 192
#: With this many bits nothing was told from zero whose size is below 2^_NOTHING: it is zero for every format.
_LAST, _NOTHING = 8192, -4096

Exact = Fraction
Value = Fraction | Approximate


def evaluate(node: Node, values: Mapping[str, Fraction], guard: int = GUARD) -> Fraction | Any:
    """The value of a tree at exact rational arguments: a Fraction where it is rational, else an mpf.

    An mpf is within 2^-guard of the exact value, relative to it; what is below 2^-4096 and cannot be told
    from zero is Fraction(0). Raises ZeroDivisionError at a pole, ValueError outside the domain of a function
    (log or sqrt of a negative number), OverflowError for exponentials beyond all bounds, and
    UnsettledError where 8192 bits do not suffice.
    """
    precision = _FIRST
    while True:
        with mpmath.workprec(precision):
            try:
                value = _read(node, values)
                if isinstance(value, Fraction):
                    return value
                if value.bits >= guard:
                    return value.value
            except UnsettledError:
                value = None
        if precision == _LAST:
            return _nothing(node, value)
        precision = min(2 * precision, _LAST)


def _nothing(node: Node, value: Approximate | None) -> Fraction:
    """Zero, for a value that the last precision does not settle."""
    if value is None or approximate.magnitude(value.most) > _NOTHING:
        raise UnsettledError(f"{_LAST} bits do not settle the value of {text(node)}")
    return Fraction(0)


def to_fraction(value: Fraction | Any) -> Fraction:
    """An evaluated value as an exact rational number (of the mpf, where it is one)."""
    if isinstance(value, Fraction):
        return value
    sign, mantissa, exponent, _ = value._mpf_
    if not mantissa and exponent:
        raise OverflowError("the value is not finite")
    # Far below every subnormal the exponent alone would fill the memory.
    if exponent < -(1 << 16):
        return Fraction(0)
    if exponent > 1 << 16:
        return Fraction((-1 if sign else 1) * 2 ** (1 << 16))
    whole = -int(mantissa) if sign else int(mantissa)
    return Fraction(whole << exponent) if exponent >= 0 else Fraction(whole, 1 << -exponent)


def to_mpf(value: Fraction | Any) -> Any:
    """An evaluated value as an mpf at the working precision."""
    if isinstance(value, Fraction):
        return mpmath.mpf(value.numerator) / value.denominator
    return value


def _read(node: Node, values: Mapping[str, Fraction]) -> Value:
    match node:
        case Number(value):
            return value
        case Symbol("pi"):
            return pi()
        case Symbol(name):
            return values[name]
        case Negate(operand):
            return -_read(operand, values)
        case Power(base, exponent):
            return _raised(_read(base, values), exponent)
        case Binary(operator, left, right):
            return _combined(operator, _read(left, values), _read(right, values))
        case Call(function, arguments):
            return _applied(function, [_read(a, values) for a in arguments])
        case Text(value):
            raise ValueError(f"the choice {value!r} has no numerical value")


def _raised(base: Value, exponent: int) -> Value:
    if isinstance(base, Fraction):
        if bit_length(base) * exponent <= MOST_EXACT_BITS:
            return base**exponent
        base = approximate.of_fraction(base)
    return approximate.power(base, exponent)


def _combined(operator: str, a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        if operator == "/" and not b:
            raise ZeroDivisionError("division by zero")
        if bit_length(a) + bit_length(b) <= MOST_EXACT_BITS:
            result: Fraction = ARITHMETIC[operator](a, b)
            return result
    zeros = [v for v in (a, b) if isinstance(v, Fraction) and v == 0]
    left, right = _approximated(a), _approximated(b)
    match operator:
        case "*":
            return Fraction(0) if zeros else approximate.multiply(left, right)
        case "/":
            quotient = approximate.divide(left, right)
            return Fraction(0) if zeros else quotient
        case "+":
            return (b if a == 0 else a) if zeros else approximate.add(left, right)
    return (-b if a == 0 else a) if zeros else approximate.add(left, -right)


def _approximated(value: Value) -> Approximate:
    return approximate.of_fraction(value) if isinstance(value, Fraction) else value


def _applied(function: str, arguments: list[Value]) -> Value:
    if function in ("min", "max"):
        return _chosen(function, *arguments)
    (u,) = arguments
    if isinstance(u, Fraction):
        exact = abs(u) if function == "abs" else known_value(function, u)
        if exact is not None:
            return exact
    u = _approximated(u)
    return Approximate(abs(u.value), u.error) if function == "abs" else FUNCTIONS[function](u)


def _chosen(function: str, a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return (min if function == "min" else max)(a, b)
    left, right = _approximated(a), _approximated(b)
    sign = approximate.add(left, -right).sign
    if sign:
        # What is chosen for certain stays what it is: an exact zero above all.
        return a if (sign > 0) == (function == "max") else b
    return -approximate.larger(-left, -right) if function == "min" else approximate.larger(left, right)
