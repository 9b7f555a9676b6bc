"""The float64 reading of the tree over arrays of any namespace: for scales and pictures, never to judge."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from actcheck.reference.expression import Binary, Call, Negate, Node, Number, Power, Symbol

Array = Any  # of an Array API namespace


class Scalars:
    """A namespace of single Python floats, for `evaluate`. What overflows raises ArithmeticError."""

    pi = math.pi
    exp, log, tanh, sqrt = math.exp, math.log, math.tanh, math.sqrt
    abs, minimum, maximum = abs, min, max

    @staticmethod
    def full_like(_x: float, value: float) -> float:
        """The value."""
        return value


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
    """The tree at float64 x, in float64, with a relative error of some units; overflow gives infinity."""
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
            return evaluate(xp, base, x) ** exponent
        case Binary(operator, left, right):
            return _binary(operator, evaluate(xp, left, x), evaluate(xp, right, x))
        case Call(function, arguments):
            return _call(xp, function, [evaluate(xp, a, x) for a in arguments])
    raise ValueError(f"{node!r} has no value")


def _binary(operator: str, a: Array, b: Array) -> Array:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return a / b


def _call(xp: Any, function: str, arguments: list[Array]) -> Array:
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
