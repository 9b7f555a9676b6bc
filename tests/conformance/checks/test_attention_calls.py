"""The choice of attention's calls: every two properties meet, and what excludes each other is left out."""

from __future__ import annotations

from actcheck.conformance.checks.parts.attention.table import FACTORS, chosen, possible
from actcheck.reference.specification import loading
from tests.support.asked_questions import questions

SPEC = loading.find("multihead_attention")


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
