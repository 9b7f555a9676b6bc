"""Bounds of scaled errors over runs of consecutive floats, without looking at each of them.

The scaled error of a result is its error times ulp(f) / ulp(max(abs(f), s)): a power of two that the ends of
a run bound: f by the slope of its polynomial, s by interval arithmetic (see `scales.runs`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import numeric
from actcheck.reference.formats import FORMATS
from actcheck.reference.scales import runs
from actcheck.reference.sweep_tables import SweepTables

Array = NDArray[Any]
_FORM = FORMATS["float32"]


def scales_of(t: SweepTables, x: Array) -> Array:
    """Lower bounds of s(x)."""
    with np.errstate(all="ignore"):
        low: Array = numeric.bounds(np, t.scale, x)[0]
    return low


def scaled_bounds(
    t: SweepTables, ends: Array, rows: Array, proofs: Array, radii: Array, errors: Array
) -> Array:
    """Bounds of the scaled errors of chunks, from the values and scales at their ends (shape 2 by chunks)."""
    values = np.abs(polynomials(ends.ravel(), np.tile(rows, (2, 1)))).reshape(2, -1)
    # Between the ends the polynomial strays no further than its slope allows.
    reach = proofs[:, 4] * np.abs(ends[1] - ends[0]) + radii * 2.0**-149
    with np.errstate(all="ignore"):
        least = runs.least(np, t.scale, ends.min(axis=0), ends.max(axis=0))
    larger = _exponent(np.maximum(np.nan_to_num(least), values.min(axis=0) - reach))
    bounds: Array = np.ldexp(errors, _exponent(values.max(axis=0) + reach) - larger)
    return bounds


def shift(t: SweepTables, x: Array, row: Array, proof: Array) -> int:
    """By how many powers of two at most the unit of the value exceeds that of the scaled error."""
    ends, coefficients = (float(x[0]), float(x[-1])), row.tolist()
    reach = float(proof[4]) * abs(ends[1] - ends[0])
    values = [abs(_horner(coefficients, end - coefficients[0])) for end in ends]
    try:
        scale = runs.least(numeric.Scalars, t.scale, min(ends), max(ends))
    except ArithmeticError:
        return 0
    larger = max(scale, min(values) - reach)
    return min(0, _power(max(values) * (1 + 2.0**-40) + reach) - _power(larger))


def polynomials(x: Array, rows: Array) -> Array:
    """The polynomial of each row at each x."""
    t = x.astype(np.float64) - rows[:, 0]
    value = rows[:, -1]
    for k in range(rows.shape[1] - 2, 0, -1):
        value = value * t + rows[:, k]
    return value


def _horner(row: list[float], t: float) -> float:
    value = row[-1]
    for coefficient in row[-2:0:-1]:
        value = value * t + coefficient
    return value


def _power(magnitude: float) -> int:
    """The exponent of ulp, up to a constant."""
    if not 0 < magnitude < math.inf:
        return _FORM.emax if magnitude > 0 else _FORM.emin
    return min(max(math.frexp(magnitude)[1] - 1, _FORM.emin), _FORM.emax)


def _exponent(magnitude: Array) -> NDArray[np.int64]:
    """The exponent of ulp, up to a constant."""
    with np.errstate(invalid="ignore"):
        capped = np.minimum(magnitude, math.ldexp(1.0, _FORM.emax))
    exponent = np.frexp(capped)[1].astype(np.int64)
    return np.clip(exponent - 1, _FORM.emin, _FORM.emax)
