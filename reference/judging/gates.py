"""The gate of a gated activation at many inputs: its values, its signs, and where it is infinite."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.judging import pointwise
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]


def gate_values(bound: Bound, b: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """f(b) in binary64, within half a unit and 2^-100, and the sign of what is missing."""
    inputs, places = np.unique(b.astype(np.float64), return_inverse=True)
    found = np.array([_gate_value(bound, x) for x in inputs.tolist()]).reshape(-1, 2)[places]
    return found[:, 0], found[:, 1]


@lru_cache(maxsize=4096)
def _gate_value(bound: Bound, x: float) -> tuple[float, float]:
    found = pointwise.narrow(bound, x)
    value = float((found.low + found.high) / 2)
    exact = Fraction(value)
    if found.beyond(exact):
        return value, 1.0
    if found.at_least(exact) is False:
        return value, -1.0
    # What is missing is 0, or nothing is known of it.
    return value, 0.0 if found.low == found.high == exact else math.nan


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
    inputs, places = np.unique(b[finite].astype(np.float64), return_inverse=True)
    found[finite] = np.array([_gate_sign(bound, x) for x in inputs.tolist()], np.float64)[places]
    return found


@lru_cache(maxsize=4096)
def _gate_sign(bound: Bound, x: float) -> float:
    value, rest = _gate_value(bound, x)
    if value != 0 or not math.isnan(rest):
        return math.copysign(1.0, value) if value else rest
    # Nearer to 0 than any precision tells.
    return sign_between(bound.pieces[bound.select(Fraction(x))].value, (x, x))
