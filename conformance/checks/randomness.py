"""`randomness`: rrelu in training draws a slope for each negative element, uniformly and independently.

Slopes are read from results at inputs that are powers of two, where the product with the slope is exact.
Seeds are fixed, so that a run repeats itself; see `parts.shared.statistics` for the rate of false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from actcheck.adapters.base import Adapter
from actcheck.conformance.backends.asker import FaultError, Refusal, tried
from actcheck.conformance.checks.parts.randomness.draws import Sampler, inputs
from actcheck.conformance.checks.parts.randomness.elements import element_faults
from actcheck.conformance.checks.parts.randomness.forms import form_faults
from actcheck.conformance.checks.parts.randomness.law import laws
from actcheck.conformance.checks.parts.randomness.seeds import SEEDS, seed_faults
from actcheck.conformance.checks.parts.randomness.special import special_faults
from actcheck.conformance.checks.parts.randomness.uniform import stream_faults
from actcheck.conformance.checks.parts.shared.statistics import EACH
from actcheck.conformance.judging.findings import finding
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.names import ANY
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.model import Spec

#: Calls of a stream beyond quick, of 2^20 elements each: 10 million in all.
_CALLS = 11
#: One column of so many is not negative.
_EVERY = 16
#: Points at which training with equal bounds is judged as evaluation.
_COUNT = 2_000


class Randomness:
    """Range, law, seeds, forms, special values, and the gradient through the same draw."""

    name = "randomness"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every variant in every format; quick asks less of variants other than the defaults."""
        if spec.kind != "random":
            return
        for variant in spec.variants:
            for form in FORMATS:
                equal = variant.parameters["lower"] == variant.parameters["upper"]
                for quantity in (ANY,) if equal else (ANY, "forms", "seeds", "special_values"):
                    few = variant.kind != "default" and (
                        form not in ("bfloat16", "float32") or quantity in ("forms", "seeds")
                    )
                    if level != "quick" or not few:
                        yield Question(self.name, spec, variant, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Draw, and test what was drawn."""
        if question.variant.parameters["lower"] == question.variant.parameters["upper"]:
            return _as_evaluation(question, context)
        sampler, found = Sampler.of(question, context), laws(question)
        match question.quantity:
            case "forms":
                faults = form_faults(sampler, found, context.seed)
                return Finding(tuple(faults), message="" if faults else "a slope of its own in every form")
            case "seeds":
                faults = seed_faults(sampler, found, context.seed)
                return Finding(tuple(faults), message="" if faults else f"{SEEDS} seeds, all different")
            case "special_values":
                faults, points = special_faults(sampler, found[0], context.seed, context.level)
                return Finding(tuple(faults), points=points)
        return _of_law(question, context)


def _of_law(question: Question, context: Context) -> Finding:
    """One long stream; in full of several calls."""
    sampler, whole = Sampler.of(question, context), context.level != "quick"
    rows = 1 << 10 if whole or question.variant is question.spec.default else 1 << 7
    x, upstream = inputs(question, (rows, 1024), _EVERY)
    faults, streams = list[Fault](), []
    for call in range(_CALLS if whole else 1):
        drawn = sampler.drawn(x, upstream, context.seed + call)
        faults += [] if faults else element_faults(laws(question)[0], drawn)
        streams.append(drawn.slopes[drawn.negative])
    slopes = np.concatenate(streams)
    if np.isfinite(slopes).all():
        faults += stream_faults(laws(question), slopes)
    if question.variant is question.spec.default:
        faults += _refusals(question, context.adapter)
    notes = {"mean": float(slopes.mean()), "false alarms": f"below {EACH:g} a test"}
    message = "" if faults else f"{slopes.size:,} slopes: uniform, independent, in range"
    return Finding(tuple(faults), points=x.size * len(streams), notes=notes, message=message)


def _refusals(question: Question, adapter: Adapter) -> Iterator[Fault]:
    """Bad bounds must be refused in training, too."""
    form = FORMATS[question.format]
    x = -np.ones(4, form.dtype)
    for refused in question.spec.refused:
        given = ",".join(f"{name}={value}" for name, value in refused.parameters.items())
        parameters = {**question.variant.parameters, **refused.parameters}
        try:
            result = tried(partial(adapter.sample, question.activation, x, x, parameters, 0))
        except FaultError as error:
            yield Fault(f"raised:{given}", f"{given} in training: {error.fault.message}")
            continue
        if not isinstance(result, Refusal):
            yield Fault(f"accepted:{given}", f"{given} in training: accepted, although {refused.because}")


def _as_evaluation(question: Question, context: Context) -> Answer:
    """With equal bounds nothing is random: results are judged as those of evaluation."""
    form = FORMATS[question.format]
    x = places.stratified(form, [0.0], context.seed, _COUNT if form.bits < 64 else _COUNT // 10)
    given = Sampler.of(question, context).sampled(x, np.ones_like(x), context.seed)
    faults: list[Fault] = []
    for quantity, result in zip(("forward", "gradient"), given, strict=True):
        if result is None:
            continue
        finite, asked = np.isfinite(x), replace(question, quantity=quantity)
        faults += finding(asked, context.profile, x[finite], result[finite]).faults
    return Finding(tuple(faults), points=x.size, message="" if faults else "training is evaluation")


__all__ = ["Randomness"]
