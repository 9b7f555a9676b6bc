"""What a sweep has seen so far: counts, classes, largest errors; and the verdict on all of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.expressions.tree import ZERO
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.number_models import current
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import EDGES, LONGEST, Occurrences, Verdict, merged
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping import scaling
from actcheck.reference.sweeping.running_maximum import Peak
from actcheck.reference.sweeping.tables import tables

Array = NDArray[Any]
_FORM = FORMATS["float32"]
#: Magnitude pattern of the smallest normal number.
_FIRST_NORMAL = 1 << (_FORM.precision - 1)
#: Open points that are settled together.
_MANY = 1 << 15


class Gathering:
    """Sums up one quantity of one variant over blocks of float32 inputs."""

    def __init__(self, bound: Bound, quantity: str) -> None:
        self.bound, self.quantity = bound, quantity
        self._given = tables(bound, quantity)
        count = len(self._given.firsts)
        #: Largest error of each segment, in the order of the certificate, and the key near which it lies.
        self.segment_errors = np.zeros(count, np.float32)
        self.segment_keys = np.array(self._given.firsts, np.int64)
        self._parts: list[Verdict] = []
        self._points = self._nan_inputs = 0
        self._counts = np.zeros(2, np.int64)
        self._histogram = np.zeros(len(EDGES) + 1, np.int64)
        #: Keys of the first and last input of each run with a class, an array a block: there may be millions.
        self._ranges: dict[str, list[NDArray[np.int64]]] = {
            name: [] for name in ("wrong_nan", "wrong_infinity", "lost_to_zero")
        }
        self._worst, self._scaled = Peak(), Peak()
        #: Points that the loops left open, until there are many.
        self._open: list[tuple[Array, Array]] = []
        self._waiting = 0
        self._model = current()

    def _stands_apart(self, start: int, count: int, positive: bool, zeros: Callable[[], bool]) -> bool:
        """Whether the number model may allow a result of these inputs that IEEE arithmetic does not.

        Only zeros are such results, or those of subnormal inputs; a zero is one where some exact value is
        subnormal and more than half the smallest number. ``zeros`` tells whether there are any.
        """
        if self._model.flush_inputs and start < _FIRST_NORMAL:
            return True
        if not self._model.flush_results:
            return False
        return any(_may_be_subnormal(*sizes) for sizes in self._sizes(start, count, positive)) and zeros()

    def _segments_of(self, start: int, count: int, positive: bool) -> range:
        """The segments in which inputs of one sign lie, from a magnitude pattern on."""
        low, high = _end_keys(start, count, positive)
        first, last = (bisect_right(self._given.firsts, key) - 1 for key in (low, high))
        return range(first, last + 1)

    def _sizes(self, start: int, count: int, positive: bool) -> Iterator[tuple[float, float]]:
        """Bounds of the magnitude of the exact values, by the segments in which the inputs lie."""
        low, high = _end_keys(start, count, positive)
        given, segments = self._given, self._segments_of(start, count, positive)
        for segment in segments:
            least = max(low, given.firsts[segment])
            most = min(high, given.firsts[segment + 1] - 1) if segment < segments[-1] else high
            ends = _FORM.value(least), _FORM.value(most)
            yield scaling.sizes(ends, given.table[segment], given.proofs[segment])

    def _judge_beyond(self, x: Array, y: Array) -> None:
        """Inputs beyond the largest number: the infinity, and NaNs, for which any NaN is right."""
        nan = np.isnan(x)
        if nan.all() and np.isnan(y).all():
            self._points += len(x)
            self._nan_inputs += len(x)
            return
        silent = nan & np.isnan(y)
        self._points += int(silent.sum())
        self._nan_inputs += int(silent.sum())
        self._judge_apart(x[~silent], y[~silent], counted=False)

    def _judge_open(self, x: Array, y: Array) -> None:
        """Settle points that are among the points already, and in nothing else: in bulk, when they are
        many."""
        self._open.append((x, y))
        self._waiting += len(x)
        if self._waiting >= _MANY:
            self._settle_open()

    def _settle_open(self) -> None:
        if self._open:
            x, y = (np.concatenate(part) for part in zip(*self._open, strict=True))
            self._open, self._waiting = [], 0
            self._take_in(Points.of(self.bound, self.quantity, _FORM, x, y), 1)

    def _judge_alike(self, x: Array, y: float) -> None:
        """Settle one result that all of these consecutive inputs have, where the same holds for all of
        them."""
        one = Points.of(self.bound, self.quantity, _FORM, x[:1], np.full(1, y, x.dtype))
        lost = one.classes["lost_to_zero"]
        self._note("lost_to_zero", x, np.repeat(lost, len(x)))
        lost[:] = False
        self._take_in(one, len(x))

    def _take_in(self, points: Points, times: int) -> None:
        """Take points that were open into account, each so many times."""
        self._counts += times * np.array([(~points.correct).sum(), (~points.faithful).sum()])
        self._histogram += times * points.histogram()
        lost = points.classes["lost_to_zero"]
        if lost.any():
            self._note_keys("lost_to_zero", points.keys[lost])
        for peak, errors in ((self._worst, points.high), (self._scaled, points.scaled_high)):
            at = int(errors.argmax())
            peak.consider(float(errors[at]), float(points.x[at]), float(points.y[at]))
        self._note_errors(points.keys, points.high)

    def _note_errors(self, keys: NDArray[np.int64], errors: NDArray[np.float64]) -> None:
        """Take the errors at these keys into account for the largest of their segments."""
        at = np.searchsorted(self._given.firsts, keys, side="right") - 1
        with np.errstate(over="ignore"):  # beyond float32 it is infinite, which is a bound too
            near = errors.astype(np.float32)
        bounds = np.where(near < errors, np.nextafter(near, np.float32(np.inf)), near)
        for segment in np.unique(at).tolist():
            inside = np.flatnonzero(at == segment)
            best = inside[bounds[inside].argmax()]
            if bounds[best] > self.segment_errors[segment]:
                self.segment_errors[segment], self.segment_keys[segment] = bounds[best], keys[best]

    def _judge_apart(self, x: Array, y: Array, *, counted: bool = True) -> None:
        """Judge points one by one; ``counted``: they are among the points already."""
        points = Points.of(self.bound, self.quantity, _FORM, x, y)
        self._parts.append(points.verdict())
        self._points -= len(x) if counted else 0
        if counted:
            self._note_errors(points.keys, points.high)

    def _note_keys(self, name: str, keys: NDArray[np.int64]) -> None:
        """Inputs with a class, by their keys."""
        keys = np.sort(keys)
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 2) > 1)
        ends = np.append(starts[1:], len(keys)) - 1
        self._ranges[name].append(np.stack([keys[starts], keys[ends]], axis=1))

    def _note(self, name: str, x: Array, hit: Array) -> None:
        """Runs of consecutive inputs with a class."""
        if not hit.any():
            return
        edges = np.flatnonzero(hit[1:] != hit[:-1]) + 1
        bounds = np.concatenate([[0] * bool(hit[0]), edges, [len(hit)] * bool(hit[-1])]).astype(np.int64)
        keys = np.stack([_FORM.keys(x[bounds[::2]]), _FORM.keys(x[bounds[1::2] - 1])], axis=1)
        self._ranges[name].append(np.sort(keys, axis=1))

    def verdict(self) -> Verdict:
        """The verdict on everything judged so far; the largest errors are proven enclosures.

        Raises ReferenceDisagreementError if mpmath disagrees with Arb at a worst input.
        """
        self._settle_open()
        worst = self._worst.settled(self.bound, self.quantity, scaled=False)
        scaled = worst
        if self._given.scale != ZERO:
            scaled = self._scaled.settled(self.bound, self.quantity, scaled=True)
        if worst:
            pointwise.confirm(self.bound, self.quantity, worst.x)
        classes = {name: _occurrences(runs) for name, runs in self._ranges.items() if runs}
        bulk = Verdict(
            points=self._points,
            nan_inputs=self._nan_inputs,
            worst=worst,
            worst_scaled=scaled,
            not_correctly_rounded=int(self._counts[0]),
            not_faithful=int(self._counts[1]),
            classes=classes,
            histogram=tuple(self._histogram.tolist()),
        )
        return merged([bulk, *self._parts]).tightened()


def _end_keys(start: int, count: int, positive: bool) -> tuple[int, int]:
    """The smallest and the largest key of inputs of one sign, from a magnitude pattern on."""
    return (start, start + count - 1) if positive else (-start - count, -start - 1)


def _may_be_subnormal(least: float, most: float) -> bool:
    return most > _FORM.smallest / 4 and least < 2 * _FORM.smallest_normal


def _occurrences(parts: list[NDArray[np.int64]]) -> Occurrences:
    """All runs of a class, neighbours made one."""
    runs = np.concatenate(parts)
    runs = runs[np.argsort(runs[:, 0])]
    apart = runs[1:, 0] > runs[:-1, 1] + 1
    lows, highs = runs[np.append(True, apart), 0], runs[np.append(apart, True), 1]
    if len(lows) > LONGEST:
        lows, highs = lows[:LONGEST], np.append(highs[: LONGEST - 1], highs[-1])
    count = int((runs[:, 1] - runs[:, 0] + 1).sum())
    return Occurrences(count, int(lows[0]), tuple(zip(lows.tolist(), highs.tolist(), strict=True)))
