"""What a running error analysis knows of a node's value, and what one rounding does to that (see `proof`)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from actcheck.reference.expressions.tree import Node, text

#: Unit roundoff of binary64, and its smallest number: more than gradual underflow takes.
UNIT, TINY = 2.0**-53, 2.0**-1074
#: From here on a computed value may be infinite.
LARGE = 2.0**1022
#: What the sums and products of bounds may lose to their own rounding, many times over.
OUTWARDS = 1 + 2.0**-40


class ScaleError(ValueError):
    """A scale that cannot be evaluated to within `numeric.SLACK`; the text says why and what to do."""


@dataclass(frozen=True)
class Known:
    """The range of the exact value v; abs(w - v) <= relative*abs(v) + absolute for the computed w."""

    node: Node
    low: float
    high: float
    relative: float = 0.0
    #: In units of `TINY`, so that it does not itself underflow.
    absolute: float = 0.0
    #: Whether the computed value may be infinite.
    overflows: bool = False

    @property
    def exact(self) -> bool:
        """Whether the computed value is the exact one."""
        return self.relative == 0 and self.absolute == 0 and not self.overflows

    @property
    def most(self) -> float:
        """The largest size."""
        return max(abs(self.low), abs(self.high))

    @property
    def least(self) -> float:
        """The smallest size."""
        return 0.0 if self.low <= 0 <= self.high else min(abs(self.low), abs(self.high))

    def refused(self, why: str) -> ScaleError:
        """The error of a tree that this node makes unprovable."""
        return ScaleError(f"{text(self.node)}: {why}")


def rounded(
    node: Node, low: float, high: float, relative: float, absolute: float, overflows: bool = False
) -> Known:
    """The result of one rounding: its range outwards, and whether it may overflow."""
    low, high = outer(low, -math.inf), outer(high, math.inf)
    grown = (relative + UNIT * (1 + relative)) * OUTWARDS
    large = max(abs(low), abs(high)) >= LARGE
    return settled(Known(node, low, high, grown, absolute * OUTWARDS, overflows or large))


def settled(known: Known) -> Known:
    """Of a value that stays away from 0 an absolute error is a relative one."""
    if not (known.absolute and known.least):
        return known
    return replace(known, relative=known.relative + share(known.absolute, known.least), absolute=0.0)


def bounded(
    node: Node, ends: tuple[float, float], relative: float, absolute: float, overflows: bool
) -> Known:
    """The result of one rounding, unless nothing is known of it."""
    if not (relative < 1 and absolute < math.inf):
        raise ScaleError(f"{text(node)}: an underflow or error in it grows without bound; bound it by min")
    return rounded(node, *ends, relative, absolute, overflows)


def share(absolute: float, value: float) -> float:
    """An absolute error (in units of `TINY`) as a relative one of a positive value, rounded up."""
    return math.nextafter(absolute / value * TINY, math.inf) if absolute else 0.0


def outer(end: float, way: float) -> float:
    """The next number that way, not across 0: rounding keeps signs, and those of zeros that underflowed."""
    inwards = math.copysign(1.0, end) != math.copysign(1.0, way)
    moved = math.nextafter(end, way)
    return math.copysign(0.0, end) if inwards and (end == 0 or moved == 0) else moved
