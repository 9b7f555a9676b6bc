"""Looking for the largest error of float64, where not every input can be judged.

From the worst of a sample in each binade the search climbs: it asks the neighbours at distances that are
powers of two, goes on from the best of them, and stops where none is better (after Innocente and Zimmermann,
Accuracy of Mathematical Functions in Single, Double, Double Extended, and Quadruple Precision).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import balls
from actcheck.reference.binding import ORDERS, Bound
from actcheck.reference.formats import FORMATS, Format

Array = NDArray[Any]
#: Enough for an estimate: the points that are judged in the end are judged by `pointwise`.
_BITS = 160
#: Neighbours of a point that are asked in a round.
_NEIGHBOURS = 24


def errors(bound: Bound, quantity: str, form: Format, x: Array, y: Array) -> NDArray[np.float64]:
    """Estimates of the errors of y in ULP; 0 where there is none to speak of (NaN, infinities)."""
    order = ORDERS[quantity]
    nodes = [balls.prepared(piece.value) for piece in bound.pieces]
    found = np.zeros(len(x))
    with balls.precision(_BITS, order + 1):
        for at, (point, got) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            if math.isfinite(point) and math.isfinite(got) and point:
                case = bound.select(Fraction(point))
                exact = balls.expansion(nodes[case], balls.ball(point), order + 1)[order]
                exact *= math.factorial(order)
                size = float(abs(exact).upper())
                unit = 2.0 ** (min(max(math.frexp(size)[1] - 1, form.emin), form.emax) - form.precision + 1)
                error = float((abs(exact - got) / unit).mid()) if math.isfinite(size) else 0.0
                found[at] = error if math.isfinite(error) else 0.0
    return found


def climbed(
    ask: Callable[[Array], Array], bound: Bound, quantity: str, starts: Array, rounds: int, seed: int
) -> Array:
    """Where the search ends that begins at the worst of these inputs, one for each eighth of the line.

    ``ask`` computes the backend's results for float64 inputs.
    """
    form = FORMATS["float64"]
    random = np.random.default_rng(seed)
    best = _worst_of_each(form, starts, errors(bound, quantity, form, starts, ask(starts)))
    keys = form.keys(best)
    height = errors(bound, quantity, form, best, ask(best))
    for _ in range(rounds):
        powers = random.integers(0, 52, (len(keys), _NEIGHBOURS))
        steps = (np.int64(1) << powers) * random.choice((-1, 1), powers.shape)
        steps += random.integers(0, 1 + (np.abs(steps) >> 1)) * np.sign(steps)
        around = np.clip(keys[:, None] + steps, -form.infinity_key, form.infinity_key - 1)
        x = form.values(around.ravel())
        found = errors(bound, quantity, form, x, ask(x)).reshape(around.shape)
        top = found.argmax(axis=1)
        rows = np.arange(len(keys))
        better = found[rows, top] > height
        keys = np.where(better, around[rows, top], keys)
        height = np.where(better, found[rows, top], height)
    return form.values(np.unique(keys))


def _worst_of_each(form: Format, x: Array, heights: Array, parts: int = 8) -> Array:
    """The three worst of each part of the inputs, which are in order."""
    picked = [
        part[np.argsort(-heights[part], kind="stable")[:3]]
        for part in np.array_split(np.arange(len(x)), parts)
    ]
    return x[np.concatenate(picked)]
