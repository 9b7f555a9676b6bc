"""The gate of a gated activation at many inputs: its values, its signs, and where it is infinite."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.judging import pointwise
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]


def gate_values(bound: Bound, b: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """f(b) in binary64, within half a unit and 2^-100, and the sign of what is missing."""
    values, rest = np.empty(len(b)), np.zeros(len(b))
    for at, x in enumerate(b.astype(np.float64).tolist()):
        found = pointwise.narrow(bound, x)
        values[at] = float((found.low + found.high) / 2)
        value = Fraction(values[at])
        if found.beyond(value):
            rest[at] = 1.0
        elif found.at_least(value) is False:
            rest[at] = -1.0
        elif not found.low == found.high == value:
            rest[at] = np.nan  # nothing is known
    return values, rest


def is_unbounded(bound: Bound, b: Array) -> NDArray[np.bool_]:
    """Where the gate is infinite: at infinite b, if its limit is."""
    ends = [sign for sign in (1, -1) if math.isinf(bound.limit("forward", sign))]
    return np.isin(b.astype(np.float64), [sign * math.inf for sign in ends])


def gate_signs(bound: Bound, b: Array) -> NDArray[np.float64]:
    """The sign of f(b): 1, -1, or 0 where it is 0 or its limit is; 1 for NaN."""
    found = np.ones(b.shape)
    for sign in (1, -1):
        found[b.astype(np.float64) == sign * math.inf] = np.sign(bound.limit("forward", sign))
    finite = np.isfinite(b)
    x = b[finite].astype(np.float64)
    values, rest = gate_values(bound, x)
    signs = np.where(values != 0, np.sign(values), rest)
    for at in np.flatnonzero(np.isnan(signs)).tolist():
        # Nearer to 0 than any precision tells.
        node = bound.pieces[bound.select(Fraction(x[at]))].value
        signs[at] = sign_between(node, (x[at], x[at]))
    found[finite] = signs
    return found
