"""Judging host arrays: results against certificates, every open point settled, the worst confirmed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates import store
from actcheck.reference.formats import FORMATS, Format, equal_rows, sorted_keys
from actcheck.reference.judging import pointwise, ties, wide
from actcheck.reference.judging.allowed import allow
from actcheck.reference.judging.measuring import Measured, measure, tables
from actcheck.reference.judging.pointwise import Point
from actcheck.reference.judging.verdict import (
    CLASSES,
    EDGES,
    Occurrences,
    Verdict,
    Worst,
    joined_ranges,
    runs_of,
)
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]
_FLOAT32 = FORMATS["float32"]
#: The largest errors that are looked at closely, so that the maximum is exact and not an interval.
_CANDIDATES = 40
#: So many points are worth the second that the certificate in double-double may take to be built.
_MANY = 1_000


def format_of(array: Array) -> Format:
    """The format of an array. Raises ValueError for one that is none of `FORMATS`."""
    for form in FORMATS.values():
        if form.dtype == array.dtype:
            return form
    raise ValueError(f"{array.dtype} is not one of {', '.join(FORMATS)}")


def _wide(values: Array) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # signalling NaN patterns
        return values.astype(np.float64)


class Points:
    """The results under judgement, as flat arrays, and what is known of each."""

    def __init__(
        self,
        bound: Bound,
        quantity: str,
        form: Format,
        keys: Array,
        x: Array,
        y: Array,
        upstream: Array,
    ) -> None:
        self.bound, self.quantity, self.form = bound, quantity, form
        self.keys, self.x, self.y, self.upstream = keys, x, y, upstream
        n = len(x)
        self.low, self.high = np.zeros(n), np.zeros(n)
        self.scaled_low, self.scaled_high = np.zeros(n), np.zeros(n)
        self.correct, self.faithful = np.ones(n, bool), np.ones(n, bool)
        self.classes = {name: np.zeros(n, bool) for name in CLASSES}
        self.open = np.ones(n, bool)
        #: Keys of inputs whose results are right and not at hand: they part the runs of wrong ones.
        self.right: Array = np.empty(0, np.int64)
        #: How many are right in the number model alone, by what that allows.
        self.allowed: dict[str, int] = {}

    @classmethod
    def of(
        cls, bound: Bound, quantity: str, form: Format, x: Array, y: Array, upstream: float | Array = 1.0
    ) -> Points:
        """Results y at inputs x of one format, judged in the current number model."""
        factor = np.broadcast_to(np.asarray(upstream, np.float64), x.shape).ravel()
        x, y = x.ravel(), y.ravel()
        points = cls(bound, quantity, form, form.keys(x), _wide(x), _wide(y), factor)
        points.judge_nan()
        if form.name == "float64":
            points.measure_wide(np.flatnonzero(points.open & (factor == 1)))
            points.measure_multiples(np.flatnonzero(points.open & (factor != 1)))
            points.judge_each(np.flatnonzero(points.open))
        else:
            points.judge_special()
            points.measure(float(factor[0]) if factor.size and np.all(factor == factor[0]) else None)
        allow(points)
        return points

    def judge_nan(self) -> None:
        """NaN inputs need no definition: NaN is the answer."""
        nan = np.isnan(self.x)
        self.open[nan] = False
        wrong = nan & ~np.isnan(self.y)
        self.classes["wrong_nan"] |= wrong
        self.correct[wrong] = self.faithful[wrong] = False

    def judge_special(self) -> None:
        """Infinite inputs, zeros and kinks are settled one by one."""
        special = np.isinf(self.x) | (self.x == 0)
        kinks = [_FLOAT32.value(k) for k in store.certificate(self.bound, self.quantity).kinks]
        special |= np.isin(self.x, np.array(kinks, np.float64))
        self.judge_each(np.flatnonzero(special & self.open))

    def judge_each(self, indices: Array) -> None:
        """Settle points by Arb; equal ones once."""
        if not len(indices):
            return
        numbers = (values[indices].view(np.int64) for values in (self.x, self.y, self.upstream))
        order, starts = equal_rows(*numbers)
        for same in np.split(indices[order], starts[1:]):
            self.settle(same, self._point(int(same[0])))

    def settle(self, same: Array, point: Point) -> None:
        """Take one point's judgement for all of these."""
        self.open[same] = False
        self.correct[same], self.faithful[same] = point.correctly_rounded, point.faithful
        for name in CLASSES:
            self.classes[name][same] = point.wrong == name
        none = (0.0, 0.0)  # the first three classes have no finite error
        finite = point.wrong in (None, "lost_to_zero")
        self.low[same], self.high[same] = point.error if finite else none
        self.scaled_low[same], self.scaled_high[same] = point.scaled if finite else none

    def measure(self, upstream: float | None) -> None:
        """Judge what is open by the certificate, then settle what it leaves undecided."""
        at = np.flatnonzero(self.open)
        if not len(at):
            return
        t = tables(self.bound, self.quantity)
        keys = _FLOAT32.keys(self.x[at].astype(np.float32))
        factor = self.upstream[at] if upstream is None else upstream
        with np.errstate(all="ignore"):
            found = measure(t, self.form, keys, self.x[at], self.y[at], factor)
        self._take(at, found)
        self.settle_open(at[found.undecided])

    def measure_wide(self, at: Array) -> Array:
        """Judge points by the certificate in double-double; those that it leaves open are returned."""
        if not len(at):
            return at
        found = wide.judged(self.bound, self.quantity, self.form, self.x[at], self.y[at])
        self._take(at, found)
        self.open[at] = found.undecided
        return np.asarray(at[found.undecided])

    def measure_multiples(self, at: Array) -> None:
        """Judge products with powers of two as the quantity itself, where the error in ULP is the same.

        Dividing y by 2^k is exact where both are normal. Within 2^40 ULP of y/2^k, which has a binade's
        room on either side, neither the exact value nor its product leaves the normal range. A zero is right
        for every factor where the quantity is zero. The scale's product may leave the range: the error
        itself bounds the scaled one.
        """
        least, most = 2 * self.form.smallest_normal, self.form.largest / 2
        with np.errstate(all="ignore"):
            part = self.y[at] / self.upstream[at]
        inside = [(least <= np.abs(v)) & (np.abs(v) <= most) for v in (part, self.y[at])]
        power = np.abs(np.frexp(self.upstream[at])[0]) == 0.5
        kept = power & ((inside[0] & inside[1]) | (self.y[at] == 0))
        at, part = at[kept], part[kept]
        if not len(at):
            return
        found = wide.judged(self.bound, self.quantity, self.form, self.x[at], part)
        sure = ~found.undecided & (found.high <= np.where(part == 0, 0.0, 2.0**40))
        self.low[at], self.high[at] = found.low, found.high
        self.scaled_low[at], self.scaled_high[at] = 0.0, found.high
        self.correct[at], self.faithful[at] = found.correctly_rounded, found.faithful
        self.open[at] = ~sure

    def settle_open(self, at: Array) -> None:
        """Settle points that an enclosure leaves open: by integers and signs first, then one by one."""
        if self.form.bits <= 32 and len(at):
            plain = at[self.upstream[at] == 1]
            keys = _FLOAT32.keys(self.x[plain].astype(np.float32))
            rows = ties.rows_at(self.bound, self.quantity, keys)
            found = ties.decided_rows(self.form, self.x[plain], self.y[plain], rows)
            sure = found.known
            known = plain[sure]
            self.correct[known], self.faithful[known] = found.correct[sure], found.faithful[sure]
            self.classes["lost_to_zero"][known] = found.lost[sure]
            self.high[known] = found.high[sure]
            self.low[known] = np.minimum(self.low[known], self.high[known])
            # A scaled error is never larger than the error itself.
            self.scaled_high[known] = np.minimum(self.scaled_high[known], self.high[known])
            self.scaled_low[known] = np.minimum(self.scaled_low[known], self.scaled_high[known])
            at = np.setdiff1d(at, known, assume_unique=True)
        if len(at) > _MANY:
            plain = at[self.upstream[at] == 1]
            at = np.setdiff1d(at, np.setdiff1d(plain, self.measure_wide(plain)))
        self.judge_each(at)

    def _take(self, at: Array, found: Measured) -> None:
        bad = found.wrong_nan | found.wrong_infinity
        for name, values in (
            ("low", found.low),
            ("high", found.high),
            ("scaled_low", found.scaled_low),
            ("scaled_high", found.scaled_high),
        ):
            getattr(self, name)[at] = np.where(bad, 0.0, values)
        self.correct[at], self.faithful[at] = found.correctly_rounded, found.faithful
        self.classes["wrong_nan"][at] = found.wrong_nan
        self.classes["wrong_infinity"][at] = found.wrong_infinity
        self.classes["lost_to_zero"][at] = found.lost_to_zero
        self.open[at] = False

    def histogram(self) -> NDArray[np.int64]:
        """How many errors lie up to each of `EDGES`, and beyond the last, among points with a finite
        error."""
        measured = np.isfinite(self.x) & ~self.classes["wrong_nan"] & ~self.classes["wrong_infinity"]
        measured |= np.isinf(self.x) & ~self.classes["wrong_nan"] & ~self.classes["wrong_infinity"]
        measured &= ~self.classes["wrong_zero_sign"]
        bins = np.searchsorted(np.array(EDGES), self.high[measured], side="left")
        return np.bincount(bins, minlength=len(EDGES) + 1)

    def verdict(self) -> Verdict:
        """The verdict on all points; the worst of them are settled by Arb."""
        return Verdict(
            points=len(self.x),
            nan_inputs=int(np.isnan(self.x).sum()),
            infinite_inputs=int(np.isinf(self.x).sum()),
            worst=self.worst("low", "high", lambda p: p.error),
            worst_scaled=self.worst("scaled_low", "scaled_high", lambda p: p.scaled),
            not_correctly_rounded=int((~self.correct).sum()),
            not_faithful=int((~self.faithful).sum()),
            classes={name: self.occurrences(hit) for name, hit in self.classes.items() if hit.any()},
            histogram=tuple(self.histogram().tolist()),
            allowed=self.allowed,
        ).tightened()

    def occurrences(self, hit: Array) -> Occurrences:
        keys = np.sort(self.keys[hit])
        ranges = runs_of(sorted_keys(self.keys, self.right), keys)
        return Occurrences(int(hit.sum()), int(keys[0]), joined_ranges(ranges))

    def worst(self, low: str, high: str, field: Callable[[Point], tuple[float, float]]) -> Worst | None:
        """The largest error: candidates are settled by Arb until none of the others can be larger."""
        lows, highs = getattr(self, low), getattr(self, high)
        if not len(highs) or not highs.max() > 0:
            return None
        best: tuple[tuple[float, float], int, Point] | None = None
        count = min(_CANDIDATES, len(highs))
        order = np.argpartition(-highs, count - 1)[:count]
        for i in order[np.lexsort((self.keys[order], -highs[order]))].tolist():
            if best and highs[i] <= best[0][1]:
                break
            point = self._point(i)
            lows[i], highs[i] = error = field(point)
            if best is None or error[0] > best[0][0]:
                best = error, i, point
        if best is None:
            return None
        (least, most), i, point = best
        x, y = float(self.x[i]), float(self.y[i])
        if math.isfinite(x):
            pointwise.confirm(self.bound, self.quantity, x)
        return Worst(x, y, point.expected, (least, max(most, float(highs.max()))))

    def _point(self, i: int) -> Point:
        x, y, upstream = float(self.x[i]), float(self.y[i]), float(self.upstream[i])
        return pointwise.judge_point(self.bound, self.quantity, self.form, x, y, upstream)
