"""The first judge held to the second, run by run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import Bound
from tests.support.independent.asking import PATHS, differences, every_pattern_differences
from tests.support.independent.judging import judge
from tests.support.independent.planting import planted
from tests.support.independent.questions import exactly
from tests.support.independent.runs import Asked

_FLOAT32 = FORMATS["float32"]


def held(asked: Asked, seed: int = 0, paths: Sequence[str] = PATHS) -> Iterator[str]:
    """Every disagreement over a run; the exact values are found once for all planted results."""
    bound, x = asked.bound, asked.run.x
    exact = exactly(bound, asked.quantity, x.astype(np.float64))
    for plant in asked.plants:
        y = planted(plant, exact, _FLOAT32, seed)
        truth = judge(exact, _FLOAT32, x, y)
        for text in differences(bound, asked.quantity, asked.run, y, truth, paths):
            yield f"{asked}, {plant}: {text}"


def held_in_16_bits(
    bound: Bound, quantity: str, form: Format, plants: Sequence[str], seed: int = 0
) -> Iterator[str]:
    """The same for all inputs of a format of 16 bits, NaNs and infinities included."""
    x = form.every_pattern()
    with np.errstate(invalid="ignore"):
        exact = exactly(bound, quantity, x.astype(np.float64))
    for plant in plants:
        y = planted(plant, exact, form, seed)
        nan = np.isnan(exact.x)
        if plant != "any pattern":
            y = np.where(nan, x, y)
        for text in every_pattern_differences(bound, quantity, form, x, y, judge(exact, form, x, y)):
            yield f"{bound.spec.id} {bound.variant.label} {quantity} {form.name}, {plant}: {text}"
