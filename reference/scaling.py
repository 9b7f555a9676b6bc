"""Bounds of scaled errors over runs of consecutive floats, without looking at each of them.

The scaled error of a result is its error times ulp(f) / ulp(max(abs(f), s)): a power of two that the ends of
a run bound, f by the slope of its polynomial and s by how much it changes between them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import numeric
from actcheck.reference.formats import FORMATS
from actcheck.reference.kernel_distances import SLOPE
from actcheck.reference.sweep_tables import SweepTables

Array = NDArray[Any]
_FORM = FORMATS["float32"]


def scales_of(t: SweepTables, x: Array) -> Array:
    """Lower bounds of s(x)."""
    with np.errstate(all="ignore"):
        scales: Array = np.abs(numeric.evaluate(np, t.scale, x))
    return scales if t.scale_exact else scales * (1 - 2.0**-40)


def scaled_bounds(
    t: SweepTables, ends: Array, rows: Array, proofs: Array, radii: Array, errors: Array
) -> Array:
    """Bounds of the scaled errors of chunks, from the values and scales at their ends (shape 2 by chunks)."""
    values = np.abs(polynomials(ends.ravel(), np.tile(rows, (2, 1)))).reshape(2, -1)
    # Between the ends the polynomial strays no further than its slope allows.
    reach = proofs[:, SLOPE] * np.abs(ends[1] - ends[0]) + radii * 2.0**-149
    scales = scales_of(t, ends)
    with np.errstate(invalid="ignore"):
        least = scales.min(axis=0) - (0.0 if t.scale_exact else np.abs(scales[1] - scales[0]))
    larger = _exponent(np.maximum(np.nan_to_num(least), values.min(axis=0) - reach))
    bounds: Array = np.ldexp(errors, _exponent(values.max(axis=0) + reach) - larger)
    return bounds


def shift(t: SweepTables, x: Array, row: Array, proof: Array) -> int:
    """By how many powers of two at most the unit of the value exceeds that of the scaled error."""
    ends, coefficients = (float(x[0]), float(x[-1])), row.tolist()
    reach = float(proof[SLOPE]) * abs(ends[1] - ends[0])
    values = [abs(_horner(coefficients, end - coefficients[0])) for end in ends]
    try:
        scales = [abs(numeric.evaluate(numeric.Scalars, t.scale, end)) for end in ends]
    except ArithmeticError:
        return 0
    least = min(scales) - (0.0 if t.scale_exact else abs(scales[1] - scales[0]) + 2.0**-40 * scales[0])
    larger = max(least, min(values) - reach)
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
