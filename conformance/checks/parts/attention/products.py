"""The calls of the table: masks, sizes, layouts, who is who, large logits, with and without weights."""

from __future__ import annotations

from collections.abc import Iterator

from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import BARE, SIZES, Properties, case
from actcheck.conformance.checks.parts.attention.table import SHOWN, chosen
from actcheck.conformance.model import Level, Question
from actcheck.reference.formats import FORMATS


def product_calls(question: Question, level: Level, seed: int) -> Iterator[AskedCall]:
    """Those of the table; one whose output is its weights, and a causal one, in every way of asking."""
    form, gradients = FORMATS[question.format], question.quantity == "gradient"
    bare = Properties(BARE, batch_first=True, numbers="bare weights", gradients=gradients)
    causal = Properties(SIZES[0], "is_causal", gradients=gradients)
    everywhere = [(one, name) for one in (bare, causal) for name in SHOWN]
    for properties, shown in [*everywhere, *chosen(question, level)]:
        yield AskedCall(AnsweredCase(case(question.variant, form, seed, properties), form), SHOWN[shown])
