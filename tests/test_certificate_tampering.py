"""Certificates that claim what is not proven are rejected."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from actcheck.reference import loading, store
from actcheck.reference.binding import bind
from actcheck.reference.certificate import BUILDER, Certificate, CertificateError, Segment, build, verify

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


CHANGES = (
    moved_coefficient,
    smaller_radius,
    missing_segment,
    gap_of_one_float,
    overlap_of_one_float,
    missing_end,
    wrong_breakpoint,
)


def built(name: str) -> Certificate:
    spec = loading.find(name)
    return build(bind(spec, spec.default), "forward")


@pytest.mark.parametrize("name", NAMES)
def test_a_certificate_as_built_is_proven_again(name: str) -> None:
    spec = loading.find(name)
    verify(built(name), bind(spec, spec.default))


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__)
def test_a_changed_certificate_is_rejected(change: Change) -> None:
    spec = loading.find("gelu")
    with pytest.raises(CertificateError):
        verify(change(built("gelu")), bind(spec, spec.default))


def test_a_certificate_of_another_function_is_rejected() -> None:
    silu = loading.find("silu")
    with pytest.raises(CertificateError):
        verify(built("gelu"), bind(silu, silu.default))


@pytest.mark.parametrize("damage", ["truncated", "bit", "gap", "key"])
def test_a_damaged_file_is_not_read(tmp_path: Path, damage: str) -> None:
    path, certificate = tmp_path / "c.json", built("softsign")
    if damage == "gap":
        certificate = gap_of_one_float(certificate)
    store.write(path, f"k{BUILDER}", certificate)
    if damage == "truncated":
        path.write_text(path.read_text()[:-20])
    if damage == "bit":
        document = json.loads(path.read_text())
        document["body"] = document["body"].replace("0x1.8", "0x1.9", 1)
        path.write_text(json.dumps(document))
    assert store.read(path, "other" if damage == "key" else f"k{BUILDER}") is None


def test_a_whole_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path, certificate = tmp_path / "c.json", built("softsign")
    store.write(path, "key", certificate)
    assert store.read(path, "key") == certificate
