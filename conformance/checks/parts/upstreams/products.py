"""Judging products of a quantity with factors: as the quantity itself is judged, and rounded once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.shared.bit_comparison import inside
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.model import Fault, Profile, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import bind

Array = NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """Inputs, factors and the products that came back, all flat."""

    x: Array
    factor: Array
    y: Array
    #: Where a plain call gives another result: the form of this one, in words.
    layout: str = ""

    def unless(self, form: Format, known: Asked) -> Asked:
        """Without the products that another way gave as well, for the same inputs and factors."""
        apart = form.keys(self.y) != form.keys(known.y)
        apart &= ~(np.isnan(self.y) & np.isnan(known.y))
        return Asked(self.x[apart], self.factor[apart], self.y[apart], self.layout)


def judged(question: Question, profile: Profile, name: str, parts: Sequence[Asked]) -> Iterator[Fault]:
    """The faults of products, each distinct one judged once; their kinds begin with the name of the way."""
    if not sum(len(part.x) for part in parts):
        return
    form = FORMATS[question.format]
    x, factor, y = (np.concatenate([getattr(p, n) for p in parts]) for n in ("x", "factor", "y"))
    at = np.unique(np.stack([form.keys(v) for v in (x, factor, y)]), axis=1, return_index=True)[1]
    bound = bind(question.spec, question.variant)
    points = Points.of(bound, question.quantity, form, x[at], y[at], factor[at].astype(np.float64))
    allowed = grading.tolerance(question.spec, question.quantity, form.name)
    allowed = allowed if (factor == 1).all() else allowed.rounded_again()
    layouts = [part.layout for part in parts for _ in range(len(part.x))]
    for fault in faults_of(profile, points, allowed):
        first = int(at[np.argmax(inside(x[at], fault.inputs))])
        yield renamed(name, fault, layouts[first])


def renamed(name: str, fault: Fault, layout: str = "") -> Fault:
    """The fault as one of a way to ask, with the layout in which alone it shows."""
    text = fault.message.removeprefix(f"{fault.what}: ")
    where = f"; with {layout}, not with plain arrays" if layout else ""
    return replace(fault, what=f"{name}:{fault.what}", message=f"{name}:{fault.what}: {text}{where}")
