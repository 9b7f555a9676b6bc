"""The exact value at one point as an enclosure that becomes as narrow as a question needs.

Arb at rising precision comes first. Where a value is rational no precision decides whether it is a tie: its
fraction does. Where it is a line with rational coefficients plus a rest of known sign,
such as 1 - 2*exp(-2x), a rest of any smallness decides by its sign (see `asymptotes`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from actcheck.reference.evaluation import balls
from actcheck.reference.evaluation.asymptotes import split
from actcheck.reference.evaluation.rational import rational
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Node
from actcheck.reference.specification.binding import ORDERS, Bound

#: Working precisions, in bits; `_STRUCTURE` is where a value's form is asked for what no precision decides.
_PRECISIONS = (128, 256, 1024, 4096, 1 << 14)
_STRUCTURE = 1024
#: Exponents beyond this stand for numbers of any size: formats end at 2^1024 and 2^-1074.
_FAR = 1 << 13
#: By what part of itself an end is moved so that it is certainly not the number.
_TOUCH = Fraction(1, 1 << 600)


class ReferenceDisagreementError(ArithmeticError):
    """The reference cannot answer for itself: mpmath and Arb do not agree, or a value stays undecided.

    A fault of the harness or of a definition, never of a backend.
    """


@dataclass(frozen=True)
class Enclosure:
    """An enclosure of a number; ``low == high`` is the number itself, otherwise it may be open at an end."""

    low: Fraction
    high: Fraction
    #: The number is neither of the ends.
    open: bool = False

    def times(self, factor: Fraction) -> Enclosure:
        """The enclosure of the product; by a factor of 0 it is the number 0."""
        if factor == 0:
            return Enclosure(Fraction(0), Fraction(0))
        low, high = sorted((self.low * factor, self.high * factor))
        return Enclosure(low, high, self.open)

    @property
    def magnitude(self) -> Enclosure:
        """The enclosure of the absolute value."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return Enclosure(-self.high, -self.low, self.open)
        return Enclosure(Fraction(0), max(-self.low, self.high))

    def at_least(self, threshold: Fraction) -> bool | None:
        """Whether the number is as large as a threshold; None where the enclosure does not tell."""
        if self.low >= threshold:
            return True
        if self.high < threshold or (self.open and self.high == threshold):
            return False
        return None

    def beyond(self, threshold: Fraction) -> bool | None:
        """Whether the number is larger than a threshold; None where the enclosure does not tell."""
        if self.low > threshold or (self.open and self.low == threshold):
            return True
        return False if self.high <= threshold else None

    def distance(self, other: Fraction) -> Enclosure:
        """The enclosure of the distance from another number."""
        return Enclosure(self.low - other, self.high - other, self.open).magnitude


def at(bound: Bound, quantity: str, case: int, x: Fraction) -> Iterator[Enclosure]:
    """Narrower and narrower enclosures of a quantity at finite x by one case of the definition.

    Where the value is rational, or a line and a rest of known sign, the last one decides every question.
    """
    order = ORDERS[quantity]
    node = bound.pieces[case].value
    prepared, about = balls.prepared(node), balls.ball(float(x))  # a float is a ball without a radius
    for bits in _PRECISIONS:
        if bits == _STRUCTURE:
            yield from _structure(bound, quantity, case, x)
        with balls.precision(bits, order + 1):
            ball = balls.expansion(prepared, about, order + 1)[order] * math.factorial(order)
            if ball.is_finite():
                yield ranged(ball.lower(), ball.upper())


@lru_cache(maxsize=256)
def _derived(bound: Bound, quantity: str, case: int) -> Node:
    # The derivative of the form that is read: it keeps the tails that the definition's own form cancels.
    return derivative(balls.prepared(bound.pieces[case].value), ORDERS[quantity])


def _structure(bound: Bound, quantity: str, case: int, x: Fraction) -> Iterator[Enclosure]:
    node = _derived(bound, quantity, case)
    value = rational(node, x)
    if value is not None:
        yield Enclosure(value, value)
        return
    found = split(node, float(x), float(x))
    if found is not None:
        line = found.constant + found.slope * x
        rest = ranged(*found.rest)
        yield Enclosure(line + rest.low, line + rest.high, rest.open)


def ranged(low: Any, high: Any) -> Enclosure:
    """Two exact Arb numbers as an enclosure between fractions; what lies beyond every format is cut,
    outwards."""
    ends = _rational(low, up=False), _rational(high, up=True)
    if low == high == 0 or 0 not in ends or not (low > 0 or high < 0):
        return Enclosure(*ends)
    # An end that was moved to 0 is not reached; nor is the other one, once it is moved a little.
    return Enclosure(ends[0] * (1 + _TOUCH), ends[1] * (1 + _TOUCH), open=True)


def _rational(end: Any, *, up: bool) -> Fraction:
    """A fraction no smaller (``up``) or no larger than an exact Arb number, and equal but at the extremes."""
    mantissa, exponent = (int(part) for part in end.man_exp())
    size = exponent + abs(mantissa).bit_length()
    if mantissa and size < -_FAR:
        return _away(Fraction(1, 2**_FAR), mantissa, up)
    if mantissa and size > _FAR:
        # Beyond every format one large number is as good as another, but the smaller one bounds from below.
        return _away(Fraction(2 ** (1 << 15)), mantissa, up, far=Fraction(2**_FAR // 2))
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def _away(size: Fraction, sign: int, up: bool, far: Fraction = Fraction(0)) -> Fraction:
    if sign > 0:
        return size if up else far
    return -far if up else -size
