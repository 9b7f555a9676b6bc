"""A definition as the second judge reads it: a tree, rewritten by identities that lose nothing far out."""

from __future__ import annotations

from actcheck.reference.expressions.tree import (
    ONE,
    Binary,
    Call,
    Negate,
    Node,
    Number,
    Symbol,
    children,
    rebuilt,
    symbols,
    walk,
)

TWO = Number(ONE.value * 2)


def readable(node: Node) -> Node:
    """The tree with three identities applied, from the bottom up.

    log(1/d) is -log(d), log(1 + exp(u)) is a function of its own (`log1pexp`), and 1 + tanh(u) is
    2/(1 + exp(-2u)): the left sides cancel where the right sides do not.
    """
    operands = tuple(readable(child) for child in children(node))
    match rebuilt(node, operands) if operands else node:
        case Call("log", (Binary("/", Number(value), below),)) if value == 1:
            return readable(Negate(Call("log", (below,))))
        case Call("log", (Binary("+", Number(value), Call("exp", (u,))),)) if value == 1:
            return Call("log1pexp", (u,))
        case Call("log", (Binary("+", Call("exp", (u,)), Number(value)),)) if value == 1:
            return Call("log1pexp", (u,))
        case Binary("+", Number(value), Call("tanh", (u,))) if value == 1:
            return Binary("*", TWO, Call("sigmoid", (Binary("*", TWO, u),)))
        case other:
            return other


def is_rational(node: Node) -> bool:
    """Whether every value at a rational x is rational."""
    return not any(
        (isinstance(n, Call) and n.function not in ("abs", "min", "max")) or n == Symbol("pi")
        for n in walk(node)
    )


def is_constant(node: Node) -> bool:
    """Whether x does not occur."""
    return "x" not in symbols(node)
