"""Judging every product a * f(b) of two narrow inputs, where the gate f is an element-wise function.

The gate's values are computed once, rounded to binary64; a product of that with a factor of a 16-bit format
is off by 2^-52 of itself at most, far less than the unit of the format. Where that leaves open on which side
of half a unit or one an error lies, the signs of what was rounded away decide, else Arb.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.gates import gate_values
from actcheck.reference.judging.number_models import current
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import EDGES, Verdict, Worst, merged
from actcheck.reference.machine.compiling import EXPONENT, bits_of, compiled, inlined, number_of
from actcheck.reference.machine.outward import WIDER
from actcheck.reference.specification.binding import Bound

Array = NDArray[Any]
#: Relative error of a product: the rounding of the gate and that of the product, 2^-53 each, and room for the
#: three roundings of what is computed with it (see `outward.roomy`).
_RADIUS = 2.0**-50
#: A product that is so far from an edge, of its size, lies on the side that binary64 says.
_SURE = 2.0**-40
_EDGES = np.array(EDGES)
_MOST_WAITING = 1 << 20


@inlined
def _beyond(got: float, edge: float, factor: float, gate: float, product: float, rest: float) -> Any:
    """Whether an error close to an edge is larger (1), smaller (-1), just that (0) or open (2).

    The result less the rounded product lacks the roundings of both, which are computed exactly, and the
    factor times what the gate lacks: half its unit at most, of known sign.
    """
    difference = got - product
    taken = difference - got
    slip = (got - (difference - taken)) - (product + taken)
    # A factor has 11 bits at most: its products with either half of the gate's bits are exact.
    head = number_of(bits_of(gate) & ~np.int64((1 << 26) - 1))
    lacking = (factor * head - product) + factor * (gate - head)
    away = (np.sign(difference) * edge - difference) + (lacking - slip)
    sign = np.sign(factor) * rest
    size = abs(gate)
    half = number_of((bits_of(gate) & EXPONENT) - (53 << 52)) if size > 2.0**-900 else size
    if abs(away) > abs(factor) * half * (1 + 2.0**-40):
        towards = np.sign(away)
    elif away == 0:
        towards = sign
    elif sign == 0 or np.sign(away) == sign:
        towards = np.sign(away)
    else:
        return 2.0
    return 2.0 if np.isnan(towards) else -towards * np.sign(difference)


@inlined
def _standing(got: float, z: float, least: float, top: float, overflow: float) -> Any:
    """A result where it stands: a right infinity at 2^(emax + 1)."""
    right = abs(got) == np.inf and (got > 0) == (z > 0) and least >= overflow
    return np.copysign(top, z) if right else got


@compiled
def _judge(
    factor: float, gates: Any, y: Any, limits: Any, counts: Any, histogram: Any, peaks: Any, open_points: Any
) -> tuple[float, int, int]:
    """Count one factor's products: not correctly rounded, not faithful; points left open are listed.
    ``gates`` has two rows: values, and the signs of what they lack. ``peaks`` holds the largest error so far
    of each gate input.

    ``limits`` are the smallest normal number, the largest power of two, 2^(emax+1), the overflow threshold,
    and the exponent from which that of a number is taken to make 1/ulp. Returns the largest error, where it
    is, and how many points are open.
    """
    least, most, top, overflow = limits[0], limits[1], limits[2], limits[3]
    offset = np.int64(limits[4]) << 52
    worst, where, opened = -1.0, 0, 0
    for i in range(gates.shape[1]):
        gate = gates[0, i]
        z = factor * gate
        size = abs(z)
        got = np.float64(y[i])
        radius = size * _RADIUS
        got = _standing(got, z, size - radius, top, overflow)
        radius = 0.0 if size - radius >= top else radius  # the exact value stands at top
        low = number_of(offset - (bits_of(min(max(size - radius, least), most)) & EXPONENT))
        high = number_of(offset - (bits_of(min(max(size + radius, least), most)) & EXPONENT))
        difference = got - min(max(z, -top), top)
        upper = (abs(difference) + radius) * WIDER * low
        lower = (abs(difference) / WIDER - radius) * high
        wrong, faithless = upper >= 0.5, upper >= 1.0
        unclear = not (abs(got) < overflow or abs(got) == top) or (got == 0 and size >= least * 0.5)
        for steps in (0.5, 1.0):
            if lower <= steps and upper >= steps:
                side = 2.0
                if low == high:
                    side = _beyond(got, steps / low, factor, gate, z, gates[1, i])
                if side == 2.0:
                    unclear = True
                elif steps == 0.5:
                    even = np.floor(abs(got) * low * 0.5) * 2 == abs(got) * low
                    wrong = side > 0 or (side == 0 and not even)
                else:
                    faithless = side >= 0
                # The histogram tells errors on either side of an edge apart.
                upper = min(upper, steps) if side <= 0 else max(upper, steps * (1 + 2.0**-52))
        if unclear:
            open_points[opened] = i
            opened += 1
            continue
        counts[0] += wrong
        counts[1] += faithless
        bin_ = 0
        while bin_ < _EDGES.size and upper > _EDGES[bin_]:
            bin_ += 1
        histogram[bin_] += 1
        peaks[i] = max(peaks[i], upper)
        if upper > worst:
            worst, where = upper, i
    return worst, where, opened


class Products:
    """Judges the products of many factors with one gate; `verdict` sums up."""

    def __init__(self, bound: Bound, form: Format, b: Array, gates: Array | None = None) -> None:
        self.bound, self.form, self.b = bound, form, b
        #: Two rows: the gate's values, and the signs of what they lack.
        self.gates = np.stack(gate_values(bound, b)) if gates is None else gates
        offset = 2046 + form.precision - 1
        self._limits = np.array(
            [form.smallest_normal, 2.0**form.emax, 2.0 ** (form.emax + 1), float(form.overflow), offset]
        )
        self._counts, self._histogram = np.zeros(2, np.int64), np.zeros(len(EDGES) + 1, np.int64)
        self._open = np.empty(len(b), np.int64)
        #: Upper bound of the largest error at each b.
        self.peaks = np.zeros(len(b))
        self._parts: list[Verdict] = []
        self._left: list[tuple[Array, Array, Array]] = []
        self._waiting = 0
        self._points = 0
        self._worst = (-1.0, 0.0, 0.0, 0.0)
        #: For each class of wrong answers the first pair and its result.
        self.firsts: dict[str, tuple[float, float, float]] = {}

    def anew(self) -> Products:
        """A judge of the same gate that has seen nothing yet."""
        return Products(self.bound, self.form, self.b, self.gates)

    def judge(self, factor: float, y: Array) -> None:
        """Judge y = factor * f(b), of b's format; the factor is finite."""
        flushed = self._flushed(factor, y)
        if flushed is None:
            self._loop(factor, y, None)
        else:
            self._note_flushed(factor, y, np.flatnonzero(flushed))
            self._loop(factor, y, np.flatnonzero(~flushed))
        if self._waiting > _MOST_WAITING:
            self._settle()

    def _loop(self, factor: float, y: Array, kept: NDArray[np.int64] | None) -> None:
        """Judge the products at these places, or all of them, one after the other."""
        gates, wide, peaks, b = self.gates, y.astype(np.float32), self.peaks, self.b
        if kept is not None:
            gates, wide, peaks, b = gates[:, kept], wide[kept], peaks[kept], b[kept]
        worst, where, opened = _judge(
            factor, gates, wide, self._limits, self._counts, self._histogram, peaks, self._open
        )
        self._points += len(wide) - opened
        if worst > self._worst[0]:
            self._worst = worst, factor, float(b[where]), float(wide[where])
        at = self._open[:opened].copy()
        if kept is not None:
            self.peaks[kept] = peaks
            at = kept[at]
        self._leave(factor, y, at)

    def _leave(self, factor: float, y: Array, at: NDArray[np.int64]) -> None:
        """Points to be judged later."""
        if len(at):
            self._left.append((np.full(len(at), factor), at, y[at]))
            self._waiting += len(at)

    def _flushed(self, factor: float, y: Array) -> NDArray[np.bool_] | None:
        """Zeros for subnormal products that are not rounded to zero; None where there are none.

        Those within 2^-40 of half the smallest number, and all from half the smallest normal one on, are left
        to the loop, which leaves them to the judge of points where they are not sure.
        """
        if not current().flush_results:
            return None
        size = np.abs(factor * self.gates[0])
        hit = (y == 0) & (size > self.form.smallest / 2 * (1 + _SURE)) & (size <= self._limits[0] / 2)
        return hit if hit.any() else None

    def _note_flushed(self, factor: float, y: Array, at: NDArray[np.int64]) -> None:
        """Count them; from the smallest number on they are right in the number model alone."""
        part = np.abs(factor * self.gates[0, at]) / self.form.smallest
        sure = np.abs(part - 1) > _SURE
        self._leave(factor, y, at[~sure])
        count, alone = int(sure.sum()), int((part[sure] > 1).sum())
        histogram = (count, *(0,) * len(EDGES))
        self._parts.append(Verdict(points=count, histogram=histogram, allowed={"flushed_results": alone}))

    def _settle(self) -> None:
        """Judge the points that were left open; together, since looking for the worst takes its time."""
        if self._left:
            factors, at, y = (np.concatenate(part) for part in zip(*self._left, strict=True))
            points = Points.of(self.bound, "forward", self.form, self.b[at], y, factors)
            np.maximum.at(self.peaks, at, points.high)
            self._note(points)
            self._left, self._waiting = [], 0

    def _note(self, points: Points) -> None:
        found = points.verdict()
        self._parts.append(found)
        for name in found.classes:
            at = int(np.flatnonzero(points.classes[name])[0])
            pair = float(points.upstream[at]), float(points.x[at]), float(points.y[at])
            self.firsts.setdefault(name, pair)
        if found.worst and found.worst.error[1] > self._worst[0]:
            same = (points.x == found.worst.x) & (points.y == found.worst.got)
            factor = float(points.upstream[same][np.argmax(points.high[same])])
            self._worst = found.worst.error[1], factor, found.worst.x, found.worst.got

    @property
    def worst_pair(self) -> tuple[float, float, float]:
        """Factor, b and result with the largest error."""
        return self._worst[1:]

    def verdict(self) -> Verdict:
        """The verdict on all products; x of the worst is b."""
        self._settle()
        error, factor, b, got = self._worst
        worst = None
        if error > 0:
            point = pointwise.judge_point(self.bound, "forward", self.form, b, got, factor)
            worst = Worst(b, got, point.expected, (point.error[0], max(point.error[1], error)))
        bulk = Verdict(
            points=self._points,
            worst=worst,
            worst_scaled=worst,
            not_correctly_rounded=int(self._counts[0]),
            not_faithful=int(self._counts[1]),
            histogram=tuple(self._histogram.tolist()),
        )
        return merged([bulk, *self._parts]).tightened()
