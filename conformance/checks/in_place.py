"""`in_place`: the in-place form overwrites its input with what the other form returns, gradient included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import InPlace, Unsupported
from actcheck.conformance.backends.asker import Asker, FaultError, answered, calling, formed
from actcheck.conformance.checks.parts.calls.in_slices import in_slice
from actcheck.conformance.checks.parts.calls.slots import chosen
from actcheck.conformance.checks.parts.shared.bit_comparison import BitComparison, probes
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
_OTHER = "out of place"
_ADVICE = {
    "forward": "let both forms run the same kernel",
    "gradient": "keep the input, or refuse: the result does not determine the derivative",
}


class InPlaceForms:
    """Same result, same storage, same gradient as out of place; on part of an array, nothing beside it."""

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
        """Run both forms on a contiguous and on a strided array, and on parts of larger ones."""
        x = probes(question, context.seed)
        x = np.resize(x, len(x) + len(x) % 2).reshape(2, -1)
        asker, faults = Asker.of(question, context), list[Fault]()
        for name, values in (("contiguous", x), ("transposed", x.copy().T)):
            try:
                found = _compared(asker, context.seed, name, values)
            except FaultError as error:
                found = [error.fault]
            faults += [f for f in found if f.what not in {g.what for g in faults}]
        for slot in chosen(question, context.level):
            try:
                found = [*in_slice(asker, context, slot, x.ravel())]
            except FaultError as error:
                found = [error.fault]
            faults += [f for f in found if f.what not in {g.what for g in faults}]
        return Finding(tuple(faults), points=2 * x.size)


def _compared(asker: Asker, seed: int, name: str, x: Array) -> list[Fault]:
    question, form = asker.question, FORMATS[asker.question.format]
    random = np.random.default_rng([seed, x.size])
    upstream = np.asarray(random.choice([-2.0, -1.0, 0.5, 1.0], x.shape)).astype(form.dtype)
    activation, parameters = question.activation, question.variant.parameters
    with calling("the in-place form"):
        made = answered(asker.adapter.in_place(activation, x, upstream, parameters))
    with calling("the form that is not in place"):
        wanted = asker.results(x, upstream)
    forward = question.quantity == "forward"
    got = made.result if forward else made.gradient
    if isinstance(got, Unsupported):
        told = f"refused:gradient: the gradient through the in-place form is refused: {got.reason}"
        return [Fault("refused:gradient", told)]
    comparison = BitComparison(
        "differs",
        x.ravel(),
        formed(x, got).ravel(),
        wanted.ravel(),
        lambda _: f"in place, in a {name} array",
        _OTHER,
        _ADVICE[question.quantity],
    )
    return [*_storage(name, made, forward), *comparison.faults(form)]


def _storage(name: str, made: InPlace, forward: bool) -> Iterator[Fault]:
    if forward and not made.same_storage:
        told = f"storage: the result of a {name} array lies in new memory; write it over the input"
        yield Fault("storage", told)
