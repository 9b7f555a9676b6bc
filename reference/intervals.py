"""Interval arithmetic with separate ends, for questions of sign and size over wide ranges.

A ball that reaches from 1 to 10^40 has lost its lower end; an interval keeps it. Every function of the
language is monotone, so that its ends are its values at the ends. The ends are Arb numbers, rounded
outwards.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from actcheck.reference import balls
from actcheck.reference.balls import Ball, ball
from actcheck.reference.expression import (
    ONE,
    ZERO,
    Binary,
    Call,
    Comparison,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
)

Interval = tuple[Ball, Ball]
_EVERYTHING: Interval = (arb("-inf"), arb("inf"))
_BITS = 128


class _UnknownError(ArithmeticError):
    """A part of the tree may have no value on the interval: whatever is made of it, nothing is known."""


def enclose(node: Node, low: float, high: float) -> Interval:
    """Bounds of a tree over low <= x <= high, as Arb numbers; infinite where nothing is known."""
    with balls.precision(_BITS, 1):
        try:
            return _read(node, (arb(low), arb(high)))
        except _UnknownError:
            return _EVERYTHING


def decide(comparison: Comparison, low: float, high: float) -> bool | None:
    """Whether a comparison holds on all of an interval, on none of it, or (None) neither for certain."""
    sign = _difference(comparison, low, high)
    surely = {
        "<": sign[1] < 0,
        "<=": sign[1] <= 0,
        ">": sign[0] > 0,
        ">=": sign[0] >= 0,
        "==": sign[0] == 0 and sign[1] == 0,
        "!=": sign[0] > 0 or sign[1] < 0,
    }
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
    if surely[comparison.operator]:
        return True
    return False if surely[opposite[comparison.operator]] else None


def _difference(comparison: Comparison, low: float, high: float) -> Interval:
    if comparison.left == ZERO:
        return _negated(enclose(comparison.right, low, high))
    return enclose(Binary("-", comparison.left, comparison.right), low, high)


def _read(node: Node, x: Interval) -> Interval:
    match node:
        case Number(value):
            return _ends(ball(value), ball(value))
        case Symbol("x"):
            return x
        case Symbol("pi"):
            return _ends(arb.pi(), arb.pi())
        case Negate(operand):
            return _negated(_read(operand, x))
        case Power(base, exponent):
            return _power(_read(base, x), exponent)
        case Binary("-", Call("exp", (u,)), right) if right == ONE:
            low, high = _read(u, x)
            return _ends(low.expm1(), high.expm1())
        case Binary(operator, left, right):
            return _binary(operator, _read(left, x), _read(right, x))
        case Call(function, arguments):
            low, high = _read(arguments[0], x)
            a, b = _FUNCTIONS[function](low), _FUNCTIONS[function](high)
            return _ends(b, a) if function == "erfc" else _ends(a, b)
    raise ValueError(f"{node!r} has no value")


def _ends(low: Any, high: Any) -> Interval:
    low, high = arb(low).lower(), arb(high).upper()
    if low.is_nan() or high.is_nan():
        raise _UnknownError
    return low, high


def _negated(value: Interval) -> Interval:
    return -value[1], -value[0]


def _power(base: Interval, exponent: int) -> Interval:
    if exponent % 2 == 0 and base[0] < 0:
        if base[1] > 0:
            return _ends(arb(0), base[1].max(-base[0]) ** exponent)
        base = _negated(base)
    return _ends(base[0] ** exponent, base[1] ** exponent)


def _binary(operator: str, a: Interval, b: Interval) -> Interval:
    match operator:
        case "+":
            return _ends(a[0] + b[0], a[1] + b[1])
        case "-":
            return _ends(a[0] - b[1], a[1] - b[0])
        case "/":
            if not (b[0] > 0 or b[1] < 0):
                raise _UnknownError
            b = (1 / b[1], 1 / b[0])
    products = [p * q for p in a for q in b]
    if any(product.is_nan() for product in products):
        return _EVERYTHING
    low = high = products[0]
    for product in products[1:]:
        low, high = low.min(product), high.max(product)
    return _ends(low, high)


#: Each is increasing, except erfc.
_FUNCTIONS: dict[str, Any] = {
    "exp": lambda u: u.exp(),
    "log": lambda u: u.log(),
    "tanh": lambda u: u.tanh(),
    "erf": lambda u: u.erf(),
    "erfc": lambda u: u.erfc(),
    "sqrt": lambda u: u.sqrt(),
    "log1pexp": lambda u: (1 + u.exp()).log(),
    "sigmoid": lambda u: 1 / (1 + (-u).exp()),
    "Phi": lambda u: (-u / arb(2).sqrt()).erfc() / 2,
}
