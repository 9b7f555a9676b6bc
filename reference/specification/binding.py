"""A specification at given parameter values: smooth cases over x alone, ready to be read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, TypeGuard

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.budget import MOST_CASES, BudgetError, shortened
from actcheck.reference.expressions.calculus import derivative, folded
from actcheck.reference.expressions.tree import (
    ARITHMETIC,
    COMPARISONS,
    ZERO,
    Binary,
    Call,
    Comparison,
    Condition,
    Negate,
    Node,
    Number,
    Symbol,
    Text,
    replaced,
    substituted,
    symbols,
    text,
    walk,
)
from actcheck.reference.machine.by_content import ByContent
from actcheck.reference.specification.model import Kink, Parameters, Piece, Pieces, Spec, Variant

_SPLIT = ("abs", "min", "max")
_INFINITE: dict[float, Node] = {math.inf: Symbol("inf"), -math.inf: Negate(Symbol("inf"))}
ORDERS = {"forward": 0, "gradient": 1, "second_derivative": 2}


@dataclass(frozen=True, eq=False)
class Bound(ByContent):
    """A real function of one real variable: the first case whose condition holds gives the value."""

    spec: Spec
    variant: Variant
    pieces: Pieces

    @cached_property
    def differentiated(self) -> tuple[Pieces, Pieces, Pieces]:
        """The cases of the function and of its first two derivatives."""
        return tuple(  # type: ignore[return-value]
            tuple(Piece(p.when, derivative(p.value, order)) for p in self.pieces) for order in range(3)
        )

    def select(self, x: Fraction) -> int:
        """The index of the case that holds at x."""
        for index, piece in enumerate(self.pieces):
            if all(holds(c, {"x": x}) for c in piece.when):
                return index
        raise ValueError(f"no case of {self.spec.id} holds at {float(x)!r}")

    def exact(self, quantity: str, x: Fraction) -> Fraction | Any:
        """The value of a quantity at finite x, by the case that holds there (see `mp.evaluate`)."""
        return mp.evaluate(self.differentiated[ORDERS[quantity]][self.select(x)].value, {"x": x})

    def limit(self, quantity: str, sign: int) -> float:
        """The limit at plus (sign > 0) or minus infinity, as the specification states it."""
        limits = self.spec.limits[quantity]
        pieces = limits.plus_infinity if sign > 0 else limits.minus_infinity
        return constant(pieces, self.variant.parameters)

    def scale(self, quantity: str) -> Node:
        """s(x), the size that scaled errors are held against: the conditioning of the quantity at x."""
        return self._scales.get(quantity, ZERO)

    @cached_property
    def _scales(self) -> dict[str, Node]:
        given = self.spec.scale
        return {quantity: case_of(given[quantity].cases, self.variant.parameters) for quantity in given}


@lru_cache(maxsize=1024)
def bind(spec: Spec, variant: Variant) -> Bound:
    """The definition at the variant's parameter values (their exact binary64 values).

    abs, min and max are split into cases, so that every case is smooth. Raises BudgetError where there are
    more than `MOST_CASES`, and ValueError where an infinite parameter is part of the definition.
    """
    parameters = numbers(variant.parameters)
    pieces = _resolved(
        (tuple(_compared(c, parameters) for c in p.when), substituted(p.value, parameters))
        for p in spec.definition
    )
    smooth = _resolved(_split(pieces))
    if any("inf" in symbols(piece.value) for piece in smooth):
        raise ValueError("an infinite parameter is part of it, and may only be compared with")
    return Bound(spec.law or spec, variant, smooth)


def numbers(parameters: Parameters) -> dict[str, Node]:
    """Parameter values as nodes: numbers exactly, choices as text; others are left out."""
    nodes: dict[str, Node] = {}
    for name, value in parameters.items():
        if isinstance(value, str):
            nodes[name] = Text(value)
        elif isinstance(value, int | float) and not math.isnan(value):
            nodes[name] = Number(Fraction(value)) if math.isfinite(value) else _INFINITE[value]
    return nodes


def constant(pieces: Pieces, parameters: Parameters) -> float:
    """The value of an expression over the parameters alone, inf and -inf included."""
    return _number(case_of(pieces, parameters))


def kinks_at(spec: Spec, variant: Variant) -> list[float]:
    """Where the derivative jumps, for these parameters, rounded to float64."""
    return [at for _, at in finite_kinks(spec, variant)]


def finite_kinks(spec: Spec, variant: Variant) -> list[tuple[Kink, float]]:
    """The kinks with their places; at an infinite one, such as an infinite bound, nothing jumps."""
    places = ((kink, constant((Piece((), kink.at),), variant.parameters)) for kink in spec.kinks)
    return [(kink, at) for kink, at in places if math.isfinite(at)]


def case_of(pieces: Pieces, parameters: Parameters) -> Node:
    """The value of the first case that holds, with the parameters put in; conditions are over them alone."""
    values = numbers(parameters)
    for piece in pieces:
        if all(holds(_compared(c, values), {}) for c in piece.when):
            return folded(substituted(piece.value, values))
    raise ValueError("no case holds for these parameters")


def holds_for(conditions: Condition, parameters: Parameters) -> bool:
    """Whether conditions over the parameters alone hold."""
    values = numbers(parameters)
    return all(holds(_compared(c, values), {}) for c in conditions)


def _number(node: Node) -> float:
    if "inf" not in symbols(node):
        return float(mp.to_fraction(mp.evaluate(node, {})))
    match node:
        case Symbol("inf"):
            return math.inf
        case Negate(operand):
            return -_number(operand)
        case Binary(sign, left, right):
            return float(ARITHMETIC[sign](_number(left), _number(right)))
    raise ValueError(f"{text(node)} has no value")


def holds(comparison: Comparison, values: Mapping[str, Fraction]) -> bool:
    """Whether a comparison holds at exact values."""
    if isinstance(comparison.left, Text):
        same = comparison.left == comparison.right
        return same if comparison.operator == "==" else not same
    plain = [_plain(side, values) for side in (comparison.left, comparison.right)]
    if None not in plain:
        return COMPARISONS[comparison.operator](*plain)
    if "inf" in symbols(comparison.left) | symbols(comparison.right):
        return COMPARISONS[comparison.operator](_number(comparison.left), _number(comparison.right))
    difference = mp.evaluate(Binary("-", comparison.left, comparison.right), values)
    return COMPARISONS[comparison.operator](difference, 0)


def _plain(node: Node, values: Mapping[str, Fraction]) -> Fraction | None:
    """The value of a side that is a number or a name, as most are."""
    match node:
        case Number(value):
            return value
        case Symbol(name):
            return values.get(name)
    return None


def _compared(comparison: Comparison, values: Mapping[str, Node]) -> Comparison:
    left, right = (folded(substituted(side, values)) for side in (comparison.left, comparison.right))
    # One finite number compares with an infinite one as another does: x may stand for 0.
    if "inf" in symbols(left) and "inf" not in symbols(right):
        right = ZERO if "x" in symbols(right) else right
    elif "inf" in symbols(right) and "inf" not in symbols(left):
        left = ZERO if "x" in symbols(left) else left
    return Comparison(comparison.operator, left, right)


def _resolved(pieces: Iterable[tuple[Condition, Node]]) -> Pieces:
    """Cases without the conditions that the parameters alone decide."""
    kept: list[Piece] = []
    for when, value in pieces:
        constant_ones = [c for c in when if not symbols(c.left) | symbols(c.right) or _decided(c)]
        if all(holds(c, {}) for c in constant_ones):
            open_ones = tuple(c for c in when if c not in constant_ones)
            kept.append(Piece(open_ones, folded(value)))
            if not open_ones:
                break
    return tuple(kept)


def _decided(comparison: Comparison) -> bool:
    return "x" not in symbols(comparison.left) | symbols(comparison.right)


def _split(pieces: Pieces) -> Iterator[tuple[Condition, Node]]:
    """All cases, in order. Raises BudgetError for one too many."""
    for number, (piece, split) in enumerate((p, split) for p in pieces for split in _smooth(p)):
        if number == MOST_CASES:
            raise BudgetError(
                f"abs, min and max in {shortened(text(piece.value))} stand for more than {MOST_CASES} "
                "cases; write out those that differ"
            )
        yield split.when, split.value


def _smooth(piece: Piece) -> Iterable[Piece]:
    """The cases that abs, min and max stand for, in the value and in the condition, innermost first."""
    target = next((node for node in _nodes(piece) if _splits(node)), None)
    if target is None:
        yield piece
        return
    for when, value in _cases(target):
        yield from _smooth(_chosen(piece, target, when, value))


def _nodes(piece: Piece) -> Iterator[Node]:
    yield from walk(piece.value)
    for comparison in piece.when:
        yield from walk(comparison.left)
        yield from walk(comparison.right)


def _splits(node: Node) -> TypeGuard[Call]:
    """Whether a node is one of the three, with none of them below it."""
    if not isinstance(node, Call) or node.function not in _SPLIT:
        return False
    below = (n for argument in node.arguments for n in walk(argument))
    return not any(isinstance(n, Call) and n.function in _SPLIT for n in below)


def _chosen(piece: Piece, target: Call, when: Comparison, value: Node) -> Piece:
    """The piece where ``when`` holds, so that ``target`` is ``value``."""

    def exchanged(node: Node) -> Node:
        return folded(replaced(node, lambda n: value if n == target else None))

    conditions = (Comparison(c.operator, exchanged(c.left), exchanged(c.right)) for c in piece.when)
    # Last: the branch may have no value where the piece's own conditions do not hold.
    return Piece((*conditions, when), exchanged(piece.value))


def _cases(call: Call) -> tuple[tuple[Comparison, Node], tuple[Comparison, Node]]:
    if call.function == "abs":
        (u,) = call.arguments
        return (Comparison(">=", u, ZERO), u), (Comparison("<", u, ZERO), Negate(u))
    a, b = call.arguments
    first = "<=" if call.function == "min" else ">="
    other = ">" if call.function == "min" else "<"
    return (Comparison(first, a, b), a), (Comparison(other, a, b), b)
