"""Accuracy of normalizing activations: rows of every length and kind, in units of u*S."""

from __future__ import annotations

from collections.abc import Iterator

from actcheck.conformance.checks.parts.normalizing.asked import DIM, RowAnswers, RowCall
from actcheck.conformance.checks.parts.normalizing.rows import laid_along, rows, shapes_dear, upstreams
from actcheck.conformance.checks.parts.shared.everywhere import thinned
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.formats import FORMATS


def normalizing_accuracy(question: Question, context: Context) -> Finding:
    """Judge by the bound of "Sums"; the error in ULP is told beside. Raises UnsupportedError."""
    asked = RowAnswers(question, context)
    for call in row_calls(question, context):
        asked.ask(call)
    return asked.finding(notes=shapes_dear(context.level, context.few_shapes))


def row_calls(question: Question, context: Context) -> Iterator[RowCall]:
    """The calls of a question: rows along the variant's dimension, and upstreams of every size."""
    form, dim = FORMATS[question.format], int(question.variant.parameters[DIM])  # type: ignore[arg-type]
    dear, fewer = context.few_shapes, thinned(question, context.level)
    for made in rows(form, context.seed, context.level, dear, fewer):
        x = laid_along(made.x, dim)
        words = f"{made.words} (shape={x.shape},dim={dim})"
        if question.quantity == "forward":
            yield RowCall(words, x, dim)
            continue
        shape = (int(made.x.shape[0]), made.length)
        for told, sent in upstreams(form, context.seed, shape):
            yield RowCall(f"{words}, {told}", x, dim, laid_along(sent, dim))
