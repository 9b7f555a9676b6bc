"""The gradient of a channelwise weight: for each channel the sum of upstream times the derivative in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import UnsupportedError, answered
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart, finding_of_sums
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.bounds import Sums
from actcheck.reference.judging.sums.judged import judge
from actcheck.reference.specification.elements import NotSeparableError, slope_in_weight, weights_name

Array = NDArray[Any]
#: Without a channel, and with one; in the fourth the last dimension has the channel's size.
SHAPES = ((), (7,), (5, 0), (40, 0), (4, 0, 0), (2, 0, 3, 4), (2, 0, 4, 2, 3), (8, 0, 80))


def weights_of(form: Format, parameters: Mapping[str, Any]) -> Array:
    """A weight for each channel: init, and multiples of it, in the format."""
    with np.errstate(over="ignore"):
        weights: Array = parameters["init"] * np.arange(1.0, parameters["num_parameters"] + 1)
        return weights.astype(form.dtype)


def weight_gradients(question: Question, context: Context) -> Finding:
    """Judge the sums of all shapes; with one weight, over all channels. Raises UnsupportedError."""
    form = FORMATS[question.format]
    weights = weights_of(form, question.variant.parameters)
    parameters = {**question.variant.parameters, weights_name(question.spec): weights}
    try:
        slope = slope_in_weight(question.spec, question.variant.parameters)
    except NotSeparableError as error:
        raise UnsupportedError(str(error)) from error
    parts: list[JudgedPart] = []
    faults: list[Fault] = []
    for shape in shapes(len(weights)):
        x, upstream = drawn(form, shape, context.seed)
        given = answered(context.adapter.weight_gradient(question.activation, x, upstream, parameters))
        where = f"x of shape {shape}, {len(weights)} weights"
        if not isinstance(given, np.ndarray) or given.dtype != form.dtype:
            faults.append(Fault("wrong_format", f"{where}: {type(given).__name__}, expected {form.dtype}"))
        elif given.shape != weights.shape:
            faults.append(Fault("wrong_shape", f"{where}: shape {given.shape}, expected {weights.shape}"))
        else:
            sums = Sums.of_products(rows(x, upstream, len(weights), slope), form)
            parts.append(JudgedPart("weight_gradient", where, judge(sums, form, given)))
    return finding_of_sums(question, parts, faults)


def shapes(count: int) -> list[tuple[int, ...]]:
    """`SHAPES` with the channel's size for 0: that of the weights, and 3 for one weight."""
    size = count if count > 1 else 3
    return [tuple(n or size for n in shape) for shape in SHAPES if count == 1 or len(shape) > 1]


def drawn(form: Format, shape: tuple[int, ...], seed: int) -> tuple[Array, Array]:
    """Normal numbers, and zeros of either sign among them; an upstream that is no number of few bits."""
    random = np.random.default_rng([seed, *shape])
    x = np.where(random.random(shape) < 0.1, random.choice([0.0, -0.0], shape), random.normal(size=shape))
    return np.asarray(x).astype(form.dtype), np.asarray(random.normal(size=shape)).astype(form.dtype)


def rows(x: Array, upstream: Array, count: int, slope: Callable[[float], float]) -> list[tuple[Array, Array]]:
    """For each weight what it is multiplied by, where that is not 0, and the upstream there."""
    factors = np.array([slope(value) for value in x.astype(np.float64).ravel().tolist()])
    factors = factors.reshape(x.shape).astype(x.dtype)
    places: list[Any] = [(slice(None), c) for c in range(count)] if count > 1 else [...]
    return [(factors[at][factors[at] != 0], upstream[at][factors[at] != 0]) for at in places]
