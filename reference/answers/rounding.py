"""Correctly rounded values for arrays: by proven bounds where both round alike, else by a judge of points."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.answers import kernels
from actcheck.reference.answers.conversion import to_format
from actcheck.reference.answers.nearest import nearest
from actcheck.reference.answers.tables import tables
from actcheck.reference.answers.wide_bounds import wide_bounds
from actcheck.reference.formats import FORMATS, Format, equal_rows
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]
_FLOAT32 = FORMATS["float32"]
_NO_FACTOR = np.empty(0)


def rounded(bound: Bound, quantity: str, form: Format, x: Array, factor: Array | None = None) -> Array:
    """The numbers of a format nearest to the quantity at x, times finite or infinite factors (float64).

    ``x`` is flat and contiguous, of the format; so is the answer. Raises CertificateError where the
    definition cannot be enclosed.
    """
    if factor is not None:
        return _by_bounds(bound, quantity, form, x, factor)
    if form.bits == 16:
        return narrow_answers(bound, quantity, form)[x.view(np.uint16)]
    if form.name == "float64":
        return _by_bounds(bound, quantity, form, x, None)
    out, unsure = np.empty_like(x), np.empty(len(x), np.int64)
    count = kernels.rounded(x, tables(bound, quantity), out, unsure)
    _settle(bound, quantity, form, x, None, out, unsure[:count])
    return out


@lru_cache(maxsize=32)
def narrow_answers(bound: Bound, quantity: str, form: Format) -> Array:
    """The answers to all patterns of a format of 16 bits, each at its pattern."""
    x = np.arange(1 << 16, dtype=np.uint16).view(form.dtype)
    answers = _by_bounds(bound, quantity, form, x, None)
    answers.flags.writeable = False
    return answers


def _by_bounds(bound: Bound, quantity: str, form: Format, x: Array, factor: Array | None) -> Array:
    bounds = wide_bounds if form.name == "float64" else narrow_bounds
    low, high = bounds(bound, quantity, x, factor)
    out, other = to_format(form, low), to_format(form, high)
    out[(out == 0) & (other == 0) & (np.signbit(out) != np.signbit(other))] = 0.0  # either sign is right
    unsure = ~(out == other)
    _settle(bound, quantity, form, x, factor, out, np.flatnonzero(unsure))
    return out


def narrow_bounds(
    bound: Bound, quantity: str, x: Array, factor: Array | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Float64 bounds of the quantity at x of 32 bits at most, times the factor; NaN where an input must be
    answered by itself."""
    with np.errstate(invalid="ignore"):  # signalling NaN patterns
        narrow = x.astype(np.float32)
    low, high = np.empty(len(x)), np.empty(len(x))
    factors = _NO_FACTOR if factor is None else factor
    kernels.bounds(narrow, factors, tables(bound, quantity), low, high)
    return low, high


def _settle(
    bound: Bound, quantity: str, form: Format, x: Array, factor: Array | None, out: Array, at: Array
) -> None:
    """Answer what the bounds leave open; ``out`` holds what the lower one rounds to, NaN where there is none.

    Where that is not the correctly rounded value, its neighbour above is, or else the point is answered
    alone.
    """
    if not len(at):
        return
    alone = np.isnan(out[at])
    if factor is not None:
        alone |= np.isinf(factor[at])  # no error is finite there, and none is measured
    for candidates in (0, 1):
        some = at[~alone]
        if not len(some):
            break
        y = out[some] if not candidates else form.values(form.keys(out[some]) + 1)
        times: Array | float = 1.0 if factor is None else factor[some]
        right = Points.of(bound, quantity, form, x[some], y, times).correct
        out[some[right]] = y[right]
        at = np.concatenate([at[alone], some[~right]])
        alone = np.arange(len(at)) < alone.sum()
    _each(bound, quantity, form, x, factor, out, at)


def _each(
    bound: Bound,
    quantity: str,
    form: Format,
    x: Array,
    factor: Array | None,
    out: Array,
    at: NDArray[np.int64],
) -> None:
    """Answer inputs by themselves, equal ones once; NaN is the answer to NaN."""
    with np.errstate(invalid="ignore"):
        values = x[at].astype(np.float64)
    factors = np.ones(len(at)) if factor is None else factor[at]
    nan = np.isnan(values) | np.isnan(factors)
    out[at[nan]] = np.nan
    at, values, factors = at[~nan], values[~nan], factors[~nan]
    if not len(at):
        return
    order, starts = equal_rows(values.view(np.int64), factors.view(np.int64))
    for same in np.split(order, starts[1:]):
        numbers = float(values[same[0]]), float(factors[same[0]])
        out[at[same]] = nearest(bound, quantity, form, *numbers)
