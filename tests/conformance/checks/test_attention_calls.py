"""Attention that is wrong for some calls alone: caught at quick by the quantity that owns it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actcheck.conformance.checks.parts.attention.table import FACTORS, chosen, possible
from actcheck.conformance.model import Context, Finding, Question
from actcheck.conformance.run.asking import ask
from actcheck.reference.specification import loading
from tests.support.asked_questions import questions
from tests.support.faults.planted_attention_calls import FAULTS, Wrong

SPEC = loading.find("multihead_attention")


def owned(quantity: str) -> Iterator[Question]:
    """The questions of a quantity at quick, those that see most faults first."""
    return iter(questions(f"attention-*-{quantity}"))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught_at_quick(name: str) -> None:
    adapter, quantity = FAULTS[name]
    assert any(caught(adapter, question) for question in owned(quantity))


def caught(adapter: Wrong, question: Question) -> bool:
    found = ask(question, Context(adapter))
    assert isinstance(found, Finding), found
    return bool(found.faults)


def test_quick_asks_every_level_in_every_format_and_variant() -> None:
    rows = [
        (q, p, shown)
        for q in questions("attention-*")
        if q.quantity in ("forward", "gradient")
        for p, shown in chosen(q, "quick")
    ]
    assert {p.mask for _, p, _ in rows} == set(FACTORS["mask"])
    assert {(p.size.queries, p.size.keys) for _, p, _ in rows} == set(FACTORS["lengths"])
    assert {(p.mask, q.variant.label) for q, p, _ in rows} == {
        (mask, variant.label) for mask in FACTORS["mask"] for variant in SPEC.variants
    }


def test_what_excludes_each_other_is_not_asked() -> None:
    assert not possible({"inputs": "one tensor", "lengths": (3, 5)})
    assert not possible({"format": "float16", "mask": "attn_mask of -1e9"})
    assert possible({"inputs": "one tensor", "lengths": (4, 4)})
