"""Certificates: a proven piecewise polynomial for one variant and quantity over all of float32.

Compiled from the definition alone, by expanding it in Arb power series (`segments`). The floats between
the breakpoints of the definition are covered greedily: each segment is made as long as the demanded
accuracy allows. float16 and bfloat16 inputs are float32 values too, and are judged by the same segments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.certificates.cover import Cover, Effort
from actcheck.reference.certificates.model import CertificateError, Segment, key_of, run_of, value_of
from actcheck.reference.certificates.regions import FIRST, LAST, Region, kinks, regions
from actcheck.reference.certificates.segments import proofs
from actcheck.reference.evaluation.balls import prepared
from actcheck.reference.expressions.tree import text
from actcheck.reference.specification.binding import ORDERS, Bound

__all__ = ["Certificate", "CertificateError", "Segment", "build", "key_of", "run_of", "value_of", "verify"]


@dataclass(frozen=True)
class Certificate:
    """Segments in the order of the keys, without a gap, from the smallest finite float to the largest.

    No segment's radius exceeds ``parts.LARGEST`` of max(abs(f), 2^-126) (`verify`, `store.read`), where f
    is not beyond ``SATURATED``.
    """

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
        """A row for each segment: centre, then the coefficients, lowest first."""
        return np.array([(s.polynomial.centre, *s.polynomial.coefficients) for s in self.segments])

    def gap(self) -> str | None:
        """What is wrong with the cover, if anything: it must be complete and without overlap."""
        expected = FIRST
        for segment in self.segments:
            if type(segment.low) is not int or type(segment.high) is not int:
                return f"a segment's keys are not whole numbers: {segment.low!r}, {segment.high!r}"
            if segment.low != expected or segment.high < segment.low:
                return f"a segment starts at key {segment.low}, expected {expected}"
            expected = segment.high + 1
        return None if expected == LAST + 1 else f"the last segment ends at key {expected - 1}, not {LAST}"

    def fault(self) -> str | None:
        """What is wrong without a look at the definition: a gap, or a segment that none may be."""
        faults = (segment.fault() for segment in self.segments)
        return self.gap() or next((fault for fault in faults if fault), None)


def build(bound: Bound, quantity: str) -> Certificate:
    """The certificate of a quantity, proven segment by segment, in bounded time.

    Raises CertificateError where Arb finds no finite enclosure of the definition, or none that is narrow
    enough, and where the conditions of its cases cannot be told apart.
    """
    order, effort = ORDERS[quantity], Effort()
    name = f"{bound.spec.id} {bound.variant.label} {quantity}"
    found, meeting = _cases(bound, order, name)
    parts: list[Segment] = []
    for region in found:
        value = bound.pieces[region.case].value
        try:
            parts += Cover(prepared(value), order, region, effort)
        except (CertificateError, ArithmeticError) as error:
            raise CertificateError(f"{name}, {text(value)}: {error}") from error
    parts.sort(key=lambda s: s.low)
    return Certificate(quantity, tuple(parts), meeting)


def _cases(bound: Bound, order: int, name: str) -> tuple[tuple[Region, ...], dict[int, tuple[int, ...]]]:
    """Where each case holds, and the kinks of a derivative."""
    try:
        found = regions(bound)
        return found, kinks(bound, found) if order else {}
    except (ValueError, ArithmeticError) as error:
        raise CertificateError(
            f"{name}: the cases of the definition cannot be told apart: {error}"
        ) from error


def verify(certificate: Certificate, bound: Bound) -> None:
    """Prove every segment again from the definition.

    Raises CertificateError for a gap, a wrong breakpoint, a radius beyond what any segment may have, and a
    coefficient or a radius that is not proven.
    """
    fault = certificate.fault()
    if fault:
        raise CertificateError(fault)
    order = ORDERS.get(certificate.quantity)
    if order is None:
        raise CertificateError(f"no certificate has the quantity {certificate.quantity!r}")
    found, meeting = _cases(bound, order, f"{bound.spec.id} {bound.variant.label}")
    if certificate.kinks != meeting:
        raise CertificateError("the kinks are not those of the definition")
    cases = iter(found)
    region = next(cases)
    for segment in certificate.segments:
        if segment.low > region.high:
            region = next(cases)
        if not region.low <= segment.low <= segment.high <= region.high:
            raise CertificateError(f"the segment at key {segment.low} crosses a breakpoint of the definition")
        node = prepared(bound.pieces[region.case].value)
        shown = proofs(node, order, segment.run, segment.polynomial)
        if not any(proof.within(segment.proof) for proof in shown):
            raise CertificateError(f"the segment at key {segment.low} claims more than is proven")
