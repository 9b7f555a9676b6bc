"""`attention`: every form of multihead attention along every path of the backend.

Paths are compared through the exact result: each is held against it, and a report tells how far each is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from actcheck.conformance.checks.parts.attention.accuracy import answered
from actcheck.conformance.checks.parts.attention.asked import AskedCall
from actcheck.conformance.checks.parts.attention.dropout import dropout
from actcheck.conformance.checks.parts.attention.dropped import dropout_calls
from actcheck.conformance.checks.parts.attention.masked_values import masked_values, value_calls
from actcheck.conformance.checks.parts.attention.products import product_calls
from actcheck.conformance.checks.parts.attention.refused import refused_masks, refused_sizes
from actcheck.conformance.checks.parts.attention.results import AttentionAnswers
from actcheck.conformance.checks.parts.attention.rows import masked_rows, row_calls
from actcheck.conformance.model import Answer, Context, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec


def products(question: Question, context: Context) -> Answer:
    """Every call of the table along every path."""
    asked = AttentionAnswers(context.adapter, FORMATS[question.format], True, context.level)
    for one in product_calls(question, context.level, context.seed):
        for path in context.adapter.attention_paths():
            asked.ask(one, path)
    return answered(question, asked)


#: In the order of a report; each is asked in every variant and format.
QUANTITIES: Mapping[str, Callable[[Question, Context], Answer]] = {
    "forward": products,
    "gradient": products,
    "masked_rows": masked_rows,
    "masked_values": masked_values,
    "dropout": dropout,
    "refused_sizes": refused_sizes,
    "refused_masks": refused_masks,
}
#: The calls whose results are judged one by one; other quantities judge in a way of their own.
CALLS: Mapping[str, Callable[[Question, Level, int], Iterator[AskedCall]]] = {
    "forward": product_calls,
    "gradient": product_calls,
    "masked_rows": row_calls,
    "masked_values": value_calls,
    "dropout": dropout_calls,
}
#: They do not depend on the numbers: quick asks them in every variant, and in every format of the defaults.
_SHAPES = ("refused_sizes", "refused_masks")
_QUICK = "float32"


class AttentionForms:
    """Masks, sizes, layouts, who is who, appended rows, is_causal, large logits; with and without weights."""

    name = "attention"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every quantity in every variant and format; refusals by quick in one format where possible."""
        if spec.kind != "attention":
            return
        for variant in spec.variants:
            for quantity in QUANTITIES:
                for form in FORMATS:
                    other = level == "quick" and quantity in _SHAPES and form != _QUICK
                    if not other or variant is spec.default:
                        yield Question(self.name, spec, variant, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask every path."""
        return QUANTITIES[question.quantity](question, context)
