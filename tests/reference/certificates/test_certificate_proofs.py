"""Certificates against mpmath, which knows nothing of Arb, in every segment."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from actcheck.reference.certificates import store
from actcheck.reference.certificates.certificate import Segment, value_of
from actcheck.reference.certificates.segments import SATURATED
from actcheck.reference.evaluation import mp
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, Bound, bind
from actcheck.reference.specification.model import Spec, Variant
from tests.support.thorough import one_in

SPECS = [s for s in loading.load_all().values() if s.elementwise]
CASES = one_in(
    3,
    (
        (spec, variant, quantity)
        for spec in SPECS
        for variant in spec.variants
        for quantity in ORDERS
        if variant.kind == "default" or quantity == "gradient" or spec.id == "gelu"
    ),
)
#: Sized so that all cases together stay below half a minute; every segment of the defaults has a point.
AWKWARD = 40


def polynomial(segment: Segment, x: float) -> float:
    """The segment's polynomial by Horner's rule in binary64, as the judge computes it."""
    *_, value = coefficients = segment.polynomial.coefficients
    t = x - segment.polynomial.centre
    for coefficient in coefficients[-2::-1]:
        value = value * t + coefficient
    return value


def holds_at(bound: Bound, quantity: str, segment: Segment, key: int) -> bool:
    """Whether the exact value lies within the segment's radius of its polynomial."""
    x = value_of(key)
    point = Fraction(x)
    case = bound.select(point)
    exact = mp.to_fraction(mp.evaluate(bound.differentiated[ORDERS[quantity]][case].value, {"x": point}))
    if abs(segment.polynomial.coefficients[0]) == SATURATED and not any(segment.polynomial.coefficients[1:]):
        return abs(exact) >= Fraction(SATURATED) and (exact > 0) == (segment.polynomial.coefficients[0] > 0)
    # Some radii are far below what mpmath is asked for.
    resolved = abs(exact) * Fraction(1, 2**100)
    radius = Fraction(segment.proof.relative) * abs(exact) + Fraction(segment.proof.absolute) + resolved
    return abs(Fraction(polynomial(segment, x)) - exact) <= radius


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0].id}-{c[1].label}-{c[2]}")
def test_mpmath_lies_within_the_radius_in_every_segment(case: tuple[Spec, Variant, str]) -> None:
    spec, variant, quantity = case
    bound = bind(spec, variant)
    certificate = store.certificate(bound, quantity)
    rng = random.Random(f"{spec.id}{variant.label}{quantity}")
    segments = list(certificate.segments)
    if variant.kind != "default":
        segments = rng.sample(segments, min(AWKWARD, len(segments)))
    for segment in segments:
        # The ends are where a radius is tightest; zero and kinks have values of their own.
        key = rng.choice((segment.low, segment.high, rng.randint(segment.low, segment.high)))
        if key in certificate.kinks or key in (0, -1):
            continue
        assert holds_at(bound, quantity, segment, key), (value_of(key), segment)
