"""Certificates that claim what is not proven are rejected."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Certificate, CertificateError, Segment, build, verify
from actcheck.reference.certificates.model import VANISHING
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind
from tests.support.folders import one_bit_changed

Change = Callable[[Certificate], Certificate]
NAMES = ("gelu", "softsign", "hardswish", "elu")


def with_segment(certificate: Certificate, index: int, segment: Segment) -> Certificate:
    segments = list(certificate.segments)
    segments[index] = segment
    return replace(certificate, segments=tuple(segments))


def steepest(certificate: Certificate) -> int:
    """A segment about its own middle, in which the leading coefficient weighs most."""
    return next(
        k
        for k, s in enumerate(certificate.segments)
        if s.polynomial.centre and s.polynomial.coefficients[1] and s.proof.smallest > 2.0**-10
    )


def moved_coefficient(certificate: Certificate) -> Certificate:
    """One coefficient moved by one part in 2^40."""
    index = steepest(certificate)
    segment = certificate.segments[index]
    first, *rest = segment.polynomial.coefficients
    polynomial = replace(segment.polynomial, coefficients=(first * (1 + 2.0**-40), *rest))
    return with_segment(certificate, index, replace(segment, polynomial=polynomial))


def smaller_radius(certificate: Certificate) -> Certificate:
    index = steepest(certificate)
    segment = certificate.segments[index]
    proof = replace(
        segment.proof, absolute=segment.proof.absolute * 0.99, relative=segment.proof.relative * 0.99
    )
    return with_segment(certificate, index, replace(segment, proof=proof))


def missing_segment(certificate: Certificate) -> Certificate:
    segments = certificate.segments
    return replace(certificate, segments=segments[:3] + segments[4:])


def gap_of_one_float(certificate: Certificate) -> Certificate:
    segment = certificate.segments[5]
    return with_segment(certificate, 5, replace(segment, low=segment.low + 1))


def overlap_of_one_float(certificate: Certificate) -> Certificate:
    segment = certificate.segments[5]
    return with_segment(certificate, 5, replace(segment, low=segment.low - 1))


def missing_end(certificate: Certificate) -> Certificate:
    return replace(certificate, segments=certificate.segments[:-1])


def wrong_breakpoint(certificate: Certificate) -> Certificate:
    """The border between two segments on either side of a kink, or of zero, moved by one float."""
    segments = certificate.segments
    at = next(k for k, s in enumerate(segments) if s.low == 0)
    left, right = segments[at - 1], segments[at]
    changed = with_segment(certificate, at - 1, replace(left, high=left.high + 1))
    return with_segment(changed, at, replace(right, low=right.low + 1))


def with_parts(certificate: Certificate, index: int, **changed: Any) -> Certificate:
    """One segment with another polynomial's or proof's fields."""
    segment = certificate.segments[index]
    fields = ("centre", "coefficients")
    polynomial = replace(segment.polynomial, **{k: v for k, v in changed.items() if k in fields})
    proof = replace(segment.proof, **{k: v for k, v in changed.items() if k not in fields})
    return with_segment(certificate, index, replace(segment, polynomial=polynomial, proof=proof))


def centre_that_is_no_number(certificate: Certificate) -> Certificate:
    """Where the function vanishes: zero times infinity is not zero."""
    index = next(
        k
        for k, s in enumerate(certificate.segments)
        if not any(s.polynomial.coefficients) and 0 < s.proof.absolute <= VANISHING
    )
    return with_parts(certificate, index, centre=math.inf)


def centre_outside(certificate: Certificate) -> Certificate:
    """The polynomial of the next segment, whose remainder is known on that segment alone."""
    index = steepest(certificate)
    other = certificate.segments[index + 1].polynomial
    return with_parts(certificate, index, centre=other.centre, coefficients=other.coefficients)


def radius_beyond_all(certificate: Certificate) -> Certificate:
    return with_parts(certificate, steepest(certificate), absolute=1.0)


def radius_that_is_no_number(certificate: Certificate) -> Certificate:
    return with_parts(certificate, steepest(certificate), absolute=math.nan)


def radius_below_zero(certificate: Certificate) -> Certificate:
    return with_parts(certificate, steepest(certificate), relative=-1.0, absolute=-1.0)


def larger_smallest(certificate: Certificate) -> Certificate:
    index = steepest(certificate)
    return with_parts(certificate, index, smallest=certificate.segments[index].proof.smallest * 1.01)


def coefficient_too_many(certificate: Certificate) -> Certificate:
    index = steepest(certificate)
    coefficients = certificate.segments[index].polynomial.coefficients
    return with_parts(certificate, index, coefficients=(*coefficients, 0.0))


def coefficient_too_few(certificate: Certificate) -> Certificate:
    index = steepest(certificate)
    coefficients = certificate.segments[index].polynomial.coefficients
    return with_parts(certificate, index, coefficients=coefficients[:-1])


def key_that_is_no_integer(certificate: Certificate) -> Certificate:
    segment = certificate.segments[5]
    return with_segment(certificate, 5, replace(segment, low=float(segment.low)))  # type: ignore[arg-type]


def segments_swapped(certificate: Certificate) -> Certificate:
    segments = list(certificate.segments)
    segments[3:5] = reversed(segments[3:5])
    return replace(certificate, segments=tuple(segments))


def other_quantity(certificate: Certificate) -> Certificate:
    return replace(certificate, quantity="gradient")


def no_quantity(certificate: Certificate) -> Certificate:
    return replace(certificate, quantity="third_derivative")


def kink_made_up(certificate: Certificate) -> Certificate:
    return replace(certificate, kinks={0: (0, 1)})


CHANGES = (
    moved_coefficient,
    smaller_radius,
    missing_segment,
    gap_of_one_float,
    overlap_of_one_float,
    missing_end,
    wrong_breakpoint,
    centre_that_is_no_number,
    centre_outside,
    radius_beyond_all,
    radius_that_is_no_number,
    radius_below_zero,
    larger_smallest,
    coefficient_too_many,
    coefficient_too_few,
    key_that_is_no_integer,
    segments_swapped,
    other_quantity,
    no_quantity,
    kink_made_up,
)


@cache
def built(name: str, quantity: str = "forward") -> Certificate:
    spec = loading.find(name)
    return build(bind(spec, spec.default), quantity)


@pytest.mark.parametrize("name", NAMES)
def test_a_certificate_as_built_is_proven_again(name: str) -> None:
    spec = loading.find(name)
    verify(built(name), bind(spec, spec.default))


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_a_changed_certificate_is_rejected(change: Change) -> None:
    spec = loading.find("gelu")
    with pytest.raises(CertificateError):
        verify(change(built("gelu")), bind(spec, spec.default))


def test_a_centre_from_which_differences_round_is_rejected() -> None:
    """1/2 + x/4 about 2^-200 instead of 0: no value changes, and yet x - centre is rounded."""
    spec = loading.find("sigmoid")
    bound = bind(spec, spec.default)
    certificate = build(bound, "forward")
    index = next(k for k, s in enumerate(certificate.segments) if s.low == 0)
    wide = with_parts(certificate, index, relative=2.0**-47, absolute=2.0**-48, smallest=0.25)
    verify(wide, bound)
    with pytest.raises(CertificateError):
        verify(with_parts(wide, index, centre=2.0**-200), bound)


def test_a_certificate_of_another_function_is_rejected() -> None:
    silu = loading.find("silu")
    with pytest.raises(CertificateError):
        verify(built("gelu"), bind(silu, silu.default))


@pytest.mark.parametrize("damage", ["truncated", "bit", "gap", "key"])
def test_a_damaged_file_is_not_read(tmp_path: Path, damage: str) -> None:
    path, certificate = tmp_path / "c.msgpack", built("softsign")
    if damage == "gap":
        certificate = gap_of_one_float(certificate)
    store.write(path, "key", certificate)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-20])
    if damage == "bit":
        path.write_bytes(one_bit_changed(path.read_bytes()))
    assert store.read(path, "other" if damage == "key" else "key") is None


@pytest.mark.parametrize(("name", "quantity"), [("softsign", "forward"), ("hardtanh", "gradient")])
def test_a_whole_file_is_read_as_it_was_written(tmp_path: Path, name: str, quantity: str) -> None:
    path, certificate = tmp_path / "c.msgpack", built(name, quantity)
    assert bool(certificate.kinks) == (quantity == "gradient")
    store.write(path, "key", certificate)
    assert store.read(path, "key") == certificate


@pytest.mark.parametrize("change", [radius_beyond_all, radius_that_is_no_number, coefficient_too_few])
def test_a_file_with_a_segment_that_none_may_be_is_not_read(tmp_path: Path, change: Change) -> None:
    path = tmp_path / "c.msgpack"
    store.write(path, "key", change(built("softsign")))
    assert store.read(path, "key") is None
