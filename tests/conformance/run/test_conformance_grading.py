"""Grades, budgets and profiles."""

from __future__ import annotations

from math import inf, nan

import pytest

from actcheck.conformance.judging.grading import (
    GRADES,
    SCALED_BUDGET,
    Tolerance,
    budget,
    grade,
    passes,
    tolerance,
)
from actcheck.conformance.model import Profile
from actcheck.reference.judging.verdict import Occurrences, Verdict, Worst
from actcheck.reference.specification.loading import find


def verdict(
    error: float, scaled: float | None = None, *, rounded: int = 1, faithful: int = 1, **classes: int
) -> Verdict:
    """One result of this error among others without any."""
    worst = Worst(1.0, 2.0, 3.0, (error, error))
    worst_scaled = Worst(1.0, 2.0, 3.0, (error if scaled is None else scaled,) * 2)
    seen = {name: Occurrences(count, 0, ((0, 0),)) for name, count in classes.items()}
    return Verdict(9, 0, 0, worst, worst_scaled, rounded, faithful, seen)


@pytest.mark.parametrize(
    ("given", "allowed", "expected"),
    [
        (Verdict(), 0, "exact"),
        (verdict(0.5, rounded=0, faithful=0), 0, "exact"),
        (verdict(0.51, faithful=0), 0, "faithful"),
        (verdict(0.999, faithful=0), 0, "faithful"),
        (verdict(1.0), 1, "tight"),
        (verdict(4.0), 18, "tight"),
        (verdict(4.0), 3, "loose"),
        (verdict(4.001), 18, "budget"),
        (verdict(18.0), 18, "budget"),
        (verdict(18.001), 18, "loose"),
        (verdict(1e9, 4.0), 18, "scaled"),
        (verdict(1e9, 4.001), 18, "loose"),
        (verdict(1e9, 3.0), 3, "scaled"),
        (verdict(1e9, 3.001), 3, "loose"),
        (verdict(2.0), 1, "loose"),
        # Not every result is correctly rounded, or faithful, where some are no numbers at all.
        (verdict(0.5, rounded=3, faithful=3, wrong_nan=2, wrong_infinity=1), 1, "tight"),
        (verdict(0.7, rounded=4, faithful=3, wrong_nan=3), 1, "tight"),
        (verdict(0.5, rounded=2, faithful=0, wrong_zero_sign=2), 1, "faithful"),
        (verdict(2.5, rounded=4, faithful=4, wrong_nan=3), 3, "tight"),
        (verdict(8e6, 0.9, lost_to_zero=1), 3, "scaled"),
        # A count of 0 beside a maximum that denies it.
        (verdict(0.75, rounded=0, faithful=0), 1, "faithful"),
        (verdict(13072.0, rounded=0, faithful=0), 1, "loose"),
        (verdict(inf, rounded=0, faithful=0), 40, "loose"),
        (verdict(inf, 0.0, rounded=3, faithful=3, wrong_infinity=3), 40, "loose"),
        (verdict(nan, rounded=0, faithful=0), 40, "loose"),
    ],
)
def test_grade(given: Verdict, allowed: float, expected: str) -> None:
    assert grade(given, Tolerance(allowed, min(SCALED_BUDGET, allowed))) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.4999, 0.5001, "faithful"), (0.999, 1.001, "tight"), (2.999, 3.001, "loose")],
)
def test_the_grade_is_that_of_the_upper_end(low: float, high: float, expected: str) -> None:
    worst = Worst(1.0, 2.0, 3.0, (low, high))
    assert grade(Verdict(9, 0, 0, worst, worst), Tolerance(3.0)) == expected


def test_without_a_scale_there_is_no_grade_by_it() -> None:
    assert grade(verdict(3.0, 0.1), Tolerance(2.0)) == "loose"


def test_profiles() -> None:
    assert [g for g in GRADES if passes(g, "strict")] == ["exact", "faithful", "tight", "budget"]
    assert [g for g in GRADES if passes(g, "standard")] == ["exact", "faithful", "tight", "budget", "scaled"]


@pytest.mark.parametrize(
    ("profile", "error", "scaled", "beyond"),
    [
        ("standard", 19.0, 4.0, False),
        ("standard", 19.0, 4.1, True),
        ("standard", 18.0, 18.0, False),
        ("strict", 18.1, 0.0, True),
    ],
)
def test_a_result_is_beyond_what_is_allowed_by_both_of_its_errors(
    profile: Profile, error: float, scaled: float, *, beyond: bool
) -> None:
    assert Tolerance(18.0, 4.0).exceeded(profile, error, scaled) is beyond


@pytest.mark.parametrize(
    ("activation", "quantity", "format_name", "expected"),
    [
        ("gelu", "forward", "float32", Tolerance(18, 4)),
        ("gelu", "forward", "bfloat16", Tolerance(1, 1)),
        ("softshrink", "forward", "float32", Tolerance(2, 2)),
        ("tanh", "forward", "float32", Tolerance(5)),
        ("relu", "gradient", "float64", Tolerance(0)),
    ],
)
def test_the_scaled_budget_is_never_more_than_that_in_ulp(
    activation: str, quantity: str, format_name: str, expected: Tolerance
) -> None:
    assert tolerance(find(activation), quantity, format_name) == expected


def test_a_product_with_an_upstream_may_be_rounded_once_more() -> None:
    assert Tolerance(18, 4).rounded_again() == Tolerance(19, 5)
    assert Tolerance(0).rounded_again() == Tolerance(0)


@pytest.mark.parametrize(
    ("activation", "format_name", "expected"),
    [
        ("gelu", "float32", 18),
        ("gelu", "float64", 18),
        ("gelu", "float16", 1),
        ("gelu", "bfloat16", 1),
        ("relu", "float16", 0),
    ],
)
def test_narrow_formats_get_one_ulp_at_most(activation: str, format_name: str, expected: float) -> None:
    assert budget(find(activation), "forward", format_name) == expected
