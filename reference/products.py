"""Judging every product a * f(b) of two narrow inputs: glu, whose gate f is an element-wise activation.

The gate's values are computed once, in binary64 with a proven relative error of 2^-52; a product of that
with a factor of a 16-bit format is then off by 2^-51 of itself at most, far less than the unit of the
format: the points within that of half a unit or one, and every worst case, go to Arb.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import pointwise
from actcheck.reference.binding import Bound
from actcheck.reference.formats import Format
from actcheck.reference.judging import Points
from actcheck.reference.kernel_bits import EXPONENT, bits_of, compiled, number_of
from actcheck.reference.verdict import EDGES, Verdict, Worst, merged

Array = NDArray[Any]
#: Relative error of a product, with room to spare.
_RADIUS = 2.0**-50
_EDGES = np.array(EDGES)


def gate_values(bound: Bound, b: Array) -> NDArray[np.float64]:
    """f(b) for finite b, correctly rounded to binary64 but for the last bit."""
    values = np.empty(len(b))
    for at, x in enumerate(b.astype(np.float64).tolist()):
        low, high = pointwise.exact(bound, "forward", x)  # type: ignore[misc]
        values[at] = float((Fraction(low) + Fraction(high)) / 2)
    return values


@compiled
def _judge(
    factor: float,
    gate: Any,
    y: Any,
    limits: Any,
    counts: Any,
    histogram: Any,
    edges: Any,
    open_points: Any,
) -> tuple[float, int, int]:
    """Count one factor's products: not correctly rounded, not faithful; points left open are listed.

    ``limits`` are the smallest normal number, the largest power of two, 2^(emax+1), the overflow threshold,
    and the exponent from which that of a number is taken to make 1/ulp.
    """
    least, most, top, overflow = limits[0], limits[1], limits[2], limits[3]
    offset = np.int64(limits[4]) << 52
    worst, where, opened = -1.0, 0, 0
    for i in range(gate.size):
        z = factor * gate[i]
        size = abs(z)
        got = np.float64(y[i])
        radius = size * _RADIUS
        low = number_of(offset - (bits_of(min(max(size - radius, least), most)) & EXPONENT))
        high = number_of(offset - (bits_of(min(max(size + radius, least), most)) & EXPONENT))
        clamped = min(max(z, -top), top)
        distance = abs(got - clamped)
        upper = (distance + radius) * low
        lower = (distance - radius) * high
        unclear = not abs(got) < overflow or (got == 0 and size >= least * 0.5)
        unclear = unclear or (lower <= 0.5 and upper >= 0.5) or (lower <= 1.0 and upper >= 1.0)
        if unclear:
            open_points[opened] = i
            opened += 1
            continue
        counts[0] += upper >= 0.5
        counts[1] += upper >= 1.0
        bin_ = 0
        while bin_ < edges.size and upper > edges[bin_]:
            bin_ += 1
        histogram[bin_] += 1
        if upper > worst:
            worst, where = upper, i
    return worst, where, opened


class Products:
    """Judges the products of many factors with one gate; `verdict` sums up."""

    def __init__(self, bound: Bound, form: Format, b: Array, gate: Array | None = None) -> None:
        self.bound, self.form, self.b = bound, form, b
        self.gate = gate_values(bound, b) if gate is None else gate
        offset = 2046 + form.precision - 1
        self._limits = np.array(
            [form.smallest_normal, 2.0**form.emax, 2.0 ** (form.emax + 1), float(form.overflow), offset]
        )
        self._counts, self._histogram = np.zeros(2, np.int64), np.zeros(len(EDGES) + 1, np.int64)
        self._open = np.empty(len(b), np.int64)
        self._parts: list[Verdict] = []
        self._points = 0
        self._worst = (-1.0, 0.0, 0.0, 0.0)
        #: For each class of wrong answers the first pair and its result.
        self.firsts: dict[str, tuple[float, float, float]] = {}

    def anew(self) -> Products:
        """A judge of the same gate that has seen nothing yet."""
        return Products(self.bound, self.form, self.b, self.gate)

    def judge(self, factor: float, y: Array) -> None:
        """Judge y = factor * f(b), of b's format; the factor is finite."""
        wide = y.astype(np.float32)
        worst, where, opened = _judge(
            factor, self.gate, wide, self._limits, self._counts, self._histogram, _EDGES, self._open
        )
        self._points += len(y) - opened
        if worst > self._worst[0]:
            self._worst = worst, factor, float(self.b[where]), float(wide[where])
        if opened:
            at = self._open[:opened]
            points = Points.of(self.bound, "forward", self.form, self.b[at], y[at], factor)
            self._note(factor, points)
        if len(self._parts) > 64:
            self._parts = [merged(self._parts)]

    def _note(self, factor: float, points: Points) -> None:
        found = points.verdict()
        self._parts.append(found)
        for name in found.classes:
            if name not in self.firsts:
                at = int(np.flatnonzero(points.classes[name])[0])
                self.firsts[name] = factor, float(points.x[at]), float(points.y[at])
        if found.worst and found.worst.error[1] > self._worst[0]:
            self._worst = found.worst.error[1], factor, found.worst.x, found.worst.got

    @property
    def worst_pair(self) -> tuple[float, float, float]:
        """Factor, b and result with the largest error."""
        return self._worst[1:]

    def verdict(self) -> Verdict:
        """The verdict on all products; x of the worst is b."""
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
        return merged([bulk, *self._parts])
