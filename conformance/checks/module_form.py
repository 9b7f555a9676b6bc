"""`module_form`: the module form against the functional form, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance import numerals
from actcheck.conformance.backends.elementwise import kinks
from actcheck.conformance.checks.parts.shared.calling import called
from actcheck.conformance.judging.findings import wrong_form
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, NotApplicable, Question
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Parameters, Spec

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
        form, adapter = FORMATS[question.format], context.adapter
        name, parameters = question.activation, question.variant.parameters
        at = kinks(question.spec, question.variant)
        x = places.stratified(form, at, context.seed, COUNTS[context.level])
        pair: list[Array] = []
        for what, call in (
            ("the functional form", partial(adapter.forward, name, x, parameters)),
            ("the module form", partial(of_module, adapter, name, x, parameters)),
        ):
            y = called(what, call)
            if isinstance(y, Unsupported):
                return NotApplicable(y.reason)
            fault = y if isinstance(y, Fault) else wrong_form(x, y)
            if fault is not None:
                return Finding((fault,))
            pair.append(np.asarray(y))
        fault = _difference(form, x, *pair)
        return Finding((fault,) if fault else (), points=len(x))


def of_module(adapter: Adapter, name: str, x: Array, parameters: Parameters) -> Array | Unsupported:
    """What the module form makes of a host array."""
    made = adapter.module(name, parameters)
    if isinstance(made, Unsupported):
        return made
    given = made(adapter.to_backend(x))
    return given if isinstance(given, Unsupported) else adapter.to_host(given)


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
