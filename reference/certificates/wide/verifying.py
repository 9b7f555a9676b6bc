"""Certificates in double-double proven again from the definition, whatever made them."""

from __future__ import annotations

import msgspec

from actcheck.reference.certificates.certificate import CertificateError
from actcheck.reference.certificates.wide import beginnings, expanding, lines, tails
from actcheck.reference.certificates.wide.cover import FORM, WideCertificate, WideCover, parts
from actcheck.reference.certificates.wide.segment import Line, Taylor, WideSegment
from actcheck.reference.specification.binding import Bound


def verify(certificate: WideCertificate, bound: Bound) -> None:
    """Prove every segment again.

    Raises CertificateError for a gap, a wrong breakpoint, a number or a radius that is not proven.
    """
    fault = certificate.gap()
    if fault:
        raise CertificateError(fault)
    regions = sorted(parts(bound, certificate.quantity), key=lambda r: r.low)
    covers = [WideCover(bound, certificate.quantity, r) if r.case >= 0 else None for r in regions]
    at = 0
    for segment in certificate.segments:
        at += segment.low > regions[at].high
        if not regions[at].low <= segment.low <= segment.high <= regions[at].high:
            raise CertificateError(f"the segment at key {segment.low} crosses a breakpoint of the definition")
        cover = covers[at]
        if segment.shape is not None and (cover is None or not _is_proven(segment, cover)):
            raise CertificateError(f"the segment at key {segment.low} claims more than is proven")


def _is_proven(segment: WideSegment, cover: WideCover) -> bool:
    ends = FORM.value(segment.low), FORM.value(segment.high)
    shape = segment.shape
    if isinstance(shape, Line):
        return any(_covers(found, shape) for found in _lines(segment, cover, ends))
    assert shape is not None
    if len(shape.main) == 1:
        known = [*_lines(segment, cover, ends), tails.taylor(cover.derived, ends)]
        if any(_covers(found, shape) for found in known):
            return True
    if shape.power < 0:
        return False
    readings = (cover.given, (cover.derived, 0))
    return any(expanding.reproved(*reading, ends, shape) <= shape.radius for reading in readings)


def _lines(segment: WideSegment, cover: WideCover, ends: tuple[float, float]) -> list[Line | Taylor | None]:
    """What is known of lines here, with the radii that are proven."""
    found = [lines.line_between(cover.derived, ends)]
    if cover.begins is not None and (segment.low == 1 or segment.high == -2):
        found.append(beginnings.line_at_zero(*cover.given, cover.begins, max(ends, key=abs)))
    return found


def _covers(found: Line | Taylor | None, claimed: Line | Taylor) -> bool:
    """Whether a claim is no more than what was found."""
    if type(found) is not type(claimed) or found is None or found.radius > claimed.radius:
        return False
    if isinstance(found, Line) and isinstance(claimed, Line):
        if found.relative > claimed.relative or claimed.sign not in (0, found.sign):
            return False
        # A sign says that there is a rest: without one there must be none at all.
        if claimed.sign == 0 and (found.sign or found.relative) and not (claimed.relative or claimed.radius):
            return False
        found = msgspec.structs.replace(found, sign=claimed.sign, relative=claimed.relative)
    return msgspec.structs.replace(found, radius=claimed.radius) == claimed
