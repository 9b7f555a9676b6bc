"""Where on the line of inputs faults lie, and which of them touch."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from actcheck.conformance.results.fault_records import Interval

#: Networks compute on such inputs: between these sizes.
_LEAST, _MOST = 2.0**-10, 16.0
#: Ranges with no more than so many binades between them are told as one: what lies there was hardly asked.
_GAP = 4.0
#: More than the exponent of any float64, so that positions of both signs lie apart.
_FAR = 1100.0
Region = Literal["nan", "infinity", "ordinary", "tail", "unknown"]


def region_of(spans: Sequence[Interval]) -> Region:
    """Where a fault lies: at the special inputs alone, at some ordinary one, or beyond all of those."""
    if not spans:
        return "unknown"
    if all(math.isnan(low) for low, _ in spans):
        return "nan"
    if all(math.isnan(low) or (math.isinf(low) and low == high) for low, high in spans):
        return "infinity"
    return "ordinary" if any(map(_is_ordinary, spans)) else "tail"


def _is_ordinary(span: Interval) -> bool:
    low, high = span
    return (low <= _MOST and high >= _LEAST) or (low <= -_LEAST and high >= -_MOST)


def is_ordinary(x: float) -> bool:
    """Whether networks compute on inputs of this size."""
    return _LEAST <= abs(x) <= _MOST


def touching(regions: Sequence[Sequence[Interval]]) -> list[list[int]]:
    """The indices of regions that hang together, each through ranges that touch.

    A region's own ranges belong together however far apart they lie.
    """
    group = list(range(len(regions)))

    def root(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    ends = [
        (_place(low), _place(high), i) for i, spans in enumerate(regions) for low, high in _numbers(spans)
    ]
    reach, last = -math.inf, -1
    for low, high, i in sorted(ends):
        if last >= 0 and low <= reach + _GAP:
            group[root(i)] = root(last)
        if high >= reach:
            reach, last = high, i
    found: dict[int, list[int]] = {}
    for i in range(len(regions)):
        found.setdefault(root(i), []).append(i)
    return list(found.values())


def joined(spans: Collection[Interval], gap: float = _GAP) -> tuple[Interval, ...]:
    """Ranges in order, those with no more binades between them made one; NaN last."""
    given = sorted(set(_numbers(spans)))
    made: list[Interval] = []
    for low, high in given:
        if made and (low <= made[-1][1] or _place(low) < _place(made[-1][1]) + gap):
            made[-1] = made[-1][0], max(made[-1][1], high)
        else:
            made.append((low, high))
    return (*made, *([(math.nan, math.nan)] if any(math.isnan(low) for low, _ in spans) else []))


def _numbers(spans: Iterable[Interval]) -> list[Interval]:
    return [(low, high) for low, high in spans if not math.isnan(low)]


def _place(x: float) -> float:
    """A number's place on a scale of binades, on which 0 is the middle."""
    if x == 0:
        return 0.0
    return math.copysign(_FAR + (math.log2(abs(x)) if math.isfinite(x) else _FAR), x)
