"""Every form of `shared.forms`, and small arrays: a slope of its own for each element and seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import FaultError, calling, told_as
from actcheck.conformance.checks.parts.randomness.draws import Drawn, Sampler, inputs
from actcheck.conformance.checks.parts.randomness.elements import element_faults
from actcheck.conformance.checks.parts.randomness.law import Law, least_broken
from actcheck.conformance.checks.parts.shared import statistics
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH
from actcheck.conformance.model import Fault
from actcheck.reference.formats import FORMATS

Array = NDArray[Any]
#: Every fifth element is not negative.
_EVERY = 5
SMALL = (*range(1, 10), 15, 16, 17, 31, 33, 67)
#: Calls of a form; more where it has so few elements that two slopes may be equal by chance.
_CALLS, _MANY_CALLS, _FEW = 2, 16, 24


def form_faults(sampler: Sampler, laws: Sequence[Law], seed: int) -> list[Fault]:
    """One fault of each kind and form."""
    x, upstream = inputs(sampler.question, (LENGTH,), _EVERY)
    views = {form.name: (form.build(x), form.build(upstream)) for form in FORMS}
    small = -np.ones(max(SMALL), FORMATS[sampler.question.format].dtype)
    views |= {f"{size}-element": (small[:size], -small[:size]) for size in SMALL}
    found: dict[str, Fault] = {}
    for number, (name, (view, sent)) in enumerate(views.items()):
        try:
            with told_as(partial(_of_form, name, view)), calling(f"a call with the {name} array"):
                first = seed + _MANY_CALLS * number
                calls = _MANY_CALLS if (view < 0).sum() < _FEW or name.endswith("-element") else _CALLS
                drawn = [sampler.drawn(view, sent, first + call) for call in range(calls)]
        except FaultError as error:
            found.setdefault(error.fault.what, error.fault)
            continue
        for fault in _faults(laws, drawn):
            told = _of_form(name, view, fault)
            found.setdefault(told.what, told)
    return list(found.values())


def _of_form(name: str, view: Array, fault: Fault) -> Fault:
    what = f"{fault.what}:{name.replace(' ', '_')}"
    return Fault(what, f"{what}: {name} array of shape {view.shape}: {fault.message}", fault.size)


def _faults(laws: Sequence[Law], drawn: Sequence[Drawn]) -> Iterator[Fault]:
    for one in drawn:
        yield from element_faults(laws[0], one)
    slopes, negative = np.stack([d.slopes for d in drawn]), drawn[0].negative
    if slopes.size:
        yield from least_broken(laws, lambda law: _shared(law, slopes, negative))


def _shared(law: Law, slopes: Array, negative: NDArray[np.bool_]) -> Iterator[Fault]:
    """Slopes that calls with different seeds share, or neighbours along a dimension."""
    equal = (slopes[::2] == slopes[1::2]) & negative
    if statistics.too_many(equal.sum(), len(equal) * negative.sum(), law.collision):
        yield Fault(
            "same_for_seeds", f"calls with other seeds share {int(equal.sum())} slopes of {equal.size}"
        )
    elif len(slopes) == _MANY_CALLS:
        always = statistics.too_many(equal.sum(axis=0), len(equal), law.collision, negative.size)
        if always.any():
            at = np.argwhere(always)[0].tolist()
            yield Fault(
                "same_for_seeds", f"place {at} has the same slope with other seeds: {slopes[(0, *at)]:.6g}"
            )
    for axis in range(1, slopes.ndim):
        many = slopes.shape[axis] // 2 * 2
        first, second = (np.arange(start, many, 2) for start in (0, 1))
        both = np.take(negative, first, axis - 1) & np.take(negative, second, axis - 1)
        hit = (np.take(slopes, first, axis) == np.take(slopes, second, axis)) & both
        if statistics.too_many(hit.sum(), len(slopes) * both.sum(), law.collision):
            told = (
                f"{int(hit.sum())} of {len(slopes) * int(both.sum())} neighbours along dimension {axis - 1}"
            )
            yield Fault("shared", f"{told} share a slope", float(hit.sum()))
