"""Bounds of a scale over runs of inputs, by interval arithmetic on the tree, elementwise over arrays.

Each operation is applied to the ends of intervals in the order that makes its result the outer one
(R. E. Moore, Interval Analysis, 1966). The ends are computed as `numeric.evaluate` computes single values,
and what `scales.proof` says of those holds for each end: it counts the errors of single operations, whichever
values they are given.
"""

from __future__ import annotations

from typing import Any

from actcheck.reference import numeric
from actcheck.reference.expression import Binary, Call, Negate, Node, Power, Symbol

Array = Any  # of an Array API namespace
Ends = tuple[Array, Array]


def least(xp: Any, node: Node, low: Array, high: Array) -> Array:
    """A lower bound of a proven scale for all x from ``low`` to ``high``, elementwise; it may be negative."""
    ends = over(xp, node, low, high)[0]
    if numeric.is_exact(node):
        return ends
    return xp.minimum(ends * (1 - numeric.SLACK) - numeric.LEAST, xp.full_like(ends, numeric.MOST))


def over(xp: Any, node: Node, low: Array, high: Array) -> Ends:
    """Bounds of a proven scale for all x from ``low`` to ``high``, elementwise, but for rounding."""
    match node:
        case Symbol("x"):
            return low, high
        case Negate(operand):
            a, b = over(xp, operand, low, high)
            return -b, -a
        case Power(base, exponent):
            return _power(xp, over(xp, base, low, high), exponent)
        case Binary(operator, left, right):
            return _binary(xp, operator, over(xp, left, low, high), over(xp, right, low, high))
        case Call("abs", (operand,)):
            return _size(xp, over(xp, operand, low, high))
        case Call(function, arguments):
            # All others rise in each argument.
            ends = [over(xp, a, low, high) for a in arguments]
            lower, upper = ([end[k] for end in ends] for k in (0, 1))
            return numeric.called(xp, function, lower), numeric.called(xp, function, upper)
    value = numeric.evaluate(xp, node, low)
    return value, value


def _size(xp: Any, ends: Ends) -> Ends:
    a, b = ends
    return xp.maximum(xp.maximum(a, -b), xp.full_like(a, 0.0)), xp.maximum(xp.abs(a), xp.abs(b))


def _power(xp: Any, ends: Ends, exponent: int) -> Ends:
    if exponent < 0:
        return _binary(xp, "/", (xp.full_like(ends[0], 1.0),) * 2, _power(xp, ends, -exponent))
    low, high = _size(xp, ends) if exponent % 2 == 0 else ends
    return numeric.power(low, exponent), numeric.power(high, exponent)


def _binary(xp: Any, operator: str, left: Ends, right: Ends) -> Ends:
    (a, b), (c, d) = left, right
    match operator:
        case "+":
            return a + c, b + d
        case "-":
            return a - d, b - c
        case "*":
            ends = (a * c, a * d, b * c, b * d)
        case _:
            ends = (a / c, a / d, b / c, b / d)
    first, second, third, fourth = ends
    low = xp.minimum(xp.minimum(first, second), xp.minimum(third, fourth))
    return low, xp.maximum(xp.maximum(first, second), xp.maximum(third, fourth))
