"""`special_values`: NaN, infinities, zeros, the smallest and the largest number, wherever they stand.

A kernel has a vector body and a tail for what is left over; the two often differ in what they do with
such values. So each of them comes in every place of arrays of every length from 1 to 67.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.checks.parts.normalizing.special import special_rows
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.everywhere import asked, everywhere, thinned, turn
from actcheck.conformance.checks.parts.structure.special import CALLS, special_values
from actcheck.conformance.checks.parts.structure.weights import has_weights
from actcheck.conformance.checks.parts.upstreams.special import special_upstreams
from actcheck.conformance.judging.findings import finding
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.numerals import count
from actcheck.reference.formats import FORMATS, Format, first_of_pairs
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
LENGTHS = range(1, 68)
#: Where shapes are dear.
_FEW = few_shapes.LENGTHS[:2]


class SpecialValues:
    """Special values in every place of short arrays; as inputs and as upstreams of the gradient."""

    name = "special_values"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Forward and gradient of the defaults in every format; beyond quick, of every variant."""
        quantities = ("forward", "gradient")
        if spec.kind in CALLS:
            questions = asked(self.name, spec, level, quantities)
            return (q for q in questions if has_weights(spec, q.variant, q.format))
        return everywhere(self.name, spec, level, quantities)

    def answer(self, question: Question, context: Context) -> Answer:
        """Judge each distinct pair of input and result once, and tell where it stood."""
        if question.spec.kind in CALLS:
            return special_values(question, context, special(FORMATS[question.format]))
        if question.spec.kind == "normalizing":
            return special_rows(question, context)
        asker = Asker.of(question, context)
        x = list(few_arrays(question) if context.few_shapes else arrays(question, context.level))
        y = [asker.results(values) for values in x]
        found = _finding(question, context, _Places.of(x), np.concatenate(x), np.concatenate(y))
        if context.few_shapes:
            found = replace(found, notes=few_shapes.left_out(f"lengths other than {_FEW[0]} and {_FEW[1]}"))
        if question.quantity != "gradient":
            return found
        others = special_upstreams(question, context)
        notes = {"dead_zone": others.notes} if others.notes else {}
        return replace(found, faults=(*found.faults, *others.faults), notes={**found.notes, **notes})


def special(form: Format) -> Array:
    """NaN, the infinities, both zeros, the smallest subnormal and the largest number of either sign."""
    sizes = [np.inf, 0.0, form.smallest, form.largest]
    return np.array([np.nan, *sizes, *(-s for s in sizes)], form.dtype)


def arrays(question: Question, level: Level) -> Iterator[Array]:
    """For each length, the special values one after the other, beginning with each of them.

    So each of them stands in each place once. At quick the formats share the beginnings.
    """
    values = special(FORMATS[question.format])
    first = turn(question)
    for length in LENGTHS:
        starts: Iterable[int] = range(len(values))
        if level == "quick":
            starts = (
                (length,) if thinned(question, level) else range(first, first + len(values), len(FORMATS))
            )
        for start in starts:
            yield values[(np.arange(length) + start) % len(values)]


def few_arrays(question: Question) -> Iterator[Array]:
    """Of a few lengths, beginning with each special value: each stands in each place once."""
    values = special(FORMATS[question.format])
    for length in _FEW:
        for start in range(len(values)):
            yield values[(np.arange(length) + start) % len(values)]


@dataclass(frozen=True)
class _Places:
    """Where the elements of all arrays stood, in the order in which they were asked."""

    length: Array
    slot: Array

    @classmethod
    def of(cls, x: Sequence[Array]) -> _Places:
        lengths = [len(values) for values in x]
        return cls(np.repeat(lengths, lengths), np.concatenate([np.arange(n) for n in lengths]))


def _finding(question: Question, context: Context, places: _Places, x: Array, y: Array) -> Finding:
    form = FORMATS[question.format]
    distinct = first_of_pairs(_bits(form, x), _bits(form, y))
    found = finding(question, context.profile, x[distinct], y[distinct])
    wrong = [_placed(form, fault, x, y, distinct, places) for fault in found.faults]
    return replace(found, faults=tuple(wrong), grade=None, verdict=None, points=len(x))


def _bits(form: Format, values: Array) -> NDArray[np.int64]:
    """Keys, with one for all NaNs."""
    return np.where(np.isnan(values), np.iinfo(np.int64).max, form.keys(values))


def _placed(form: Format, fault: Fault, x: Array, y: Array, distinct: Array, places: _Places) -> Fault:
    """The fault with the places at which its first input gets more than one result."""
    keys = _bits(form, x)
    inputs = [low for low, _ in fault.inputs]
    if not inputs:
        return fault
    same = keys == _bits(form, np.array(inputs[:1], form.dtype))[0]
    results_there = np.unique(_bits(form, y[same]))
    if len(results_there) == 1:
        return fault
    rare = min(results_there, key=lambda r: int((same & (_bits(form, y) == r)).sum()))
    at = np.flatnonzero(same & (_bits(form, y) == rare))
    where = f"length {places.length[at[0]]}, place {places.slot[at[0]]}"
    told = f"{y[at[0]]} in {count(len(at), 'place')} of {same.sum()}, first {where}"
    return replace(fault, message=f"{fault.message}; the results differ by place: {told}")
