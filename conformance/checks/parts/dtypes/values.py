"""Inputs of types that are no float formats: the ends of the type, powers of two, kinks and small numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.specification.binding import kinks_at
from actcheck.reference.specification.model import Spec, Variant

Array = NDArray[Any]
#: Up to here every integer is asked; and next to these powers of two, where float formats end.
_SMALL = 12
_POWERS = (4, 5, 6, 7, 8, 11, 15, 16, 24, 31, 32, 53, 62, 63)


def integers(name: str, spec: Spec, variant: Variant) -> Array:
    """Integers of a type in increasing order; both booleans."""
    if name == "bool":
        return np.array([False, True])
    info = np.iinfo(name)
    found = {*range(-_SMALL, _SMALL + 1), 20, 21, -20, -21, 100, -100, info.min, info.min + 1, info.max}
    found |= {sign * (2**p + step) for p in _POWERS for step in (-1, 0, 1) for sign in (1, -1)}
    for at in kinks_at(spec, variant):
        if abs(at) < 2**62:
            found |= {math.floor(at) - 1, math.floor(at), math.ceil(at), math.ceil(at) + 1}
    return np.array(sorted(n for n in found if info.min <= n <= info.max), name)


def complexes(name: str, spec: Spec, variant: Variant) -> Array:
    """Points of the real axis, not so far out that exp overflows; zero is +0 in both parts."""
    near = [float(np.clip(at, -20, 20)) for at in kinks_at(spec, variant)]
    values = {0.0, 0.25, 0.5, 1.0, 3.0, 6.0, 20.0, *near, *(2 * k for k in near if abs(k) <= 10)}
    real = np.unique(np.array([*values, *(-v for v in values)])) + 0.0
    return real.astype(name)
