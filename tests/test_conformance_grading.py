"""Grades, budgets and profiles."""

from __future__ import annotations

import pytest

from actcheck.conformance.grading import GRADES, budget, grade, passes, wrong_classes
from actcheck.reference.loading import find
from actcheck.reference.verdict import Occurrences, Verdict, Worst


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
        (verdict(1e9, 18.0), 18, "scaled"),
        (verdict(1e9, 18.001), 18, "loose"),
        (verdict(2.0), 1, "loose"),
        # Answers of a wrong class have no error: the others alone are graded.
        (verdict(0.5, rounded=3, faithful=3, wrong_nan=2, wrong_infinity=1), 1, "exact"),
        (verdict(0.7, rounded=4, faithful=3, wrong_nan=3), 1, "faithful"),
        (verdict(0.5, rounded=2, faithful=0, wrong_zero_sign=2), 1, "exact"),
        (verdict(2.5, rounded=4, faithful=4, wrong_nan=3), 3, "tight"),
        (verdict(8e6, 0.9, lost_to_zero=1), 3, "scaled"),
    ],
)
def test_grade(given: Verdict, allowed: float, expected: str) -> None:
    assert grade(given, allowed) == expected


def test_an_error_is_beyond_a_bound_only_where_that_is_proven() -> None:
    worst = Worst(1.0, 2.0, 3.0, (2.999, 3.001))
    straddling = Verdict(9, 0, 0, worst, worst, 1, 1)
    assert grade(straddling, 3.0) == "tight"


def test_profiles() -> None:
    assert [g for g in GRADES if passes(g, "strict")] == ["exact", "faithful", "tight", "budget"]
    assert [g for g in GRADES if passes(g, "standard")] == ["exact", "faithful", "tight", "budget", "scaled"]
    assert set(wrong_classes("strict")) - set(wrong_classes("standard")) == {"lost_to_zero"}
    assert {"wrong_nan", "wrong_infinity", "wrong_zero_sign"} <= set(wrong_classes("standard"))


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
