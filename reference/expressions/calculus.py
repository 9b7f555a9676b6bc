"""Derivatives by exact rules on the tree, and the folding of constants that keeps them small."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from actcheck.reference.expressions.budget import MOST_BITS, MOST_NODES, BudgetError, bit_length, shortened
from actcheck.reference.expressions.tree import (
    ARITHMETIC,
    ONE,
    ZERO,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    Text,
    X,
    text,
    walk,
)

TWO = Number(Fraction(2))
PI = Symbol("pi")


def derivative(node: Node, order: int = 1) -> Node:
    """The derivative with respect to x; the tree must be free of abs, min and max.

    Raises ValueError for a function without a rule (abs, min, max: see `binding`), and BudgetError where the
    derivative would have more than `MOST_NODES` nodes.
    """
    for _ in range(order):
        if _sizes(node)[1] > MOST_NODES:
            shown = shortened(text(node))
            raise BudgetError(f"the derivative of {shown} has more than {MOST_NODES} parts; shorten it")
        node = folded(_derivative(node))
    return node


def _sizes(node: Node) -> tuple[int, int]:
    """The nodes of a tree, and no fewer than those of what `_derivative` makes of it; 0 where that is 0."""
    match node:
        case Number() | Text():
            return 1, 0
        case Symbol(name):
            return 1, int(name == "x")
        case Negate(operand):
            size, inner = _sizes(operand)
            return size + 1, inner and inner + 1
        case Power(base, _):
            size, inner = _sizes(base)
            return size + 1, inner and size + inner + 4
        case Binary(operator, left, right):
            a, b = _sizes(left), _sizes(right)
            return a[0] + b[0] + 1, _size_of_binary(operator, a, b)
        case Call(function, (argument,)) if function in _RULES:
            size, inner = _sizes(argument)
            fixed, repeated = _size_of_rule(function)
            return size + 1, inner and fixed + repeated * size + inner + 1
        case Call(function, _):
            raise ValueError(f"{function} has no derivative rule: it must be split into cases first")


def _size_of_binary(operator: str, a: tuple[int, int], b: tuple[int, int]) -> int:
    match operator:
        case "*":
            return (a[1] and a[1] + b[0] + 2) + (b[1] and a[0] + b[1] + 2)
        case "/" if b[1]:
            return a[1] + a[0] + b[0] + b[1] + b[0] + 4
        case "/":
            return a[1] and a[1] + b[0] + 1
    return a[1] + b[1] + 2 * bool(b[1])


def _derivative(node: Node) -> Node:
    match node:
        case Number() | Text():
            return ZERO
        case Symbol(name):
            return ONE if name == "x" else ZERO
        case Negate(operand):
            return Negate(_derivative(operand))
        case Power(base, exponent):
            outer = times(Number(Fraction(exponent)), Power(base, exponent - 1)) if exponent else ZERO
            return times(outer, _derivative(base))
        case Binary("*", left, right):
            return plus(times(_derivative(left), right), times(left, _derivative(right)))
        case Binary("/", left, right):
            inner = minus(_derivative(left), times(node, _derivative(right)))
            return folded(Binary("/", inner, right))
        case Binary(operator, left, right):
            return folded(Binary(operator, _derivative(left), _derivative(right)))
        case Call(function, arguments):
            return times(_RULES[function](arguments[0]), _derivative(arguments[0]))


def plus(a: Node, b: Node) -> Node:
    """The sum, folded."""
    return folded(Binary("+", a, b))


def minus(a: Node, b: Node) -> Node:
    """The difference, folded."""
    return folded(Binary("-", a, b))


def times(a: Node, b: Node) -> Node:
    """The product, folded."""
    return folded(Binary("*", a, b))


def _call(function: str, argument: Node) -> Call:
    return Call(function, (argument,))


def _gauss(u: Node, variance: Node) -> Node:
    return _call("exp", Negate(Binary("/", Power(u, 2), variance)))


#: Each function's derivative at u. sigmoid' is written as a product, which loses nothing in the tails.
_RULES: dict[str, Callable[[Node], Node]] = {
    "exp": lambda u: _call("exp", u),
    "log": lambda u: Binary("/", ONE, u),
    "tanh": lambda u: minus(ONE, Power(_call("tanh", u), 2)),
    "erf": lambda u: Binary("/", times(TWO, _gauss(u, ONE)), _call("sqrt", PI)),
    "erfc": lambda u: Negate(Binary("/", times(TWO, _gauss(u, ONE)), _call("sqrt", PI))),
    "sqrt": lambda u: Binary("/", ONE, times(TWO, _call("sqrt", u))),
    "log1pexp": lambda u: _call("sigmoid", u),  # of `rewriting` alone
    "sigmoid": lambda u: times(_call("sigmoid", u), _call("sigmoid", Negate(u))),
    "Phi": lambda u: Binary("/", _gauss(u, TWO), _call("sqrt", times(TWO, PI))),
}


@cache
def _size_of_rule(function: str) -> tuple[int, int]:
    """The nodes of a rule's result beside the argument, and how often that stands in it."""
    parts = list(walk(_RULES[function](X)))
    return len(parts) - parts.count(X), parts.count(X)


def folded(node: Node) -> Node:
    """The tree with rational constants computed and neutral elements dropped, at every level."""
    match node:
        case Binary(operator, left, right):
            return _folded_binary(operator, folded(left), folded(right))
        case Negate(operand):
            inner = folded(operand)
            return Number(-inner.value) if isinstance(inner, Number) else Negate(inner)
        case Power(base, exponent):
            return _folded_power(folded(base), exponent)
        case Call(function, arguments):
            return Call(function, tuple(folded(a) for a in arguments))
        case _:
            return node


def _folded_power(base: Node, exponent: int) -> Node:
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if isinstance(base, Number) and bit_length(base.value) * exponent <= MOST_BITS:
        return Number(base.value**exponent)
    return Power(base, exponent)


def _folded_binary(operator: str, left: Node, right: Node) -> Node:
    if isinstance(left, Number) and isinstance(right, Number):
        value = _compute(operator, left.value, right.value)
        if value is not None:
            return Number(value)
    if operator in "+-" and right == ZERO:
        return left
    if operator == "+" and left == ZERO:
        return right
    if operator == "-" and left == ZERO:
        return folded(Negate(right))
    if operator in "*/" and right == ONE:
        return left
    if operator == "*" and left == ONE:
        return right
    if operator == "*" and ZERO in (left, right):
        return ZERO
    if operator == "/" and left == ZERO and right != ZERO:
        return ZERO
    return Binary(operator, left, right)


def _compute(operator: str, a: Fraction, b: Fraction) -> Fraction | None:
    if (operator == "/" and not b) or bit_length(a) + bit_length(b) > MOST_BITS:
        return None
    return Fraction(ARITHMETIC[operator](a, b))
