"""`module_form`: the module form and other ways of calling, against a plain call of the function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import Asker, UnsupportedError, answered, calling, formed
from actcheck.conformance.checks.parts.calls.elsewhere import elsewhere, written
from actcheck.conformance.checks.parts.calls.slots import chosen
from actcheck.conformance.checks.parts.modules import initial
from actcheck.conformance.checks.parts.modules.states import Loaded, in_states, weights_differ
from actcheck.conformance.checks.parts.modules.texts import untold
from actcheck.conformance.checks.parts.normalizing.rows import common
from actcheck.conformance.checks.parts.shared.bit_comparison import probes
from actcheck.conformance.checks.parts.structure.weights import has_weights, weights_of
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import kinks_at
from actcheck.reference.specification.elements import weights_name
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
COUNTS: dict[Level, int] = {"quick": 2_000, "full": 20_000, "exhaustive": 20_000}
#: Of what is not element-wise: an even number in each dimension, but for the channels of weights.
_SHAPE = (8, 6, 10)


class ModuleForm:
    """Whoever constructs a module, in any state, or calls the function in any way gets the same numbers."""

    name = "module_form"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Of every variant and in every format; quick asks variants other than the defaults in float32."""
        for variant in spec.variants:
            for form in FORMATS:
                asked = level != "quick" or variant.kind == "default" or form == "float32"
                if asked and has_weights(spec, variant, form):
                    yield Question(self.name, spec, variant, form, "forward")

    def answer(self, question: Question, context: Context) -> Answer:
        """Put the same points to all forms."""
        asker = Asker.of(question, context)
        if question.spec.kind == "attention":
            return _of_attention(asker, context)
        if not question.spec.elementwise:
            return _of_structured(asker, context)
        return _of_elements(asker, context)


def _of_elements(asker: Asker, context: Context) -> Finding:
    """Of an element-wise activation: the module, its states, and other calls. Raises UnsupportedError."""
    question, form = asker.question, FORMATS[asker.question.format]
    few = probes(question, context.seed)
    faults = [*elsewhere(asker, few)]
    faults += written(asker, context, chosen(question, context.level), few)
    at = kinks_at(question.spec, question.variant)
    x = places.stratified(form, at, context.seed, COUNTS[context.level])
    with calling("the functional form"):
        function = asker.forward(x)
    try:
        with calling("the module form"):
            module = formed(x, of_module(asker, x))
    except UnsupportedError:
        if not faults:
            raise
        return Finding(tuple(faults), points=len(few))
    faults += [*_difference(form, x, function, module), *_of_object(asker, context, {}, x, function)]
    return Finding(tuple(faults), points=len(x))


def _of_structured(asker: Asker, context: Context) -> Finding:
    """Of an activation that looks at more than one element: the states of its module."""
    question, form = asker.question, FORMATS[asker.question.format]
    weights: dict[str, Array] = {}
    shape = _SHAPE
    if question.spec.kind == "channelwise":
        # float32 holds them too, so that a module may be there and back.
        weight = weights_of(form, question.variant.parameters).astype(np.float32).astype(form.dtype)
        weights = {weights_name(question.spec): weight}
        shape = (_SHAPE[0], weight.size if weight.size > 1 else _SHAPE[1], _SHAPE[2])
    x = np.resize(places.stratified(form, [], context.seed, COUNTS["quick"]), shape)
    if question.spec.kind == "normalizing":  # rows of numbers of every size are NaN, or hold one number
        x = common(np.random.default_rng(context.seed), shape).astype(form.dtype)
    parameters = {**question.variant.parameters, **weights}
    with calling("the functional form"):
        function = np.asarray(answered(asker.adapter.forward(question.activation, x, parameters)))
    return Finding(tuple(_of_object(asker, context, weights, x, function)), points=x.size)


def _of_attention(asker: Asker, context: Context) -> Finding:
    """Of attention: initial weights, and what is left of them in a copy."""
    module = initial.constructed(asker, context.seed)
    faults = [*initial.of_attention(asker, context.seed), *untold(asker.question, module)]
    state = answered(module.state())
    for name, other in (("pickled", module.pickled()), ("copied", module.copied())):
        faults += weights_differ(f"state:{name}", name, state, answered(other))
    return Finding(tuple(faults), points=sum(weight.size for weight in state.values()))


def _of_object(
    asker: Asker, context: Context, weights: Mapping[str, Array], x: Array, function: Array
) -> Iterator[Fault]:
    """The faults of the module as an object; none where the backend has no such thing."""
    try:
        with calling("the module"):
            module = initial.constructed(asker, context.seed)
            yield from untold(asker.question, module)
            if weights:
                yield from initial.of_channels(asker, module, _initial(asker.question, weights))
                answered(module.load(weights))
    except UnsupportedError:
        return
    yield from in_states(Loaded(asker, module, weights, x, function))


def _initial(question: Question, weights: Mapping[str, Array]) -> Mapping[str, Array]:
    """All weights start from init."""
    init = question.variant.parameters["init"]
    with np.errstate(over="ignore"):
        return {name: np.full(w.shape, init).astype(w.dtype) for name, w in weights.items()}


def of_module(asker: Asker, x: Array) -> Array:
    """What the module form makes of a host array. Raises UnsupportedError."""
    question, adapter = asker.question, asker.adapter
    module = answered(adapter.module(question.activation, question.variant.parameters))
    return adapter.to_host(answered(module(adapter.to_backend(x))))


def _difference(form: Format, x: Array, function: Array, module: Array) -> Iterator[Fault]:
    nan = np.isnan(function) & np.isnan(module)
    at = np.flatnonzero((form.keys(function) != form.keys(module)) & ~nan)
    if not len(at):
        return
    told = [numerals.both(float(v[at[0]])) for v in (x, module, function)]
    message = f"differs: x = {told[0]}: the module gives {told[1]}, expected {told[2]}, as the function gives"
    spans = ((float(x[at[0]]), float(x[at[-1]])),)
    if len(at) > 1:
        message += f"; so for {len(at):,} of {numerals.count(len(x), 'input')}, x in {numerals.ranges(spans)}"
    yield Fault("differs", message, float(len(at)), spans)
