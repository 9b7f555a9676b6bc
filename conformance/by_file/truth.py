"""Right answers, by which the questions to a backend can be followed without one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.wide.enclosing import enclosures
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]


def answers(bound: Bound, quantity: str, form: Format, x: Array) -> Array:
    """The quantity at x, of its shape, rounded to the format; NaN at NaN, at kinks any right answer."""
    wide = x.astype(np.float64)
    high, _, radius = enclosures(bound, quantity, wide)
    settled = np.where(np.isnan(wide), np.nan, high)
    unsettled = np.isinf(radius) & ~np.isnan(wide)
    for value in np.unique(wide[unsettled]):
        settled[unsettled & (wide == value)] = _one(bound, quantity, form, float(value))
    if quantity == "forward":
        zero = (settled == 0) & (wide == 0)
        settled[zero] = wide[zero]
    with np.errstate(over="ignore", invalid="ignore"):
        found: Array = settled.astype(form.dtype)
    return found


def _one(bound: Bound, quantity: str, form: Format, x: float) -> float:
    found = pointwise.exact(bound, quantity, x)
    return form.rounded((found[0] + found[1]) / 2) if isinstance(found, tuple) else found
