"""The in-place form on a part of an array: the part changes, the array sees it, what lies beside it stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.conformance.backends.asker import Asker, UnsupportedError, answered, calling, formed
from actcheck.conformance.checks.parts.calls.slots import Slot
from actcheck.conformance.checks.parts.upstreams.products import Asked, judged
from actcheck.conformance.model import Context, Fault
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]


def in_slice(asker: Asker, context: Context, slot: Slot, x: Array) -> Iterator[Fault]:
    """The faults of one part; none where the backend has no such form. Raises FaultError."""
    random = np.random.default_rng([context.seed, x.size])
    base = slot.filled(x, random)
    upstream = np.asarray(random.choice([-2.0, -1.0, 0.5, 1.0], base.shape)).astype(x.dtype)
    question = asker.question
    name, parameters = question.activation, question.variant.parameters
    try:
        with calling(f"the in-place form on the {slot.name}"):
            made = answered(asker.adapter.in_place_slice(name, base, slot.index, upstream, parameters))
    except UnsupportedError:
        return
    part, above = base[slot.index], upstream[slot.index]
    with calling("the form that is not in place"):
        wanted = asker.results(part, above)
    if question.quantity == "forward":
        after = formed(base, made.base)
        got = after[slot.index]
        yield from untouched(slot, base, after, "beside")
        if not _same(got, formed(part, made.result)):
            told = f"base: the {slot.name} does not hold the result that the call returned"
            yield Fault("base", f"{told}; write to the memory of the array, not to a copy of it")
    elif isinstance(made.gradient, Unsupported):
        told = f"refused:gradient: the gradient through the {slot.name} is refused: {made.gradient.reason}"
        yield Fault("refused:gradient", told)
        return
    else:
        after = formed(base, made.gradient)
        got = after[slot.index]
        yield from untouched(slot, upstream, after, "beside:gradient")
    place = f"the {slot.name} in place"
    yield from apart(asker, context, "slice", (part, above), got, wanted, place)


def apart(
    asker: Asker,
    context: Context,
    name: str,
    given: tuple[Array, Array],
    got: Array,
    plain: Array,
    place: str,
) -> Iterator[Fault]:
    """The faults of results that are not those of a plain call, by the exact values."""
    question = asker.question
    x, above = (v.ravel() for v in given)
    factor = np.ones_like(x) if question.quantity == "forward" else above
    found, known = Asked(x, factor, got.ravel(), place), Asked(x, factor, plain.ravel())
    yield from judged(question, context.profile, name, [found.unless(FORMATS[question.format], known)])


def untouched(slot: Slot, before: Array, after: Array, what: str) -> Iterator[Fault]:
    """A fault where something beside the part has changed."""
    kept, found = slot.beside(before), slot.beside(after)
    apart = kept.view(f"u{kept.itemsize}") != found.view(f"u{found.itemsize}")
    if apart.any():
        told = f"{what}: {int(apart.sum())} of {apart.size} elements beside the {slot.name} have changed"
        yield Fault(what, f"{told}; keep to its strides and its length", float(apart.sum()))


def _same(a: Array, b: Array) -> bool:
    return np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()
