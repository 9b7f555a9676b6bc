"""`attention`: every form of multihead attention along every path of the backend.

Paths are compared through the exact result: each is held against it, and a report tells how far each is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from actcheck.conformance.backends.asker import Refusal, UnsupportedError, tried
from actcheck.conformance.checks.parts.attention.accuracy import answered
from actcheck.conformance.checks.parts.attention.calls import SIZES, case, every_case
from actcheck.conformance.checks.parts.attention.dropout import dropout
from actcheck.conformance.checks.parts.attention.results import AnsweredCase, AttentionAnswers
from actcheck.conformance.checks.parts.attention.rows import masked_rows
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

#: In the order of a report; what quick asks in one format alone, it asks in this one.
QUANTITIES = ("forward", "gradient", "masked_rows", "dropout", "refused_sizes")
_QUICK = "float32"


class AttentionForms:
    """Masks, appended rows, is_causal, no batch, one tensor, large logits; with and without weights."""

    name = "attention"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every quantity; quick asks it in float32 alone, and forward of the defaults in every format.

        Dropout and refused sizes do not depend on the variant.
        """
        if spec.kind != "attention":
            return
        for variant in spec.variants:
            default = variant is spec.default
            for quantity in QUANTITIES if default else QUANTITIES[:3]:
                for form in FORMATS:
                    every = level != "quick" or (default and quantity == "forward")
                    if every or form == _QUICK:
                        yield Question(self.name, spec, variant, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask every path."""
        match question.quantity:
            case "masked_rows":
                return masked_rows(question, context)
            case "dropout":
                return dropout(question, context)
            case "refused_sizes":
                return refused_sizes(question, context)
        form, adapter = FORMATS[question.format], context.adapter
        gradients = question.quantity == "gradient"
        asked = AttentionAnswers(adapter, form, tagged=True)
        for one in every_case(question.variant, form, context.seed, gradients):
            exactly = AnsweredCase(one, form)
            for path in adapter.attention_paths():
                asked.ask(exactly, path, need_weights=False)
                asked.ask(exactly, path, average_attn_weights=True)
                if not gradients:
                    asked.ask(exactly, path, average_attn_weights=False)
        return answered(question, asked)


def refused_sizes(question: Question, context: Context) -> Answer:
    """A number of heads that does not divide the features must be refused, in every path."""
    form, adapter = FORMATS[question.format], context.adapter
    right = case(question.variant, form, context.seed, SIZES[0], "no mask", False).call
    faults: list[Fault] = []
    reasons: dict[str, str] = {}
    refusals = 0
    for heads in (3, 5, 16, 0, -1):
        for path in adapter.attention_paths():
            try:
                given = tried(partial(adapter.attention, replace(right, num_heads=heads, path=path)))
            except UnsupportedError as error:
                reasons[path] = str(error)
                continue
            if isinstance(given, Refusal):
                refusals += 1
                continue
            told = f"accepted {heads} heads for 8 features; the output has shape {given.output.shape}"
            faults.append(Fault(f"accepted:num_heads={heads}", f"path {path}: {told}"))
    if not refusals and not faults:
        raise UnsupportedError("; ".join(sorted(set(reasons.values()))))
    return Finding(tuple(faults), points=refusals + len(faults), message="" if faults else "all refused")
