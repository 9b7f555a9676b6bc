"""Activations that look at more than one number, taken apart into functions of one.

A channelwise activation is a function of x for each weight; a concatenating one is a function of x for either
half of its result; a gated one is a times a function of b, its gate. Each is bound by itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from flint import arb

from actcheck.reference.evaluation import mp
from actcheck.reference.evaluation.asymptotes import far_out
from actcheck.reference.expressions.calculus import derivative, folded
from actcheck.reference.expressions.tree import (
    ONE,
    ZERO,
    Binary,
    Comparison,
    Negate,
    Node,
    Number,
    Symbol,
    X,
    substituted,
    symbols,
)
from actcheck.reference.specification.binding import ORDERS, Bound, bind, holds, numbers
from actcheck.reference.specification.model import Limits, Parameters, Piece, Pieces, Scale, Spec, Variant

_INFINITE = Symbol("inf")
_FAR = 2.0**1000
#: A rest of this size there is taken for one that vanishes.
_VANISHING = arb(2) ** -1100


class NotSeparableError(ValueError):
    """A definition that cannot be taken apart: the text says what it should look like."""


def channel(spec: Spec, parameters: Parameters, weight: float) -> Bound:
    """What a channelwise activation computes where its weight has this value."""
    return _alone(spec, parameters, {weights_name(spec): weight})


def half(spec: Spec, parameters: Parameters, index: int) -> Bound:
    """What a concatenating activation puts into the first (0) or the second (1) half of its result."""
    return _alone(spec, parameters, {"half": index})


def gate(spec: Spec, parameters: Parameters) -> Bound:
    """The function of b that a gated activation multiplies with a. Raises NotSeparableError."""
    return _alone(_gate_alone(spec), parameters, {})


@lru_cache(maxsize=64)
def _gate_alone(spec: Spec) -> Spec:
    """The specification of the gate alone."""

    def of(node: Node) -> Node:
        return substituted(node, {"a": ONE, "b": X})

    pieces = tuple(Piece(_renamed(p.when, of), of(_gate_of(p.value))) for p in spec.definition)
    scales = {
        name: Scale(
            tuple(Piece(_renamed(c.when, of), folded(of(c.value))) for c in scale.cases), scale.because
        )
        for name, scale in spec.scale.items()
    }
    return replace(spec, definition=pieces, scale=scales, zero_sign="either", kinks=())


def weights_name(spec: Spec) -> str:
    """The name of a channelwise activation's array of weights."""
    return next(p.name for p in spec.parameters if p.type == "array")


def slope_in_weight(spec: Spec, parameters: Parameters) -> Callable[[float], float]:
    """The derivative of a channelwise activation with respect to its weight, at x, exactly.

    Raises NotSeparableError where it is not 0, x, -x or a number, which a sum of products needs.
    """
    name, values = weights_name(spec), numbers(parameters)
    pieces = []
    for piece in spec.definition:
        turned = substituted(piece.value, {"x": Symbol("held"), name: X, **values})
        slope = folded(substituted(derivative(turned), {"held": X}))
        line = derivative(slope)
        if name in symbols(slope) or not isinstance(line, Number) or abs(line.value) > 1:
            raise NotSeparableError(f"{spec.id}: the derivative with respect to {name} is not x or a number")
        pieces.append(Piece(piece.when, slope))

    @lru_cache(maxsize=1 << 12)
    def slope_at(x: float) -> float:
        exact = {"x": Fraction(x)}
        for piece in pieces:
            if all(holds(c, exact) for c in piece.when):
                return float(mp.to_fraction(mp.evaluate(piece.value, exact)))
        raise ValueError(f"no case of {spec.id} holds at {x!r}")

    return slope_at


def _renamed(when: Iterable[Comparison], of: Callable[[Node], Node]) -> tuple[Comparison, ...]:
    return tuple(Comparison(c.operator, of(c.left), of(c.right)) for c in when)


def _gate_of(value: Node) -> Node:
    match value:
        case Binary("*", Symbol("a"), factor) | Binary("*", factor, Symbol("a")) if "a" not in symbols(
            factor
        ):
            return factor
    raise NotSeparableError("a gated definition is a product: a times a function of b")


def _alone(spec: Spec, parameters: Parameters, given: Parameters) -> Bound:
    """The definition with these values put in, as a function of x with limits of its own."""
    rest = {name: value for name, value in parameters.items() if isinstance(value, int | float | str)}
    return _alone_by(spec, tuple(sorted(rest.items())), tuple(given.items()))


@lru_cache(maxsize=1024)
def _alone_by(
    spec: Spec, rest: tuple[tuple[str, float | str], ...], given: tuple[tuple[str, float], ...]
) -> Bound:
    values = dict(rest) | dict(given)
    variant = Variant(spec.id, "awkward", values, values)
    spec = replace(spec, kind="elementwise", limits={})
    bound = bind(spec, variant)
    limits = {
        name: Limits(*(_limit(bound, order, sign) for sign in (-1, 1))) for name, order in ORDERS.items()
    }
    return replace(bound, spec=replace(spec, limits=limits))


def _limit(bound: Bound, order: int, sign: int) -> Pieces:
    """The limit at an infinity, from what the function is far out: a line, and a rest that vanishes."""
    piece = bound.pieces[bound.select(Fraction(sign * _FAR))]
    found = far_out(derivative(piece.value, order), sign)
    if found is None or not found.size < _VANISHING:
        raise NotSeparableError(
            f"{bound.spec.id} ({bound.variant.label}): no line is its limit at {sign * math.inf}"
        )
    upwards = (found.slope > 0) == (sign > 0)
    value: Node = Number(found.constant) if found.constant else ZERO
    if found.slope:
        value = _INFINITE if upwards else Negate(_INFINITE)
    return (Piece((), value),)
