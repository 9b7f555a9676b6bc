"""Enclosures in double-double hold, everywhere, and claims that are not proven are rejected."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from flint import arb
from numpy.typing import NDArray

from actcheck.reference.certificates.certificate import CertificateError
from actcheck.reference.certificates.wide import expanding, keeping
from actcheck.reference.certificates.wide.cover import WideCertificate, WideCover, build, parts
from actcheck.reference.certificates.wide.segment import Line, Taylor, WideSegment
from actcheck.reference.certificates.wide.verifying import verify
from actcheck.reference.evaluation import balls
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import wide
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, Bound, bind
from tests.support.folders import one_bit_changed

Array = NDArray[Any]
FORM = FORMATS["float64"]
SPECS = [s for s in loading.load_all().values() if s.kind == "elementwise"]
QUESTIONS = [
    pytest.param(bind(s, v), q, id=f"{s.id}-{v.label}-{q}")
    for s in SPECS
    for v in s.variants
    for q in s.accuracy
]


def default(name: str) -> Bound:
    spec = loading.find(name)
    return bind(spec, spec.default)


@lru_cache(maxsize=8)
def built(name: str, quantity: str = "forward") -> WideCertificate:
    return build(default(name), quantity)


def by_arb(bound: Bound, quantity: str, x: float) -> Any:
    """An enclosure of the value by Arb alone."""
    order = ORDERS[quantity]
    node = balls.prepared(bound.pieces[bound.select(Fraction(x))].value)
    with balls.precision(4096, order + 1):
        return balls.expansion(node, balls.ball(x), order + 1)[order] * math.factorial(order)


def telling(certificate: WideCertificate, seed: int) -> Array:
    """Inputs at random, at both ends of segments, and around the middle."""
    random = np.random.default_rng(seed)
    ends = np.array([k for s in certificate.segments for k in (s.low, s.high)])
    keys = [
        random.integers(-FORM.infinity_key, FORM.infinity_key, 12),
        random.choice(ends, 16),
        FORM.keys(random.standard_normal(12) * 4),
        FORM.keys(np.ldexp(random.standard_normal(12), random.integers(-70, 10, 12))),
    ]
    x: Array = FORM.values(np.concatenate(keys))
    return np.asarray(x[x != 0])


@pytest.mark.parametrize(("bound", "quantity"), QUESTIONS)
def test_an_enclosure_holds_the_value(bound: Bound, quantity: str) -> None:
    certificate = keeping.certificate(bound, quantity)
    assert certificate.gap() is None
    x = telling(certificate, 1)
    known = 0
    for point, hi, lo, radius in zip(x.tolist(), *wide.enclosures(bound, quantity, x), strict=True):
        with balls.precision(4096, 1):
            off = abs(by_arb(bound, quantity, point) - arb(float(hi)) - arb(float(lo)))
            assert not off > arb(float(radius)), point.hex()
        known += math.isfinite(radius)
    assert known > 0.7 * len(x)


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "tanhshrink", "hardswish", "selu"])
@pytest.mark.parametrize("quantity", ["forward", "gradient"])
def test_radii_are_narrow(name: str, quantity: str) -> None:
    """About 2^-99 of the value, but for the few points next to a root, and zero and kinks."""
    x = np.linspace(-8, 8, 1001)
    hi, _, radius = wide.enclosures(default(name), quantity, x)
    assert np.count_nonzero(radius > 2.0**-98 * abs(hi)) <= 12


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hardtanh", "threshold", "hardshrink"])
def test_lines_are_exact(name: str) -> None:
    x = telling(build(default(name), "forward"), 2)
    _, _, radius = wide.enclosures(default(name), "forward", x)
    # c * x below the smallest normal number is exact until it is scaled back.
    assert not radius[abs(x) > 2.0**-900].any()


def test_nothing_is_claimed_at_zeros_kinks_and_infinities() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 3.0, -3.0])
    _, _, radius = wide.enclosures(default("hardswish"), "gradient", x)
    assert np.isinf(radius).all()


def test_the_order_of_inputs_does_not_matter() -> None:
    x = np.random.default_rng(0).standard_normal((40, 50)) * 3
    flat = np.sort(x.ravel())
    for one, other in zip(
        wide.enclosures(default("silu"), "forward", x),
        wide.enclosures(default("silu"), "forward", flat),
        strict=True,
    ):
        assert one.shape == x.shape
        np.testing.assert_array_equal(one.ravel()[np.argsort(x.ravel())], other)


Change = Callable[[WideCertificate], WideCertificate]


def with_segment(certificate: WideCertificate, index: int, segment: WideSegment) -> WideCertificate:
    segments = list(certificate.segments)
    segments[index] = segment
    return replace(certificate, segments=tuple(segments))


def steep(certificate: WideCertificate) -> int:
    return next(
        k
        for k, s in enumerate(certificate.segments)
        if isinstance(s.shape, Taylor) and s.shape.power == 0 and len(s.shape.rest) > 8
    )


def changed_low_part(certificate: WideCertificate, term: int) -> WideCertificate:
    """The low part of one coefficient moved by an ulp, more than it lacks."""
    index = steep(certificate)
    segment = certificate.segments[index]
    assert isinstance(segment.shape, Taylor)
    rest = list(segment.shape.rest)
    rest[term] += 8 * math.ulp(rest[term])
    return with_segment(
        certificate, index, replace(segment, shape=msgspec.structs.replace(segment.shape, rest=tuple(rest)))
    )


def smaller_radius(certificate: WideCertificate) -> WideCertificate:
    index = steep(certificate)
    shape = certificate.segments[index].shape
    assert isinstance(shape, Taylor)
    smaller = msgspec.structs.replace(shape, radius=shape.radius * 0.999)
    return with_segment(certificate, index, replace(certificate.segments[index], shape=smaller))


def other_sign(certificate: WideCertificate) -> WideCertificate:
    index, line = next((k, s.shape) for k, s in enumerate(certificate.segments) if isinstance(s.shape, Line))
    assert isinstance(line, Line)
    turned = msgspec.structs.replace(line, sign=-line.sign or 1)
    return with_segment(certificate, index, replace(certificate.segments[index], shape=turned))


def exact_rest(certificate: WideCertificate) -> WideCertificate:
    index, line = next(
        (k, s.shape) for k, s in enumerate(certificate.segments) if isinstance(s.shape, Line) and s.shape.sign
    )
    none = msgspec.structs.replace(line, sign=0, relative=0.0, radius=0.0)
    return with_segment(certificate, index, replace(certificate.segments[index], shape=none))


def missing_segment(certificate: WideCertificate) -> WideCertificate:
    return replace(certificate, segments=certificate.segments[:3] + certificate.segments[4:])


def longer_segment(certificate: WideCertificate) -> WideCertificate:
    """A border moved by one float in a hundred, beyond what the polynomial was made for."""
    index = steep(certificate)
    first, second = certificate.segments[index : index + 2]
    border = second.low + (second.high - second.low) // 2
    moved = with_segment(certificate, index, replace(first, high=border))
    return with_segment(moved, index + 1, replace(second, low=border + 1))


CHANGES: tuple[Change, ...] = (
    lambda c: changed_low_part(c, 0),
    lambda c: changed_low_part(c, 1),
    lambda c: changed_low_part(c, 4),
    smaller_radius,
    other_sign,
    exact_rest,
    missing_segment,
    longer_segment,
)


@pytest.mark.parametrize("name", ["tanh", "hardswish", "threshold", "tanhshrink"])
@pytest.mark.parametrize("quantity", ["forward", "gradient"])
def test_a_certificate_as_built_is_proven_again(name: str, quantity: str) -> None:
    verify(built(name, quantity), default(name))


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_certificate_is_rejected(change: Change) -> None:
    with pytest.raises(CertificateError):
        verify(change(built("tanh")), default("tanh"))


@pytest.mark.parametrize("damage", ["none", "truncated", "bit", "gap", "key"])
def test_only_whole_files_are_read(tmp_path: Path, damage: str) -> None:
    path, certificate = tmp_path / "c.msgpack", built("tanh")
    keeping.write(path, "key", missing_segment(certificate) if damage == "gap" else certificate)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-20])
    if damage == "bit":
        path.write_bytes(one_bit_changed(path.read_bytes()))
    found = keeping.read(path, "other" if damage == "key" else "key")
    assert found == (certificate if damage == "none" else None)


def test_the_remainder_counts_in_full_about_zero() -> None:
    bound = default("mish")
    (cover,) = [WideCover(bound, "forward", r) for r in parts(bound, "forward") if r.low > 0]
    assert cover.about_0 is not None
    # Far enough out that the remainder is all that counts; its share is that of t^31, not of a higher power.
    made = expanding.about_zero(*cover.given, (2.0**-40, 0.3), 1, cover.about_0)
    assert made is not None
    taylor, _, share = made
    assert taylor.radius >= share > 2.0**-60
