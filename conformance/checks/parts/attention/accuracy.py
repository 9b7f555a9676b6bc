"""Accuracy of multihead attention: output, weights and gradients against the exact ones, along every path."""

from __future__ import annotations

from actcheck.conformance.backends.asker import UnsupportedError
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import cases
from actcheck.conformance.checks.parts.attention.results import AttentionAnswers
from actcheck.conformance.checks.parts.shared.judged_sums import finding_of_sums
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.formats import FORMATS


def attention_accuracy(question: Question, context: Context) -> Finding:
    """Judge by the bound of "Sums"; the error in ULP is told beside."""
    form, adapter = FORMATS[question.format], context.adapter
    gradients = question.quantity == "gradient"
    asked = AttentionAnswers(adapter, form)
    for case in cases(question.variant, form, context.seed, gradients):
        one = AskedCall(AnsweredCase(case, form))
        for path in adapter.attention_paths():
            asked.ask(one, path)
    return answered(question, asked)


def answered(question: Question, asked: AttentionAnswers) -> Finding:
    """The finding on all that was asked; the worst call is confirmed by mpmath. Raises UnsupportedError."""
    if not asked.parts and not asked.faults:
        reasons = sorted(set(asked.reasons.values()))
        raise UnsupportedError("; ".join(reasons) or f"{asked.adapter.name} has no {question.activation}")
    if question.quantity == "gradient":
        missing = not any(part.name.startswith("gradient") for part in asked.parts)
        if missing and not asked.faults:
            raise UnsupportedError(f"{asked.adapter.name} computes no gradients of {question.activation}")
    asked.confirm()
    unasked = {path: reason for path, reason in asked.reasons.items() if path not in asked.units}
    told = {"paths that had no answer": unasked, "refused": asked.refused}
    notes = {"paths": asked.units, **{words: table for words, table in told.items() if table}}
    return finding_of_sums(question, asked.parts, [*asked.faults, *asked.undifferentiated()], notes)
