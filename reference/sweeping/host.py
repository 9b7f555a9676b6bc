"""Judging blocks of consecutive float32 inputs at full speed, every count exact.

The loop of `kernels.fused` sees every input; what it leaves open (results that are not finite, points too
close to call, candidates for the largest error) is judged apart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.regions import LAST
from actcheck.reference.expressions.tree import ZERO
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import ties
from actcheck.reference.machine.patterns import TOP
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping.accumulator import Gathering
from actcheck.reference.sweeping.claims import Ordering
from actcheck.reference.sweeping.kernels import counts, fused, neighbours, search
from actcheck.reference.sweeping.kernels.distances import LOOP, Loop
from actcheck.reference.sweeping.running_maximum import Found
from actcheck.reference.sweeping.scaling import scales_of, shift

Array = NDArray[Any]
_FORM = FORMATS["float32"]
_SIGN = -(2**31)
_NO_SCALE = np.empty(0)
#: Points judged apart at a time.
_PART = 1 << 16


def block(start: int, count: int, positive: bool) -> NDArray[np.float32]:
    """The floats with magnitude patterns start, start + 1, ..., with one sign: ascending in magnitude."""
    first = start if positive else start + _SIGN
    return np.arange(first, first + count, dtype=np.int32).view(np.float32)


@dataclass(frozen=True)
class _Block:
    """Consecutive inputs with their results, and the segments in which they lie."""

    x: Array
    y: Array
    #: Segment of each run, and its rows of the certificate.
    at: NDArray[np.int64]
    rows: NDArray[np.float64]
    proofs: NDArray[np.float64]
    marks: NDArray[np.uint8]


def _stretches(chunks: Array) -> list[list[int]]:
    """Begin, end and run of neighbouring chunks of one run, taken together."""
    apart = (chunks[1:, 0] != chunks[:-1, 1]) | (chunks[1:, 2] != chunks[:-1, 2])
    edges = np.flatnonzero(apart) + 1
    return [[part[0, 0], part[-1, 1], part[0, 2]] for part in np.split(chunks, edges) if len(part)]


class Sweep(Gathering):
    """Judges one quantity of one variant, block by block, on the host; `verdict` sums them up."""

    def __init__(self, bound: Bound, quantity: str, ordering: Ordering | None = None) -> None:
        super().__init__(bound, quantity)
        self._ordering = ordering or Ordering(())
        self._marks = np.zeros(0, np.uint8)

    def judge(self, start: int, x: Array, y: Array, other: Array | None = None) -> None:
        """Judge the results y for ``x = block(start, len(x), ...)``, both float32.

        ``other``: the results at the negatives of x, where claims about pairs are to be counted.
        """
        if start + len(x) - 1 > LAST:
            self._judge_beyond(x, y)
            return
        positive = not np.signbit(x[0])
        bounds, at, apart = self._runs(start, len(x), positive)
        if len(self._marks) < len(x):
            self._marks = np.zeros(len(x), np.uint8)
        together = self._stands_apart(start, len(x), bool(positive), lambda: bool((y == 0).any()))
        proofs = self._given.proofs[at]
        proofs[apart, LOOP] = Loop.APART
        part = _Block(x, y, at, self._given.table[at], proofs, self._marks[: len(x)])
        self._points += len(x)
        if apart and not together:
            singles = bounds[apart]
            self._judge_apart(x[singles], y[singles])
        chunks = np.empty((len(x) // fused.CHUNK + len(at) + 1, 6), np.int64)
        loops = self._ordering.loops(bool(positive), other is not None)
        tallies = self._counts, self._histogram
        if together:  # the loops count for the claims alone
            tallies = np.zeros_like(self._counts), np.zeros_like(self._histogram)
        found = fused.Found(chunks, *tallies, part.marks)
        both, claims = y if other is None else other, neighbours.Claims(*loops[1:])
        number = fused.judge_runs(x, y, both, bounds, part.rows, part.proofs, claims, found)
        self._ordering.note(x, y, loops)
        if together:
            self._judge_apart(x, y)
            part.marks[:] = 0
        elif number:
            self._close(part, chunks[:number])

    def _runs(
        self, start: int, count: int, positive: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
        """Indices where runs begin, the segment of each, in the order of the block, and which are set
        apart."""
        at = self._segments_of(start, count, positive)
        if positive:
            inner = [self._given.firsts[k] - start for k in at[1:]]
        else:
            at = at[::-1]
            inner = [-self._given.firsts[k] - start for k in at[:-1]]
        edges, segments = [0, *inner, count], list(at)
        apart = []
        for special in self._set_apart(start, count, positive):
            # Zero and kinks are runs of their own, of one input.
            run = bisect_right(edges, special) - 1
            low, high, segment = edges[run], edges[run + 1], segments[run]
            inside = [low] * (low < special) + [special] + [special + 1] * (special + 1 < high)
            edges[run : run + 1] = inside
            segments[run : run + 1] = [segment] * len(inside)
            apart.append(run + (low < special))
        return np.array(edges, np.int64), np.array(segments, np.int64), apart

    def _set_apart(self, start: int, count: int, positive: bool) -> list[int]:
        """Indices of zero and of kinks, in order."""
        special = self._given.special[positive]
        found = special[bisect_left(special, start) : bisect_left(special, start + count)]
        return [magnitude - start for magnitude in found]

    def _close(self, part: _Block, chunks: Array) -> None:
        """What the loop left to do, chunk by chunk."""
        errors = chunks[:, 3].astype(np.int32).view(np.float32)
        marked = chunks[:, 4:].any()
        if not marked and self._is_quiet(part, chunks, errors):
            self._note_segments(part, chunks, errors)
            return
        finite = np.isfinite(errors)
        for begin, end, run in _stretches(chunks[~finite]):
            self._judge_wild(part, begin, end, run)
        if marked:
            self._note("lost_to_zero", part.x, part.marks == counts.LOST)
            self._decide(part, chunks)
        if not finite.all():
            chunks, errors = chunks[finite], errors[finite]
        if len(chunks):
            self._note_segments(part, chunks, errors)
            self._seek(part, chunks, errors.astype(np.float64))
        if marked:
            part.marks[:] = 0

    def _is_quiet(self, part: _Block, chunks: Array, errors: Array) -> bool:
        """Whether no error is larger than what was seen before: so it is for most blocks."""
        error = scaled = float(errors.max())
        if not self._worst.quiet(error):
            return False
        if self._given.scale != ZERO and not self._scaled.quiet(error):
            scaled = float(self._scaled_bounds(part, chunks, errors).max())
            if not self._scaled.quiet(scaled):
                return False
        radius = float(self._given.radii[part.at].max())
        self._worst.pass_over(error, radius)
        self._scaled.pass_over(scaled, radius)
        return True

    def _scaled_bounds(self, part: _Block, chunks: Array, errors: Array) -> NDArray[np.float64]:
        """Bounds of the scaled errors of chunks with these errors: by runs, and by chunks where that says
        little."""
        bounds = errors.astype(np.float64)  # a scaled error is never larger than the error itself
        runs = chunks[:, 2]
        firsts = np.append(0, np.flatnonzero(runs[1:] != runs[:-1]) + 1)
        for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), len(chunks)], strict=True):
            if bounds[first:end].max() > self._scaled.passed:
                self._bound(part, chunks, bounds, first, end)
                for k in np.flatnonzero(bounds[first:end] > self._scaled.passed).tolist():
                    bounds[first + k] = errors[first + k]
                    self._bound(part, chunks, bounds, first + k, first + k + 1)
        return bounds

    def _bound(self, part: _Block, chunks: Array, bounds: Array, first: int, end: int) -> None:
        """Turn errors of chunks of one run into bounds of scaled errors."""
        ends = float(part.x[chunks[first, 0]]), float(part.x[chunks[end - 1, 1] - 1])
        run = chunks[first, 2]
        bounds[first:end] = np.ldexp(
            bounds[first:end], shift(self._given, ends, part.rows[run], part.proofs[run])
        )

    def _records(self, part: _Block, runs: Array, errors: Array) -> tuple[Array, Array]:
        """The first chunk of each run, and whether the run's largest error is a record of its segment."""
        firsts = np.append(0, np.flatnonzero(runs[1:] != runs[:-1]) + 1)
        return firsts, np.maximum.reduceat(errors, firsts) > self.segment_errors[part.at[runs[firsts]]]

    def _note_segments(self, part: _Block, chunks: Array, errors: Array) -> None:
        if len(part.at) == 1 and errors.max() <= self.segment_errors[part.at[0]]:
            return  # so it is for most blocks
        firsts, records = self._records(part, chunks[:, 2], errors)
        ends = np.append(firsts[1:], len(chunks))
        for first, end in zip(firsts[records].tolist(), ends[records].tolist(), strict=True):
            best = first + int(errors[first:end].argmax())
            segment = part.at[chunks[best, 2]]
            self.segment_errors[segment] = errors[best]
            self.segment_keys[segment] = _FORM.keys(part.x[chunks[best, :1]])[0]

    def _judge_wild(self, part: _Block, begin: int, end: int, run: int) -> None:
        """Neighbouring chunks with results that are not finite: all alike is frequent, and quickly told."""
        x, y, row = part.x[begin:end], part.y[begin:end], part.rows[run]
        saturated = abs(row[1]) >= TOP and not row[2:].any()
        if np.isnan(y).all():
            self._wrong("wrong_nan", x)
            return
        if np.isinf(y).all() and (y == y[0]).all():
            if saturated and np.signbit(y[0]) == np.signbit(row[1]):
                self._histogram[0] += len(x)
                return
            if search.largest_value(x, row, part.proofs[run]) < float(_FORM.overflow):
                self._wrong("wrong_infinity", x)
                return
        for at in range(0, len(x), _PART):  # in parts, which keeps the memory small
            self._judge_apart(x[at : at + _PART], y[at : at + _PART])

    def _wrong(self, name: str, x: Array) -> None:
        self._counts += len(x)
        self._note(name, x, np.ones(len(x), bool))

    def _decide(self, part: _Block, chunks: Array) -> None:
        """Points too close to call, chunk by chunk where one answer serves them all."""
        left = np.flatnonzero(part.marks == counts.UNDECIDED)
        for begin, end, run in chunks[chunks[:, 5] == chunks[:, 1] - chunks[:, 0], :3].tolist():
            # Far out a function may be a number up to a rest of known sign: equal results are equally wrong.
            row = self._given.leading[part.at[run : run + 1]]
            if row[0, 1] or (part.y[begin:end] != part.y[begin]).any():
                continue
            one = part.x[begin : begin + 1], part.y[begin : begin + 1]
            if ties.decided_rows(_FORM, *one, row).known.all():
                self._judge_alike(part.x[begin:end], float(part.y[begin]))
                left = left[(left < begin) | (left >= end)]
        if len(left):
            self._judge_open(part.x[left], part.y[left])

    def _seek(self, part: _Block, chunks: Array, errors: Array) -> None:
        """Look into the chunks that may hold the largest error so far."""
        radii = self._given.radii[part.at[chunks[:, 2]]]
        self._worst.seek(errors, radii, lambda k: self._largest(part, chunks[k], scaled=False))
        if self._given.scale == ZERO:
            return
        upper = self._scaled_bounds(part, chunks, errors)
        self._scaled.seek(upper, radii, lambda k: self._largest(part, chunks[k], scaled=True))

    def _largest(self, part: _Block, chunk: Array, *, scaled: bool) -> Found:
        """The upper bound of a chunk's largest error, with its input and result."""
        begin, end, run = chunk[:3].tolist()
        x, y = part.x[begin:end], part.y[begin:end]
        left = part.marks[begin:end] == counts.UNDECIDED
        scales = scales_of(self._given, x.astype(np.float64)) if scaled else _NO_SCALE
        most, where = search.largest(x, y, part.rows[run], part.proofs[run], scales, left)
        return most, float(x[where]), float(y[where])
