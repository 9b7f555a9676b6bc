"""What the specifications say of their definitions is true, and the definitions are the right ones."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf

from actcheck.reference.evaluation.mp import evaluate, to_fraction, to_mpf
from actcheck.reference.expressions.calculus import derivative
from actcheck.reference.expressions.tree import ZERO, Node, substituted, symbols
from actcheck.reference.specification.binding import (
    ORDERS,
    Bound,
    bind,
    constant,
    finite_kinks,
    numbers,
)
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.loading.conditions import satisfied
from actcheck.reference.specification.model import Piece, Property
from tests.support.spec_formulas import FORMULAS, formula

SPECS = load_all()
BOUND = {
    f"{spec.id}-{variant.label}": bind(spec, variant)
    for spec in SPECS.values()
    if spec.elementwise
    for variant in spec.variants
}
EVERY = pytest.mark.parametrize("bound", BOUND.values(), ids=BOUND)
QUANTITIES = ("forward", "gradient", "second_derivative")
TINY = Fraction(1, 2**400)
FAR = Fraction(10**60)
ROUNDING = Fraction(1, 2**120)


def at(bound: Bound, node: Node) -> Fraction:
    """The exact value of an expression over the parameters."""
    return to_fraction(evaluate(substituted(node, numbers(bound.variant.parameters)), {}))


def kinks(bound: Bound) -> list[Fraction]:
    return sorted({at(bound, kink.at) for kink, _ in finite_kinks(bound.spec, bound.variant)})


def points(bound: Bound) -> list[Fraction]:
    """Both sides of every kink, near and far, and every fourth binade of float32 on both sides of zero."""
    draw = random.Random(bound.variant.label)
    sizes = [Fraction(draw.uniform(1, 2)) * Fraction(2) ** e for e in range(-149, 128, 4)]
    sizes += [Fraction(draw.uniform(0, 40)) for _ in range(10)]
    near = [
        k + sign * step
        for k in kinks(bound)
        for sign in (-1, 1)
        for step in (Fraction(1, 2**60), Fraction(1, 3))
    ]
    return sorted({sign * size for size in sizes for sign in (-1, 1)} | set(near) | {Fraction(0)})


def side(bound: Bound, quantity: str, x: Fraction, towards: int) -> Any:
    """The one-sided value at x: that of the case which holds just beside it."""
    case = bound.select(x + towards * TINY)
    order = QUANTITIES.index(quantity)
    return to_fraction(evaluate(bound.differentiated[order][case].value, {"x": x}))


def test_every_elementwise_activation_has_a_formula() -> None:
    assert set(FORMULAS) == {spec.id for spec in SPECS.values() if spec.elementwise}


@EVERY
def test_definition_is_the_formula(bound: Bound) -> None:
    second = formula(bound.spec.id, bound.variant.parameters)
    with mp.workprec(1200):
        for x in points(bound):
            expected, got = second(to_mpf(x)), to_mpf(bound.exact("forward", x))
            # What lies beyond every format's smallest subnormal is zero for all of them.
            assert abs(got - expected) <= mpf(2) ** -100 * abs(expected) + mpf(2) ** -1100, float(x)


@EVERY
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_are_those_of_the_formula(bound: Bound, order: int) -> None:
    second = formula(bound.spec.id, bound.variant.parameters)
    breaks = [*kinks(bound), Fraction(0)]
    with mp.workprec(400):
        for x in points(bound)[::3]:
            if min(abs(x - b) for b in breaks) < Fraction(1, 2**150):
                continue
            expected = mp.diff(second, to_mpf(x), order)
            got = to_mpf(bound.exact(QUANTITIES[order], x))
            allowed = mpf(2) ** -90 * abs(expected) + mpf(2) ** -200 * (1 + abs(second(to_mpf(x))))
            assert abs(got - expected) <= allowed, float(x)


@EVERY
@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("sign", [-1, 1])
def test_limits_are_limits(bound: Bound, quantity: str, sign: int) -> None:
    limit = bound.limit(quantity, sign)
    far, further = (to_mpf(bound.exact(quantity, sign * scale)) for scale in (FAR, FAR**2))
    if math.isinf(limit):
        assert math.copysign(1, limit) * far > 1e20
        assert abs(further) > abs(far)
    else:
        assert abs(far - limit) <= 1e-15 * abs(limit) + 1e-40
        assert abs(further - limit) <= 1e-15 * abs(limit) + 1e-80


@EVERY
def test_kinks_are_where_cases_meet(bound: Bound) -> None:
    for kink, _ in finite_kinks(bound.spec, bound.variant):
        x = at(bound, kink.at)
        assert bound.select(x - TINY) != bound.select(x + TINY)


@EVERY
def test_cases_meet_smoothly_elsewhere(bound: Bound) -> None:
    known = kinks(bound)
    for x in joints(bound):
        if all(abs(x - k) > abs(k) / 2**300 + TINY for k in known):
            assert side(bound, "forward", x, -1) == side(bound, "forward", x, +1)
            assert side(bound, "gradient", x, -1) == side(bound, "gradient", x, +1)


def joints(bound: Bound) -> Iterator[Fraction]:
    """Points within 2^-300 of themselves where one case takes over from another, by bisection."""
    for low, high in itertools.pairwise(points(bound)):
        a, b = low, high
        if bound.select(a + TINY) != bound.select(b + TINY):
            while b - a > max(abs(a), abs(b)) / 2**310 + TINY / 2:
                middle = (a + b) / 2
                a, b = (middle, b) if bound.select(middle) == bound.select(a + TINY) else (a, middle)
            yield Fraction(0) if abs(b) <= TINY else b


@EVERY
def test_torch_answers_between_the_sides(bound: Bound) -> None:
    for kink, _ in finite_kinks(bound.spec, bound.variant):
        x, torch = at(bound, kink.at), at(bound, kink.torch)
        sides = [side(bound, "gradient", x, towards) for towards in (-1, 1)]
        # An exception that the report shows: torch keeps 0 where both shrinks vanish.
        if bound.variant.parameters.get("lambd") == 0:
            assert torch == 0
        else:
            assert min(sides) - ROUNDING <= torch <= max(sides) + ROUNDING


@EVERY
def test_properties_hold(bound: Bound) -> None:
    xs = points(bound)
    values, mirrored = ([to_fraction(bound.exact("forward", sign * x)) for x in xs] for sign in (1, -1))
    for kept in bound.spec.properties:
        if not satisfied(kept.when, bound.variant.parameters):
            continue
        match kept.property:
            case "odd":
                assert mirrored == [-y for y in values]
            case "even":
                assert mirrored == values
            case "increasing":
                assert values == sorted(values)
            case "decreasing":
                assert values == sorted(values, reverse=True)
            case "range":
                low, high = ends(bound, kept)
                # The reference is correct to 120 bits, not beyond.
                assert low - ROUNDING * abs(min(values)) <= min(values)
                assert max(values) <= high + ROUNDING * abs(max(values))


def ends(bound: Bound, kept: Property) -> list[Fraction | float]:
    """The ends of a range, exactly where they are finite."""
    nodes = [node for node in (kept.low, kept.high) if node is not None]
    rounded = [constant((Piece((), node),), bound.variant.parameters) for node in nodes]
    return [r if math.isinf(r) else at(bound, node) for r, node in zip(rounded, nodes, strict=True)]


#: The conditions that leave a property out are no wider than they must be.
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("elu-alpha=-1.7", "increasing"),
        ("leaky_relu-negative_slope=-0.3", "increasing"),
        ("hardtanh-min_val=-2.0,max_val=0.5", "odd"),
        ("rrelu-lower=-1.5,upper=-0.5", "increasing"),
        ("threshold-threshold=0.1,value=20", "increasing"),
        ("gelu-default", "increasing"),
        ("hardswish-default", "increasing"),
    ],
)
def test_properties_are_not_claimed_where_they_fail(name: str, kept: str) -> None:
    bound = BOUND[name]
    claimed = [p.property for p in bound.spec.properties if satisfied(p.when, bound.variant.parameters)]
    assert kept not in claimed


@pytest.mark.parametrize(
    ("name", "low"),
    [
        ("gelu-default", -0.17),
        ("gelu-approximate=tanh", -0.1701),
        ("silu-default", -0.27847),
        ("mish-default", -0.30885),
        ("hardswish-default", -0.375),
    ],
)
def test_ranges_are_tight(name: str, low: float) -> None:
    """The smallest value, found on a grid, lies just above the stated end."""
    least = min(float(to_fraction(BOUND[name].exact("forward", Fraction(n, 500)))) for n in range(-1000, 0))
    assert low <= least < low + 1e-4


@EVERY
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_scale_is_no_more_than_what_conditioning_costs(bound: Bound, quantity: str) -> None:
    """s(x) <= 16*(abs(f) + abs(x*f')), or a parameter that moves x, unless f underflows."""
    for n in range(-240, 241, 7):
        x = Fraction(n, 16)
        scale = to_fraction(evaluate(bound.scale(quantity), {"x": x}))
        value = bound.differentiated[ORDERS[quantity]][bound.select(x)].value
        slope = to_fraction(evaluate(derivative(value), {"x": x})) if scale else Fraction(0)
        size = abs(to_fraction(evaluate(value, {"x": x}))) + abs(x * slope)
        lambd = float(bound.variant.parameters.get("lambd", 0))  # type: ignore[arg-type]
        shift = abs(Fraction(lambd)) if math.isfinite(lambd) else Fraction(0)
        assert 0 <= scale <= 16 * max(size, shift) or size < Fraction(1, 2**1000), float(x)


#: softplus steps at its threshold, which no expression over sizes says.
STEADY = {name: bound for name, bound in BOUND.items() if bound.spec.id != "softplus"}


@pytest.mark.parametrize("bound", STEADY.values(), ids=STEADY)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_constant_has_no_scale_of_its_own(bound: Bound, quantity: str) -> None:
    """Where a quantity is 0 throughout nothing rounds: s(x) is 0, or the size of x for a rounded kink."""
    most = 1 if "lambd" in bound.variant.parameters else 0
    for n in range(-240, 241, 3):
        x = Fraction(n, 16)
        value = bound.differentiated[ORDERS[quantity]][bound.select(x)].value
        if value == ZERO:
            assert to_fraction(evaluate(bound.scale(quantity), {"x": x})) <= most * abs(x), float(x)


@EVERY
def test_zero_sign_is_told_where_there_is_a_zero(bound: Bound) -> None:
    if bound.exact("forward", Fraction(0)) == 0:
        assert bound.spec.zero_sign in ("input", "either", "definition")
        held = bound.pieces[bound.select(Fraction(0))].value
        odd_at_zero = bound.spec.zero_sign == "input" and "x" in symbols(held)
        # A result that keeps the input's sign comes from a function whose value changes with x at 0.
        assert not odd_at_zero or bound.exact("forward", TINY) != 0


GLU, PRELU, CRELU = (SPECS[name] for name in ("glu", "prelu", "crelu"))


@pytest.mark.parametrize(("a", "b"), [(1.5, -3.0), (-2.0, 40.0), (1e30, -200.0), (0.0, 5.0)])
def test_glu(a: float, b: float) -> None:
    (piece,) = GLU.definition
    got = to_mpf(evaluate(piece.value, {"a": Fraction(a), "b": Fraction(b)}))
    with mp.workprec(300):
        assert mp.almosteq(got, mpf(a) / (1 + mp.exp(-mpf(b))), mpf(2) ** -100)


@pytest.mark.parametrize("x", [-2.0, -0.0, 3.0])
@pytest.mark.parametrize("weight", [0.25, -1.0, 0.0])
def test_prelu(x: float, weight: float) -> None:
    assert chosen(PRELU.definition, x=x, weight=weight) == (x if x > 0 else weight * x)


@pytest.mark.parametrize("x", [-2.0, 0.0, 3.0])
def test_crelu(x: float) -> None:
    assert chosen(CRELU.definition, x=x, half=0) == max(x, 0)
    assert chosen(CRELU.definition, x=x, half=1) == max(-x, 0)


def chosen(pieces: tuple[Piece, ...], **values: float) -> Fraction:
    """The first case that holds, at exact values."""
    piece = next(piece for piece in pieces if satisfied(piece.when, values))
    return to_fraction(evaluate(piece.value, {name: Fraction(v) for name, v in values.items()}))
