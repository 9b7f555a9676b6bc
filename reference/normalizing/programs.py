"""Trees as lists of steps over arrays of balls: what several trees have in common is computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from actcheck.reference.evaluation.balls import ball
from actcheck.reference.expressions.tree import (
    ARITHMETIC,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Power,
    Symbol,
    children,
)
from actcheck.reference.normalizing.balls import Balls, array_of


def _each(function: Callable[[Any], Any]) -> Callable[[Balls], Balls]:
    made: Callable[[Balls], Balls] = np.frompyfunc(function, 1, 1)
    return made


_FUNCTIONS: Mapping[str, Callable[[Balls], Balls]] = {
    "abs": _each(abs),
    "exp": _each(lambda u: u.exp()),
    "log": _each(lambda u: u.log()),
    "tanh": _each(lambda u: u.tanh()),
    "erf": _each(lambda u: u.erf()),
    "erfc": _each(lambda u: u.erfc()),
    "sqrt": _each(lambda u: u.sqrt()),
    "sigmoid": _each(lambda u: 1 / (1 + (-u).exp())),
    "Phi": _each(lambda u: (-u / arb(2).sqrt()).erfc() / 2),
}


@dataclass(frozen=True)
class Program:
    """Some trees, as steps whose operands are the results of earlier ones."""

    steps: tuple[tuple[Node, tuple[int, ...]], ...]
    results: tuple[int, ...]

    @classmethod
    def of(cls, *nodes: Node) -> Program:
        """The steps of these trees, whose values `run` gives in this order."""
        known: dict[Node, int] = {}
        steps: list[tuple[Node, tuple[int, ...]]] = []

        def placed(node: Node) -> int:
            if node not in known:
                operands = tuple(placed(child) for child in children(node))
                known[node] = len(steps)
                steps.append((node, operands))
            return known[node]

        results = tuple(placed(node) for node in nodes)
        return cls(tuple(steps), results)

    def run(self, values: Mapping[str, Balls]) -> list[Balls]:
        """The values of the trees, for arrays of the symbols' values; Arb's precision as set."""
        found: list[Balls] = []
        for node, operands in self.steps:
            found.append(_value(node, [found[at] for at in operands], values))
        return [found[at] for at in self.results]


def _value(node: Node, operands: list[Balls], values: Mapping[str, Balls]) -> Balls:
    match node:
        case Number(value):
            return array_of([ball(value)])
        case Symbol("pi"):
            return array_of([arb.pi()])
        case Symbol(name):
            return values[name]
        case Negate():
            return -operands[0]
        case Power(_, exponent):
            return operands[0] ** exponent
        case Binary(operator):
            return ARITHMETIC[operator](*operands)
        case Call(function):
            return _FUNCTIONS[function](operands[0])
    raise ValueError(f"{node!r} has no value")
