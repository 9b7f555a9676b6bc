"""The expression tree: a closed set of frozen nodes, read in several ways elsewhere."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

#: The closed list of functions a definition may call, with their numbers of arguments.
FUNCTIONS: Mapping[str, int] = {
    "exp": 1,
    "log": 1,
    "tanh": 1,
    "erf": 1,
    "erfc": 1,
    "sqrt": 1,
    "abs": 1,
    "min": 2,
    "max": 2,
    "sigmoid": 1,
    "Phi": 1,
}
#: What a normalizing definition may call beside: the sum of a function of x over the elements of a row.
SUM = "sum"


#: What the signs of `Binary` and of `Comparison` stand for, of whatever kind the numbers are.
ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Number:
    """An exact rational constant."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted choice, such as 'tanh'; only ever compared with a parameter."""

    value: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """The input x, a parameter, or one of the constants pi and inf."""

    name: str


@dataclass(frozen=True, slots=True)
class Binary:
    """A sum, difference, product or quotient."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negate:
    """The operand with its sign changed."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Power:
    """An integer power."""

    base: Node
    exponent: int


@dataclass(frozen=True, slots=True)
class Call:
    """One of `FUNCTIONS` applied to its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Text | Symbol | Binary | Negate | Power | Call

X = Symbol("x")
ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right`` with one of < <= > >= == !=."""

    operator: str
    left: Node
    right: Node


#: All comparisons must hold; the empty condition always does.
Condition = tuple[Comparison, ...]


def children(node: Node) -> tuple[Node, ...]:
    """The direct operands of a node."""
    match node:
        case Binary(_, left, right):
            return (left, right)
        case Negate(operand):
            return (operand,)
        case Power(base, _):
            return (base,)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def rebuilt(node: Node, operands: tuple[Node, ...]) -> Node:
    """The same node over other operands."""
    match node:
        case Binary(operator, _, _):
            return Binary(operator, *operands)
        case Negate():
            return Negate(*operands)
        case Power(_, exponent):
            return Power(operands[0], exponent)
        case Call(function, _):
            return Call(function, operands)
        case _:
            return node


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def replaced(node: Node, replacement: Callable[[Node], Node | None]) -> Node:
    """The tree with every node for which ``replacement`` answers exchanged, from the top down."""
    new = replacement(node)
    if new is not None:
        return new
    return rebuilt(node, tuple(replaced(child, replacement) for child in children(node)))


def substituted(node: Node, values: Mapping[str, Node]) -> Node:
    """The tree with named symbols replaced."""
    return replaced(node, lambda n: values.get(n.name) if isinstance(n, Symbol) else None)


def symbols(node: Node) -> frozenset[str]:
    """The names that occur in a tree."""
    return frozenset(n.name for n in walk(node) if isinstance(n, Symbol))


_RANK = {"+": 1, "-": 1, "*": 2, "/": 2}


def text(node: Node, rank: int = 0) -> str:
    """The tree in the notation of the specification, with no more parentheses than it needs."""
    match node:
        case Number(value):
            shown = str(value) if value.denominator == 1 else decimal(value)
            whole = "/" not in shown
            return f"({shown})" if rank > (4 if whole else 1) and (value < 0 or not whole) else shown
        case Text(value):
            return repr(value)
        case Symbol(name):
            return name
        case Binary(operator, left, right):
            own = _RANK[operator]
            space = " " if own == 1 else ""
            shown = f"{text(left, own)}{space}{operator}{space}{text(right, own + (operator in '-/'))}"
            return f"({shown})" if own < rank else shown
        case Negate(operand):
            shown = f"-{text(operand, 3)}"
            return f"({shown})" if rank > 1 else shown
        case Power(base, exponent):
            shown = f"{text(base, 5)}**{exponent}"
            return f"({shown})" if rank > 4 else shown
        case Call(function, arguments):
            return f"{function}({', '.join(text(a) for a in arguments)})"


def decimal(value: Fraction) -> str:
    """A finite decimal where one exists with at most 40 digits, else a quotient."""
    for digits in range(1, 41):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            whole = f"{abs(scaled.numerator):0{digits + 1}d}"
            return f"{'-' if value < 0 else ''}{whole[:-digits]}.{whole[-digits:]}"
    return str(value)


def condition_text(condition: Condition) -> str:
    """A condition in the notation of the specification."""
    return " and ".join(f"{text(c.left)} {c.operator} {text(c.right)}" for c in condition)
