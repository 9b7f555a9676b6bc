"""The sign of a sum whose terms are all of one exponential size, such as x*phi(x) - Phi(-x) far out.

Written out as products, what the terms have in common is taken out, and what is left is of ordinary size:
phi(x) * (x - m(x)), where Mills' ratio m(x) = Phi(-x)/phi(x) lies between x/(1 + x^2) and 1/x for x > 0
(R. Gordon, Values of Mills' ratio, 1941).
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb

from actcheck.reference.evaluation import balls, intervals
from actcheck.reference.expressions.calculus import TWO, folded, times
from actcheck.reference.expressions.tree import (
    ONE,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    symbols,
)

#: A product: its rational factor and the others, how often each occurs.
Term = tuple[Fraction, Counter[Node]]
Ends = tuple[float, float]
#: More terms than a sum of a few functions and their derivatives has.
_MOST = 64
_PI = Symbol("pi")


def common_factors(node: Node, ends: Ends) -> tuple[list[Node], list[Term]] | None:
    """What all terms of a sum have in common, and the terms without it; None for one term or too many."""
    terms = _terms(node, ends)
    if terms is None or len(terms) < 2:
        return None
    common = reduce(lambda a, b: a & b, (factors for _, factors in terms))
    return list(common.elements()), [(c, factors - common) for c, factors in terms]


def sum_between(terms: list[Term], ends: Ends) -> tuple[Any, Any]:
    """Bounds of a sum of products between the ends."""
    low, high = arb(0), arb(0)
    for coefficient, factors in terms:
        product = balls.ball(coefficient), balls.ball(coefficient)
        for factor in factors.elements():
            other = _mills(factor, ends) or intervals.enclose(factor, *ends)
            corners = [a * b for a in product for b in other]
            product = reduce(lambda a, b: a.min(b), corners), reduce(lambda a, b: a.max(b), corners)
        low, high = (low + product[0]).lower(), (high + product[1]).upper()
    return low, high


def _mills(factor: Node, ends: Ends) -> tuple[Any, Any] | None:
    """Mills' ratio of a positive argument, which falls as that grows."""
    if not isinstance(factor, Call) or factor.function != "mills":
        return None
    low, high = intervals.enclose(factor.arguments[0], *ends)
    return (high / (1 + high**2)).lower(), (1 / low).upper()


def _terms(node: Node, ends: Ends) -> list[Term] | None:
    """A tree written out as a sum of products."""
    match node:
        case Number(value):
            return [(value, Counter())] if value else []
        case Negate(operand):
            return _product([(Fraction(-1), Counter())], _terms(operand, ends))
        case Binary("+", left, right):
            return _sum(_terms(left, ends), _terms(right, ends))
        case Binary("-", left, right):
            return _sum(_terms(left, ends), _terms(Negate(right), ends))
        case Binary("*", left, right):
            return _product(_terms(left, ends), _terms(right, ends))
        case Binary("/", left, right) if isinstance(right, Number):
            return _product(_terms(left, ends), [(1 / right.value, Counter())])
        case Binary("/", left, right) if left != ONE and "x" not in symbols(right):
            return _product(_terms(left, ends), [(Fraction(1), Counter([Binary("/", ONE, right)]))])
        case Power(base, exponent) if 0 < exponent <= 4:
            inner = _terms(base, ends)
            return reduce(_product, [inner] * exponent)
        case Call("exp", (u,)):
            return [(Fraction(1), Counter([Call("exp", (_even(u),))]))]
        case Call("Phi", (u,)) if intervals.enclose(u, *ends)[1] < -1:
            return _normal_tail(folded(Negate(u)))
    return [(Fraction(1), Counter([node]))]


def _sum(a: list[Term] | None, b: list[Term] | None) -> list[Term] | None:
    return None if a is None or b is None or len(a) + len(b) > _MOST else a + b


def _product(a: list[Term] | None, b: list[Term] | None) -> list[Term] | None:
    if a is None or b is None or len(a) * len(b) > _MOST:
        return None
    return [(c * d, f + g) for c, f in a for d, g in b]


def _normal_tail(u: Node) -> list[Term]:
    """Phi(-u) = exp(-u^2/2) / sqrt(2 pi) * m(u), as the derivative of Phi is written."""
    gauss = Call("exp", (_even(Negate(Binary("/", Power(u, 2), TWO))),))
    root = Binary("/", ONE, Call("sqrt", (times(TWO, _PI),)))
    return [(Fraction(1), Counter([gauss, root, Call("mills", (u,))]))]


def _even(node: Node) -> Node:
    """The tree with squares of negatives as squares."""
    match node:
        case Power(Negate(inner), exponent) if exponent % 2 == 0:
            return _even(Power(inner, exponent))
        case Negate(inner):
            return Negate(_even(inner))
        case Binary(sign, left, right):
            return Binary(sign, _even(left), _even(right))
    return node
