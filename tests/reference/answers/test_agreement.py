"""Errors of results against a judge of its own, in every format; differences that are planted are told.

``python -m benchmarks.agreement`` compares a million of them, and as many values with mpmath's.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import actcheck
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec
from tests.support.agreement import (
    ELEMENTWISE,
    Asked,
    differing_errors,
    differing_values,
    inputs,
    questions,
    results,
)
from tests.support.independent.judging import judge
from tests.support.independent.questions import exactly
from tests.support.independent.singly import judge_one
from tests.support.thorough import one_in

QUANTITIES = ("forward", "gradient", "second_derivative")


def asked_of(spec: Spec, quantity: str) -> list[Asked]:
    """In each format, of a variant that changes from one to the next."""
    return [
        Asked(spec, spec.variants[turn % len(spec.variants)], quantity, form)
        for turn, form in enumerate(FORMATS.values())
    ]


def numbers_of(asked: Asked, count: int) -> tuple[Any, Any]:
    """Inputs, and results to be judged at them."""
    x = inputs(asked, count, 5)
    right = actcheck.exact(asked.spec, x, asked.quantity, **asked.given)
    return x, results(asked, right, 5)


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("spec", one_in(4, ELEMENTWISE), ids=lambda spec: spec.id)
def test_errors_and_classes_are_those_of_the_second_judge(spec: Spec, quantity: str) -> None:
    for asked in asked_of(spec, quantity):
        assert list(differing_errors(asked, *numbers_of(asked, 24))) == []


def close_to(low: float, high: float) -> Any:
    """An interval; of errors next to nothing only that is known."""
    return pytest.approx((low, high), rel=2.0**-40, abs=2.0**-200)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_one_by_one_the_second_judge_says_the_same_as_of_all_together(quantity: str, name: str) -> None:
    for spec in ELEMENTWISE:
        asked = Asked(spec, spec.default, quantity, FORMATS[name])
        x, y = numbers_of(asked, 16)
        found = judge(exactly(asked.bound, quantity, x.astype(np.float64)), asked.form, x, y)
        for at in range(len(x)):
            one = judge_one(asked.bound, quantity, asked.form, float(x[at]), float(y[at]))
            wrong = [name for name, hit in found.classes.items() if hit[at]]
            assert (one.wrong, one.correct, one.faithful) == (
                "".join(wrong),
                found.correct[at],
                found.faithful[at],
            )
            if found.measured[at]:
                assert one.error == close_to(found.low[at], found.high[at])
                assert one.scaled == close_to(found.scaled_low[at], found.scaled_high[at])


def test_every_question_has_inputs_of_every_kind() -> None:
    asked = [one for one in questions(("forward",)) if one.spec.id in ("elu", "hardtanh")]
    assert {one.form.name for one in asked} == set(FORMATS)
    for one in asked:
        x = inputs(one, 1_600, 0).astype(np.float64)
        sizes = np.frexp(np.abs(x[x != 0]))[1]
        assert 1_400 < len(x) <= 1_600
        assert np.isfinite(x).all()
        assert {one.form.smallest, -one.form.largest, 0.0} <= set(x.tolist())
        assert (np.diff(np.unique(sizes)) <= 16).all()
        given = {one.form.rounded(Fraction(v)) for v in one.given.values() if np.isfinite(v)}
        assert {v for v in given if np.isfinite(v)} <= set(x.tolist())


def test_a_value_next_to_the_right_one_is_told() -> None:
    asked = next(one for one in questions(("gradient",)) if str(one) == "gelu default gradient float64")
    x = inputs(asked, 12, 0)
    right = actcheck.exact("gelu", x, "gradient")
    assert list(differing_values(asked, x, right)) == []
    off = right.copy()
    off[7] = np.nextafter(off[7], np.inf)
    (told,) = differing_values(asked, x, off)
    assert told.startswith(f"gelu default gradient float64 at {float(x[7]).hex()}: ")


def test_a_value_that_mpmath_cannot_tell_from_a_tie_is_counted() -> None:
    asked = next(one for one in questions(("forward",)) if str(one) == "tanhshrink default forward float16")
    x = np.array([3348, 1], np.float16)
    near_ties: list[float] = []
    right = actcheck.exact("tanhshrink", x)
    assert right[0] == 3348, "3347 and 2^-9659 lies above the middle of 3346 and 3348"
    for got in (right, right - np.array([2, 0], np.float16)):
        assert list(differing_values(asked, x, got, near_ties)) == []
    assert near_ties == [3348, 3348]
    (_,) = differing_values(asked, x, right + np.array([2, 0], np.float16))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("field", ["error", "correctly_rounded", "faithful", "wrong_nan", "lost_to_zero"])
def test_an_error_that_is_a_little_off_is_told(
    monkeypatch: pytest.MonkeyPatch, field: str, form: str
) -> None:
    asked = Asked(ELEMENTWISE[0], ELEMENTWISE[0].default, "forward", FORMATS[form])
    x = np.array([0.5, -1.0, -3.0], asked.form.dtype)
    y = asked.form.values(asked.form.keys(actcheck.exact(asked.spec, x, **asked.given)) + 2)
    assert list(differing_errors(asked, x, y)) == []
    honest = actcheck.ulp_error

    def altered(*given: Any, **named: Any) -> Any:
        found = honest(*given, **named)
        kept = getattr(found, field).copy()
        kept[1] = kept[1] * (1 + 2.0**-10) if field == "error" else not kept[1]
        return replace(found, **{field: kept})

    monkeypatch.setattr(actcheck, "ulp_error", altered)
    (told,) = differing_errors(asked, x, y)
    assert "at -0x1.0000000000000p+0" in told
