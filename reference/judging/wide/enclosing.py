"""Enclosures of a definition at float64 inputs, and results judged by them: what others call."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.wide import keeping
from actcheck.reference.certificates.wide.tables import EXPONENT, WideTables
from actcheck.reference.evaluation import numeric
from actcheck.reference.expressions.tree import ZERO
from actcheck.reference.formats import Format
from actcheck.reference.judging.measuring import Measured
from actcheck.reference.judging.wide import deciding, evaluating
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]


class _Sorted:
    """Inputs in ascending order, where they belong, and which segments they lie in."""

    def __init__(self, x: Array, t: WideTables) -> None:
        x = np.ascontiguousarray(x.ravel(), np.float64)
        with np.errstate(invalid="ignore"):
            ascending = bool(((x[1:] >= x[:-1]) | np.isnan(x[1:])).all())  # NaN comes last
        self.order = None if ascending else np.argsort(x, kind="stable")
        self.x = self.taken(x)
        inner = np.searchsorted(self.x, t.borders, side="left")
        self.bounds = np.concatenate([[0], inner, [len(x)]]).astype(np.int64)

    def taken(self, values: Array) -> Array:
        """Values of the inputs in the new order."""
        return np.ascontiguousarray(values if self.order is None else values[self.order])

    def back(self, values: Array, shape: tuple[int, ...]) -> Array:
        """Values in the new order where they belong; the last axis is that of the inputs."""
        if self.order is not None:
            placed = np.empty_like(values)
            placed[..., self.order] = values
            values = placed
        return values.reshape(*values.shape[:-1], *shape)


def enclosures(bound: Bound, quantity: str, x: Array) -> tuple[Array, Array, Array]:
    """(hi, lo, radius) with abs(f(x) - (hi + lo)) <= radius for every float64 x, of the shape of x.

    hi + lo is meant unrounded. The radius is about 2^-102 of the largest value near x and 0 where the pair
    is exact; it is infinite where nothing is known: at zeros, kinks of derivatives, infinities, NaN, where
    hi would overflow, and where Arb has no enclosure.
    """
    t = keeping.tables(bound, quantity)
    given = _Sorted(x, t)
    out = np.empty((3, len(given.x)))
    exponents = -t.numbers[:, EXPONENT].astype(np.int64)
    half = exponents // 2
    back = np.stack([np.ldexp(1.0, half), np.ldexp(1.0, exponents - half)], axis=1)
    evaluating.enclose(given.x, given.bounds, _segments(t), back, out)
    out[:, ~np.isfinite(given.x) | (given.x == 0)] = [[0.0], [0.0], [np.inf]]
    hi, lo, radius = given.back(out, np.shape(x))
    return hi, lo, radius


def judged(bound: Bound, quantity: str, form: Format, x: Array, y: Array) -> Measured:
    """Judge results y of a format, given as float64, at float64 inputs x of the same shape.

    Errors are in ULP of the exact value, rounded outwards, and 0 for a wrong NaN or infinity,
    which has none; they enclose the true ones for undecided results too. Undecided are zeros, infinities,
    NaN and kinks among the inputs, and what the enclosure leaves open: near half a unit and one, near the
    overflow threshold and the smallest normal number. Sorted inputs are the quickest.
    """
    t = keeping.tables(bound, quantity)
    given = _Sorted(x, t)
    scales, unclear = _scales(bound, quantity, given.x)
    out, flags = np.empty((4, len(given.x))), np.empty(len(given.x), np.uint8)
    precision = np.array([form.precision, form.emin, form.emax], np.int64)
    results = given.taken(np.ascontiguousarray(y, np.float64).ravel())
    deciding.judge(given.x, results, scales, precision, given.bounds, _segments(t), out, flags)
    special = ~np.isfinite(given.x) | (given.x == 0)
    flags[special] = deciding.UNDECIDED
    flags[unclear] |= deciding.UNDECIDED
    out[:, special] = [[0.0], [np.inf]] * 2
    out[2:, unclear] = [[0.0], [np.inf]]
    return _measured(given.back(out, np.shape(x)), given.back(flags, np.shape(x)))


def _segments(t: WideTables) -> evaluating.SegmentArrays:
    return evaluating.SegmentArrays(t.numbers, t.counts, t.main, t.rest)


def _scales(bound: Bound, quantity: str, x: Array) -> tuple[Array, Array]:
    """s(x) from below and from above, and where it is not known."""
    node, found = bound.scale(quantity), np.zeros((2, len(x)))
    if node == ZERO:
        return found, np.zeros(len(x), bool)
    with np.errstate(all="ignore"):
        found[0], found[1] = numeric.bounds(np, node, x)
    unclear: Array = np.isnan(found[0]) | np.isnan(found[1])
    found[:, unclear] = 0.0
    return found, unclear


def _measured(errors: Array, flags: Array) -> Measured:
    def hold(flag: int) -> Array:
        return np.asarray((flags & flag) != 0)

    low, high, scaled_low, scaled_high = errors
    return Measured(
        low,
        high,
        scaled_low,
        scaled_high,
        correctly_rounded=hold(deciding.CORRECT),
        faithful=hold(deciding.FAITHFUL),
        wrong_nan=hold(deciding.WRONG_NAN),
        wrong_infinity=hold(deciding.WRONG_INFINITY),
        lost_to_zero=hold(deciding.LOST),
        undecided=hold(deciding.UNDECIDED),
    )
