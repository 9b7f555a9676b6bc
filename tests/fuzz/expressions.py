"""Expressions and conditions: in the language, beside it, and of no language at all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from hypothesis import strategies as st

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.parsing import ExpressionError, parse, parse_condition
from actcheck.reference.expressions.tree import Node, text, walk

T = TypeVar("T")
NAMES = frozenset({"x", "b"})
#: A value of each name.
VALUES = {"x": Fraction(-7, 3), "b": Fraction(1, 5)}
#: Messages quote 80 characters of an expression, of which each may be an escape of ten.
_LONGEST = 1200

_numbers = st.one_of(
    st.sampled_from(
        ["0", "1", "2", "0.1", "1e30", "1e-30", "1e400", "1e-400", "1e999999999", "0x1F", "1_0", "1j"]
    ),
    st.integers(0, 10**40).map(str),
    st.floats(0, allow_nan=False).map(str),
)
_leaves = st.one_of(
    st.sampled_from(["x", "x", "x", "b", "pi", "inf", "y", "'tanh'", "True", "()", ""]), _numbers
)
_calls = st.sampled_from(
    [
        "exp",
        "log",
        "tanh",
        "erf",
        "erfc",
        "sqrt",
        "abs",
        "sigmoid",
        "Phi",
        "min",
        "max",
        "eval",
        "x.real",
        "x",
    ]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(
            "{} {} {}".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "@", "if", ""]), inner
        ),
        st.builds("({}){}{}".format, inner, st.sampled_from(["*", "/", "**", " - "]), inner),
        st.builds(
            "({})**{}".format, inner, st.sampled_from(["0", "1", "2", "3", "64", "65", "-1", "0.5", "x"])
        ),
        st.builds("{}({})".format, _calls, inner),
        st.builds("{}({}, {})".format, _calls, inner, inner),
        st.builds("{}{}".format, st.sampled_from(["-", "+", "not ", "~", "*", "lambda: "]), inner),
    )


def _nested(of: str, level: str, times: int) -> str:
    for _ in range(times):
        of = level.format(of)
    return of


#: Deep ones of one kind, as a person would write who means harm.
_deep = st.builds(
    _nested,
    _leaves,
    st.sampled_from(
        [
            "abs({} - 1)",
            "max({}, x)",
            "exp({})",
            "erf({})",
            "x/({} + 1)",
            "({})**64",
            "-({})",
            "log(1 + {})",
            "[{}]",
        ]
    ),
    st.integers(1, 70),
)
expressions = st.one_of(st.recursive(_leaves, _grown, max_leaves=12), _deep, st.text(max_size=40))
conditions = st.lists(
    st.builds(
        "{} {} {}".format,
        expressions,
        st.sampled_from(["<", "<=", "==", "!=", ">", "in", "is", ""]),
        expressions,
    ),
    min_size=1,
    max_size=3,
).map(" and ".join)


def read_expression(written: str) -> None:
    """Read it every way that a definition is read."""
    node = _parsed(lambda: parse(written, NAMES))
    if node is None:
        return
    _same_again(node)
    try:
        differentiated = derivative(node, 2)
    except (ArithmeticError, ValueError):
        return
    _value(differentiated)


def read_condition(written: str) -> None:
    """Read it, and no more: what is decided is decided of expressions."""
    _parsed(lambda: parse_condition(written, NAMES))


def _parsed(read: Callable[[], T]) -> T | None:
    """What was read, or nothing: where it is refused, in few words."""
    try:
        return read()
    except ExpressionError as error:
        told = str(error)
    assert len(told) < _LONGEST
    return None


def _same_again(node: Node) -> None:
    """What is shown of an expression is what it says."""
    again = parse(text(node), NAMES) if sum(1 for _ in walk(node)) < 60 and len(text(node)) < 2000 else node
    assert _value(again) == _value(node)


def _value(node: Node) -> object:
    try:
        return mp.evaluate(node, VALUES)
    except (ArithmeticError, ValueError, KeyError) as error:
        return type(error)
