"""Accuracy of prelu, crelu and glu, reduced to element-wise activations that the reference judges.

prelu is leaky_relu with the channel's weight, crelu is relu twice, and glu is the sigmoid of one half
times the other: the judge takes that factor as an upstream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.conformance import points
from actcheck.conformance.judgement import wrong_form
from actcheck.conformance.model import Examination, Fault, Question
from actcheck.conformance.numerals import both
from actcheck.reference.binding import bind
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging import Points
from actcheck.reference.loading import find
from actcheck.reference.spec import Variant

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


def prelu(question: Question, examination: Examination) -> Reduced | Unsupported:
    """Every channel has the same inputs and a weight of its own."""
    form, parameters = FORMATS[question.format], question.variant.parameters
    weights = weights_of(form, parameters)
    inputs = _inputs(form, [0.0], examination.seed)
    x = np.broadcast_to(inputs, (1, len(weights), len(inputs))).copy()
    given = examination.adapter.forward("prelu", x, {**parameters, "weight": weights})
    if not isinstance(y := _usable(x, given), np.ndarray):
        return y
    return Reduced(tuple(_leaky(form, float(w), inputs, y[0, c]) for c, w in enumerate(weights)))


def weights_of(form: Format, parameters: Mapping[str, Any]) -> Array:
    """A weight for each channel: init, and multiples of it, in the format."""
    with np.errstate(over="ignore"):
        weights: Array = parameters["init"] * np.arange(1.0, parameters["num_parameters"] + 1)
        return weights.astype(form.dtype)


def _leaky(form: Format, slope: float, x: Array, y: Array) -> Points:
    given = {"negative_slope": slope}
    bound = bind(find("leaky_relu"), Variant("leaky_relu", "awkward", given, given))
    return Points.of(bound, "forward", form, x, y)


def crelu(question: Question, examination: Examination) -> Reduced | Unsupported:
    """relu(x) in the first half of the result, relu(-x) in the second."""
    form, dim = FORMATS[question.format], int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    inputs = _inputs(form, [0.0], examination.seed)
    x = np.resize(inputs, (2, -(-len(inputs) // 2)))
    given = examination.adapter.forward("crelu", x, question.variant.parameters)
    if not isinstance(y := _usable(np.concatenate([x, x], axis=dim), given), np.ndarray):
        return y
    bound = bind(find("relu"), find("relu").default)
    halves = zip((x, -x), np.split(y, 2, axis=dim), strict=True)
    return Reduced(tuple(Points.of(bound, "forward", form, a, b) for a, b in halves))


def glu(question: Question, examination: Examination) -> Reduced | Unsupported:
    """a*sigmoid(b); products with an infinite or missing a follow the rules of the specification."""
    form, dim = FORMATS[question.format], int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    a, b = pairs(form, examination.seed, PAIRS[form.name])
    # Two rows and columns or more, and neither size a multiple of the other's: a wrong dim shows.
    a, b = (values[: len(values) // 6 * 6].reshape(6, -1) for values in (a, b))
    given = examination.adapter.forward("glu", np.concatenate([a, b], axis=dim), question.variant.parameters)
    if not isinstance(y := _usable(a, given), np.ndarray):
        return y
    finite = np.isfinite(a)
    bound = bind(find("sigmoid"), find("sigmoid").default)
    judged = Points.of(bound, "forward", form, b[finite], y[finite], a[finite].astype(np.float64))
    return Reduced((judged,), tuple(_infinite_products(a, b, y)))


def pairs(form: Format, seed: int, count: int) -> tuple[Array, Array]:
    """So many pairs, those of all special values among them; every binade of b, and of a, occurs."""
    special = points.special(form)
    a, b = (values.ravel() for values in np.meshgrid(special, special, indexing="ij"))
    # An infinite a times sigmoid(-inf) has no limit.
    defined = ~(np.isinf(a) & (b == -np.inf))
    many = points.stratified(form, [0.0], seed, count)
    factors = np.random.default_rng(seed).permutation(many)
    # Half of the gates lie where the sigmoid is neither 0 nor 1.
    middle = np.linspace(-20, 20, len(many)).astype(form.dtype)
    gates = np.where(np.arange(len(many)) % 2 == 0, many, middle)
    return np.concatenate([a[defined], factors]), np.concatenate([b[defined], gates])


def _infinite_products(a: Array, b: Array, y: Array) -> Iterable[Fault]:
    """Faults where a is infinite or NaN: the result is a, or NaN where b is."""
    wanted = np.where(np.isnan(b), b, a).astype(np.float64)
    got = y.astype(np.float64)
    undefined = np.isinf(a) & (b == -np.inf)
    wrong = ~np.isfinite(a) & ~undefined & ~((got == wanted) | (np.isnan(got) & np.isnan(wanted)))
    for name, hit in (("wrong_nan", wrong & (np.isnan(got) | np.isnan(wanted))), ("wrong_infinity", wrong)):
        at = np.flatnonzero(hit if name == "wrong_nan" else hit & ~np.isnan(got) & ~np.isnan(wanted))
        if len(at):
            first = tuple(both(float(values.ravel()[at[0]])) for values in (a, b, got, wanted))
            message = "{}: a = {}, b = {}: got {}, expected {}; {} pairs in all".format(name, *first, len(at))
            inputs = tuple(sorted({(float(v), float(v)) for v in a.ravel()[at]}))
            yield Fault(name, message, float(len(at)), inputs)


def _inputs(form: Format, kinks: Iterable[float], seed: int) -> Array:
    if form.bits <= 16:
        return points.every(form)
    return points.stratified(form, kinks, seed, COUNTS[form.name])


def _usable(like: Array, y: Array | Unsupported) -> Array | Reduced | Unsupported:
    """The result, or why there is nothing to judge: no such function, or no array of the right form."""
    fault = None if isinstance(y, Unsupported) else wrong_form(like, y)
    return Reduced(faults=(fault,)) if fault else y


#: Activation to its reduction.
REDUCTIONS: Mapping[str, Callable[[Question, Examination], Reduced | Unsupported]] = {
    "prelu": prelu,
    "crelu": crelu,
    "glu": glu,
}
