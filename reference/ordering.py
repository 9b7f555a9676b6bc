"""Properties that hold between results: odd, even, monotone, in a range; counted over blocks of inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference import kernel_search
from actcheck.reference.binding import Bound, constant, holds_for
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.spec import Piece

Array = NDArray[Any]
_FORM = FORMATS["float32"]
_FLIPPED, _KEPT = np.int32(-(2**31)), np.int32(0)


@dataclass(frozen=True)
class Claim:
    """A property of a function at given parameters."""

    name: str
    low: float = -np.inf
    high: float = np.inf


def claims(bound: Bound, form: Format = _FORM) -> Iterator[Claim]:
    """What the specification claims of the function; a range's ends rounded to the format, as results are."""
    parameters = bound.variant.parameters
    for item in bound.spec.properties:
        if not holds_for(item.when, parameters):
            continue
        low, high = (
            float(np.array(constant((Piece((), end),), parameters)).astype(form.dtype))
            if end is not None
            else other
            for end, other in ((item.low, -np.inf), (item.high, np.inf))
        )
        yield Claim(item.property, low, high)


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

    def __post_init__(self) -> None:
        self.broken = {claim.name: Broken() for claim in self.claims}

    def see(self, x: tuple[Array, Array], y: tuple[Array, Array]) -> None:
        """Inputs of ascending magnitude, negative and positive, without NaN, and their results."""
        for claim in self.claims:
            broken = self.broken[claim.name]
            match claim.name:
                case "odd" | "even":
                    flip = _FLIPPED if claim.name == "odd" else _KEPT
                    count, first = kernel_search.asymmetric(y[0], y[1], flip)
                    broken.add(int(count), _key(x[1], first))
                case "range":
                    for sign in (0, 1):
                        count, first = kernel_search.outside(y[sign], claim.low, claim.high)
                        broken.add(int(count), _key(x[sign], first))
                case _:
                    for sign in (0, 1):
                        count, first = kernel_search.steps(y[sign], _rises(claim.name, bool(sign)))
                        broken.add(int(count), _key(x[sign], first))
        for sign in (0, 1):
            first, last = ((_key(x[sign], at), float(y[sign][at])) for at in (0, -1))
            self._join(bool(sign), first, last)

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


def _key(x: Array, at: Any) -> int:
    return int(_FORM.keys(x[[at]])[0])
