"""`randomness`: rrelu in training draws a slope for each negative element, uniformly and independently.

Slopes are read from results at inputs that are powers of two, where the product with the slope is exact.
Seeds are fixed, so that a run repeats itself; see `parts.shared.statistics` for the rate of false alarms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.conformance.backends.asker import Refusal, UnsupportedError, answered, formed, tried
from actcheck.conformance.checks.parts.shared.statistics import (
    FALSE_ALARM,
    autocorrelation,
    correlation,
    not_uniform,
    off_mean,
)
from actcheck.conformance.judging.findings import finding
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.names import ANY
from actcheck.conformance.numerals import both
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]
Doubles = NDArray[np.float64]
#: Rows and columns of the input; every fifth element is not negative.
SHAPE = (128, 640)
#: Points at which training with equal bounds is judged as evaluation.
_COUNT = 2_000


class Randomness:
    """Range, uniformity, independence, seed, and the gradient through the same draw."""

    name = "randomness"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Every variant in every format; quick asks variants other than the defaults in two."""
        if spec.kind != "random":
            return
        for variant in spec.variants:
            for form in FORMATS:
                if level != "quick" or variant.kind == "default" or form in ("bfloat16", "float32"):
                    yield Question(self.name, spec, variant, form, ANY)

    def answer(self, question: Question, context: Context) -> Answer:
        """Draw, and test what was drawn."""
        if question.variant.parameters["lower"] == question.variant.parameters["upper"]:
            return _as_evaluation(question, context)
        drawn = _draw(question, context.adapter, context.seed)
        faults = [*_exact_faults(question, drawn), *_statistical_faults(question, drawn)]
        faults += _seed_faults(question, context, drawn)
        if question.variant is question.spec.default:
            faults += _refusals(question, context.adapter)
        slopes = drawn.slopes[drawn.negative]
        notes = {"mean": float(slopes.mean()), "false alarms": f"below {FALSE_ALARM:g} a test"}
        message = "" if faults else f"{slopes.size:,} slopes: uniform, independent, repeated by their seed"
        return Finding(tuple(faults), points=int(drawn.x.size), notes=notes, message=message)


@dataclass(frozen=True)
class _Drawn:
    """Input, result, upstream and gradient of one call in training."""

    x: Doubles
    y: Doubles
    upstream: Doubles
    #: None where the backend has none.
    gradient: Doubles | None

    @property
    def negative(self) -> NDArray[np.bool_]:
        """Where a slope was drawn."""
        return self.x < 0

    @property
    def slopes(self) -> Doubles:
        """The slope of each element; 1 where it was not negative."""
        return self.y / self.x


def _sampled(
    question: Question, adapter: Adapter, x: Array, upstream: Array, seed: int
) -> tuple[Array, Array | None]:
    """Result and gradient of one call, None where there is no gradient. Raises UnansweredError."""
    try:
        given = adapter.sample(question.activation, x, upstream, question.variant.parameters, seed)
    except NotImplementedError as error:  # so torch says that a kernel lacks a format
        raise UnsupportedError(str(error).partition("\n")[0]) from error
    y, gradient = answered(given)
    return formed(x, y), None if isinstance(gradient, Unsupported) else formed(x, gradient)


def _draw(question: Question, adapter: Adapter, seed: int) -> _Drawn:
    """What one call with the seed draws. Raises UnansweredError."""
    form = FORMATS[question.format]
    random = np.random.default_rng(11)
    x: Doubles = -np.ldexp(1.0, random.integers(-2, 3, SHAPE))
    x[:, ::5] *= -1
    upstream = random.choice([-2.0, -1.0, 0.5, 1.0], SHAPE)
    y, gradient = _sampled(question, adapter, x.astype(form.dtype), upstream.astype(form.dtype), seed)
    wide = None if gradient is None else gradient.astype(np.float64)
    return _Drawn(x, y.astype(np.float64), upstream, wide)


def _exact_faults(question: Question, drawn: _Drawn) -> Iterator[Fault]:
    """What holds for every element: range, identity for x >= 0, the gradient's slope is the result's."""
    form = FORMATS[question.format]
    low, high = (_bound(question, name) for name in ("lower", "upper"))
    slack = 2 * _spacing(form, max(abs(low), abs(high)))
    slopes, negative = drawn.slopes, drawn.negative
    outside = negative & ~((slopes >= low - slack) & (slopes <= high + slack))
    yield from _first("range", outside, drawn, f"a slope outside of {low:g} to {high:g}")
    yield from _first("positive", ~negative & (drawn.y != drawn.x), drawn, "x >= 0 must stay as it is")
    if drawn.gradient is None:
        return
    wanted = slopes * drawn.upstream
    # Both are the slope times a power of two; they may differ where one of them was rounded on its own.
    off = np.abs(drawn.gradient - wanted) > slack * np.abs(drawn.upstream)
    yield from _first("resampled", off, drawn, "the gradient's slope is not the result's", wanted)


def _first(
    what: str, wrong: NDArray[np.bool_], drawn: _Drawn, why: str, wanted: Doubles | None = None
) -> Iterator[Fault]:
    if not wrong.any():
        return
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    told = f"x[{at[0]}, {at[1]}] = {both(float(drawn.x[at]))}: got {both(float(drawn.y[at]))}"
    if wanted is not None and drawn.gradient is not None:
        told += f", gradient {both(float(drawn.gradient[at]))}, expected {both(float(wanted[at]))}"
    yield Fault(what, f"{why}: {told}; so for {int(wrong.sum()):,} of {wrong.size:,}", float(wrong.sum()))


def _statistical_faults(question: Question, drawn: _Drawn) -> Iterator[Fault]:
    numbers = _unit(question, drawn)
    form = FORMATS[question.format]
    low, high = (_bound(question, name) for name in ("lower", "upper"))
    quantum = 2 * _spacing(form, max(abs(low), abs(high))) / (high - low)
    distance = not_uniform(numbers, quantum)
    if distance is not None:
        told = f"Kolmogorov-Smirnov distance {distance:.4f} from uniform on {low:g} to {high:g}"
        yield Fault("uniformity", f"{told} ({numbers.size:,} slopes)", distance)
    off = off_mean(numbers, quantum)
    if off is not None:
        told = f"mean slope {low + (0.5 + off) * (high - low):.6f}, expected {(low + high) / 2:.6f}"
        yield Fault("mean", f"{told} ({numbers.size:,} slopes)", abs(off))
    lag, found = autocorrelation(numbers)
    if found is not None:
        told = f"slopes of negative elements {lag} places apart are correlated ({found:.3f})"
        yield Fault("independence", f"{told}; the input has {SHAPE[1]} columns, 4 of 5 negative", abs(found))


def _seed_faults(question: Question, context: Context, drawn: _Drawn) -> Iterator[Fault]:
    again, other = (_draw(question, context.adapter, context.seed + step) for step in (0, 1))
    if not np.array_equal(again.y, drawn.y):
        many = int((again.y != drawn.y).sum())
        yield Fault("seed", f"the same seed gives other results the second time, for {many:,} elements")
    found = correlation(_unit(question, drawn), _unit(question, other))
    if found is not None:
        yield Fault("seed", f"slopes of the seeds {context.seed} and the next correlate ({found:.3f})")


def _refusals(question: Question, adapter: Adapter) -> Iterator[Fault]:
    """Bad bounds must be refused in training, too."""
    form = FORMATS[question.format]
    x = -np.ones(4, form.dtype)
    for refused in question.spec.refused:
        given = ",".join(f"{name}={value}" for name, value in refused.parameters.items())
        parameters = {**question.variant.parameters, **refused.parameters}
        result = tried(partial(adapter.sample, question.activation, x, x, parameters, 0))
        if not isinstance(result, Refusal):
            yield Fault(f"accepted:{given}", f"{given} in training: accepted, although {refused.because}")


def _as_evaluation(question: Question, context: Context) -> Answer:
    """With equal bounds nothing is random: results are judged as those of evaluation."""
    form = FORMATS[question.format]
    x = places.stratified(form, [0.0], context.seed, _COUNT if form.bits < 64 else _COUNT // 10)
    given = _sampled(question, context.adapter, x, np.ones_like(x), context.seed)
    faults: list[Fault] = []
    for quantity, result in zip(("forward", "gradient"), given, strict=True):
        if result is None:
            continue
        finite, asked = np.isfinite(x), replace(question, quantity=quantity)
        faults += finding(asked, context.profile, x[finite], result[finite]).faults
    return Finding(tuple(faults), points=x.size, message="" if faults else "training is evaluation")


def _unit(question: Question, drawn: _Drawn) -> Doubles:
    """Slopes of negative elements as numbers from 0 to 1, in C order."""
    low, high = (_bound(question, name) for name in ("lower", "upper"))
    return np.asarray((drawn.slopes[drawn.negative] - low) / (high - low))


def _bound(question: Question, name: str) -> float:
    return float(question.variant.parameters[name])  # type: ignore[arg-type]


def _spacing(form: Format, value: float) -> float:
    """The distance of the format's numbers at a value."""
    return float(2.0 ** (np.floor(np.log2(value)) - form.precision + 1))


__all__ = ["SHAPE", "Randomness"]
