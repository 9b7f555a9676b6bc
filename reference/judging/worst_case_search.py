"""Looking for the largest error of float64, where not every input can be judged.

From the worst of a sample in each binade the search climbs: it asks the neighbours at distances that are
powers of two, goes on from the best of them, and stops where none is better (after Innocente and Zimmermann,
Accuracy of Mathematical Functions in Single, Double, Double Extended, and Quadruple Precision).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging import wide
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]
_FORM = FORMATS["float64"]
#: Neighbours of a point that are asked in a round.
_NEIGHBOURS = 48
#: Stretches of the inputs whose worst are starting points.
_PARTS = 32


def errors(bound: Bound, quantity: str, x: Array, y: Array, *, scaled: bool = False) -> Array:
    """Certified bounds of the errors of y, in ULP or in ULP of the scale; 0 where there is none to speak of
    (NaN, infinities)."""
    found = wide.judged(bound, quantity, _FORM, x, y)
    told = np.isfinite(found.high) & np.isfinite(x) & (x != 0)
    return np.where(told, found.scaled_high if scaled else found.high, 0.0)


def climbed(
    ask: Callable[[Array], Array],
    height: Callable[[Array, Array], Array],
    starts: Array,
    rounds: int,
    seed: int,
) -> Array:
    """Where the search ends that begins at the worst of these inputs, some in each stretch of the line.

    ``ask`` computes the backend's results for float64 inputs, ``height`` what of them is looked for, such as
    `errors`.
    """
    form = _FORM
    random = np.random.default_rng(seed)
    best = _worst_of_each(form, starts, height(starts, ask(starts)))
    keys = form.keys(best)
    highest = height(best, ask(best))
    for _ in range(rounds):
        powers = random.integers(0, 52, (len(keys), _NEIGHBOURS))
        steps = (np.int64(1) << powers) * random.choice((-1, 1), powers.shape)
        steps += random.integers(0, 1 + (np.abs(steps) >> 1)) * np.sign(steps)
        around = np.clip(keys[:, None] + steps, -form.infinity_key, form.infinity_key - 1)
        x = form.values(around.ravel())
        found = height(x, ask(x)).reshape(around.shape)
        top = found.argmax(axis=1)
        rows = np.arange(len(keys))
        better = found[rows, top] > highest
        keys = np.where(better, around[rows, top], keys)
        highest = np.where(better, found[rows, top], highest)
    return form.values(np.unique(keys))


def _worst_of_each(form: Format, x: Array, heights: Array) -> Array:
    """The three worst of each part of the inputs, which are in order."""
    picked = [
        part[np.argsort(-heights[part], kind="stable")[:3]]
        for part in np.array_split(np.arange(len(x)), _PARTS)
    ]
    return x[np.concatenate(picked)]
