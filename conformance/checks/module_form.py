"""`module_form`: the module form against the functional form, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import Asker, answered, calling, formed
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import kinks_at
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
COUNTS: dict[Level, int] = {"quick": 2_000, "full": 20_000, "exhaustive": 20_000}


class ModuleForm:
    """Who constructs the module and who calls the function must get the same numbers."""

    name = "module_form"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Of every variant and in every format; quick asks variants other than the defaults in float32."""
        if not spec.elementwise:
            return
        for variant in spec.variants:
            for form in FORMATS:
                if level != "quick" or variant.kind == "default" or form == "float32":
                    yield Question(self.name, spec, variant, form, "forward")

    def answer(self, question: Question, context: Context) -> Answer:
        """Put the same points to both forms."""
        form, asker = FORMATS[question.format], Asker.of(question, context)
        at = kinks_at(question.spec, question.variant)
        x = places.stratified(form, at, context.seed, COUNTS[context.level])
        with calling("the functional form"):
            function = asker.forward(x)
        with calling("the module form"):
            module = formed(x, of_module(asker, x))
        fault = _difference(form, x, function, module)
        return Finding((fault,) if fault else (), points=len(x))


def of_module(asker: Asker, x: Array) -> Array:
    """What the module form makes of a host array. Raises UnsupportedError."""
    question, adapter = asker.question, asker.adapter
    module = answered(adapter.module(question.activation, question.variant.parameters))
    return adapter.to_host(answered(module(adapter.to_backend(x))))


def _difference(form: Format, x: Array, function: Array, module: Array) -> Fault | None:
    nan = np.isnan(function) & np.isnan(module)
    at = np.flatnonzero((form.keys(function) != form.keys(module)) & ~nan)
    if not len(at):
        return None
    told = [numerals.both(float(v[at[0]])) for v in (x, module, function)]
    message = f"differs: x = {told[0]}: the module gives {told[1]}, expected {told[2]}, as the function gives"
    spans = ((float(x[at[0]]), float(x[at[-1]])),)
    if len(at) > 1:
        message += f"; so for {len(at):,} of {numerals.count(len(x), 'input')}, x in {numerals.ranges(spans)}"
    return Fault("differs", message, float(len(at)), spans)
