"""Counting what results come to, from exact values, by comparisons of floats that are exact.

Every question about a result is whether the value lies below, at or above a float: half way to a neighbour,
so many units from the result, a power of two. For a value main + rest that is the sign of (main - float) +
rest, where the difference is exact wherever it is near 0 (Sterbenz) and the rest has a known sign.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging.verdict import CLASSES, EDGES, LONGEST
from tests.support.independent.numbers.enclosures import Enclosure, Floats
from tests.support.independent.questions import Exact, exponents

Flags = NDArray[np.bool_]
#: Float64's rounding of an error, generously.
_ROUNDED = 2.0**-48
#: Errors below this are only known to be below it.
_LEAST = 2.0**-200


@dataclass(frozen=True)
class Found:
    """A class of faults: how many, the first input, and runs of inputs that follow each other."""

    count: int
    first: int
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Judgement:
    """What one set of results comes to; errors in ULP of the exact value, an element a result."""

    keys: NDArray[np.int64]
    correct: Flags
    faithful: Flags
    classes: Mapping[str, Flags]
    #: Results with a finite error.
    measured: Flags
    low: Floats
    high: Floats
    scaled_low: Floats
    scaled_high: Floats
    bins: NDArray[np.int64]
    nan_inputs: int
    infinite_inputs: int

    @property
    def histogram(self) -> tuple[int, ...]:
        """Results with an error up to each of `EDGES`, and beyond the last."""
        return tuple(np.bincount(self.bins[self.measured], minlength=len(EDGES) + 1).tolist())

    @property
    def max_error(self) -> tuple[float, float]:
        """The largest error."""
        return _largest(self.low, self.high, self.measured)

    @property
    def max_scaled(self) -> tuple[float, float]:
        """The largest scaled error."""
        return _largest(self.scaled_low, self.scaled_high, self.measured)

    def found(self) -> dict[str, Found]:
        """The classes that occur."""
        return {name: _runs(self.keys, hit) for name, hit in self.classes.items() if hit.any()}

    def largest_in(self, ranges: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
        """The largest error among inputs with keys from the first to the last of each range."""
        return [
            _largest(self.low, self.high, self.measured & (self.keys >= low) & (self.keys <= high))
            for low, high in ranges
        ]


def _largest(low: Floats, high: Floats, among: Flags) -> tuple[float, float]:
    if not among.any():
        return 0.0, 0.0
    return float(low[among].max()), float(high[among].max())


def _runs(keys: NDArray[np.int64], hit: Flags) -> Found:
    """Runs of judged inputs in the order of their keys; what lies beyond the longest list widens the last."""
    order = np.argsort(keys, kind="stable")
    ordered, flags = keys[order], hit[order]
    starts = np.flatnonzero(flags & ~np.append(False, flags[:-1]))
    ends = np.flatnonzero(flags & ~np.append(flags[1:], False))
    ranges = [(int(ordered[a]), int(ordered[b])) for a, b in zip(starts, ends, strict=True)]
    if len(ranges) > LONGEST:
        ranges[LONGEST - 1 :] = [(ranges[LONGEST - 1][0], ranges[-1][1])]
    return Found(int(hit.sum()), ranges[0][0], tuple(ranges))


def side(e: Enclosure, of: Floats) -> NDArray[np.int8]:
    """-1, 0 or 1: where the value lies of a float. Raises ArithmeticError where that is open."""
    with np.errstate(invalid="ignore"):
        apart = e.main - of
        low, high = np.sign(apart + e.low), np.sign(apart + e.high)
    if not (low == high).all():
        at = int(np.flatnonzero(low != high)[0])
        raise ArithmeticError(f"open: {e.main[at]!r} + [{e.low[at]!r}, {e.high[at]!r}] of {of[at]!r}")
    return np.asarray(low, np.int8)


def judge(exact: Exact, form: Format, x: NDArray[Any], y: NDArray[Any]) -> Judgement:
    """Judge results y at the inputs x for which the exact values were found, both of one format."""
    with np.errstate(invalid="ignore"):  # signalling NaN patterns
        return _judged(exact, form, x, y, y.astype(np.float64))


def _judged(exact: Exact, form: Format, x: NDArray[Any], y: NDArray[Any], got: Floats) -> Judgement:
    nan = np.isnan(exact.x)
    judged = ~nan & ~np.isnan(got)
    value = _allowed(exact, got)
    finite_limit = ~np.isinf(value.main)
    z = _clamped(value, form)
    stands = np.clip(np.where(judged, got, 0.0), -(2.0 ** (form.emax + 1)), 2.0 ** (form.emax + 1))
    exponent = np.clip(exponents(z), form.emin, form.emax)
    classes = {name: np.zeros(len(x), bool) for name in CLASSES}
    classes["wrong_nan"] = nan != np.isnan(got)
    overflow = _reaches(z, float(form.overflow), np.where(got < 0, -1.0, 1.0))
    classes["wrong_infinity"] = judged & ((np.isinf(got) & ~overflow) | (~finite_limit & (got != value.main)))
    zero = judged & (exact.x == 0) & (got == 0) & (z.main == 0) & (z.low == 0)
    classes["wrong_zero_sign"] = zero & _wrong_sign(exact, x, y)
    sign = np.where(z.main + z.low < 0, -1.0, 1.0)
    lost = judged & finite_limit & (got == 0)
    classes["lost_to_zero"] = lost & _reaches(z, form.smallest_normal, sign)
    measured = judged & ~(classes["wrong_nan"] | classes["wrong_infinity"] | classes["wrong_zero_sign"])
    unit = np.ldexp(1.0, exponent - form.precision + 1)
    low, high = _errors(z, stands, unit)
    larger = np.ldexp(1.0, np.clip(np.maximum(exponents(z), exact.scale), form.emin, form.emax) - exponent)
    silent = nan & np.isnan(got)
    good = measured | silent
    return Judgement(
        keys=form.keys(x),
        correct=good & (silent | _is_rounded(z, form, y, stands)),
        faithful=(good & (silent | _within(z, stands, unit, strictly=True))) | classes["wrong_zero_sign"],
        classes=classes,
        measured=measured,
        low=low,
        high=high,
        scaled_low=low / larger,
        scaled_high=high / larger,
        bins=_bins(z, stands, unit, low, high),
        nan_inputs=int(nan.sum()),
        infinite_inputs=int(np.isinf(exact.x).sum()),
    )


def _allowed(exact: Exact, got: Floats) -> Enclosure:
    """The exact values; at a kink the allowed one nearest to the result."""
    e = exact.values.take(np.arange(len(got)))
    e.put(np.isnan(exact.x), 0.0, 0.0, 0.0)
    for at, (least, most) in exact.kinks.items():
        y = got[at : at + 1]
        if np.isnan(y[0]) or side(least, y)[0] > 0:
            chosen = least
        elif side(most, y)[0] < 0:
            chosen = most
        else:
            chosen = Enclosure(y, np.zeros(1), np.zeros(1))
        e.put(at, chosen.main[0], chosen.low[0], chosen.high[0])
    return e


def _clamped(e: Enclosure, form: Format) -> Enclosure:
    """Values beyond where the infinity stands are taken to stand there too."""
    top = 2.0 ** (form.emax + 1)
    beyond = np.abs(e.main) >= top
    return Enclosure(
        np.where(beyond, np.copysign(top, e.main), e.main),
        np.where(beyond, 0.0, e.low),
        np.where(beyond, 0.0, e.high),
    )


def _flipped(e: Enclosure, sign: Floats) -> Enclosure:
    """The values times signs."""
    return Enclosure(sign * e.main, np.where(sign > 0, e.low, -e.high), np.where(sign > 0, e.high, -e.low))


def _reaches(e: Enclosure, size: float, sign: Floats) -> Flags:
    return np.asarray(side(_flipped(e, sign), np.full(len(sign), size)) >= 0)


def _wrong_sign(exact: Exact, x: NDArray[Any], y: NDArray[Any]) -> Flags:
    if exact.zero_sign == "either":
        return np.zeros(len(x), bool)
    wanted = np.signbit(x) if exact.zero_sign == "input" else np.zeros(len(x), bool)
    return np.asarray(np.signbit(y) != wanted)


def _is_rounded(e: Enclosure, form: Format, y: NDArray[Any], stands: Floats) -> Flags:
    """Whether y is the nearest float, ties to even; the infinity is the even neighbour of the largest."""
    sign = np.where(np.signbit(y), -1.0, 1.0)
    size = np.abs(stands)
    pattern = form.keys(np.abs(np.where(np.isnan(y), np.zeros_like(y), y)))
    beside = [_standing(form, pattern + step) for step in (-1, 1)]
    z = _flipped(e, sign)
    below, above = side(z, (size + beside[0]) / 2), side(z, (size + beside[1]) / 2)
    even = pattern % 2 == 0
    return np.asarray(((below > 0) | (even & (below == 0))) & ((above < 0) | (even & (above == 0))))


def _standing(form: Format, pattern: NDArray[np.int64]) -> Floats:
    """The float with a magnitude's pattern; -1 stands for the smallest below zero, the infinity stands."""
    values = form.values(np.clip(pattern, 0, form.infinity_key)).astype(np.float64)
    values = np.where(pattern > form.infinity_key, np.inf, np.minimum(values, 2.0 ** (form.emax + 1)))
    return np.asarray(np.where(pattern < 0, -form.smallest, values))


def _within(e: Enclosure, y: Floats, most: Floats, *, strictly: bool) -> Flags:
    """Whether the error is at most (or below) a distance."""
    below, above = side(e, y - most), side(e, y + most)
    if strictly:
        return np.asarray((below > 0) & (above < 0))
    return np.asarray((below >= 0) & (above <= 0))


def _errors(e: Enclosure, y: Floats, unit: Floats) -> tuple[Floats, Floats]:
    apart = y - e.main
    ends = (apart - e.low) / unit, (apart - e.high) / unit
    crossing = np.sign(ends[0]) != np.sign(ends[1])
    sizes = np.abs(ends[0]), np.abs(ends[1])
    low = np.where(crossing, 0.0, np.minimum(*sizes)) * (1 - _ROUNDED)
    # Of a `SPECK` the side alone is known.
    return np.where(low < _LEAST, 0.0, low), np.maximum(*sizes) * (1 + _ROUNDED)


def _bins(e: Enclosure, y: Floats, unit: Floats, low: Floats, high: Floats) -> NDArray[np.int64]:
    """The bin of each error: from its size, and by comparison where that is close to an edge."""
    edges = np.array(EDGES)
    first, last = (np.searchsorted(edges, ends, side="left") for ends in (low, high))
    for k, edge in enumerate(EDGES):
        at = np.flatnonzero((first == k) & (first < last))
        if len(at):
            first[at] += ~_within(e.take(at), y[at], edge * unit[at], strictly=False)
    return np.asarray(first)
