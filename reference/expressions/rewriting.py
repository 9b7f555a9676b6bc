"""Equal forms of an expression whose enclosures over wide intervals stay tight.

Interval arithmetic suffers from the form of a formula: a variable that occurs twice counts as two,
and the exponential of the wrong sign overflows. Each rule here is an identity of real functions.
"""

from __future__ import annotations

from fractions import Fraction

from actcheck.reference.expressions.calculus import TWO, folded, times
from actcheck.reference.expressions.tree import ONE, Binary, Call, Negate, Node, Number, X, children, rebuilt


def stable(node: Node) -> Node:
    """The same function with ``sigmoid``, ``log1pexp`` and partial fractions made explicit.

    ``log1pexp`` (the logarithm of 1 + exp(u)) is known to the Arb reading alone.
    """
    node = rebuilt(node, tuple(stable(child) for child in children(node)))
    match node:
        case Call("log", (Binary("/", left, right),)) if left == ONE:
            return folded(Negate(stable(Call("log", (right,)))))
        case Call("log", (Call("sigmoid", (u,)),)):
            return Negate(Call("log1pexp", (folded(Negate(u)),)))
        case Call("log", (Binary("+", left, Call("exp", (u,))),)) if left == ONE:
            return Call("log1pexp", (u,))
        case Call("log", (Binary("+", Call("exp", (u,)), right),)) if right == ONE:
            return Call("log1pexp", (u,))
        case Binary("+", left, Call("tanh", (u,))) if left == ONE:
            return _twice_sigmoid(times(TWO, u))
        case Binary("-", left, Call("tanh", (u,))) if left == ONE:
            return _twice_sigmoid(times(Number(Fraction(-2)), u))
        case Binary("/", left, Binary("+", right, Call("exp", (u,)))) if left == right == ONE:
            return Call("sigmoid", (folded(Negate(u)),))
        case Binary("/", left, right):
            return _partial_fractions(node, affine(left), affine(right))
    return node


def _twice_sigmoid(u: Node) -> Node:
    """1 + tanh(u/2), without the cancellation for negative u."""
    return times(TWO, Call("sigmoid", (u,)))


def _partial_fractions(node: Node, top: tuple[Fraction, Fraction] | None, bottom: object) -> Node:
    """(a + b x)/(c + d x) as b/d + (a - b c/d)/(c + d x), so that x occurs once."""
    if top is None or not isinstance(bottom, tuple) or not bottom[1] or not top[1]:
        return node
    (a, b), (c, d) = top, bottom
    denominator = folded(Binary("+", Number(c), times(Number(d), X)))
    rest = folded(Binary("/", Number(a - b * c / d), denominator))
    return folded(Binary("+", Number(b / d), rest))


def affine(node: Node) -> tuple[Fraction, Fraction] | None:
    """(a, b) where the tree is a + b x with rational a and b, else None."""
    if node == X:
        return Fraction(0), Fraction(1)
    match node:
        case Number(value):
            return value, Fraction(0)
        case Negate(operand):
            inner = affine(operand)
            return inner and (-inner[0], -inner[1])
        case Binary(operator, left, right):
            a, b = affine(left), affine(right)
            return _affine_binary(operator, a, b) if a and b else None
    return None


def _affine_binary(
    operator: str, left: tuple[Fraction, Fraction], right: tuple[Fraction, Fraction]
) -> tuple[Fraction, Fraction] | None:
    (a, b), (c, d) = left, right
    if operator in "+-":
        sign = 1 if operator == "+" else -1
        return a + sign * c, b + sign * d
    if operator == "*" and not (b and d):
        return a * c, a * d + b * c
    if operator == "/" and not d and c:
        return a / c, b / c
    return None
