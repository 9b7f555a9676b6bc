"""What judging a backend's results yields, and how verdicts on parts add up to one on the whole."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

#: Answers without a finite error, and zeros where the exact answer is a normal number.
CLASSES = ("wrong_nan", "wrong_infinity", "wrong_zero_sign", "lost_to_zero")
#: Those without a finite error, which make a result neither correctly rounded nor faithful.
NOT_FINITE = ("wrong_nan", "wrong_infinity")
ClassName = Literal["wrong_nan", "wrong_infinity", "wrong_zero_sign", "lost_to_zero"]

#: Upper edges of the histogram's bins, in ULP; the last bin is what lies beyond.
EDGES = (0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 16.0, 64.0, 1024.0, 2.0**20)

Interval = tuple[float, float]
#: Keys (see `formats.Format`) of the first and last input of a run.
KeyRange = tuple[int, int]


@dataclass(frozen=True)
class Occurrences:
    """How often a class was seen, and where."""

    count: int
    #: Key of the first input, in the order of the keys.
    first: int
    #: Runs of consecutive judged inputs, in order; at most `LONGEST` of them, the last one widened.
    ranges: tuple[KeyRange, ...]


LONGEST = 64


@dataclass(frozen=True)
class Worst:
    """The input with the largest error."""

    x: float
    got: float
    #: The exact value, rounded to binary64.
    expected: float
    #: Enclosure of the error in ULP.
    error: Interval


@dataclass(frozen=True)
class Verdict:
    """The outcome of judging results against proven enclosures. Errors are in ULP of the exact value."""

    points: int = 0
    #: Inputs among them that are NaN or infinite.
    nan_inputs: int = 0
    infinite_inputs: int = 0
    worst: Worst | None = None
    worst_scaled: Worst | None = None
    not_correctly_rounded: int = 0
    not_faithful: int = 0
    classes: Mapping[str, Occurrences] = field(default_factory=dict)
    #: Points with an error up to each of `EDGES`, and beyond the last: exact at 1/2 and 1, elsewhere an error
    #: within 2^-20 of an edge may be counted on either side.
    histogram: tuple[int, ...] = (0,) * (len(EDGES) + 1)
    #: Points that are right in the number model alone, and not in IEEE arithmetic, by what the model allows.
    allowed: Mapping[str, int] = field(default_factory=dict)

    @property
    def max_ulp(self) -> Interval:
        """Enclosure of the largest error among points with a finite error."""
        return self.worst.error if self.worst else (0.0, 0.0)

    @property
    def max_scaled_ulp(self) -> Interval:
        """Enclosure of the largest scaled error, in ULP of max(abs(z), s(x))."""
        return self.worst_scaled.error if self.worst_scaled else (0.0, 0.0)

    def tightened(self) -> Verdict:
        """The same with what the counts add: where all is correctly rounded no error exceeds 1/2, where all
        is faithful none reaches 1, whatever the enclosure of the largest says."""
        apart = sum(self.classes[name].count for name in NOT_FINITE if name in self.classes)
        signs = self.classes["wrong_zero_sign"].count if "wrong_zero_sign" in self.classes else 0
        most = math.inf
        if self.not_faithful == apart:
            most = 0.5 if self.not_correctly_rounded == apart + signs else 1.0
        return replace(self, worst=_capped(self.worst, most), worst_scaled=_capped(self.worst_scaled, most))


def _capped(worst: Worst | None, most: float) -> Worst | None:
    return worst and replace(worst, error=(worst.error[0], min(worst.error[1], most)))


def merged(verdicts: Iterable[Verdict]) -> Verdict:
    """One verdict on the union of disjoint sets of points. The order of the parts does not matter."""
    total = Verdict()
    for part in verdicts:
        total = _sum(total, part)
    return total


def _sum(a: Verdict, b: Verdict) -> Verdict:
    return replace(
        a,
        points=a.points + b.points,
        nan_inputs=a.nan_inputs + b.nan_inputs,
        infinite_inputs=a.infinite_inputs + b.infinite_inputs,
        worst=_worse(a.worst, b.worst),
        worst_scaled=_worse(a.worst_scaled, b.worst_scaled),
        not_correctly_rounded=a.not_correctly_rounded + b.not_correctly_rounded,
        not_faithful=a.not_faithful + b.not_faithful,
        classes={
            name: _joined([c for c in (a.classes.get(name), b.classes.get(name)) if c])
            for name in CLASSES
            if name in a.classes or name in b.classes
        },
        histogram=tuple(x + y for x, y in zip(a.histogram, b.histogram, strict=True)),
        allowed={
            name: a.allowed.get(name, 0) + b.allowed.get(name, 0) for name in {**a.allowed, **b.allowed}
        },
    )


def runs_of(judged: NDArray[np.int64], hit: NDArray[np.int64]) -> list[KeyRange]:
    """Some of the judged keys as runs, not parted by inputs that were not judged; both are in order."""
    places = np.searchsorted(judged, hit)
    starts = np.flatnonzero(np.diff(places, prepend=-2) > 1)
    ends = np.append(starts[1:], len(hit)) - 1
    return [(int(hit[a]), int(hit[b])) for a, b in zip(starts, ends, strict=True)]


def _worse(a: Worst | None, b: Worst | None) -> Worst | None:
    candidates = [w for w in (a, b) if w is not None]
    # The smallest input among equals, so that the answer does not depend on the order of the parts.
    return max(candidates, key=lambda w: (w.error[1], w.error[0], -w.x), default=None)


def _joined(parts: list[Occurrences]) -> Occurrences:
    return Occurrences(
        sum(p.count for p in parts),
        min(p.first for p in parts),
        joined_ranges(r for p in parts for r in p.ranges),
    )


def joined_ranges(ranges: Iterable[KeyRange]) -> tuple[KeyRange, ...]:
    """Runs in order, neighbours made one; what lies beyond `LONGEST` runs widens the last."""
    joined: list[KeyRange] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    if len(joined) > LONGEST:
        joined[LONGEST - 1 :] = [(joined[LONGEST - 1][0], joined[-1][1])]
    return tuple(joined)
