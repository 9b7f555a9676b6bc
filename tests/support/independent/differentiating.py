"""Values and derivatives of a tree by forward differentiation, in whatever numbers an algebra gives.

A number is None where it is zero whatever x is. Each node yields its value, first and second derivative, as
far as they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Protocol

from actcheck.reference.expressions.tree import Binary, Call, Negate, Node, Number, Power, Symbol

#: A value and its derivatives.
Jet = tuple[Any, ...]


class Algebra(Protocol):
    """What the numbers of one kind can do; None stands for zero in every argument and result."""

    def number(self, value: Fraction) -> Any:
        """A rational constant."""

    def pi(self) -> Any:
        """The constant."""

    def x(self) -> Any:
        """The input."""

    def plus(self, a: Any, b: Any) -> Any:
        """The sum."""

    def minus(self, a: Any, b: Any) -> Any:
        """The difference."""

    def times(self, a: Any, b: Any) -> Any:
        """The product."""

    def over(self, a: Any, b: Any) -> Any:
        """The quotient."""

    def apply(self, call: Call, operands: Sequence[Any], order: int) -> Jet:
        """A function of the values of its operands, and its derivatives if there is only one."""


def read(node: Node, algebra: Algebra, order: int) -> Jet:
    """The value of a tree and its derivatives up to an order of at most 2."""
    match node:
        case Number(value):
            return _constant(algebra.number(value) if value else None, order)
        case Symbol("pi"):
            return _constant(algebra.pi(), order)
        case Symbol("x"):
            return (algebra.x(), algebra.number(Fraction(1)), None)[: order + 1]
        case Negate(operand):
            return tuple(algebra.minus(None, part) for part in read(operand, algebra, order))
        case Power(base, exponent):
            return _power(read(base, algebra, order), exponent, algebra, order)
        case Binary(operator, left, right):
            a, b = read(left, algebra, order), read(right, algebra, order)
            return _COMBINED[operator](a, b, algebra)
        case Call(_, arguments):
            inner = [read(argument, algebra, order if len(arguments) == 1 else 0) for argument in arguments]
            outer = algebra.apply(node, [jet[0] for jet in inner], order)
            return _chain(outer, inner[0], algebra)
    raise ValueError(f"{node!r} has no value")


def _constant(value: Any, order: int) -> Jet:
    return (value, *(None,) * order)


def _sum(a: Jet, b: Jet, algebra: Algebra) -> Jet:
    return tuple(algebra.plus(p, q) for p, q in zip(a, b, strict=True))


def _difference(a: Jet, b: Jet, algebra: Algebra) -> Jet:
    return tuple(algebra.minus(p, q) for p, q in zip(a, b, strict=True))


def _product(a: Jet, b: Jet, algebra: Algebra) -> Jet:
    """(uv)' = u'v + uv', (uv)'' = u''v + 2u'v' + uv''."""
    plus, times = algebra.plus, algebra.times
    parts = [times(a[0], b[0])]
    if len(a) > 1:
        parts.append(plus(times(a[1], b[0]), times(a[0], b[1])))
    if len(a) > 2:
        both = times(algebra.number(Fraction(2)), times(a[1], b[1]))
        parts.append(plus(plus(times(a[2], b[0]), times(a[0], b[2])), both))
    return tuple(parts)


def _quotient(a: Jet, b: Jet, algebra: Algebra) -> Jet:
    """q = u/v: q' = (u' - qv')/v, q'' = (u'' - 2q'v' - qv'')/v."""
    minus, times, over = algebra.minus, algebra.times, algebra.over
    parts = [over(a[0], b[0])]
    if len(a) > 1:
        parts.append(over(minus(a[1], times(parts[0], b[1])), b[0]))
    if len(a) > 2:
        both = times(algebra.number(Fraction(2)), times(parts[1], b[1]))
        parts.append(over(minus(minus(a[2], both), times(parts[0], b[2])), b[0]))
    return tuple(parts)


def _power(base: Jet, exponent: int, algebra: Algebra, order: int) -> Jet:
    result = _constant(algebra.number(Fraction(1)), order)
    for _ in range(exponent):
        result = _product(result, base, algebra)
    return result


def _chain(outer: Jet, inner: Jet, algebra: Algebra) -> Jet:
    """f(u)' = f'(u)u', f(u)'' = f''(u)u'^2 + f'(u)u''."""
    plus, times = algebra.plus, algebra.times
    parts = [outer[0]]
    if len(outer) > 1:
        parts.append(times(outer[1], inner[1]))
    if len(outer) > 2:
        square = times(inner[1], inner[1])
        parts.append(plus(times(outer[2], square), times(outer[1], inner[2])))
    return tuple(parts)


_COMBINED = {"+": _sum, "-": _difference, "*": _product, "/": _quotient}
