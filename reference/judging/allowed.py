"""What a number model allows beside IEEE arithmetic: judged points that are right in the model alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.judging.number_models import current, judged_in

if TYPE_CHECKING:
    from actcheck.reference.judging.points import Points

Mask = NDArray[np.bool_]


def allow(points: Points) -> None:
    """Take for right what the current model allows; `Points.allowed` counts what IEEE arithmetic does not."""
    model = current()
    if model.any_slope_at_nan and points.quantity != "forward":
        _accept(points, "slopes_at_nan", np.isnan(points.x) & ~np.isnan(points.y))
    if model.zero_at_nan and points.quantity == "forward":
        _accept(points, "zeros_at_nan", np.isnan(points.x) & (points.y == 0))
    if model.no_zero_sign:
        _accept(points, "zero_signs", points.classes["wrong_zero_sign"])
    if model.flush_results:
        _accept(points, "flushed_results", _flushed(points))
    if model.flush_inputs:
        _accept(points, "flushed_inputs", _of_zero(points))


def _accept(points: Points, name: str, hit: Mask) -> None:
    apart = int((hit & (~points.faithful | _wrong(points))).sum())
    if apart:
        points.allowed[name] = points.allowed.get(name, 0) + apart
    points.correct[hit] = points.faithful[hit] = True
    for errors in (points.low, points.high, points.scaled_low, points.scaled_high):
        errors[hit] = 0.0
    for name_of in points.classes:
        points.classes[name_of][hit] = False


def _wrong(points: Points) -> Mask:
    found: Mask = np.logical_or.reduce([*points.classes.values()])
    return found


def _budget(points: Points) -> float:
    """In ULP; products are rounded once more."""
    return max(points.bound.spec.accuracy[points.quantity].ulp, 1.0) + 1.0


def _flushed(points: Points) -> Mask:
    """Zeros whose exact value is no normal number, or within the budget of the smallest one.

    A zero that is in no class and not the correctly rounded result has an exact value other than 0 that is
    subnormal: with a normal one it would be lost. Then its error is abs(z)/ulp(z), which is 2^(p-1) at the
    smallest normal number z; a result within its budget may lie just below that.
    """
    zero = points.y == 0
    subnormal = ~points.correct & ~_wrong(points)
    near = 2.0 ** (points.form.precision - 1) + _budget(points)
    return np.asarray(zero & (subnormal | (points.classes["lost_to_zero"] & (points.high <= near))))


def _of_zero(points: Points) -> Mask:
    """Results that are right for zero in the place of subnormal inputs and upstreams."""
    small_x, small = (_is_subnormal(points, values) for values in (points.x, points.upstream))
    at = np.flatnonzero((small_x | small) & (~points.faithful | _wrong(points)))
    hit = np.zeros(len(points.x), bool)
    if not len(at):
        return hit
    with judged_in(replace(current(), flush_inputs=False)):
        for zero in (0.0, -0.0):
            hit[at] |= _is_right(points, at, small_x[at], small[at], zero)
    return hit


def _is_subnormal(points: Points, values: NDArray[np.float64]) -> Mask:
    return np.asarray((values != 0) & (np.abs(values) < points.form.smallest_normal))


def _is_right(points: Points, at: NDArray[np.int64], small_x: Mask, small: Mask, zero: float) -> Any:
    x = np.where(small_x, zero, points.x[at]).astype(points.form.dtype)
    upstream = np.where(small, np.copysign(0.0, points.upstream[at]), points.upstream[at])
    y = points.y[at].astype(points.form.dtype)
    found = type(points).of(points.bound, points.quantity, points.form, x, y, upstream)
    return ~_wrong(found) & (found.high <= _budget(points))
