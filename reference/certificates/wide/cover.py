"""Certificates in double-double: segments that cover every float64 between the breakpoints of a definition.

Each region is covered greedily from the float nearest to zero outwards: by a line where nothing else is left,
about 0 as far as that reaches, and then about the middle of segments made as long as the aim allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.regions import Region, kinks, regions
from actcheck.reference.certificates.wide import beginnings, expanding, lines, tails
from actcheck.reference.certificates.wide.expanding import AIM, OMITTED
from actcheck.reference.certificates.wide.segment import DEGREE, LEAST_SCALE, Line, Taylor, WideSegment
from actcheck.reference.evaluation.balls import prepared
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Node
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.binding import ORDERS, Bound

FORM = FORMATS["float64"]
#: More segments than any definition needs that Arb can enclose: what is left then is left to others.
_MOST = 20_000
#: Where a line ends at the latest, so that products with it neither under- nor overflow.
_ENDS = (2.0**-400, 2.0**400)
#: How far an expansion about 0 may reach.
_FURTHEST = 8.0
#: Tails are looked for from here on, at first over so large a ratio; 1/x stays in the middle of the range
#: over so many binades.
_FAR, _LITTLE, _TAIL = 2.0**16, 2.0**16, 780
#: The relative radius that is accepted for a single float.
_LEAST = 2.0**-80
#: Bits of a value that a reading should leave of `expanding.BITS`.
_ENOUGH = 160


@dataclass(frozen=True)
class WideCertificate:
    """Segments in the order of the keys, without a gap but for both zeros, over all finite floats."""

    quantity: str
    segments: tuple[WideSegment, ...]

    @cached_property
    def lows(self) -> NDArray[np.float64]:
        """The first input of each segment."""
        return FORM.values(np.array([s.low for s in self.segments], np.int64))

    def gap(self) -> str | None:
        """What is wrong with the cover, if anything."""
        expected = -FORM.infinity_key
        for segment in self.segments:
            if expected == -1:
                expected = 1  # the zeros are judged elsewhere
            if segment.low != expected or segment.high < segment.low or segment.low < 0 <= segment.high:
                return f"a segment starts at key {segment.low}, expected {expected}"
            expected = segment.high + 1
        return None if expected == FORM.infinity_key else f"the last segment ends at key {expected - 1}"


def build(bound: Bound, quantity: str) -> WideCertificate:
    """The certificate of a quantity. Where Arb finds no enclosure, segments say that nothing is known."""
    segments: list[WideSegment] = []
    for region in parts(bound, quantity):
        if region.case < 0:
            segments.append(WideSegment(region.low, region.high, None))
        else:
            segments += WideCover(bound, quantity, region)
    return WideCertificate(quantity, tuple(sorted(segments, key=lambda s: s.low)))


def parts(bound: Bound, quantity: str) -> Iterator[Region]:
    """The regions without the zeros; a kink of a derivative is a region of its own, of case -1."""
    found = regions(bound, FORM)
    apart = kinks(bound, found, FORM) if ORDERS[quantity] else {}
    for region in found:
        low, high = max(region.low, 1) if region.low >= 0 else region.low, region.high
        high = min(high, -2) if region.low < 0 else high
        for kink in (k for k in sorted(apart) if low <= k <= high):
            if low < kink:
                yield Region(low, kink - 1, region.case)
            yield Region(kink, kink, -1)
            low = kink + 1
        if low <= high:
            yield Region(low, high, region.case)


class WideCover:
    """The segments of one region."""

    def __init__(self, bound: Bound, quantity: str, region: Region) -> None:
        self.region = region
        node = prepared(bound.pieces[region.case].value)
        #: Two readings of the same function: a tree with the order of its derivative that is meant.
        self.given, self.derived = (node, ORDERS[quantity]), prepared(derivative(node, ORDERS[quantity]))
        self.step = 1 if region.low > 0 else -1
        first, last = (region.low, region.high) if self.step > 0 else (region.high, region.low)
        self.first, self.last = first, last
        self.beyond_zero = False
        self.width, self.lost = 1.0, 1
        #: Which of the reaches of lines was the last to tell something: the next is one longer at most.
        self.reached = 0

    def __iter__(self) -> Iterator[WideSegment]:
        key, count = self.first, 0
        before: Taylor | Line | None = None
        while (self.last - key) * self.step >= 0:
            count += 1
            if count > _MOST:
                yield self.segment(key, self.last, None)
                return
            found = self.at_zero(key)
            tail = None if found else self.tail(key)
            if found is None and (tail or _may_be_a_line(before)):
                found = self.line(key)  # it tells more than a tail
            found = found or tail or self.about_zero(key) or self.about_centre(key)
            yield found
            before = found.shape
            key = (found.high if self.step > 0 else found.low) + self.step

    def segment(self, key: int, other: int, shape: Taylor | Line | None) -> WideSegment:
        return WideSegment(min(key, other), max(key, other), shape)

    def ends(self, key: int, other: int) -> tuple[float, float]:
        low, high = sorted((FORM.value(key), FORM.value(other)))
        return low, high

    def out_to(self, key: int, magnitude: float) -> int:
        """The key of the last float of the region that is no larger, but at least ``key``."""
        far = min(magnitude, abs(FORM.value(self.last)))
        other = FORM.key(self.step * far)
        return other if (other - key) * self.step > 0 else key

    def line(self, key: int) -> WideSegment | None:
        """As far as a line goes, if there is one here."""
        near = abs(FORM.value(key))
        here = lines.line_between(self.derived, self.ends(key, key))
        if here is None:
            return None
        if key == self.last:
            return self.segment(key, key, here)
        limit = next((FORM.value(FORM.key(e) - 1) for e in _ENDS if near < e), FORM.largest)
        unsigned: WideSegment | None = None
        reaches = (FORM.largest, limit, 64 * near, 4 * near, 1.25 * near)
        for k in range(max(0, self.reached - 1), len(reaches)):
            far = reaches[k]
            other = self.out_to(key, far)
            found = lines.line_between(self.derived, self.ends(key, other)) if other != key else None
            made = self.segment(key, other, found)
            if found is not None and _tells(found):
                self.reached = k
                return made
            unsigned = unsigned or (None if found is None else made)
        return unsigned

    def tail(self, key: int) -> WideSegment | None:
        """As far as a power of x goes, where that is all that counts: if a little way, then perhaps on."""
        near, found = abs(FORM.value(key)), None
        if near < _FAR:
            return None
        further = (near * 2.0 ** (_TAIL // -power) for power in range(tails.LOWEST, 0))
        for far in (near * _LITTLE, *further, FORM.largest):
            other = self.out_to(key, far)
            shape = tails.taylor(self.derived, self.ends(key, other))
            if shape is not None:
                found = self.segment(key, other, shape)
            elif found is None:
                return None
        return found

    @cached_property
    def about_0(self) -> expanding.Expansion | None:
        """The coefficients about 0."""
        return expanding.exact_coefficients(*self.given, 0.0, first=expanding.HIGHEST)

    @cached_property
    def begins(self) -> beginnings.AtZero | None:
        """Where they begin."""
        return beginnings.at_zero(self.about_0.exact) if self.about_0 else None

    @cached_property
    def furthest(self) -> float:
        """How far an expansion about 0 may reach: without an end for a polynomial of low degree."""
        short = self.about_0 is not None and all(c.is_zero() for c in self.about_0.exact[4:])
        return math.inf if short else _FURTHEST

    def reading(self, key: int) -> tuple[Node, int]:
        """The reading that cancels less here; the given one is the shorter one."""
        x, (_, order) = FORM.value(key), self.given
        bits = expanding.accuracy(*self.given, x) if order else math.inf
        if bits < _ENOUGH and expanding.accuracy(self.derived, 0, x) > bits + 16:
            return self.derived, 0
        return self.given

    def at_zero(self, key: int) -> WideSegment | None:
        """Next to 0, where the first term is all that counts."""
        if key not in (1, -2) or self.begins is None:
            return None
        for power in (-36, -54, -55, -110, -220, -372, -390, -580, -600, -1030, -1060):
            other = self.out_to(key, 2.0**power)
            found = beginnings.line_at_zero(*self.given, self.begins, FORM.value(other))
            if found is not None:
                return self.segment(key, other, found)
        return None

    def about_zero(self, key: int) -> WideSegment | None:
        """As far as the expansion about 0 reaches."""
        near = abs(FORM.value(key))
        begins = None if self.beyond_zero or near > self.furthest / 64 else self.begins
        if begins is None or self.about_0 is None or begins.first > expanding.HIGHEST:
            return None
        for far in self._reaches(near, begins.first):
            other = self.out_to(key, far)
            made = expanding.about_zero(*self.given, self.ends(key, other), begins.first, self.about_0)
            if made and made[1] <= AIM and made[2] <= OMITTED:
                return self.segment(key, other, made[0])
        self.beyond_zero = True
        return None

    def _reaches(self, near: float, power: int) -> Iterator[float]:
        # A product with x^power stays between 2^-400 and 2^400.
        furthest = near * 2.0 ** (780 // power) if power else math.inf
        if math.isinf(self.furthest):
            yield min(furthest, FORM.largest)
        reach = min(_FURTHEST, furthest)
        while reach > 1.1 * near or reach == furthest:
            yield reach
            reach *= 0.8 if 2.0**-20 < reach <= _FURTHEST else 2.0**-5

    def about_centre(self, key: int) -> WideSegment:
        """The longest segment found about its own middle."""
        near = abs(FORM.value(key))
        width, reading = self.width, self.reading(key)
        while True:
            # Between half the centre and its double the difference from it is exact.
            other = self.out_to(key, min(near + min(width, 2 * near), FORM.largest))
            low, high = self.ends(key, other)
            made = expanding.about_centre(*reading, (low, high), low / 2 + high / 2)
            if made and ((made[1] <= AIM and made[2] <= OMITTED) or (other == key and made[1] <= _LEAST)):
                self.width = max((width if width < near else 2 * near) * _growth(made[2]), near * 2.0**-50)
                return self.segment(key, other, made[0])
            if other == key:
                return self.nothing(key)
            width = min(width, abs(high - low)) * min(_growth(made[2]) if made else 0.25, 0.8)

    def nothing(self, key: int) -> WideSegment:
        """A segment of which nothing is known: each time twice as long, so that there are few of them."""
        self.width, self.lost = abs(FORM.value(key)), 2 * self.lost
        other = key + self.step * self.lost
        return self.segment(key, other if (self.last - other) * self.step > 0 else self.last, None)


def _tells(found: Taylor | Line) -> bool:
    """Whether a line has no rest, or one of known sign: others decide less."""
    return isinstance(found, Taylor) or bool(found.sign) or not (found.relative or found.radius)


def _may_be_a_line(before: Taylor | Line | None) -> bool:
    """Whether it is worth its while to look for a line after this segment: it was one, or all but one."""
    if not isinstance(before, Taylor):
        return True
    return len(before.rest) <= 2 or abs(before.main[0]) < 2.0**-190 or before.scale == LEAST_SCALE


def _growth(share: float) -> float:
    """By how much a width can change: the remainder grows with its power DEGREE + 1."""
    if not share > 0:
        return 4.0
    return min(max(float((OMITTED / share) ** (1 / (DEGREE + 1))) * 0.97, 0.25), 4.0)
