"""The float64 reading of the tree over arrays of any namespace: for scales and pictures, never to judge."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from actcheck.reference.expressions.tree import ARITHMETIC, Binary, Call, Negate, Node, Number, Power, Symbol

Array = Any  # of an Array API namespace
#: Errors of `evaluate` for what `scales.proof` let pass, which is every scale of a specification: relative to
#: the value, and besides where something underflows.
SLACK, LEAST = 2.0**-40, 2.0**-1030
#: Beyond it the computed value may be infinite.
MOST = 2.0**1022


def is_exact(node: Node) -> bool:
    """Whether `evaluate` makes no error: numbers, x, and choices among them, with their signs."""
    match node:
        case Number(value):
            return value == Fraction(float(value))
        case Symbol("x"):
            return True
        case Negate(operand):
            return is_exact(operand)
        case Call("abs" | "min" | "max", arguments):
            return all(is_exact(a) for a in arguments)
    return False


def evaluate(xp: Any, node: Node, x: Array) -> Array:
    """The tree at float64 x, in float64; overflow gives infinity.

    For a scale the error is at most `SLACK` of its value and `LEAST`, as `scales.proof` states it.
    """
    match node:
        case Number(value):
            return xp.full_like(x, float(value))
        case Symbol("x"):
            return x
        case Symbol("pi"):
            return xp.full_like(x, xp.pi)
        case Negate(operand):
            return -evaluate(xp, operand, x)
        case Power(base, exponent):
            return power(evaluate(xp, base, x), exponent)
        case Binary(operator, left, right):
            return ARITHMETIC[operator](evaluate(xp, left, x), evaluate(xp, right, x))
        case Call(function, arguments):
            return called(xp, function, [evaluate(xp, a, x) for a in arguments])
    raise ValueError(f"{node!r} has no value")


def bounds(xp: Any, node: Node, x: Array, factor: Array | float = 1.0) -> tuple[Array, Array]:
    """Bounds of abs(factor) times a proven scale at finite x, elementwise; the lower may be negative.

    From abs(s' - s) <= 3/4*SLACK*s + LEAST/2 for the computed s' (see `scales.proof`); what is left of both
    is more than the product with the factor and these sums round.
    """
    one = isinstance(factor, float) and factor == 1.0
    value = evaluate(xp, node, x)
    if one and is_exact(node):
        return value, value
    size = xp.abs(xp.asarray(factor))
    value, least = value * size, xp.maximum(LEAST * size, xp.full_like(value, LEAST))
    return xp.minimum(value * (1 - SLACK) - least, xp.full_like(value, MOST)), value * (1 + SLACK) + least


def power(base: Array, exponent: int) -> Array:
    """A whole power by squaring: abs(exponent) - 1 roundings at most, and one more of the reciprocal."""
    if exponent < 0:
        return 1 / power(base, -exponent)
    if exponent < 2:
        return base if exponent else base * 0 + 1
    half = power(base, exponent // 2)
    return half * half * base if exponent % 2 else half * half


def called(xp: Any, function: str, arguments: list[Array]) -> Array:
    """A function of the language at arrays. Raises ValueError for one that no scale can use."""
    match function:
        case "min":
            return xp.minimum(*arguments)
        case "max":
            return xp.maximum(*arguments)
        case "sigmoid":
            return 1 / (1 + xp.exp(-arguments[0]))
        case "abs" | "exp" | "log" | "tanh" | "sqrt":
            return getattr(xp, function)(*arguments)
    raise ValueError(f"a scale cannot use {function}")
