"""Products of which one factor is infinite or NaN: an element of the input, or an upstream.

The product is that factor with the sign of the other one, or NaN where either is. An infinity times exactly 0
has no value, no more than an upstream times a slope of 0, and a kink's slope of either sign has no sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.checks.parts.structure.elements import ScalarPart
from actcheck.conformance.model import Fault
from actcheck.conformance.numerals import both
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.gates import gate_signs
from actcheck.reference.specification.binding import Bound


def unbounded_faults(part: ScalarPart) -> Iterator[Fault]:
    """Faults where the factor of a part is infinite or NaN, named after the factor."""
    factors = np.broadcast_to(np.asarray(part.factor, np.float64), part.x.shape)
    hit = ~np.isfinite(factors)
    a, b, got = factors[hit], part.x[hit].astype(np.float64), part.y[hit].astype(np.float64)
    signs = _signs(part.bound, part.quantity, b)
    wanted = np.where(np.isnan(b), b, a * np.where(signs == 0, 1.0, signs))
    # In a dead zone a NaN has no right answer either: what is not passed on may be 0.
    open_to = np.isinf(a) if part.quantity == "forward" else np.ones(a.shape, bool)
    undefined = open_to & ~np.isnan(b) & ((signs == 0) | np.isnan(signs))
    wrong = ~undefined & ~((got == wanted) | (np.isnan(got) & np.isnan(wanted)))
    nan = np.isnan(got) | np.isnan(wanted)
    for name, at in (
        ("wrong_nan", np.flatnonzero(wrong & nan)),
        ("wrong_infinity", np.flatnonzero(wrong & ~nan)),
    ):
        if len(at):
            first = tuple(both(float(values[at[0]])) for values in (a, b, got, wanted))
            told = "{}: {} times what x = {} gives: got {}, expected {}; {} pairs in all"
            inputs = tuple((float(v), float(v)) for v in np.unique(a[at]))
            yield Fault(name, told.format(name, *first, len(at)), float(len(at)), inputs)


def _signs(bound: Bound, quantity: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """1, -1 or 0, and NaN where that is not known; 1 for NaN."""
    if quantity == "forward":
        return gate_signs(bound, x)
    return np.array([_sign(bound, quantity, value) for value in x.tolist()], np.float64)


@lru_cache(maxsize=4096)
def _sign(bound: Bound, quantity: str, x: float) -> float:
    if np.isnan(x):
        return 1.0
    value = pointwise.exact(bound, quantity, x)
    low, high = value if isinstance(value, tuple) else (value, value)
    if low == high == 0:
        return 0.0
    return 1.0 if low > 0 else -1.0 if high < 0 else float("nan")
