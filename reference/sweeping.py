"""Judging blocks of consecutive float32 inputs at full speed, every count exact.

The loop of `kernel` sees every input; what it leaves open (results that are not finite, points too close
to call, candidates for the largest error) is judged by `judging`, point by point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import kernel, numeric, pointwise, store
from actcheck.reference.binding import Bound
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import Points
from actcheck.reference.regions import LAST
from actcheck.reference.verdict import EDGES, Occurrences, Verdict, Worst, joined_ranges, merged

Array = NDArray[Any]
_FORM = FORMATS["float32"]
_SIGN = np.int32(-(2**31))
#: Largest errors as bits of float32 are rounded to nearest: a bound has to be a little larger.
_ROUNDED = 1 + 2.0**-23
#: How far scale and unit may change within a chunk of consecutive floats before it is looked at closely.
_CHANGE = 4.0


def block(start: int, count: int, positive: bool) -> NDArray[np.float32]:
    """The floats with magnitude patterns start, start + 1, ..., with one sign: ascending in magnitude."""
    patterns = np.arange(start, start + count, dtype=np.int32)
    return (patterns if positive else patterns | _SIGN).view(np.float32)


@dataclass
class Sweep:
    """Judges one quantity of one variant, block by block; `verdict` sums up all blocks so far."""

    bound: Bound
    quantity: str
    #: Largest error of each segment, in the order of the certificate.
    segment_errors: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self._certificate = store.certificate(self.bound, self.quantity)
        self._proofs = kernel.proofs_of(self._certificate)
        self._scale = self.bound.scale(self.quantity)
        self._starts = self._certificate.starts
        self._kinks = np.array(sorted(self._certificate.kinks), np.int64)
        self.segment_errors = np.zeros(len(self._starts), np.float32)
        self._parts: list[Verdict] = []
        self._points = 0
        self._counts = np.zeros(2, np.int64)
        self._histogram = np.zeros(len(EDGES) + 1, np.int64)
        self._lost: list[tuple[int, int]] = []
        self._nan: list[tuple[int, int]] = []
        self._worst: Worst | None = None
        self._scaled: Worst | None = None
        self._bound_of_errors = 0.0

    def judge(self, start: int, x: Array, y: Array) -> None:
        """Judge the results y for ``x = block(start, len(x), ...)``, both float32."""
        if start + len(x) - 1 > LAST:
            self._judge_points(x, y)
            return
        positive = not np.signbit(x[0])
        bounds, at = self._runs(start, len(x), positive)
        apart = self._set_apart(start, len(x), positive)
        rows, proofs = self._certificate.table[at], self._proofs[at]
        chunks = np.empty((len(x) // kernel.CHUNK + len(at) + 1, 6), np.int64)
        marks = np.zeros(len(x), np.uint8)
        if len(apart):
            y_all, y = y, y.copy()
            # Judged point by point; here they stand for exact results of their neighbours' polynomial.
            y[apart] = self._expected(x[apart], rows, bounds, apart)
        number = kernel.judge_runs(x, y, bounds, rows, proofs, chunks, self._counts, self._histogram, marks)
        self._points += len(x) - len(apart)
        if len(apart):
            self._histogram[0] -= len(apart)
            self._judge_points(x[apart], y_all[apart])
        self._close(start, x, y, chunks[:number], at, rows, proofs, marks)

    def _runs(self, start: int, count: int, positive: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Indices where segments begin, and the segments, in the order of the block."""
        low, high = (start, start + count - 1) if positive else (-start - count, -start - 1)
        first, last = np.searchsorted(self._starts, (low, high), side="right") - 1
        if positive:
            at = np.arange(first, last + 1)
            inner = self._starts[at[1:]] - start
        else:
            at = np.arange(last, first - 1, -1)
            inner = -self._starts[at[:-1]] - start
        return np.array([0, *inner.tolist(), count], np.int64), at

    def _set_apart(self, start: int, count: int, positive: bool) -> NDArray[np.int64]:
        """Indices of zero and of kinks."""
        special = np.append(self._kinks, (0, -1))
        magnitudes = special[special >= 0] if positive else -1 - special[special < 0]
        inside = magnitudes[(magnitudes >= start) & (magnitudes < start + count)] - start
        return np.unique(inside)

    def _expected(self, x: Array, rows: Array, bounds: Array, indices: Array) -> NDArray[np.float32]:
        run = np.searchsorted(bounds, indices, side="right") - 1
        t = x.astype(np.float64) - rows[run, 0]
        value = rows[run, -1]
        for k in range(rows.shape[1] - 2, 0, -1):
            value = value * t + rows[run, k]
        result: NDArray[np.float32] = value.astype(np.float32)
        return result

    def _close(
        self,
        start: int,
        x: Array,
        y: Array,
        chunks: Array,
        at: Array,
        rows: Array,
        proofs: Array,
        marks: Array,
    ) -> None:
        """What the loop left to do, chunk by chunk."""
        largest = chunks[:, 3].astype(np.int32).view(np.float32)
        finite = np.isfinite(largest)
        np.maximum.at(self.segment_errors, at[chunks[finite, 2]], largest[finite])
        for begin, end, run in chunks[~finite, :3].tolist():
            self._judge_wild(start, x[begin:end], y[begin:end], begin, rows[run])
        for begin, end in chunks[finite & (chunks[:, 4] > 0), :2].tolist():
            self._note_lost(start + begin, x[begin:end], y[begin:end])
        if chunks[:, 5].any():
            undecided = np.flatnonzero(marks)
            self._judge_points(x[undecided], y[undecided])
        for index in np.flatnonzero(finite):
            begin, end, run = chunks[index, :3].tolist()
            error = float(largest[index])
            if error > self._bound_of_errors:
                self._look_for_worst(x[begin:end], y[begin:end])
                self._bound_of_errors = max(self._bound_of_errors, error)
            if error > 0 and (self._scaled is None or error > self._scaled.error[1]):
                self._look_for_scaled(x[begin:end], y[begin:end], rows[run], proofs[run], error)

    def _judge_wild(self, start: int, x: Array, y: Array, begin: int, row: Array) -> None:
        """A chunk with results that are not finite: all alike is frequent, and quickly told."""
        saturated = abs(row[1]) >= kernel.TOP and not row[2:].any()
        if saturated and np.all(y == np.copysign(np.inf, row[1])):
            self._points_add(len(x))
        elif np.all(np.isnan(y)):
            keys = _FORM.keys(x[[0, -1]])
            self._nan.append((int(keys.min()), int(keys.max())))
            self._points += 0
            self._counts += len(x)
        else:
            self._points -= len(x)
            self._judge_points(x, y)

    def _points_add(self, count: int) -> None:
        self._histogram[0] += count

    def _note_lost(self, start: int, x: Array, y: Array) -> None:
        zeros = np.flatnonzero((y == 0) & (x != 0))
        breaks = np.flatnonzero(np.diff(zeros) > 1)
        firsts, lasts = zeros[np.append(0, breaks + 1)], zeros[np.append(breaks, len(zeros) - 1)]
        for a, b in zip(firsts.tolist(), lasts.tolist(), strict=True):
            keys = sorted(_FORM.keys(x[[a, b]]).tolist())
            self._lost.append((keys[0], keys[1]))

    def _judge_points(self, x: Array, y: Array) -> None:
        points = Points.of(self.bound, self.quantity, _FORM, x, y)
        self._parts.append(points.verdict())

    def _look_for_worst(self, x: Array, y: Array) -> None:
        points = Points.of(self.bound, self.quantity, _FORM, x, y)
        found = points.verdict().worst
        if found and (self._worst is None or found.error[0] > self._worst.error[0]):
            self._worst = found

    def _look_for_scaled(self, x: Array, y: Array, row: Array, proof: Array, error: float) -> None:
        least = self._scaled.error[1] if self._scaled else 0.0
        ends = x[[0, -1]].astype(np.float64)
        with np.errstate(all="ignore"):
            scale = np.abs(numeric.evaluate(np, self._scale, ends)).min()
            values = np.abs(self._expected(x[[0, -1]], row[None], np.array([0]), np.array([0, 0]))).max()
        if error * _CHANGE * max(values, 2.0**-126) < least * min(scale, 2.0**127):
            return
        with np.errstate(all="ignore"):
            scales = np.abs(numeric.evaluate(np, self._scale, x.astype(np.float64)))
        most, where = kernel.largest_scaled(x, y, row, proof, scales * (1 - 2.0**-40))
        if most > least:
            point = pointwise.judge_point(self.bound, self.quantity, _FORM, float(x[where]), float(y[where]))
            if point.scaled[1] > least:
                self._scaled = Worst(float(x[where]), float(y[where]), point.expected, point.scaled)

    def verdict(self) -> Verdict:
        """The verdict on everything judged so far; the largest error is an enclosure."""
        worst = self._worst
        if worst:
            bound = max(worst.error[1], self._bound_of_errors * _ROUNDED)
            worst = Worst(worst.x, worst.got, worst.expected, (worst.error[0], bound))
        classes = {
            name: Occurrences(
                sum(b - a + 1 for a, b in ranges), min(a for a, _ in ranges), joined_ranges(ranges)
            )
            for name, ranges in (("wrong_nan", self._nan), ("lost_to_zero", self._lost))
            if ranges
        }
        bulk = Verdict(
            points=self._points,
            worst=worst,
            worst_scaled=self._scaled,
            not_correctly_rounded=int(self._counts[0]),
            not_faithful=int(self._counts[1]),
            classes=classes,
            histogram=tuple(self._histogram.tolist()),
        )
        return merged([bulk, *self._parts])
