"""`accuracy`: error in ULP, classes of wrong answers, and the grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.checks.parts.attention.accuracy import attention_accuracy
from actcheck.conformance.checks.parts.normalizing.accuracy import normalizing_accuracy
from actcheck.conformance.checks.parts.shared.everywhere import asked, thinned
from actcheck.conformance.checks.parts.structure.reductions import REDUCTIONS
from actcheck.conformance.checks.parts.structure.weights import has_weights, weight_gradients
from actcheck.conformance.checks.parts.upstreams.finite import upstreams
from actcheck.conformance.judging.findings import finding, finding_of
from actcheck.conformance.model import Answer, Context, Finding, Level, Question
from actcheck.conformance.sampling import places
from actcheck.conformance.sampling.sampled_question import SampledQuestion
from actcheck.conformance.sampling.sampled_question import answer as sampled
from actcheck.conformance.sweep import every_input
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec
from actcheck.reference.specification.telling import telling_inputs

Array = NDArray[Any]
QUANTITIES = ("forward", "gradient", "second_derivative")
#: Points by level; formats of 16 bits are always walked through.
COUNTS: dict[Level, dict[str, int]] = {
    "quick": {"float32": 20_000, "float64": 200_000},
    "full": {"float32": 400_000, "float64": 20_000_000},
    "exhaustive": {"float32": 400_000, "float64": 20_000_000},
}
#: So much fewer float64 points suffice for a question that is one of many; each binade still has some.
_THINNED = 4
#: What quick asks of every variant, beside a choice.
ALWAYS = (("forward", "float32"),)


#: Kinds whose results are sums, and are judged by a bound of sums.
_SUMS: Mapping[str, Callable[[Question, Context], Finding]] = {
    "attention": attention_accuracy,
    "normalizing": normalizing_accuracy,
}


class Accuracy:
    """How far results are from the exact value of the definition at the exact input."""

    name = "accuracy"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every quantity that the specification has a budget for; quick asks less of the variants."""
        for question in asked(self.name, spec, level, tuple(spec.accuracy), ALWAYS):
            if has_weights(spec, question.variant, question.format):
                yield question

    def answer(self, question: Question, context: Context) -> Answer:
        """Judge the backend's results on all inputs of a narrow format, or on a stratified sample."""
        if question.spec.kind in _SUMS:
            return _SUMS[question.spec.kind](question, context)
        if question.spec.kind in REDUCTIONS:
            return _reduced(question, context)
        return _with_upstreams(question, context, _of_ones(question, context))


def _of_ones(question: Question, context: Context) -> Answer:
    """The quantity itself; a gradient for an upstream of ones."""
    if every_input.is_swept(question, context.level):
        return every_input.answer(question, context)
    if question.format == "float64":
        count, climb = COUNTS[context.level]["float64"], context.level != "quick"
        count = count // _THINNED if thinned(question, context.level) else count
        return sampled(SampledQuestion.of(question, context), context.profile, count, climb=climb)
    x = inputs(question, context)
    y = Asker.of(question, context).points(x)
    return finding(question, context.profile, x, y, FORMATS[question.format].bits <= 16)


def _with_upstreams(question: Question, context: Context, answer: Answer) -> Answer:
    """With the faults of other factors, where a derivative was judged."""
    if question.quantity == "forward" or not isinstance(answer, Finding) or answer.verdict is None:
        return answer
    found = upstreams(question, context)
    notes = {**answer.notes, **({"lacking": found.lacking} if found.lacking else {})}
    return replace(answer, faults=(*answer.faults, *found.faults), notes=notes)


def inputs(question: Question, context: Context) -> Array:
    """The points at which a question is judged, in the order of their keys."""
    form = FORMATS[question.format]
    if form.bits <= 16:
        return places.every(form)
    telling = telling_inputs(question.spec, question.variant, form)
    return places.stratified(form, telling, context.seed, COUNTS[context.level][form.name])


def _reduced(question: Question, context: Context) -> Answer:
    if question.quantity == "weight_gradient":
        return weight_gradients(question, context)
    reduced = REDUCTIONS[question.spec.kind](question, context)
    all_inputs = FORMATS[question.format].bits <= 16 and question.spec.kind != "gated"
    found = finding_of(question, context.profile, reduced.parts, all_inputs)
    return replace(found, faults=(*reduced.faults, *found.faults))
