"""A backend that is right for plain arrays and wrong in one form is caught by the check that asks it so."""

from __future__ import annotations

import numpy as np

from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH
from tests.support.asked_questions import finding
from tests.zoo.collection import find


def test_forms_only_move_elements() -> None:
    x = np.random.default_rng(0).normal(size=LENGTH)
    for form in FORMS:
        assert np.array_equal(form.build(x).ravel(), x[form.places]), form.name


def test_every_rank_is_asked_and_every_element_comes_in_every_whole_form() -> None:
    assert {form.build(np.arange(LENGTH)).ndim for form in FORMS} == set(range(7))
    whole = [form for form in FORMS if len(form.places) == LENGTH and "expanded" not in form.name]
    assert len(whole) >= 18
    for form in whole:
        if "buffer" not in form.name:
            assert sorted(form.places) == list(range(LENGTH)), form.name


def test_a_wrong_answer_in_one_form_is_told_with_the_form_and_the_exact_value() -> None:
    negated = find("elu: forward negated for numbers of 0 dimensions").make()
    faults = finding("shapes-elu-default-float32-forward", negated, level="quick").faults
    wrong = next(f for f in faults if f.what in ("max_ulp", "max_scaled_ulp"))
    assert "in the 0-d array, not in a plain one" in wrong.message
    assert "expected" in wrong.message
