"""Certificates: a proven piecewise polynomial for one variant and quantity over all of float32.

Compiled from the definition alone, by expanding it in Arb power series (`segments`). The floats between
the breakpoints of the definition are covered greedily: each segment is made as long as the demanded
accuracy allows. float16 and bfloat16 inputs are float32 values too, and are judged by the same segments.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.balls import prepared
from actcheck.reference.binding import ORDERS, Bound
from actcheck.reference.expression import Node
from actcheck.reference.regions import FIRST, LAST, Region, kinks, regions
from actcheck.reference.segments import (
    DEGREE,
    SATURATED,
    Coefficients,
    Polynomial,
    Proof,
    Run,
    degree_for,
    expand,
    prove,
    saturated,
    shortened,
    vanishing,
)

#: Changes whenever the same definition would give another certificate: part of the cache's key.
BUILDER = 3
#: The radius that a segment may have, relative to max(abs(f), 2^-126): 2^-22 of a unit of float32.
DEMANDED = 2.0**-46
#: x - centre is exact in float64 as long as a segment spans no more than this ratio.
_WIDEST = 2.0**20
#: More segments than any definition needs that Arb can enclose.
_MOST = 20_000
#: Inputs up to here have segments of their own: results for them may be subnormal.
_TINY = 2.0**-118


class CertificateError(ValueError):
    """A certificate that cannot be built, or one that claims what is not proven."""


@dataclass(frozen=True)
class Segment:
    """Consecutive float32 keys, both ends included, with a polynomial and its proof."""

    low: int
    high: int
    polynomial: Polynomial
    proof: Proof


@dataclass(frozen=True)
class Certificate:
    """Segments in the order of the keys, without a gap, from the smallest finite float to the largest."""

    quantity: str
    segments: tuple[Segment, ...]
    #: Floats that lie exactly on a kink, with the cases that meet there.
    kinks: dict[int, tuple[int, ...]]

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """The first key of each segment."""
        return np.array([s.low for s in self.segments], np.int64)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """A row a segment: centre, then the coefficients, lowest first."""
        return np.array([(s.polynomial.centre, *s.polynomial.coefficients) for s in self.segments])

    def gap(self) -> str | None:
        """What is wrong with the cover, if anything: it must be complete and without overlap."""
        expected = FIRST
        for segment in self.segments:
            if segment.low != expected or segment.high < segment.low:
                return f"a segment starts at key {segment.low}, expected {expected}"
            expected = segment.high + 1
        return None if expected == LAST + 1 else f"the last segment ends at key {expected - 1}, not {LAST}"


def build(bound: Bound, quantity: str) -> Certificate:
    """The certificate of a quantity, proven segment by segment.

    Raises CertificateError where Arb finds no finite enclosure of the definition.
    """
    found = regions(bound)
    order = ORDERS[quantity]
    parts: list[Segment] = []
    for region in found:
        node = prepared(bound.pieces[region.case].value)
        parts += islice(_Cover(node, order, region), _MOST + 1 - len(parts))
        if len(parts) > _MOST:
            raise CertificateError(
                f"{bound.spec.id} {quantity}: more than {_MOST} segments, the last at x = "
                f"{value_of(parts[-1].low)!r}; write the definition so that nothing cancels there"
            )
    parts.sort(key=lambda s: s.low)
    return Certificate(quantity, tuple(parts), kinks(bound, found) if order else {})


def verify(certificate: Certificate, bound: Bound) -> None:
    """Prove every segment again from the definition.

    Raises CertificateError for a gap, a wrong breakpoint, a coefficient or a radius that is not proven.
    """
    fault = certificate.gap()
    if fault:
        raise CertificateError(fault)
    order = ORDERS[certificate.quantity]
    found = regions(bound)
    if certificate.kinks != (kinks(bound, found) if order else {}):
        raise CertificateError("the kinks are not those of the definition")
    cases = iter(found)
    region = next(cases)
    for segment in certificate.segments:
        if segment.low > region.high:
            region = next(cases)
        if not region.low <= segment.low <= segment.high <= region.high:
            raise CertificateError(f"the segment at key {segment.low} crosses a breakpoint of the definition")
        node = prepared(bound.pieces[region.case].value)
        proof = _proven(node, order, run_of(segment.low, segment.high), segment.polynomial)
        if proof is None or not proof.within(segment.proof):
            raise CertificateError(f"the segment at key {segment.low} claims more than is proven")


def _proven(node: Node, order: int, run: Run, polynomial: Polynomial) -> Proof | None:
    """What can be proven of given coefficients, however they came about."""
    d = polynomial.coefficients
    if not any(d):
        return vanishing(node, order, run)
    if not any(d[1:]) and abs(d[0]) == SATURATED and saturated(node, order, run) == np.sign(d[0]):
        return Proof(0.0, 0.0, SATURATED)
    _, exact = expand(node, order, polynomial.centre)
    return prove(node, order, run, polynomial, exact)


def value_of(key: int) -> float:
    """The float32 with a key."""
    pattern = key if key >= 0 else (-key - 1) | 0x80000000
    return float(struct.unpack("<f", struct.pack("<I", pattern))[0])


def key_of(value: float) -> int:
    """The key of the float32 nearest to a value."""
    pattern = int(struct.unpack("<i", struct.pack("<f", value))[0])
    return pattern if pattern >= 0 else -(pattern & 0x7FFFFFFF) - 1


def run_of(low: int, high: int) -> Run:
    """The values of a range of keys."""
    return Run(value_of(low), value_of(high))


class _Cover:
    """Covers one region from the float nearest to zero outwards."""

    def __init__(self, node: Node, order: int, region: Region) -> None:
        self.node, self.order, self.region = node, order, region
        self.outwards = 1 if region.low >= 0 else -1
        self.at_zero: tuple[Polynomial, Coefficients] | None = None
        self.beyond_zero = False

    def __iter__(self) -> Iterator[Segment]:
        region, step = self.region, self.outwards
        key, end = (region.low, region.high) if step > 0 else (region.high, region.low)
        width = 1.0
        while (end - key) * step >= 0:
            segment = self.about_zero(key, end) or self.whole(key, end)
            if segment is None:
                segment, width = self.about_centre(key, end, width)
            yield segment
            key = (segment.high if step > 0 else segment.low) + step

    def segment(self, key: int, other: int, polynomial: Polynomial, proof: Proof) -> Segment:
        return Segment(min(key, other), max(key, other), polynomial, proof)

    def run(self, key: int, other: int) -> Run:
        return run_of(min(key, other), max(key, other))

    def about_zero(self, key: int, end: int) -> Segment | None:
        """A segment expanded about 0: from 0 outwards, or anywhere if f is a polynomial of low degree."""
        if self.at_zero is None:
            self.at_zero = expand(self.node, self.order, 0.0)
        polynomial, exact = self.at_zero
        for degree, other in self._outer_ends(key, end):
            short = shortened(polynomial, degree)
            proof = prove(self.node, self.order, self.run(key, other), short, exact)
            if proof is not None and proof.size <= DEMANDED:
                return self.segment(key, other, short, proof)
        return None

    def _outer_ends(self, key: int, end: int) -> Iterator[tuple[int, int]]:
        """Degrees and ends to try.

        Results near the subnormals, and those for which few terms suffice, get segments of their own, which
        are judged faster. A line with a constant is evaluated exactly up to some size (see segments).
        """
        near, far = abs(value_of(key)), abs(value_of(end))
        if self.at_zero and not any(self.at_zero[0].coefficients[4:]):
            yield DEGREE, end
            for power in range(40, 0, -4) if near else ():
                yield DEGREE, key_of(self.outwards * min(near * 2.0**power, far))
        if key in (0, -1):
            for degree in (3, DEGREE):
                yield degree, key_of(self.outwards * min(_TINY, far))
        elif near <= 2 * _TINY and far > _TINY:
            for power in range(8, 80, 2):
                yield 3, key_of(self.outwards * min(2.0**-power, far))
        if near < 2.0**-8 and not self.beyond_zero:
            self.beyond_zero = key not in (0, -1)
            reach = min(far, 8.0)
            while reach > max(2.0**-12, near):
                yield DEGREE, key_of(self.outwards * reach)
                reach *= 0.7
        if key in (0, -1):
            yield DEGREE, key

    def whole(self, key: int, end: int) -> Segment | None:
        """As much as possible of what is left, where f vanishes or saturates."""
        for ratio in (_WIDEST, 16.0):
            near = abs(value_of(key))
            segment = self._constant(key, self._end_at(key, end, near, near * ratio))
            if segment is not None:
                return segment
        return None

    def _constant(self, key: int, end: int) -> Segment | None:
        run = self.run(key, end)
        proof = vanishing(self.node, self.order, run)
        if proof is not None:
            return self.segment(key, end, Polynomial(0.0, (0.0,) * (DEGREE + 1)), proof)
        sign = saturated(self.node, self.order, run)
        if sign is None:
            return None
        constant = Polynomial(0.0, (sign * SATURATED, *(0.0,) * DEGREE))
        return self.segment(key, end, constant, Proof(0.0, 0.0, SATURATED))

    def about_centre(self, key: int, end: int, width: float) -> tuple[Segment, float]:
        """The longest segment found about its own middle, and the width to try next."""
        near = abs(value_of(key))
        while True:
            other = self._end_at(key, end, near, width)
            run = self.run(key, other)
            middle = value_of(key_of((run.low + run.high) / 2))
            polynomial, exact = expand(self.node, self.order, middle)
            proof = prove(self.node, self.order, run, polynomial, exact)
            if proof is not None and (proof.size <= DEMANDED or other == key):
                polynomial, proof = self.shorter(run, polynomial, exact, proof)
                return self.segment(key, other, polynomial, proof), width * _growth(proof.size)
            if other == key:
                raise CertificateError(f"no finite enclosure of the definition at x = {value_of(key)!r}")
            reached = abs(abs(value_of(other)) - near)
            width = min(width, reached) * min(_growth(proof.size) if proof else 0.25, 0.8)

    def shorter(
        self, run: Run, polynomial: Polynomial, exact: Coefficients, proof: Proof
    ) -> tuple[Polynomial, Proof]:
        """The polynomial with as few terms as the demanded accuracy allows."""
        reach = max(run.high - polynomial.centre, polynomial.centre - run.low)
        allowed = DEMANDED / 4 * max(proof.smallest, 2.0**-126)
        degree = degree_for(polynomial, reach, allowed)
        if degree < DEGREE:
            short = shortened(polynomial, degree)
            shown = prove(self.node, self.order, run, short, exact)
            if shown is not None and shown.size <= DEMANDED:
                return short, shown
        return polynomial, proof

    def _end_at(self, key: int, end: int, near: float, width: float) -> int:
        far = min(near + width, max(near, 2.0**-126) * _WIDEST, abs(value_of(end)))
        other = key_of(self.outwards * far)
        if (other - key) * self.outwards < 0:
            return key
        return end if (end - other) * self.outwards < 0 else other


def _growth(size: float) -> float:
    """By how much a width can change: the remainder grows with its power DEGREE + 1."""
    if size == 0:
        return 2.0
    return min(max(float((DEMANDED / size) ** (1 / (DEGREE + 1))) * 0.97, 0.25), 2.0)
