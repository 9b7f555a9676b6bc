"""Properties that hold between results: odd, even, monotone, in a range; counted over blocks of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import Bound, constant, holds_for
from actcheck.reference.specification.model import Piece
from actcheck.reference.sweeping.kernels import neighbours

Array = NDArray[Any]
_FORM = FORMATS["float32"]
#: Names and kinds of claims, ends of ranges, and what is found of each.
_Loops = tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.float32], NDArray[np.int64]]
#: Claims about pairs of inputs; a pair is counted once, with the positive one.
_SYMMETRIES = ("odd", "even")


@dataclass(frozen=True)
class Claim:
    """A property of a function at given parameters."""

    name: str
    low: float = -np.inf
    high: float = np.inf


def claims(bound: Bound, form: Format = _FORM) -> Iterator[Claim]:
    """What the specification claims of the function.

    A range's end that is no number of the format is rounded outwards: a faithful result may lie there.
    """
    parameters = bound.variant.parameters
    for item in bound.spec.properties:
        if not holds_for(item.when, parameters):
            continue
        low, high = (
            _outwards(form, constant((Piece((), end),), parameters), beyond) if end is not None else beyond
            for end, beyond in ((item.low, -np.inf), (item.high, np.inf))
        )
        yield Claim(item.property, low, high)


def _outwards(form: Format, end: float, beyond: float) -> float:
    """The number of a format at an end of a range, or else the next one on the side of an infinity."""
    near = np.array([end]).astype(form.dtype)
    inside = float(near[0]) > end if beyond < 0 else float(near[0]) < end
    return float(form.values(form.keys(near) + (1 if beyond > 0 else -1))[0]) if inside else float(near[0])


@dataclass
class Broken:
    """How often a property was seen broken, and the key of the first input."""

    count: int = 0
    first: int | None = None

    def add(self, count: int, key: int) -> None:
        """So many more, the first of them at this key."""
        if count:
            self.count += count
            self.first = key if self.first is None else min(self.first, key)


@dataclass
class Ordering:
    """Counts broken claims; blocks of one sign must come in ascending magnitude."""

    claims: tuple[Claim, ...]
    broken: dict[str, Broken] = field(init=False)
    #: First and last key with their results, for each sign: where the neighbours' blocks join.
    ends: dict[bool, list[tuple[int, float]]] = field(default_factory=dict)

    _loops: dict[tuple[bool, bool], _Loops] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.broken = {claim.name: Broken() for claim in self.claims}

    def loops(self, positive: bool, paired: bool) -> _Loops:
        """What `kernels.neighbours.count_broken` takes for inputs of one sign; `note` hears what it found.

        ``paired``: the results at their negatives are at hand.
        """
        if (positive, paired) not in self._loops:
            claims = [c for c in self.claims if paired or c.name not in _SYMMETRIES]
            kinds = np.array([_kind(c.name, positive) for c in claims], np.int64)
            ends = np.array([(c.low, c.high) for c in claims], np.float32).reshape(-1, 2)
            found = np.zeros((len(claims), 2), np.int64)
            self._loops[positive, paired] = tuple(c.name for c in claims), kinds, ends, found
        return self._loops[positive, paired]

    def note(self, x: Array, y: Array, loops: _Loops) -> None:
        """Take over what the loops found for inputs of one sign and ascending magnitude, without NaN."""
        if not self.claims:
            return
        names, _, _, found = loops
        if found.any():
            for name, (count, at) in zip(names, found.tolist(), strict=True):
                if count:
                    self.broken[name].add(count, _key(x, at))
            found[:] = 0
        first, last = ((_key(x, at), float(y[at])) for at in (0, -1))
        self._join(first[0] >= 0, first, last)

    def _join(self, positive: bool, first: tuple[int, float], last: tuple[int, float]) -> None:
        start = first
        if positive in self.ends:
            start, end = self.ends[positive]
            self._compare(end, first, positive)
        self.ends[positive] = [start, last]

    def _compare(self, before: tuple[int, float], after: tuple[int, float], positive: bool) -> None:
        for claim in self.claims:
            if claim.name in ("increasing", "decreasing"):
                wrong = after[1] > before[1] if _rises(claim.name, positive) < 0 else after[1] < before[1]
                self.broken[claim.name].add(int(wrong), after[0])

    def merge(self, other: Ordering) -> None:
        """Take in what the next blocks showed: those that follow in magnitude."""
        for name, broken in other.broken.items():
            if broken.first is not None:
                self.broken[name].add(broken.count, broken.first)
        for positive, ends in other.ends.items():
            self._join(positive, *ends)


def _rises(name: str, positive: bool) -> float:
    """1 where results must not fall as the magnitude grows, else -1."""
    return 1.0 if (name == "increasing") == positive else -1.0


def _kind(name: str, positive: bool) -> int:
    """The claim as the loops name it, for results in the order of growing magnitudes."""
    fixed = {"range": neighbours.RANGE, "odd": neighbours.ODD, "even": neighbours.EVEN}
    rises = neighbours.RISES if _rises(name, positive) > 0 else neighbours.FALLS
    return fixed.get(name, rises)


def _key(x: Array, at: int) -> int:
    """The key of one float32 (see `formats.Format.keys`), quicker than those of an array."""
    bits = int(x[at].view(np.int32))
    return bits if bits >= 0 else -1 - (bits + 2**31)
