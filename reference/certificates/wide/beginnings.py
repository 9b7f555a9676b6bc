"""What a function is next to 0: the first term of its power series, and the sign of what follows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from actcheck.reference.certificates.wide.expanding import BITS_AT_ZERO, coefficients, power_of_two
from actcheck.reference.certificates.wide.lines import SHARE, VANISHING, exact_line, scaled_radius, with_rest
from actcheck.reference.certificates.wide.segment import MOST_SCALE, Line
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.tree import Node


@dataclass(frozen=True)
class AtZero:
    """The beginning of a power series: the first term that is not zero and the next one's."""

    exact: list[Any]
    #: The power of the first term, and of the one after it.
    first: int
    second: int | None


def at_zero(exact: list[Any]) -> AtZero | None:
    """Where a series about 0 begins, from enclosures of its coefficients; None if all may be zero."""
    there = [k for k, c in enumerate(exact) if not c.contains(0)]
    if not there or not all(c.is_finite() for c in exact):
        return None
    return AtZero(exact, there[0], there[1] if len(there) > 1 else None)


def line_at_zero(node: Node, order: int, begins: AtZero, far: float) -> Line | None:
    """The first term, if it is a line, from the smallest subnormal up to ``far`` (on its side of 0).

    f(x) = c x^first + (what the coefficients up to the next lack) + d(ξ) x^next: the last decides the sign
    of the rest if it outweighs the uncertain ones at 2^-1074, where they weigh most in relation to it.
    """
    vanishes = (
        begins.first > 1 or not abs(begins.exact[begins.first]) * abs(arb(far)) ** begins.first > VANISHING
    )
    following = begins.first if vanishes else begins.second
    if following is None or following > 3:
        return None
    given = Fraction(0) if vanishes else Fraction(float(begins.exact[begins.first].mid()))
    hull = balls.hull(min(far, 0.0), max(far, 0.0))
    decisive = coefficients(node, order, hull, following + 1, BITS_AT_ZERO)[following]
    with balls.precision(BITS_AT_ZERO, 1):
        unknown = [c - balls.ball(given) if k == begins.first else c for k, c in enumerate(begins.exact)]
        smallest = power_of_two(-1074)
        lost = sum((abs(unknown[k]) / smallest ** (following - k) for k in range(following)), arb(0))
        if not lost < abs(decisive):
            return None
        size = 2 * abs(decisive) * abs(arb(far)) ** following
    sign = (1 if decisive > 0 else -1) * (-1 if far < 0 and following % 2 else 1)
    if vanishes:
        small = Line(0.0, 0.0, 0, MOST_SCALE, sign, 0.0, scaled_radius(size.upper(), MOST_SCALE))
        return small if size < VANISHING else None
    constant, slope = (given, Fraction(0)) if begins.first == 0 else (Fraction(0), given)
    line = exact_line(constant, slope, (math.copysign(2.0**-1074, far), far))
    # Relative to the first term: x^(next - first) is largest at the far end.
    share = 2 * abs(decisive) * abs(arb(far)) ** (following - begins.first) / abs(balls.ball(given))
    return with_rest(line, sign, share) if line and share < SHARE else None
