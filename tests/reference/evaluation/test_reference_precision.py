"""The bits that the reference of record claims are there, whatever the tree: against Arb."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions import parsing
from actcheck.reference.expressions.tree import Node
from tests.support.random_trees import cornered, enclosed, trees

NOTHING = Fraction(1, 2**4096)
CUMULATIVE = [
    ("exp(x) - 1 - x", Fraction(1, 2**63)),
    ("exp(x) - 1 - x - x**2/2 - x**3/6", Fraction(1, 2**90)),
    ("log(1 + x) - x", Fraction(1, 2**100)),
    ("log(sigmoid(x)) + exp(-x)", Fraction(40)),
    ("exp(x*pi) - exp(3.1415926535897932384626433832795*x)", Fraction(700)),
    ("erfc(x*pi)/exp(-x**2*pi**2)", Fraction(2000)),
    ("Phi(-x*pi)*exp(x**2*pi**2/2)", Fraction(3000)),
    ("x - tanh(x) - x**3/3", Fraction(1, 2**70)),
    ("sqrt(1 + x) - 1 - x/2", Fraction(1, 2**80)),
    ("1/(exp(x) - 1) - 1/x + 1/2", Fraction(1, 2**60)),
    ("max(exp(x) - 1, x)", Fraction(1, 2**149)),
    ("(pi + 1e40)**3 - 1e120 - 3e80*pi", Fraction(1)),
]


def tree(source: str) -> Node:
    return parsing.parse(source, frozenset({"x"}))


def tight(node: Node, x: Fraction) -> Any:
    """Arb's ball, narrow enough to hold mpmath to it; None where Arb knows too little."""
    bits = 512
    while bits <= 1 << 15:
        ball = enclosed(node, x, bits)
        if ball.is_finite() and (
            ball.rad() <= abs(ball.mid()) * arb(2) ** -(mp.GUARD + 30) or ball.abs_upper() < arb(2) ** -5000
        ):
            return ball
        bits *= 4
    return None


def holds(value: Any, ball: Any) -> bool:
    """Whether mpmath's value has the bits that it claims."""
    before, ctx.prec = ctx.prec, 1 << 15
    try:
        if isinstance(value, Fraction):
            exact = arb(value.numerator) / value.denominator
            slack = arb(2) ** -4096 if not value else arb(0)
        else:
            sign, mantissa, exponent, _ = value._mpf_
            exact = arb(int(-mantissa if sign else mantissa)) * arb(2) ** exponent
            slack = abs(exact) * arb(2) ** -mp.GUARD
        return bool((abs(exact - ball) - slack).abs_lower() == 0 or abs(exact - ball) <= slack)
    finally:
        ctx.prec = before


@pytest.mark.parametrize(("source", "x"), CUMULATIVE)
def test_cancellation_over_several_sums_is_noticed(source: str, x: Fraction) -> None:
    node = tree(source)
    ball = tight(node, x)
    assert ball is not None
    assert holds(mp.evaluate(node, {"x": x}), ball)


@pytest.mark.parametrize(
    ("source", "x"), [("(sqrt(2)*sqrt(2) - 2)*x", 1), ("tanh(x) - 1", 10**30), ("exp(x)/exp(x) - 1", 3)]
)
def test_what_no_precision_tells_from_zero_is_zero(source: str, x: int) -> None:
    assert mp.evaluate(tree(source), {"x": Fraction(x)}) == 0


@pytest.mark.parametrize("source", ["exp(x) - exp(x)", "exp(2*x)*(1 - tanh(x))", "1/(tanh(x) - 1)"])
def test_what_no_precision_settles_is_refused(source: str) -> None:
    with pytest.raises(ArithmeticError):
        mp.evaluate(tree(source), {"x": Fraction(10**7)})


def test_poles_and_domains_are_told() -> None:
    for source, error in (("1/x", ZeroDivisionError), ("log(x)", ValueError), ("sqrt(x - pi)", ValueError)):
        with pytest.raises(error):
            mp.evaluate(tree(source), {"x": Fraction(0)})


points = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(-50, 50),
    st.builds(lambda m, e: m * 2.0**e, st.floats(-2, 2), st.integers(-149, 20)),
).map(Fraction)


@given(st.one_of(trees, cornered), points)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_any_tree_has_the_bits_it_claims(node: Node, x: Fraction) -> None:
    ball = tight(node, x)
    try:
        value = mp.evaluate(node, {"x": x})
    except (ValueError, ArithmeticError):
        return
    if ball is not None:
        assert holds(value, ball)


@pytest.mark.parametrize(
    "written", ["sqrt(min(abs(x), pi))", "sqrt(max(-abs(x), -pi))", "log(min(1 + x, pi))"]
)
def test_what_is_chosen_for_certain_stays_exact(written: str) -> None:
    assert mp.evaluate(parsing.parse(written, frozenset("x")), {"x": Fraction(0)}) == 0
