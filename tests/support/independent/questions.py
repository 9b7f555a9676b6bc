"""A question, at given inputs: the exact values, the cases that meet at kinks, and the error scale."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.expressions.tree import Binary, Comparison, Negate, Node, Symbol, substituted, symbols
from actcheck.reference.specification.binding import Bound, holds_for, numbers
from tests.support.independent.differentiating import read
from tests.support.independent.enclosing import enclose
from tests.support.independent.numbers.enclosures import Enclosure, Floats
from tests.support.independent.numbers.ranges import precision
from tests.support.independent.numbers.splitting import Splits
from tests.support.independent.trees import readable

ORDERS = {"forward": 0, "gradient": 1, "second_derivative": 2}
#: A step to either side of an input that no format resolves.
_BESIDE = Fraction(1, 2**1200)


@dataclass(frozen=True)
class Exact:
    """The exact values of a quantity at inputs, none of them NaN."""

    x: Floats
    values: Enclosure
    #: Exponents of two between which the scale lies, each a lower bound of floor(log2(s)); -2000 for 0.
    scale: NDArray[np.int64]
    #: Indices of kinks, with the values on both sides, the smaller first.
    kinks: Mapping[int, tuple[Enclosure, Enclosure]]
    #: Whether a zero at +-0 must have the sign of the input, of plus, or any.
    zero_sign: str


def exactly(bound: Bound, quantity: str, x: Floats) -> Exact:
    """Everything that is to be known of a quantity at inputs, before any result is seen."""
    order, finite = ORDERS[quantity], np.isfinite(x)
    values, scale = Enclosure.empty(len(x)), np.full(len(x), -2000)
    at = np.flatnonzero(finite)
    nodes = [readable(piece.value) for piece in bound.pieces]
    cases = _cases(bound, x[at])
    for case in np.unique(cases).tolist():
        chosen = at[cases == case]
        values.put(chosen, *_fields(enclose(nodes[case], order, x[chosen])))
    for index in np.flatnonzero(np.isinf(x)).tolist():
        values.put(index, *_limit(bound, quantity, x[index] > 0))
    scale[at] = _exponents(enclose(readable(bound.scale(quantity)), 0, x[at]))
    kinks = _kinks(bound, order, x, at, cases, nodes) if order else {}
    return Exact(x, values, scale, kinks, zero_sign(bound, quantity))


def _fields(e: Enclosure) -> tuple[Floats, Floats, Floats]:
    return e.main, e.low, e.high


def exponents(e: Enclosure) -> NDArray[np.int64]:
    """floor(log2(abs(value))), exactly; -2000 for 0 and whatever is next to nothing."""
    size = np.abs(e.main)
    exponent = np.frexp(size)[1].astype(np.int64) - 1
    inwards = np.where(e.main > 0, e.high, -e.low) < 0
    with np.errstate(all="ignore"):
        return np.where(size == 0, -2000, exponent - ((size == np.ldexp(1.0, exponent)) & inwards))


_exponents = exponents


def _cases(bound: Bound, x: Floats) -> NDArray[np.int64]:
    """The case that holds at each input, found for whole intervals where Arb decides the conditions there."""
    found = np.zeros(len(x), np.int64)
    rising = np.argsort(x, kind="stable")
    stack = [rising]
    while stack:
        part = stack.pop()
        if not len(part):
            continue
        low, high = float(x[part[0]]), float(x[part[-1]])
        case = bound.select(Fraction(low)) if low == high else _common_case(bound, low, high)
        if case is None:
            stack += [part[: len(part) // 2], part[len(part) // 2 :]]
        else:
            found[part] = case
    return found


def _common_case(bound: Bound, low: float, high: float) -> int | None:
    for index, piece in enumerate(bound.pieces):
        answers = [_holds(comparison, low, high) for comparison in piece.when]
        if all(answers):
            return index
        if False not in answers:
            return None
    return None


def _holds(comparison: Comparison, low: float, high: float) -> bool | None:
    """Whether a comparison holds on a whole interval; None where that is open."""
    with precision(128):
        splits = Splits(low, high)
        difference = read(Binary("-", comparison.left, comparison.right), splits, 0)[0]
        sign = 0 if difference is None else splits.range(difference).sign
    if sign is None:
        return None
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0, "==": sign == 0, "!=": sign != 0}[
        comparison.operator
    ]


def _limit(bound: Bound, quantity: str, positive: bool) -> tuple[float, float, float]:
    """The limit at an infinity, as the specification states it."""
    limits, parameters = bound.spec.limits[quantity], bound.variant.parameters
    pieces = limits.plus_infinity if positive else limits.minus_infinity
    node = next(p.value for p in pieces if holds_for(p.when, parameters))
    node = substituted(node, numbers(parameters))
    sign = 1.0
    while isinstance(node, Negate):
        node, sign = node.operand, -sign
    if node == Symbol("inf"):
        return sign * math.inf, 0.0, 0.0
    e = enclose(node, 0, np.zeros(1))
    parts = float(e.main[0]), float(e.low[0]), float(e.high[0])
    return parts if sign > 0 else (-parts[0], -parts[2], -parts[1])


def _kinks(
    bound: Bound, order: int, x: Floats, at: Any, cases: Any, nodes: list[Node]
) -> dict[int, tuple[Enclosure, Enclosure]]:
    """Inputs at which two cases meet: only the ends of a run of one case can be such."""
    rising = np.argsort(x[at], kind="stable")
    ordered, run = x[at][rising], cases[rising]
    edges = np.flatnonzero(run[1:] != run[:-1])
    candidates = {0, len(run) - 1, *edges.tolist(), *(edges + 1).tolist()}
    # 0 occurs twice.
    candidates |= set(np.flatnonzero(ordered == 0).tolist())
    found = {}
    for k in sorted(c for c in candidates if 0 <= c < len(run)):
        point = Fraction(float(ordered[k]))
        sides = {bound.select(point - _BESIDE), bound.select(point + _BESIDE)}
        if len(sides) > 1:
            ends = [enclose(nodes[side], order, ordered[k : k + 1]) for side in sorted(sides)]
            ends.sort(key=lambda e: (e.main[0], e.low[0]))
            found[int(at[rising[k]])] = ends[0], ends[1]
    return found


def zero_sign(bound: Bound, quantity: str) -> str:
    """Whether a zero at +-0 must have the sign of the ``input``, of ``plus``, or ``either``."""
    if quantity != "forward":
        return "either"
    node = bound.pieces[bound.select(Fraction(0))].value
    if bound.spec.zero_sign == "definition":
        return "input" if node == Symbol("x") else "plus"
    # A bound at 0 is the larger or smaller of two zeros; a falling function gives the other one.
    free = "x" not in symbols(node) or float(enclose(readable(node), 1, np.zeros(1)).main[0]) < 0
    return "either" if free else bound.spec.zero_sign
