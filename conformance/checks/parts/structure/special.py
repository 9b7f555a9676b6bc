"""Special values of activations with structure: in places of short arrays, as weights and upstreams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker, FaultError, calling
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.everywhere import thinned
from actcheck.conformance.checks.parts.shared.judged_sums import gathered
from actcheck.conformance.checks.parts.structure.elements import APART, ScalarPart, together
from actcheck.conformance.checks.parts.structure.unbounded import unbounded_faults
from actcheck.conformance.checks.parts.structure.weights import weights_of
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.judging.grading import tolerance
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.elements import weights_name

Array = NDArray[Any]
LENGTHS = range(1, 68)
#: Where each length is compiled anew: with all beginnings then.
DEAR = (1, 67)
#: Lengths of arrays whose channels have special weights.
_FEW_LENGTHS = (1, 5, 8, 17, 64)
#: Places at which the values of each length begin, at quick: other ones for each length.
_ROTATIONS = 3
UPSTREAMS = (0.0, -0.0, np.inf, -np.inf, np.nan)
#: Beside the special values in a pair: a gate is open, closed, or in between.
_GATES = (-30.0, 1.5, 30.0)
_ORDINARY = (-3.0, -1.0, -0.5, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class SpecialCall:
    """One call: the input, parameters, and the upstream of a gradient."""

    #: Stands before the names of its faults: of special weights, or upstreams.
    tag: str
    x: Array
    parameters: Mapping[str, Any]
    #: The shape of the result.
    shape: tuple[int, ...]
    upstream: Array | None = None


def special_values(question: Question, context: Context, values: Array) -> Finding:
    """Judge all calls of one tag together."""
    form, asker = FORMATS[question.format], Asker.of(question, context)
    asked: dict[str, list[tuple[SpecialCall, list[ScalarPart]]]] = {}
    faults, points = list[Fault](), 0
    for call in CALLS[question.spec.kind](question, form, values, context):
        try:
            with calling(f"a call with special values in an array of shape {call.x.shape}"):
                y = _asked(asker, call)
        except FaultError as error:
            faults.append(error.fault)
            continue
        taken = APART[question.spec.kind](
            question.spec, call.parameters, question.quantity, call.x, y, call.upstream
        )
        asked.setdefault(call.tag, []).append((call, taken))
        points += y.size
    for tag, calls in asked.items():
        found = gathered(_faults(question, context, [part for _, taken in calls for part in taken]))
        for fault in found:
            told = f"{tag}{fault.message}{_first_place(question, context, calls, fault)}"
            faults.append(replace(fault, what=f"{tag}{fault.what}", message=told))
    left = f"lengths other than {DEAR[0]} and {DEAR[1]}"
    notes = few_shapes.left_out(left) if context.few_shapes else {}
    return Finding(tuple(faults), points=points, notes=notes)


def _first_place(
    question: Question, context: Context, calls: list[tuple[SpecialCall, list[ScalarPart]]], fault: Fault
) -> str:
    """Where a fault shows first, in words."""
    for number, (call, taken) in enumerate(calls):
        if any(one.what == fault.what for one in _faults(question, context, taken)):
            return f"; first in an array of shape {call.x.shape}, call {number + 1} of {len(calls)}"
    return ""


def _asked(asker: Asker, call: SpecialCall) -> Array:
    if call.upstream is None:
        return asker.forward(call.x, call.parameters, np.empty(call.shape, call.x.dtype))
    return asker.gradient(call.x, call.upstream, call.parameters)


def _faults(question: Question, context: Context, parts: list[ScalarPart]) -> Iterator[Fault]:
    form, allowed = FORMATS[question.format], tolerance(question.spec, question.quantity, question.format)
    for part in together(parts):
        if np.isfinite(part.factor).any():
            yield from faults_of(context.profile, part.points(form), allowed)
        yield from unbounded_faults(part)


def _lengths(context: Context) -> Sequence[int]:
    return DEAR if context.few_shapes else LENGTHS


def _starts(question: Question, context: Context, length: int, count: int) -> Iterator[int]:
    """At which of so many values an array begins."""
    if context.level != "quick" or context.few_shapes:
        return iter(range(count))
    rotations = 1 if thinned(question, context.level) else _ROTATIONS
    return ((length + turn * count // rotations) % count for turn in range(rotations))


def _rotated(values: Array, length: int, first: int) -> Array:
    return np.asarray(values[(np.arange(length) + first) % len(values)])


def channelwise(question: Question, form: Format, values: Array, context: Context) -> Iterator[SpecialCall]:
    """Every length with the variant's weights, some with a special weight for each channel; upstreams."""
    name, given = weights_name(question.spec), question.variant.parameters
    weights = weights_of(form, given)
    plain = {**given, name: weights}
    for length in _lengths(context):
        for first in _starts(question, context, length, len(values)):
            x = np.stack([np.stack([_rotated(values, length, first)] * len(weights))])
            yield _call(question, "", x if len(weights) > 1 else x[0, 0], plain)
    special = np.array([0.0, -0.0, form.smallest, form.largest, -form.largest, -1.0, 2.0], form.dtype)
    many = {**given, "num_parameters": len(special), name: special}
    for length in DEAR if context.few_shapes else _FEW_LENGTHS:
        for first in range(len(values)):
            x = np.stack([np.stack([_rotated(values, length, first)] * len(special))] * 2)
            yield _call(question, "weight:", x, many)
    for pair in _with_upstreams(question, form, _ORDINARY):
        x, upstream = (np.stack([np.stack([a] * len(weights))]) for a in pair)
        yield _call(question, "upstream:", x, plain, upstream)


def gated(question: Question, form: Format, values: Array, context: Context) -> Iterator[SpecialCall]:
    """Pairs of special values in every place of either half, and upstreams of pairs of ordinary ones."""
    parameters, dim = question.variant.parameters, int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    values = np.concatenate([values, np.array(_GATES, form.dtype)])
    a, b = (pair.ravel() for pair in np.meshgrid(values, values, indexing="ij"))

    def call(tag: str, a: Array, b: Array, upstream: Array | None = None) -> SpecialCall:
        halves = [np.stack([half, half[::-1]]) for half in (a, b)]
        sent = None if upstream is None else np.stack([upstream, upstream[::-1]])
        return _call(question, tag, np.concatenate(halves, axis=dim), parameters, sent, halves[0].shape)

    for length in _lengths(context):
        for first in _starts(question, context, length, len(values)):
            # A step of 1 + the number of values moves both of a pair on and comes to every pair.
            at = ((np.arange(length) + first) * (len(values) + 1) + length) % len(a)
            yield call("", a[at], b[at])
    for x, upstream in _with_upstreams(question, form, _ORDINARY):
        yield call("upstream:", x, np.roll(x, 1), upstream)


def concatenating(question: Question, form: Format, values: Array, context: Context) -> Iterator[SpecialCall]:
    """Every length, with upstreams for both halves of the result or one; and special upstreams."""
    parameters, dim = question.variant.parameters, int(question.variant.parameters["dim"])  # type: ignore[arg-type]
    for length in _lengths(context):
        for turn, first in enumerate(_starts(question, context, length, len(values))):
            x = np.stack([_rotated(values, length, first), _rotated(values, length, first + 4)])
            whole = np.concatenate([x, x], axis=dim)
            halves = [np.full(x.shape, sent, form.dtype) for sent in ((1, 1), (1, 0), (0, 1))[turn % 3]]
            upstream = np.concatenate(halves, axis=dim) if question.quantity == "gradient" else None
            yield _call(question, "", x, parameters, upstream, whole.shape)
    for pair in _with_upstreams(question, form, _ORDINARY):
        x, sent = (np.stack([a, a]) for a in pair)
        for both in ((sent, np.zeros_like(sent)), (np.zeros_like(sent), sent)):
            yield _call(question, "upstream:", x, parameters, np.concatenate(both, axis=dim))


def _with_upstreams(
    question: Question, form: Format, values: tuple[float, ...]
) -> Iterator[tuple[Array, Array]]:
    """Each value with each special upstream, in either order; none for results."""
    if question.quantity == "gradient":
        x = np.repeat(np.array(values, form.dtype), len(UPSTREAMS))
        upstream = np.tile(np.array(UPSTREAMS, form.dtype), len(values))
        yield x, upstream
        yield x[::-1].copy(), upstream[::-1].copy()


def _call(
    question: Question,
    tag: str,
    x: Array,
    parameters: Mapping[str, Any],
    upstream: Array | None = None,
    shape: tuple[int, ...] | None = None,
) -> SpecialCall:
    """With an upstream of ones where a gradient is asked for and none is given."""
    of_result = x.shape if shape is None else shape
    if question.quantity == "gradient" and upstream is None:
        upstream = np.ones(of_result, x.dtype)
    return SpecialCall(tag, x, parameters, of_result, upstream)


#: Kind to its calls.
CALLS: Mapping[str, Callable[[Question, Format, Array, Context], Iterator[SpecialCall]]] = {
    "channelwise": channelwise,
    "concatenating": concatenating,
    "gated": gated,
}
