"""Certificates of random definitions, held to Arb: sound where they are built, refused by name where not."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest
from flint import arb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actcheck.reference.certificates import cover
from actcheck.reference.certificates.certificate import (
    Certificate,
    CertificateError,
    Segment,
    build,
    value_of,
    verify,
)
from actcheck.reference.certificates.model import DEMANDED, SATURATED
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions import parsing
from actcheck.reference.expressions.tree import Node
from actcheck.reference.specification.binding import ORDERS, Bound
from actcheck.reference.specification.model import Piece
from tests.support.random_trees import bound_of, definitions, enclosed

NAMES = frozenset({"x"})
#: Points for each certificate.
POINTS = 12


def defined(*pieces: tuple[str, str]) -> Bound:
    """A definition by conditions and values as text; the last condition is empty."""
    return bound_of(
        tuple(
            Piece(parsing.parse_condition(when, NAMES) if when else (), parsing.parse(value, NAMES))
            for when, value in pieces
        )
    )


def horner(segment: Segment, x: float, fused: bool) -> float:
    """The segment's polynomial in float64, each multiply-add rounded twice or once."""
    *_, value = coefficients = segment.polynomial.coefficients
    t = x - segment.polynomial.centre
    assert Fraction(t) == Fraction(x) - Fraction(segment.polynomial.centre)
    for c in coefficients[-2::-1]:
        value = float(Fraction(value) * Fraction(t) + Fraction(c)) if fused else value * t + c
    return value


def exact_value(node: Node, x: float, proof_of: Segment) -> Any:
    """Arb's ball, narrow beside the segment's radius; None where Arb knows too little."""
    proof = proof_of.proof
    for bits in (400, 1600, 6400):
        ball = enclosed(node, Fraction(x), bits)
        radius = proof.relative * abs(ball) + arb(proof.absolute)
        if ball.is_finite() and (ball.rad() == 0 or ball.rad() < radius.lower() * arb(2) ** -40):
            return ball
    return None


def holds(segment: Segment, node: Node, key: int) -> bool:
    """Whether the claims of a segment's proof hold at one input."""
    x, proof = value_of(key), segment.proof
    ball = exact_value(node, x, segment)
    if ball is None:
        # A proof without a radius asks for an exact value, of which Arb gives all the bits it has.
        ball = enclosed(node, Fraction(x), 6400)
        if not ball.is_finite() or proof.size:
            return True
    d = segment.polynomial.coefficients
    if abs(d[0]) == SATURATED and not any(d[1:]):
        return bool(ball * math.copysign(1.0, d[0]) > SATURATED)
    allowed = proof.relative * abs(ball) + arb(proof.absolute)
    near = all(not abs(arb(horner(segment, x, fused)) - ball) > allowed for fused in (False, True))
    return near and not abs(ball) < proof.smallest


def check(bound: Bound, quantity: str, certificate: Certificate, seed: int) -> None:
    verify(certificate, bound)
    rng = random.Random(seed)
    for segment in rng.sample(certificate.segments, min(POINTS, len(certificate.segments))):
        assert segment.proof.size <= DEMANDED
        key = rng.choice((segment.low, segment.high, rng.randint(segment.low, segment.high)))
        if key in certificate.kinks or key in (0, -1):
            continue
        case = bound.select(Fraction(value_of(key)))
        node = bound.differentiated[ORDERS[quantity]][case].value
        with balls.precision(6500, 1):
            assert holds(segment, node, key), (value_of(key), segment)


@given(definitions(), st.sampled_from(list(ORDERS)), st.integers(0, 1 << 30))
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_random_definition_is_enclosed_or_refused(bound: Bound, quantity: str, seed: int) -> None:
    try:
        with pytest.MonkeyPatch.context() as patch:
            # What takes more than this is refused all the same, later.
            patch.setattr(cover, "_MOST_SEGMENTS", 800)
            patch.setattr(cover, "_MOST_ATTEMPTS", 3000)
            certificate = build(bound, quantity)
    except CertificateError:
        return
    check(bound, quantity, certificate, seed)


@pytest.mark.parametrize(
    "pieces",
    [
        (("", "(exp(x) + 1.7668470647783843e72) - 1.7668470647783843e72"),),
        (("", "(tanh(x) + 1e300) - 1e300"),),
        (("x > 1", "(x + 1)/2"), ("", "x/3")),
        (("", "(x + 1)/2"),),
        (("1/2 <= x", "x + 536870911 + 1.1920928955078125e-7"), ("", "x")),
        (("x >= 0", "sqrt(1 + x) - 1"), ("", "x/2")),
        (("", "exp(-x**2)*x**4/(1 + exp(-x))"),),
        (("x < -pi", "x"), ("x > pi", "-x"), ("", "erfc(x)*x**5")),
    ],
    ids=lambda p: p[0][1],
)
@pytest.mark.parametrize("quantity", ["forward", "gradient"])
def test_awkward_definitions_are_enclosed(pieces: tuple[tuple[str, str], ...], quantity: str) -> None:
    bound = defined(*pieces)
    certificate = build(bound, quantity)
    assert max(s.proof.size for s in certificate.segments) <= DEMANDED
    check(bound, quantity, certificate, 1)


@pytest.mark.parametrize(
    ("pieces", "named"),
    [
        ((("", "1/x"),), "1/x: no finite enclosure at x = -0.0"),
        ((("", "exp(exp(x))"),), "exp(exp(x)): no finite enclosure"),
        ((("exp(x) > 1 + x", "x"), ("", "-x")), "too many floats lie next to a breakpoint"),
        ((("log(x) > 1", "x"), ("", "-x")), "log of a number that is not positive at x = "),
        ((("1/x > 1", "x"), ("", "-x")), "division by zero at x = "),
        ((("1 + sqrt(x)**2 <= -1", "x"), ("", "-x")), "sqrt of a negative number at x = "),
        ((("(1/x)**2 >= 0", "x"), ("", "-x")), "division by zero at x = "),
        ((("x > 1", "x"),), "no case of random holds at"),
        ((("x > 0", "log(x)"), ("", "log(-x)")), "log(-x): no finite enclosure at x = -0.0"),
    ],
    ids=lambda p: p if isinstance(p, str) else None,
)
def test_what_cannot_be_enclosed_is_refused_by_name(pieces: tuple[tuple[str, str], ...], named: str) -> None:
    with pytest.raises(CertificateError) as caught:
        build(defined(*pieces), "gradient")
    assert named in str(caught.value)


def test_a_branch_is_asked_for_only_where_its_piece_holds() -> None:
    bound = defined(("x >= 20", "max(x, sqrt(x) - 1)"), ("", "x/2"))
    certificate = build(bound, "forward")
    assert bound.select(Fraction(-5)) == 2
    check(bound, "forward", certificate, 1)


def test_a_line_that_rounds_is_not_called_exact() -> None:
    """On runs that hold zero, and where the sum needs more than 53 bits."""
    for line, x in (("(x + 1)/2", 2.0**-60), ("x + 536870911 + 1.1920928955078125e-7", 0.5 + 2.0**-24)):
        certificate = build(defined(("", line)), "forward")
        inside = [s for s in certificate.segments if s.run.low <= x <= s.run.high]
        assert len(inside) == 1
        assert inside[0].proof.size > 0
