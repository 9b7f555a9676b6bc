"""What quick asks of variants other than the defaults: each in every format and with every quantity."""

from __future__ import annotations

from collections import defaultdict

import pytest

from actcheck.conformance.checks.parts.shared.everywhere import QUANTITIES, asked
from actcheck.conformance.run.questions import Selection, left_out, select
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.loading import load_all
from tests.support.asked_questions import questions


@pytest.mark.parametrize("check", ["shapes", "consistency", "special_values"])
def test_quick_asks_each_variant_in_every_format_and_with_every_quantity(check: str) -> None:
    formats, quantities = defaultdict(set), defaultdict(set)
    for question in questions(check):
        key = question.activation, question.variant.label
        formats[key].add(question.format)
        quantities[key].add(question.quantity)
    for spec in load_all().values():
        if spec.elementwise:
            whole = {q.quantity for q in questions(check, "full") if q.spec == spec}
            for variant in spec.variants:
                assert formats[spec.id, variant.label] == set(FORMATS)
                assert quantities[spec.id, variant.label] == whole


def test_quick_asks_everything_of_the_defaults_and_full_of_every_variant() -> None:
    spec = load_all()["elu"]
    whole = {(q.variant.label, q.quantity, q.format) for q in asked("shapes", spec, "full", QUANTITIES)}
    quick = {(q.variant.label, q.quantity, q.format) for q in asked("shapes", spec, "quick", QUANTITIES)}
    assert len(whole) == len(spec.variants) * len(QUANTITIES) * len(FORMATS)
    assert {one for one in whole if one[0] == spec.default.label} <= quick < whole


def test_what_is_always_asked_is_asked_of_every_variant() -> None:
    spec, always = load_all()["elu"], (("gradient", "float16"),)
    found = list(asked("shapes", spec, "quick", QUANTITIES, always))
    both = [q for q in found if (q.quantity, q.format) in always]
    assert {q.variant.label for q in both} == {variant.label for variant in spec.variants}


def test_what_a_level_leaves_out_is_counted_by_check() -> None:
    specs = (load_all()["elu"], load_all()["relu"])
    left = left_out(Selection(specs))
    assert left_out(Selection(specs, "full")) == {}
    missing = {q.id for q in select(Selection(specs, "full"))} - {q.id for q in select(Selection(specs))}
    assert sum(left.values()) == len(missing)
    assert left["shapes"] > 0
    assert "defaults" not in left
