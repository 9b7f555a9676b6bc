"""Interval arithmetic with separate ends, for questions of sign and size over wide ranges.

A ball that reaches from 1 to 10^40 has lost its lower end; an interval keeps it. Every function of the
language is monotone, so that its ends are its values at the ends. The ends are Arb numbers, rounded
outwards.
"""

from __future__ import annotations

from typing import Any

from flint import arb

from actcheck.reference.evaluation import balls
from actcheck.reference.evaluation.balls import Ball, ball
from actcheck.reference.expressions.tree import (
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


class UnknownError(ArithmeticError):
    """A part of the tree may have no value on the interval: whatever is made of it, nothing is known."""


def enclose(node: Node, low: float, high: float) -> Interval:
    """Bounds of a tree over low <= x <= high, as Arb numbers; infinite where nothing is known."""
    with balls.precision(_BITS, 1):
        try:
            return read(node, (arb(low), arb(high)))
        except UnknownError:
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


def read(node: Node, x: Interval) -> Interval:
    """Bounds of a tree over an interval, at Arb's precision as set. Raises UnknownError without any."""
    match node:
        case Number(value):
            return _ends(ball(value), ball(value))
        case Symbol("x"):
            return x
        case Symbol("pi"):
            return _ends(arb.pi(), arb.pi())
        case Negate(operand):
            return _negated(read(operand, x))
        case Power(base, exponent):
            return _power(read(base, x), exponent)
        case Binary("-", Call("exp", (u,)), right) if right == ONE:
            low, high = read(u, x)
            return _ends(low.expm1(), high.expm1())
        case Binary(operator, left, right):
            return binary(operator, read(left, x), read(right, x))
        case Call(function, arguments):
            low, high = read(arguments[0], x)
            a, b = _FUNCTIONS[function](low), _FUNCTIONS[function](high)
            return _ends(b, a) if function == "erfc" else _ends(a, b)
    raise ValueError(f"{node!r} has no value")


def _ends(low: Any, high: Any) -> Interval:
    low, high = arb(low).lower(), arb(high).upper()
    if low.is_nan() or high.is_nan():
        raise UnknownError
    return low, high


def _negated(value: Interval) -> Interval:
    return -value[1], -value[0]


def _power(base: Interval, exponent: int) -> Interval:
    if exponent % 2 == 0 and base[0] < 0:
        if base[1] > 0:
            return _ends(arb(0), base[1].max(-base[0]) ** exponent)
        base = _negated(base)
    return _ends(base[0] ** exponent, base[1] ** exponent)


def binary(operator: str, a: Interval, b: Interval) -> Interval:
    """Bounds of a sum, difference, product or quotient, rounded outwards at Arb's precision as set."""
    match operator:
        case "+":
            return _ends(a[0] + b[0], a[1] + b[1])
        case "-":
            return _ends(a[0] - b[1], a[1] - b[0])
        case "/":
            if not (b[0] > 0 or b[1] < 0):
                raise UnknownError
            b = (1 / b[1], 1 / b[0])
    products = [p * q for p in a for q in b]
    if any(product.is_nan() for product in products):
        return _EVERYTHING
    low = high = products[0]
    for product in products[1:]:
        low, high = low.min(product), high.max(product)
    return _ends(low, high)


def complementary_error(u: Any) -> Any:
    """erfc of an Arb number. Arb's own has no lower end for arguments beyond some 2^90.

    There exp(-u^2)/sqrt(pi) * 2/(u + sqrt(u^2 + c)) bounds it from below with c = 2, from above with c = 4/pi
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.13).
    """
    value = u.erfc()
    if value > 0 or not u > 1:
        return value
    density = 2 * (-u * u).exp() / arb.pi().sqrt()
    return (density / (u + (u * u + 2).sqrt())).union(density / (u + (u * u + 4 / arb.pi()).sqrt()))


#: Each is increasing, except erfc.
_FUNCTIONS: dict[str, Any] = {
    "exp": lambda u: u.exp(),
    "log": lambda u: u.log(),
    "tanh": lambda u: u.tanh(),
    "erf": lambda u: u.erf(),
    "erfc": complementary_error,
    "sqrt": lambda u: u.sqrt(),
    "log1pexp": lambda u: u + (-u).exp().log1p() if u > 0 else u.exp().log1p(),
    "sigmoid": lambda u: 1 / (1 + (-u).exp()) if u > 0 else u.exp() / (1 + u.exp()),
    "Phi": lambda u: complementary_error(-u / arb(2).sqrt()) / 2,
}
