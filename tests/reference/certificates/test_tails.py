"""Far out a function is a power of x: few segments, which hold the value and are held to their radius."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest
from flint import arb

from actcheck.reference.certificates.certificate import CertificateError
from actcheck.reference.certificates.wide import keeping, tails
from actcheck.reference.certificates.wide.segment import Taylor
from actcheck.reference.certificates.wide.verifying import verify
from actcheck.reference.evaluation import balls
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.parsing import parse
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging import wide
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import ORDERS, bind

FORM = FORMATS["float64"]
FAR = [("softsign", "gradient"), ("softsign", "second_derivative"), ("squareplus", "second_derivative")]


def bound_of(name: str) -> Any:
    spec = loading.find(name)
    return bind(spec, spec.default)


def is_tail(segment: Any) -> bool:
    return isinstance(segment.shape, Taylor) and segment.shape.power < 0


@pytest.mark.parametrize(("name", "quantity"), FAR)
def test_far_out_few_segments_are_enough_and_hold_the_value(name: str, quantity: str) -> None:
    bound = bound_of(name)
    far = [s for s in keeping.certificate(bound, quantity).segments if abs(FORM.value(s.low)) > 2.0**260]
    assert len(far) < 16
    assert any(map(is_tail, far))
    random = np.random.default_rng(3)
    x = np.concatenate([FORM.values(random.integers(s.low, s.high, 40)) for s in far if is_tail(s)])
    for point, hi, lo, radius in zip(x.tolist(), *wide.enclosures(bound, quantity, x), strict=True):
        value = bound.pieces[bound.select(Fraction(point))].value
        with balls.precision(8192, 3):
            exact = balls.expansion(balls.prepared(derivative(value, ORDERS[quantity])), arb(point), 1)[0]
            assert not abs(exact - arb(float(hi)) - arb(float(lo))) > arb(float(radius)), point.hex()
        assert radius <= max(2.0**-98 * abs(hi), 2.0**-1072), point.hex()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: {"radius": s.radius * 0.999},
        lambda s: {"power": s.power - 1},
        lambda s: {"power": -s.power},
        lambda s: {"shift": s.shift + 1},
        lambda s: {"main": (np.nextafter(s.main[0], 2.0),)},
        lambda s: {"rest": (s.rest[0] + 2.0**-106,)},
    ],
    ids=["radius", "power", "sign of the power", "shift", "main", "rest"],
)
def test_a_claim_of_a_tail_that_is_not_proven_is_rejected(change: Any) -> None:
    bound = bound_of("softsign")
    certificate = keeping.certificate(bound, "gradient")
    at = next(k for k, s in enumerate(certificate.segments) if is_tail(s))
    tail = certificate.segments[at]
    assert isinstance(tail.shape, Taylor)
    changed = replace(tail, shape=msgspec.structs.replace(tail.shape, **change(tail.shape)))
    segments = (*certificate.segments[:at], changed, *certificate.segments[at + 1 :])
    with pytest.raises(CertificateError, match="claims more than is proven"):
        verify(replace(certificate, segments=segments), bound)


@pytest.mark.parametrize("ends", [(2.0**60, 2.0**90), (-(2.0**90), -(2.0**60)), (2.0**200, FORM.largest)])
@pytest.mark.parametrize(
    ("formula", "power", "factor"),
    [
        ("1/(x**2 + 1)", -2, 1),
        ("x/(1 + sqrt(x**2 + 3))**3 - 5/x**4", -2, None),
        ("-2/(3*x)", -1, Fraction(-2, 3)),
        ("pi/sqrt(x**2 + 1)/x", -2, None),
        ("sqrt(x**2 + 1)", 1, None),
    ],
)
def test_a_power_of_x_is_seen(formula: str, power: int, factor: Any, ends: tuple[float, float]) -> None:
    node = balls.prepared(parse(formula, frozenset({"x"})))
    found = tails.monomial(node, ends)
    assert found is not None
    assert found.power == power
    assert factor is None or found.factor.overlaps(balls.ball(Fraction(factor)))
    for x in ends:
        with balls.precision(512, 1):
            value = balls.expansion(node, arb(x), 1)[0]
            assert (found.factor * arb(x) ** power).overlaps(value)
            assert not value > found.size(ends)
            assert found.sign(ends) == (1 if value > 0 else -1)


@pytest.mark.parametrize(
    "formula", ["sqrt(x**2 + 1) - sqrt(x**2)", "exp(-x)/x", "1/(x - x)", "sqrt(x)", "1/x + exp(x)"]
)
def test_what_cancels_or_is_no_power_of_x_is_no_tail(formula: str) -> None:
    assert tails.taylor(balls.prepared(parse(formula, frozenset({"x"}))), (2.0**60, 2.0**90)) is None


def test_near_zero_and_across_it_there_is_no_tail() -> None:
    node = balls.prepared(parse("1/(x**2 + 1)", frozenset({"x"})))
    assert tails.taylor(node, (1.0, 2.0)) is None
    assert tails.taylor(node, (-(2.0**90), 2.0**90)) is None
