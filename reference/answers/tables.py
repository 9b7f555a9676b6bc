"""A certificate as the loops over inputs in any order take it: a table of segments, and where to look.

Zeros, infinities, NaN and kinks are segments of their own, which have no polynomial: those inputs are
answered one by one. What remains between them is looked up by the upper half of the pattern, and by bisection
from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Segment
from actcheck.reference.certificates.regions import FIRST, LAST
from actcheck.reference.certificates.wide.signs import sign_between
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import Node
from actcheck.reference.machine.outward import roomy
from actcheck.reference.specification.binding import ORDERS, Bound

#: Columns of a row, before the coefficients, the lowest first: the radius (see `outward.roomy`), the sign of
#: the function where its polynomial is 0 and the function is not, and the centre.
RELATIVE, ABSOLUTE, SIGN, CENTRE, COEFFICIENTS = range(5)
#: Half of the bits of a pattern.
SHIFT = 16
_LEAST = -(1 << 31)


class Answers(NamedTuple):
    """The segments of one quantity over all float32 patterns."""

    #: The first key of each segment, and one more that lies beyond all patterns.
    starts: Any
    #: A row for each; NaN in the first column where there is no polynomial.
    rows: Any
    #: For each upper half of a key (from the lowest on) the segment of its first key, and one more.
    first: Any


@lru_cache(maxsize=64)
def tables(bound: Bound, quantity: str) -> Answers:
    """The segments of a quantity, kept in memory.

    Raises CertificateError where the definition cannot be enclosed.
    """
    certificate = store.certificate(bound, quantity)
    parts = list(_parted(certificate.segments, sorted({0, -1, *certificate.kinks})))
    parts = [(_LEAST, None), *parts, (LAST + 1, None)]
    width = COEFFICIENTS + len(certificate.segments[0].polynomial.coefficients)
    rows = np.full((len(parts), width), np.nan)
    for at, (_, segment) in enumerate(parts):
        if segment is not None:
            rows[at] = _row(bound, quantity, segment)
    starts = np.array([*(low for low, _ in parts), -_LEAST], np.int64)
    firsts = np.arange(_LEAST, -_LEAST + 1, 1 << SHIFT)
    first = np.searchsorted(starts[:-1], firsts, side="right") - 1
    return Answers(starts, rows, first.astype(np.int32))


def _parted(segments: tuple[Segment, ...], apart: list[int]) -> Iterator[tuple[int, Segment | None]]:
    """First keys, each with its segment, or None where a key is set apart."""
    assert segments[0].low == FIRST
    for segment in segments:
        low = segment.low
        for key in apart:
            if segment.low <= key <= segment.high:
                if low < key:
                    yield low, segment
                yield key, None
                low = key + 1
        if low <= segment.high:
            yield low, segment


def _row(bound: Bound, quantity: str, segment: Segment) -> tuple[float, ...]:
    polynomial, proof = segment.polynomial, segment.proof
    sign = 0.0
    if proof.absolute and not any(polynomial.coefficients):
        node = derivative(balls.prepared(_value(bound, segment)), ORDERS[quantity])
        sign = float(sign_between(node, (segment.run.low, segment.run.high)))
    return *roomy(proof.relative, proof.absolute), sign, polynomial.centre, *polynomial.coefficients


def _value(bound: Bound, segment: Segment) -> Node:
    return bound.pieces[bound.select(Fraction(segment.run.low))].value
