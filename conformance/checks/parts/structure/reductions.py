"""Accuracy of channelwise, concatenating and gated activations, reduced to functions of one number.

See `elements` for how they are taken apart. The gradient of a weight is a sum, and judged by a bound of sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker
from actcheck.conformance.checks.parts.structure import elements
from actcheck.conformance.checks.parts.structure.elements import ScalarPart
from actcheck.conformance.checks.parts.structure.unbounded import unbounded_faults
from actcheck.conformance.checks.parts.structure.weights import weights_of
from actcheck.conformance.model import Context, Fault, Question
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.gates import gate_signs
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import Bound, kinks_at
from actcheck.reference.specification.elements import gate, weights_name
from actcheck.reference.specification.telling import definition_thresholds

Array = NDArray[Any]
#: Points in formats of more than 16 bits; float64 is judged one by one.
COUNTS = {"float32": 8_000, "float64": 600}
#: Pairs for glu, whose inputs are two.
PAIRS = {"float16": 4_000, "bfloat16": 4_000, "float32": 4_000, "float64": 600}


@dataclass(frozen=True)
class Reduced:
    """Results as judged points of element-wise activations, and what else is wrong."""

    parts: tuple[Points, ...] = ()
    faults: tuple[Fault, ...] = ()


def channelwise(question: Question, context: Context) -> Reduced:
    """Every channel has the same inputs and a weight of its own."""
    form, parameters = FORMATS[question.format], question.variant.parameters
    weights = weights_of(form, parameters)
    inputs = _inputs(form, kinks_at(question.spec, question.variant), context.seed)
    x = np.broadcast_to(inputs, (1, len(weights), len(inputs))).copy()
    given = {**parameters, weights_name(question.spec): weights}
    upstream = None if question.quantity == "forward" else np.ones_like(x)
    return _reduced(question, context, given, x, x, upstream, elements.channelwise)


def concatenating(question: Question, context: Context) -> Reduced:
    """Forward, or the gradient through one half of the result after the other."""
    form, dim = FORMATS[question.format], int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    inputs = _inputs(form, kinks_at(question.spec, question.variant), context.seed)
    x = np.resize(inputs, (2, -(-len(inputs) // 2)))
    parameters, both_halves = question.variant.parameters, np.concatenate([x, x], axis=dim)
    if question.quantity == "forward":
        return _reduced(question, context, parameters, x, both_halves, None, elements.concatenating)
    ones, zeros = np.ones_like(x), np.zeros_like(x)
    parts: list[Points] = []
    for halves in ((ones, zeros), (zeros, ones)):
        upstream = np.concatenate(halves, axis=dim)
        parts += _reduced(question, context, parameters, x, x, upstream, elements.concatenating).parts
    return Reduced(tuple(parts))


def gated(question: Question, context: Context) -> Reduced:
    """a*g(b); with an infinite a the product is infinite, with the sign of both, or NaN."""
    form, dim = FORMATS[question.format], int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    bound = gate(question.spec, question.variant.parameters)
    a, b = pairs(bound, form, context.seed, PAIRS[form.name])
    # Two rows and columns or more, and neither size a multiple of the other's: a wrong dim shows.
    a, b = (values[: len(values) // 6 * 6].reshape(6, -1) for values in (a, b))
    x, parameters = np.concatenate([a, b], axis=dim), question.variant.parameters
    if question.quantity != "forward":
        # Factors of 2 could not be told from rounding where the numbers end.
        signs = np.where(np.arange(a.size).reshape(a.shape) % 3 == 0, -1, 1).astype(form.dtype)
        return _reduced(question, context, parameters, x, x, signs, elements.gated)
    y = Asker.of(question, context).forward(x, like=a)
    parts = elements.gated(question.spec, parameters, "forward", x, y, None)
    faults = [fault for part in parts for fault in unbounded_faults(part)]
    return Reduced(tuple(part.points(form) for part in parts), tuple(faults))


def _reduced(
    question: Question,
    context: Context,
    parameters: Mapping[str, Any],
    x: Array,
    like: Array,
    upstream: Array | None,
    apart: elements.Taken,
) -> Reduced:
    """Ask for the activation at x, or its gradient; ``like`` has the shape of the result."""
    asker = Asker.of(question, context)
    if upstream is None:
        given = asker.forward(x, parameters, like)
    else:
        given = asker.gradient(x, upstream, parameters)
    parts: list[ScalarPart] = apart(question.spec, parameters, question.quantity, x, given, upstream)
    return Reduced(tuple(part.points(FORMATS[question.format]) for part in parts))


def pairs(bound: Bound, form: Format, seed: int, count: int) -> tuple[Array, Array]:
    """So many pairs, those of all special values among them; every binade of b, and of a, occurs."""
    special = places.special(form)
    a, b = (values.ravel() for values in np.meshgrid(special, special, indexing="ij"))
    # An infinite a times a gate of 0 has no value.
    defined = ~(np.isinf(a) & (gate_signs(bound, b) == 0))
    many = places.stratified(form, [0.0, *definition_thresholds(bound, form)], seed, count)
    factors = np.random.default_rng(seed).permutation(many)
    # Half of the gates lie where the sigmoid is neither 0 nor 1.
    middle = np.linspace(-20, 20, len(many)).astype(form.dtype)
    gates = np.where(np.arange(len(many)) % 2 == 0, many, middle)
    return np.concatenate([a[defined], factors]), np.concatenate([b[defined], gates])


def _inputs(form: Format, kinks: Iterable[float], seed: int) -> Array:
    if form.bits <= 16:
        return places.every(form)
    return places.stratified(form, kinks, seed, COUNTS[form.name])


#: Kind to its reduction.
REDUCTIONS: Mapping[str, Callable[[Question, Context], Reduced]] = {
    "channelwise": channelwise,
    "concatenating": concatenating,
    "gated": gated,
}
