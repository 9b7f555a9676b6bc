"""The reference where numbers are too long to be kept exact: the same values, with bounds of their errors."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.budget import MOST_BITS, MOST_EXACT_BITS, BudgetError
from actcheck.reference.expressions.calculus import derivative, folded
from actcheck.reference.expressions.parsing import parse
from actcheck.reference.expressions.tree import Node, Power, substituted, text, walk

NAMES = frozenset({"x"})


def tree(written: str) -> Node:
    return parse(written, NAMES)


@pytest.mark.parametrize("x", ["7/2", "-20", "1/3", "5e-324", "-1.7e308"])
@pytest.mark.parametrize("exponents", [(64, 64, 64), (64, 64, 16)])
def test_powers_that_are_too_long(x: str, exponents: tuple[int, ...]) -> None:
    node = tree("x")
    for exponent in exponents:
        node = Power(node, exponent)
    at = Fraction(x)
    value = mp.evaluate(node, {"x": at})
    assert not isinstance(value, Fraction)
    whole = 1
    for exponent in exponents:
        whole *= exponent
    with mpmath.workprec(400):
        expected = (mpmath.mpf(at.numerator) / at.denominator) ** whole
        assert abs(value - expected) <= abs(expected) * mpmath.mpf(2) ** -mp.GUARD


def test_sums_and_quotients_that_are_too_long() -> None:
    long = Fraction(3**30_000, 2**30_000)
    assert 2 * long.numerator.bit_length() > MOST_EXACT_BITS
    third = mp.evaluate(tree("(x + x)/(x + x + x)"), {"x": long})
    assert abs(mp.to_fraction(third) - Fraction(2, 3)) <= Fraction(1, 2**mp.GUARD)


@pytest.mark.parametrize("x", ["1e-320", "1.7e308", "3/7"])
def test_what_any_format_holds_is_kept_exact(x: str) -> None:
    value = mp.evaluate(tree("x**16 - x**8"), {"x": Fraction(x)})
    assert value == Fraction(x) ** 16 - Fraction(x) ** 8


@pytest.mark.parametrize(
    ("written", "limit"),
    [("tanh({})", 1), ("tanh(-{})", -1), ("erfc({})", 0), ("erfc(-{})", 2), ("erf({})", 1), ("Phi(-{})", 0)],
)
def test_functions_of_numbers_that_only_an_exponent_can_hold(written: str, limit: int) -> None:
    value = mp.evaluate(tree(written.format("exp(exp(x))")), {"x": Fraction(100)})
    assert abs(mp.to_fraction(value) - limit) <= Fraction(1, 2**mp.GUARD)


def test_a_constant_that_is_too_long_stays_an_expression() -> None:
    node = folded(tree("x + (7**64)**64"))
    assert all(n.base for n in walk(node) if isinstance(n, Power))
    assert text(node) == f"x + {7**64}**64"
    assert text(folded(tree("3**64*3**64"))) == str(3**128)
    assert MOST_BITS < 14_000  # what Python writes as text


def test_a_derivative_beyond_the_budget_is_refused_before_it_is_made() -> None:
    chain = tree("*".join("x" * 60))
    assert derivative(chain)
    with pytest.raises(BudgetError, match=r"the derivative of .* has more than 20000 parts; shorten it"):
        derivative(chain, 2)


@pytest.mark.parametrize(
    "written", ["x**3*tanh(x)/(1 + exp(-x))", "log(erf(x)*sqrt(2 + x))", "-sigmoid(x)**5"]
)
def test_no_derivative_is_refused_for_more_parts_than_it_has(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "actcheck.reference.expressions.calculus.MOST_NODES"
    for order in (1, 2):
        size = len(list(walk(derivative(tree(written), order))))
        monkeypatch.setattr(module, size - 1)
        with pytest.raises(BudgetError):
            derivative(tree(written), order)
        monkeypatch.setattr(module, 2000)


@pytest.mark.parametrize(
    "written", ["(x**2)**3", "(-2)**2*x", "(1/3)**2", "x - (1 - x)", "(-x)**2", "2/(3/x)", "-(x + 1)"]
)
def test_text_is_what_was_read(written: str) -> None:
    for node in (tree(written), folded(tree(written))):
        again = tree(text(node))
        for x in (Fraction(3, 7), Fraction(-2)):
            assert mp.evaluate(again, {"x": x}) == mp.evaluate(node, {"x": x})
    assert substituted(tree(text(tree(written))), {}) == tree(written)
