"""Compiled searches within a chunk that `fused` has judged: its largest errors, its extent, its order."""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.reference.machine.compiling import compiled
from actcheck.reference.machine.outward import WIDER
from actcheck.reference.machine.patterns import TOP, per_unit, polynomial, radius_of
from actcheck.reference.sweeping.kernels.distances import ABSOLUTE, RELATIVE


@compiled
def largest(x: Any, y: Any, row: Any, proof: Any, scale: Any, left: Any) -> tuple[float, int]:
    """Upper bound of the largest error of a run, in ulp(max(abs(f), scale)), and its index. y must be finite.

    ``scale`` has an element a point, or none: then the error is that in ulp(f). Points that are ``left`` open
    are passed over: they are judged elsewhere.
    """
    most, where, relative, absolute = 0.0, 0, proof[RELATIVE], proof[ABSOLUTE]
    scaled = scale.size > 0
    for i in range(x.size):
        p = polynomial(np.float64(x[i]) - row[0], row)
        size = abs(p)
        radius = radius_of(size, relative, absolute)
        distance = abs(np.float64(y[i]) - min(max(p, -TOP), TOP))
        least = size - radius
        if scaled:
            least = max(least, scale[i])
        error = (distance + radius) * WIDER * per_unit(least)
        if error > most and not left[i]:
            most, where = error, i
    return most, where


@compiled
def largest_value(x: Any, row: Any, proof: Any) -> float:
    """Upper bound of abs(f) on a run."""
    most = 0.0
    for i in range(x.size):
        size = abs(polynomial(np.float64(x[i]) - row[0], row))
        most = max(most, size + (proof[RELATIVE] * size + proof[ABSOLUTE]))
    return most
