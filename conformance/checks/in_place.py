"""`in_place`: the in-place form overwrites its input with what the other form returns, gradient included."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import InPlace, Unsupported
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison, probes
from actcheck.conformance.checks.parts.shared.calling import called
from actcheck.conformance.judging.findings import wrong_form
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, NotApplicable, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
_OTHER = "out of place"
_ADVICE = {
    "forward": "let both forms run the same kernel",
    "gradient": "keep the input, or refuse: the result does not determine the derivative",
}


class InPlaceForms:
    """Same result, same storage, same gradient as out of place."""

    name = "in_place"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Forward and gradient of every variant and in every format, where there is such a form."""
        if not spec.elementwise or not spec.in_place:
            return
        for variant in spec.variants:
            for quantity in ("forward", "gradient"):
                for form in FORMATS:
                    if level != "quick" or variant.kind == "default" or form in ("bfloat16", "float32"):
                        yield Question(self.name, spec, variant, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Run both forms on a contiguous and on a strided array."""
        x = probes(question, context.seed)
        x = np.resize(x, len(x) + len(x) % 2).reshape(2, -1)
        faults: list[Fault] = []
        for name, values in (("contiguous", x), ("transposed", x.copy().T)):
            found = _compared(question, context, name, values)
            if isinstance(found, NotApplicable):
                return found
            faults += [f for f in found if f.what not in {g.what for g in faults}]
        return Finding(tuple(faults), points=2 * x.size)


def _compared(question: Question, context: Context, name: str, x: Array) -> list[Fault] | NotApplicable:
    adapter, activation, parameters = context.adapter, question.activation, question.variant.parameters
    form = FORMATS[question.format]
    random = np.random.default_rng([context.seed, x.size])
    upstream = np.asarray(random.choice([-2.0, -1.0, 0.5, 1.0], x.shape)).astype(form.dtype)
    made = called("the in-place form", partial(adapter.in_place, activation, x, upstream, parameters))
    if isinstance(made, Unsupported):
        return NotApplicable(made.reason)
    if isinstance(made, Fault):
        return [made]
    forward = question.quantity == "forward"
    other = (
        partial(adapter.forward, activation, x, parameters)
        if forward
        else partial(adapter.gradient, activation, x, upstream, parameters)
    )
    wanted = called("the form that is not in place", other)
    if isinstance(wanted, Unsupported):
        return NotApplicable(wanted.reason)
    if isinstance(wanted, Fault):
        return [wanted]
    got = made.result if forward else made.gradient
    if isinstance(got, Unsupported):
        told = f"refused:gradient: the gradient through the in-place form is refused: {got.reason}"
        return [Fault("refused:gradient", told)]
    fault = wrong_form(x, got)
    if fault is not None:
        return [fault]
    comparison = BitComparison(
        "differs",
        x.ravel(),
        np.asarray(got).ravel(),
        np.asarray(wanted).ravel(),
        lambda _: f"in place, in a {name} array",
        _OTHER,
        _ADVICE[question.quantity],
    )
    return [*_storage(name, made, forward), *comparison.faults(form)]


def _storage(name: str, made: InPlace, forward: bool) -> Iterator[Fault]:
    if forward and not made.same_storage:
        told = f"storage: the result of a {name} array lies in new memory; write it over the input"
        yield Fault("storage", told)
