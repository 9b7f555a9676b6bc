"""The gradient of a channelwise weight: for each channel the sum of upstream times the derivative in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import FaultError, UnsupportedError, answered, calling
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart, finding_of_sums
from actcheck.conformance.checks.parts.structure.cases import EMPTY, SHAPES
from actcheck.conformance.checks.parts.structure.layouts import LAYOUTS
from actcheck.conformance.model import Context, Fault, Finding, Level, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.bounds import Sums
from actcheck.reference.judging.sums.judged import judge
from actcheck.reference.specification.elements import NotSeparableError, slope_in_weight, weights_name
from actcheck.reference.specification.model import Spec, Variant

Array = NDArray[Any]
Slope = Callable[[float], float]
#: Sums of some size; the channel's size stands for 0.
MIDDLING = ((40, 0), (8, 0, 0), (300, 0, 5))
#: Many batches, few elements each, and few batches of many.
LONG: Mapping[Level, tuple[tuple[int, ...], ...]] = {
    "quick": ((4_099, 0, 8), (2, 0, 20_011)),
    "full": ((4_099, 0, 8), (100_003, 0, 3), (3, 0, 120_011)),
    "exhaustive": ((4_099, 0, 8), (100_003, 0, 3), (3, 0, 120_011)),
}
#: The longest at quick, in one format: a million elements.
LONGEST, _LONGEST_IN = (25_000, 0, 14), "float32"
#: So many different inputs of a long sum, and what its upstreams are multiplied by to stay in float16.
_DIFFERENT, _SMALL = 1_000, 2.0**-8


@dataclass(frozen=True)
class WeightCall:
    """Input, upstream and weights, and where a message says that they stood."""

    where: str
    x: Array
    upstream: Array
    weights: Array
    #: The numbers are those of the call before.
    again: bool = False


def weights_of(form: Format, parameters: Mapping[str, Any]) -> Array:
    """A weight for each channel: init, and multiples of it, in the format."""
    with np.errstate(over="ignore"):
        weights: Array = parameters["init"] * np.arange(1.0, parameters["num_parameters"] + 1)
        return weights.astype(form.dtype)


def has_weights(spec: Spec, variant: Variant, form: str) -> bool:
    """Weights are arrays of the format: one that overflows there is another activation."""
    return spec.kind != "channelwise" or bool(
        np.isfinite(weights_of(FORMATS[form], variant.parameters)).all()
    )


def weight_gradients(question: Question, context: Context) -> Finding:
    """Judge sums of up to a million elements, of either sign and of one. Raises UnsupportedError."""
    form = FORMATS[question.format]
    weights = weights_of(form, question.variant.parameters)
    many = len(weights) if len(weights) > 1 else 3

    def calls() -> Iterator[WeightCall]:
        for shape in _sized(MIDDLING, many):
            x, upstream = drawn(form, shape, context.seed)
            yield WeightCall(f"x of shape {shape}", x, upstream, weights)
            yield WeightCall(f"x of shape {shape}, one sign", x, np.abs(upstream), weights)
        last = (LONGEST,) if context.level != "quick" or form.name == _LONGEST_IN else ()
        for shape in _sized((*LONG[context.level], *last), many):
            x, upstream = drawn(form, shape, context.seed, _DIFFERENT)
            yield WeightCall(f"x of shape {shape}, one sign", x, np.abs(upstream), weights)

    return _judged(question, context, calls())


def _sized(shapes: Iterable[tuple[int, ...]], channels: int) -> Iterator[tuple[int, ...]]:
    return (tuple(n or channels for n in shape) for shape in shapes)


def weight_gradients_of_shapes(question: Question, context: Context) -> Finding:
    """Judge every shape and layout, with one weight and with one a channel. Raises UnsupportedError."""
    form = FORMATS[question.format]

    def calls() -> Iterator[WeightCall]:
        for shape in (*SHAPES, *EMPTY):
            x, upstream = drawn(form, shape, context.seed)
            for count in (1, shape[1]) if len(shape) > 1 and shape[1] else (1,):
                weights = (0.25 * np.arange(1.0, count + 1)).astype(form.dtype)
                yield WeightCall(f"x of shape {shape}", x, upstream, weights)
                layouts = [one for one in LAYOUTS if x.ndim >= one.rank]
                for layout in sorted(layouts, key=lambda one: one.repeats):
                    views = layout.x(x), layout.upstream(upstream)
                    yield WeightCall(
                        f"x of shape {shape}, {layout.name}", *views, weights, not layout.repeats
                    )

    special = _special_faults(question, context)
    return _judged(question, context, calls(), special)


def _judged(
    question: Question, context: Context, calls: Iterable[WeightCall], faults: Iterable[Fault] = ()
) -> Finding:
    form, slope = FORMATS[question.format], _slope(question)
    parts, found, sums, before = list[JudgedPart](), list(faults), None, None
    for call in calls:
        where = f"{call.where}, {len(call.weights)} weights"
        try:
            given = _given(question, context, call, where)
        except FaultError as error:
            found.append(error.fault)
            continue
        if not call.again or sums is None:
            sums = Sums.of_products(rows(call.x, call.upstream, len(call.weights), slope), form)
        elif before is not None and np.array_equal(given, before):
            continue
        before = given
        parts.append(JudgedPart("weight_gradient", where, judge(sums, form, given)))
    return finding_of_sums(question, parts, found)


def _slope(question: Question) -> Slope:
    """Raises UnsupportedError."""
    try:
        return slope_in_weight(question.spec, question.variant.parameters)
    except NotSeparableError as error:
        raise UnsupportedError(str(error)) from error


def _given(question: Question, context: Context, call: WeightCall, where: str) -> Array:
    """Of the weights' shape and format. Raises UnsupportedError and FaultError."""
    weights, form = call.weights, FORMATS[question.format]
    parameters = {
        **question.variant.parameters,
        "num_parameters": len(weights),
        weights_name(question.spec): weights,
    }
    with calling(f"the weight gradient of {where}"):
        given = answered(
            context.adapter.weight_gradient(question.activation, call.x, call.upstream, parameters)
        )
    if not isinstance(given, np.ndarray) or given.dtype != form.dtype:
        told = f"{where}: {getattr(given, 'dtype', type(given).__name__)}, expected {form.dtype}"
        raise FaultError(Fault("wrong_format", told))
    if given.shape != weights.shape:
        raise FaultError(Fault("wrong_shape", f"{where}: shape {given.shape}, expected {weights.shape}"))
    return given


def _special_faults(question: Question, context: Context) -> Iterator[Fault]:
    """NaN and infinities in one channel of three show there, where the slope is not 0, and only there."""
    form, slope = FORMATS[question.format], _slope(question)
    shape, weights = (3, 3, 4), (0.25 * np.arange(1.0, 4.0)).astype(form.dtype)
    for value in (np.inf, -np.inf, np.nan):
        x, upstream = drawn(form, shape, context.seed)
        x[1, 1, 2], upstream[1, 1, 2] = 1.0 if np.isnan(value) else np.sign(value), 2.0
        side = slope(float(x[1, 1, 2]))
        ordinary = rows(x, upstream, len(weights), slope)
        x[1, 1, 2] = value
        where = f"x of shape {shape} with {value} in the second channel"
        given = _given(question, context, WeightCall(where, x, upstream, weights), where).astype(np.float64)
        sums = judge(Sums.of_products(ordinary, form), form, given)
        wrong = sums.wrong_nan | sums.wrong_infinity | (sums.units > max(sums.limit, 1.0))
        if np.isnan(value):
            wrong[1] = not np.isnan(given[1])
        elif side:
            wrong[1] = given[1] != np.copysign(np.inf, side)
        if wrong.any():
            at = int(np.argmax(wrong))
            yield Fault(f"special:{value}", f"special:{value}: {where}: got {given[at]:g} for weight {at}")


def drawn(
    form: Format, shape: tuple[int, ...], seed: int, different: int | None = None
) -> tuple[Array, Array]:
    """Normal numbers, and zeros of either sign among them; an upstream that is no number of few bits.

    With so many ``different`` inputs alone, upstreams are small, so that a long sum does not overflow.
    """
    random = np.random.default_rng([seed, *shape])
    count = shape if different is None else (different,)
    x = np.where(random.random(count) < 0.1, random.choice([0.0, -0.0], count), random.normal(size=count))
    x = np.asarray(x if different is None else x[random.integers(0, different, shape)])
    upstream = random.normal(size=shape) * (1.0 if different is None else _SMALL)
    return x.astype(form.dtype), np.asarray(upstream).astype(form.dtype)


def rows(x: Array, upstream: Array, count: int, slope: Slope) -> list[tuple[Array, Array]]:
    """For each weight what it is multiplied by, where that is not 0, and the upstream there."""
    values, back = np.unique(x.astype(np.float64), return_inverse=True)
    of_values = np.array([slope(value) for value in values.tolist()], np.float64)
    factors = of_values[back].reshape(x.shape).astype(x.dtype)
    places: list[Any] = [(slice(None), c) for c in range(count)] if count > 1 else [...]
    return [(factors[at][factors[at] != 0], upstream[at][factors[at] != 0]) for at in places]
