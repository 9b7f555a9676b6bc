"""How a region of floats is covered with segments: greedily, each as long as the demanded accuracy allows."""

from __future__ import annotations

import math
from collections.abc import Iterator

from actcheck.reference.certificates.model import (
    DEGREE,
    DEMANDED,
    SATURATED,
    CertificateError,
    KeyRun,
    Polynomial,
    Proof,
    Segment,
    constant,
    key_of,
    run_of,
    value_of,
)
from actcheck.reference.certificates.regions import Region
from actcheck.reference.certificates.segments import (
    BITS,
    MOST_BITS,
    Coefficients,
    blurred,
    degree_for,
    expand,
    prove,
    saturated,
    shortened,
    single,
    vanishing,
)
from actcheck.reference.expressions.tree import Node, Power, walk

#: x - centre is exact in float64 as long as a segment spans no more than this ratio.
_WIDEST = 2.0**20
#: More segments, and more attempts at `BITS`, than any definition needs that Arb can enclose.
_MOST_SEGMENTS, _MOST_ATTEMPTS = 20_000, 120_000
#: An attempt with a tree of so many operations counts as one; a power counts as its factors.
_WORK = 40
#: Inputs up to here have segments of their own: results for them may be subnormal.
_TINY = 2.0**-118


class Effort:
    """What a certificate may cost, so that one that cannot be built is refused in bounded time."""

    def __init__(self) -> None:
        self.segments, self.attempts = 0, 0.0

    def attempt(self, bits: int, work: int) -> None:
        """One more expansion or proof; its cost grows with its bits and with the operations of the tree."""
        self.attempts += bits / BITS * max(1, work / _WORK)

    @property
    def spent(self) -> str | None:
        """What there was too much of."""
        if self.segments > _MOST_SEGMENTS:
            return f"more than {_MOST_SEGMENTS} segments"
        return f"more than {_MOST_ATTEMPTS} attempts" if self.attempts > _MOST_ATTEMPTS else None


class Cover:
    """Covers one region from the float nearest to zero outwards."""

    def __init__(self, node: Node, order: int, region: Region, effort: Effort) -> None:
        self.node, self.order, self.region, self.effort = node, order, region, effort
        self.work = sum(n.exponent if isinstance(n, Power) else 1 for n in walk(node))
        self.outwards = 1 if region.low >= 0 else -1
        self.at_zero: tuple[Polynomial, Coefficients] | None = None
        self.beyond_zero = False
        self.bits = BITS

    def __iter__(self) -> Iterator[Segment]:
        """The segments. Raises CertificateError at the first input that has none."""
        region, step = self.region, self.outwards
        key, end = (region.low, region.high) if step > 0 else (region.high, region.low)
        width = 1.0
        while (end - key) * step >= 0:
            segment = self.about_zero(key, end) or self.whole(key, end)
            if segment is None:
                segment, width = self.about_centre(key, end, width)
            self.effort.segments += 1
            yield segment
            key = (segment.high if step > 0 else segment.low) + step

    def segment(self, key: int, other: int, polynomial: Polynomial, proof: Proof) -> Segment:
        return Segment(min(key, other), max(key, other), polynomial, proof)

    def run(self, key: int, other: int) -> KeyRun:
        return run_of(min(key, other), max(key, other))

    def about_zero(self, key: int, end: int) -> Segment | None:
        """A segment expanded about 0: from 0 outwards, or anywhere if f is a polynomial of low degree."""
        if self.at_zero is None:
            self.at_zero = expand(self.node, self.order, 0.0)
        polynomial, exact = self.at_zero
        for degree, other in self._outer_ends(key, end):
            self._count(key)
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
            return self.segment(key, end, constant(0.0), proof)
        sign = saturated(self.node, self.order, run)
        if sign is None:
            return None
        return self.segment(key, end, constant(sign * SATURATED), Proof(0.0, 0.0, SATURATED))

    def about_centre(self, key: int, end: int, width: float) -> tuple[Segment, float]:
        """The longest segment found about its own middle, and the width to try next."""
        near = abs(value_of(key))
        self.bits = max(BITS, self.bits // 2)
        while True:
            self._count(key)
            other = self._end_at(key, end, near, width)
            if other == key:
                gap = abs(value_of(key + self.outwards) - value_of(key)) if key != end else 0.0
                return self.alone(key), 2 * max(width, gap)
            run = self.run(key, other)
            middle = value_of(key_of((run.low + run.high) / 2))
            polynomial, exact = expand(self.node, self.order, middle, self.bits)
            if blurred(exact, max(run.high - middle, middle - run.low)) and self.bits < MOST_BITS:
                self.bits *= 2
                continue
            proof = self.prove(run, polynomial, exact)
            if proof is not None and proof.size <= DEMANDED:
                polynomial, proof = self.shorter(run, polynomial, exact, proof)
                return self.segment(key, other, polynomial, proof), width * _growth(proof.size)
            reached = abs(abs(value_of(other)) - near)
            width = min(width, reached) * min(_growth(proof.size) if proof else 0.25, 0.8)

    def alone(self, key: int) -> Segment:
        """The segment of a single float."""
        found = single(self.node, self.order, value_of(key))
        if found is None:
            raise CertificateError(f"no finite enclosure at x = {value_of(key)!r}")
        polynomial, proof, bits = found
        # Its neighbours will need as many.
        self.bits = max(self.bits, 2 * bits)
        self.effort.attempt(2 * bits, self.work)
        return self.segment(key, key, polynomial, proof)

    def prove(self, run: KeyRun, polynomial: Polynomial, exact: Coefficients) -> Proof | None:
        """The proof at the working precision."""
        return prove(self.node, self.order, run, polynomial, exact, self.bits)

    def _count(self, key: int) -> None:
        self.effort.attempt(self.bits, self.work)
        if self.effort.spent:
            raise CertificateError(
                f"{self.effort.spent}, the last at x = {value_of(key)!r}; write the definition so that "
                "nothing cancels there"
            )

    def shorter(
        self, run: KeyRun, polynomial: Polynomial, exact: Coefficients, proof: Proof
    ) -> tuple[Polynomial, Proof]:
        """The polynomial with as few terms as the demanded accuracy allows."""
        reach = max(run.high - polynomial.centre, polynomial.centre - run.low)
        allowed = DEMANDED / 4 * max(proof.smallest, 2.0**-126)
        degree = degree_for(polynomial, reach, allowed)
        if degree < DEGREE:
            short = shortened(polynomial, degree)
            shown = self.prove(run, short, exact)
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
    if not size < math.inf:
        return 0.25
    return min(max(float((DEMANDED / size) ** (1 / (DEGREE + 1))) * 0.97, 0.25), 2.0)
