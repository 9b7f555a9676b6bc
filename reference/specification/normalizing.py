"""Normalizing activations, taken apart: one element and one sum over its row give each result.

A definition is a function F of x and of one sum of terms h(x): f_i = F(x_i, S), S = sum of h(x_k) over the
row. The gradient of sum(u_j*f_j) follows by exact rules on the trees: u_i*F_x(x_i, S) + h'(x_i)*T, where T is
the sum of u_j*F_S(x_j, S).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from actcheck.reference.expressions.calculus import derivative, folded
from actcheck.reference.expressions.tree import (
    SUM,
    Call,
    Node,
    Symbol,
    X,
    replaced,
    substituted,
    symbols,
    walk,
)
from actcheck.reference.machine.by_content import ByContent
from actcheck.reference.specification.binding import numbers
from actcheck.reference.specification.elements import NotSeparableError
from actcheck.reference.specification.model import Parameters, Spec

#: Stands for the sum in the function of one element; no parameter can have its name.
TOTAL = Symbol(SUM)


@dataclass(frozen=True, eq=False)
class Normalized(ByContent):
    """A normalizing definition at given parameter values."""

    #: F, over x and `TOTAL`.
    value: Node
    #: h, over x.
    term: Node

    @cached_property
    def by_x(self) -> Node:
        """F_x."""
        return derivative(self.value)

    @cached_property
    def by_total(self) -> Node:
        """F_S."""
        return by_total(self.value)

    @cached_property
    def term_slope(self) -> Node:
        """h'."""
        return derivative(self.term)


def by_total(node: Node) -> Node:
    """The derivative with respect to the sum."""
    turned = substituted(node, {"x": Symbol("held"), SUM: X})
    return substituted(derivative(turned), {"x": TOTAL, "held": X})


def normalized(spec: Spec, parameters: Parameters) -> Normalized:
    """The function of one element and the terms of the sum.

    Raises NotSeparableError for a definition that has no such form, and ValueError for a function without a
    derivative (abs, min, max).
    """
    given = tuple((n, v) for n, v in parameters.items() if isinstance(v, int | float | str))
    return _normalized(spec, given)


@lru_cache(maxsize=64)
def _normalized(spec: Spec, parameters: tuple[tuple[str, float | str], ...]) -> Normalized:
    if not isinstance(dict(parameters).get("dim"), int):
        raise NotSeparableError("a normalizing activation has a whole number dim as a parameter")
    (piece,) = spec.definition
    if piece.when:
        raise NotSeparableError("a normalizing definition has no cases")
    whole = folded(substituted(piece.value, numbers(dict(parameters))))
    terms = {node.arguments[0] for node in walk(whole) if isinstance(node, Call) and node.function == SUM}
    if len(terms) != 1:
        raise NotSeparableError("a normalizing definition holds one sum over the row, as often as it likes")
    (term,) = terms
    if any(isinstance(node, Call) and node.function == SUM for node in walk(term)):
        raise NotSeparableError("a normalizing definition holds no sum of sums")
    value = replaced(whole, lambda node: TOTAL if node == Call(SUM, (term,)) else None)
    if "x" not in symbols(term):
        raise NotSeparableError("the terms of the sum do not depend on x")
    found = Normalized(value, term)
    _ = derivative(found.by_x), derivative(found.by_total), derivative(found.term_slope)  # within the budget
    return found
