"""The same judgement of consecutive float32 inputs on arrays that live on a device, in its own namespace.

Inputs, results and errors stay there; only counts, the largest errors and what is left open come back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates import store
from actcheck.reference.certificates.regions import LAST
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import ties
from actcheck.reference.judging.measuring import CertificateTables, Measured, measure
from actcheck.reference.judging.verdict import EDGES
from actcheck.reference.specification.binding import Bound
from actcheck.reference.sweeping.accumulator import Gathering

Native = Any  # an array of the device's namespace
_FORM = FORMATS["float32"]


class DeviceSweep(Gathering):
    """Judges one quantity of one variant, block by block, in an Array API namespace."""

    def __init__(
        self, bound: Bound, quantity: str, xp: Any, device: Any, to_host: Callable[[Native], NDArray[Any]]
    ) -> None:
        super().__init__(bound, quantity)
        self.xp, self.device, self.to_host = xp, device, to_host
        certificate = store.certificate(bound, quantity)
        self._tables = CertificateTables.of(xp, certificate, bound.scale(quantity), device)
        self._leading = xp.asarray(self._given.leading.tolist(), dtype=xp.float64, device=device)

    def judge(self, start: int, positive: bool, x: Native, y: Native) -> None:
        """Judge results y for the floats x of one sign, from a magnitude pattern on; both float32."""
        xp, count = self.xp, int(x.shape[0])
        if start + count - 1 > LAST:
            self._judge_beyond(self.to_host(x), self.to_host(y))
            return
        if self._stands_apart(start, count, positive, lambda: bool(xp.any(y == 0))):
            self._points += count
            self._judge_apart(self.to_host(x), self.to_host(y))
            return
        keys = xp.arange(start, start + count, dtype=xp.int64, device=self.device)
        keys = keys if positive else -1 - keys
        wide = xp.astype(x, xp.float64), xp.astype(y, xp.float64)
        found = measure(self._tables, _FORM, keys, *wide, 1.0)
        self._decide(found, keys, *wide)
        apart = self._apart(start, count, positive)
        inside = xp.ones(count, dtype=xp.bool, device=self.device)
        if apart:
            at = np.array(apart)
            self._points += len(apart)
            self._judge_apart(self.to_host(x)[at], self.to_host(y)[at])
            for index in apart:
                inside[index] = False
        self._points += count - len(apart)
        self._count(found, inside)
        self._note_device(found, inside, keys)
        self._settle(found, inside, x, y)
        self._climb(found, inside, x, y)
        self._note_segments(found, inside, keys)

    def _apart(self, start: int, count: int, positive: bool) -> list[int]:
        special = self._given.special[positive]
        return [m - start for m in special if start <= m < start + count]

    def _decide(self, found: Measured, keys: Native, x: Native, y: Native) -> None:
        """Decide by integers and signs what lies next to half a unit or one, in place."""
        xp = self.xp
        # Their places: a mask that is itself written to may not be used to write.
        (unclear,) = xp.nonzero(found.undecided)
        if not unclear.shape[0]:
            return
        keys, x, y = (xp.take(array, unclear) for array in (keys, x, y))
        at = xp.searchsorted(self._tables.starts, keys, side="right") - 1
        columns = [xp.take(self._leading[:, k], at) for k in range(self._leading.shape[1])]
        sure = ties.decided(xp, self._tables.powers, _FORM, x, y, columns)
        for name, values in _taught(xp, found, unclear, sure).items():
            getattr(found, name)[unclear] = values

    def _count(self, found: Measured, inside: Native) -> None:
        xp = self.xp
        sure = inside & ~found.undecided
        wrong = xp.sum(xp.astype(sure & ~found.correctly_rounded, xp.int64))
        faithless = xp.sum(xp.astype(sure & ~found.faithful, xp.int64))
        self._counts += (int(wrong), int(faithless))
        finite = sure & ~found.wrong_nan & ~found.wrong_infinity
        below = 0
        for k, edge in enumerate(EDGES):
            count = int(xp.sum(xp.astype(finite & (found.high <= edge), xp.int64)))
            self._histogram[k] += count - below
            below = count
        self._histogram[-1] += int(xp.sum(xp.astype(finite, xp.int64))) - below

    def _note_device(self, found: Measured, inside: Native, keys: Native) -> None:
        xp = self.xp
        for name in ("wrong_nan", "wrong_infinity", "lost_to_zero"):
            hit = getattr(found, name) & inside & ~found.undecided
            if bool(xp.any(hit)):
                self._note_keys(name, self.to_host(keys[hit]))

    def _settle(self, found: Measured, inside: Native, x: Native, y: Native) -> None:
        unclear = found.undecided & inside
        if bool(self.xp.any(unclear)):
            # Those whose error lies within a radius of half a unit or one, or whose unit is open.
            self._judge_open(self.to_host(x[unclear]), self.to_host(y[unclear]))

    def _climb(self, found: Measured, inside: Native, x: Native, y: Native) -> None:
        xp = self.xp
        judged = inside & ~found.wrong_nan & ~found.wrong_infinity & ~found.undecided
        for peak, errors in ((self._worst, found.high), (self._scaled, found.scaled_high)):
            finite = xp.where(judged, errors, xp.zeros_like(errors))
            at = int(xp.argmax(finite))
            if not bool(judged[at]):
                return  # none of the block has a finite error
            peak.consider(float(finite[at]), float(x[at]), float(y[at]))

    def _note_segments(self, found: Measured, inside: Native, keys: Native) -> None:
        """The largest error of each segment: blocks are parted where segments begin."""
        xp = self.xp
        judged = inside & ~found.wrong_nan & ~found.wrong_infinity & ~found.undecided
        errors = xp.where(judged, found.high, xp.zeros_like(found.high))
        ends = sorted((int(keys[0]), int(keys[-1])))
        first, last = (int(np.searchsorted(self._given.firsts, k, side="right")) - 1 for k in ends)
        for segment in range(first, last + 1):
            low = max(self._given.firsts[segment], ends[0])
            following = segment + 1 < len(self._given.firsts)
            high = min(self._given.firsts[segment + 1] - 1 if following else ends[1], ends[1])
            a, b = sorted((abs(low - int(keys[0])), abs(high - int(keys[0]))))
            part = errors[a : b + 1]
            at = int(xp.argmax(part))
            if float(part[at]) > self.segment_errors[segment]:
                self.segment_errors[segment] = float(part[at])
                self.segment_keys[segment] = int(keys[a + at])


def _taught(xp: Any, found: Measured, unclear: Native, sure: ties.Decided) -> dict[str, Native]:
    """What is known of unclear results, by the fields of `Measured`, with what integers and signs add."""
    high = xp.where(sure.known, sure.high, found.high[unclear])
    # A scaled error is never larger than the error itself.
    scaled_high = xp.minimum(found.scaled_high[unclear], high)
    return {
        "high": high,
        "low": xp.minimum(found.low[unclear], high),
        "scaled_high": scaled_high,
        "scaled_low": xp.minimum(found.scaled_low[unclear], scaled_high),
        "correctly_rounded": xp.where(sure.known, sure.correct, found.correctly_rounded[unclear]),
        "faithful": xp.where(sure.known, sure.faithful, found.faithful[unclear]),
        "lost_to_zero": xp.where(sure.known, sure.lost, found.lost_to_zero[unclear]),
        "undecided": ~sure.known,
    }
