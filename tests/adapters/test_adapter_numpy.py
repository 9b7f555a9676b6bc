"""The numpy backend's element-wise activations against the mpmath reference."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.evaluation import mp
from actcheck.reference.expressions.tree import Node, Number
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import Bound, bind, finite_kinks, kinks_at, numbers
from actcheck.reference.specification.loading import load_all
from actcheck.reference.specification.model import Spec, Variant

BACKEND = NumpyAdapter()
SPECS = {name: spec for name, spec in load_all().items() if spec.elementwise}
QUANTITIES = ("forward", "gradient", "second_derivative")
#: Where the smooth derivatives vanish.
ROOTS = (-0.7517915246935645, -1.2784645427610738, -1.1924312144, 1.4142135623730951, 2.3993572805154)


CASES = [
    pytest.param(spec, variant, form, id=f"{spec.id}-{variant.label}-{form.name}")
    for spec in SPECS.values()
    for variant in spec.variants
    for form in FORMATS.values()
]


def computed(spec: Spec, variant: Variant, quantity: str, x: NDArray[Any]) -> NDArray[Any]:
    parameters = variant.parameters
    if quantity == "forward":
        answer = BACKEND.forward(spec.id, x, parameters)
    elif quantity == "gradient":
        answer = BACKEND.gradient(spec.id, x, np.ones_like(x), parameters)
    else:
        answer = BACKEND.second_derivative(spec.id, x, parameters)
    assert isinstance(answer, np.ndarray)
    return answer


def sampled(form: Format, near: list[float], count: int = 24) -> NDArray[Any]:
    """Numbers of every size, more of them where the curves bend, and those around the kinks and roots."""
    rng = np.random.default_rng(20240607)
    signs = rng.choice([-1.0, 1.0], count)
    spread = [
        signs * np.exp2(rng.uniform(form.emin - form.precision, 15.9, count)),
        signs * np.exp2(rng.uniform(-12, 6, count)),
        rng.uniform(-745 if form.name == "float64" else -105, 0, count),
        rng.uniform(-45, 0, count),
    ]
    with np.errstate(over="ignore"):
        points = np.array([*near, *ROOTS, 0.0, 1.0, form.smallest, form.smallest_normal]).astype(form.dtype)
        beside = [np.nextafter(points, form.dtype.type(end)) for end in (np.inf, -np.inf)]
    every = np.concatenate([np.concatenate(spread).astype(form.dtype), points, -points, *beside])
    return every[np.isfinite(every.astype(np.float64))]


def exact(bound: Bound, quantity: str, x: float) -> Fraction:
    return mp.to_fraction(bound.exact(quantity, Fraction(x)))


def error(form: Format, got: float, exact: Fraction, scale: Fraction = Fraction(0)) -> float:
    """In ULP of the exact value, or of a larger scale; an infinity stands at the overflow's power of two."""
    value = Fraction(got) if math.isfinite(got) else Fraction(math.copysign(1, got)) * 2 ** (form.emax + 1)
    size = min(abs(exact), Fraction(2) ** (form.emax + 1))
    return float(
        abs(value - max(min(exact, size), -size)) / Fraction(2) ** form.ulp_exponent(max(size, scale))
    )


def scale(node: Node, x: float) -> Fraction:
    return abs(mp.to_fraction(mp.evaluate(node, {"x": Fraction(x)})))


@pytest.mark.parametrize(("spec", "variant", "form"), CASES)
def test_values_are_faithful_and_in_float64_within_the_budget(
    spec: Spec, variant: Variant, form: Format
) -> None:
    bound = bind(spec, variant)
    bends = kinks_at(spec, variant)
    x = sampled(form, bends)
    for quantity in QUANTITIES:
        budget = spec.accuracy[quantity].ulp if form.name == "float64" else 0.0
        results = computed(spec, variant, quantity, x).astype(np.float64)
        for point, got in zip(x.astype(np.float64).tolist(), results.tolist(), strict=True):
            if quantity != "forward" and point in bends:
                continue
            want = exact(bound, quantity, point)
            off = error(form, got, want)
            if off >= 1 and off > budget and form.name == "float64":
                off = error(form, got, want, scale(bound.scale(quantity), point))
            assert off < 1 or off <= budget, (quantity, point.hex(), got, float(want), off)
            assert got != 0 or abs(want) < form.smallest_normal, (quantity, point.hex())


@pytest.mark.parametrize(("spec", "variant", "form"), CASES)
def test_special_values(spec: Spec, variant: Variant, form: Format) -> None:
    bound = bind(spec, variant)
    x = np.array([np.nan, -np.inf, np.inf, -0.0, 0.0], form.dtype)
    for quantity in QUANTITIES:
        nan, low, high, minus, plus = computed(spec, variant, quantity, x).astype(np.float64)
        assert np.isnan(nan)
        with np.errstate(over="ignore"):
            limits = [np.float64(bound.limit(quantity, sign)).astype(form.dtype) for sign in (-1, 1)]
        assert abs(form.key(low) - form.key(float(limits[0]))) <= 1
        assert abs(form.key(high) - form.key(float(limits[1]))) <= 1
        if quantity == "forward" and spec.zero_sign == "input" and bound.exact("forward", Fraction(0)) == 0:
            assert (minus, np.signbit(minus), np.signbit(plus)) == (0, True, False)


@pytest.mark.parametrize("spec", [s for s in SPECS.values() if s.kinks], ids=lambda s: s.id)
def test_the_derivative_at_a_kink_is_torchs(spec: Spec) -> None:
    for variant in spec.variants:
        values = {n: v.value for n, v in numbers(variant.parameters).items() if isinstance(v, Number)}
        for kink, at in finite_kinks(spec, variant):
            if Fraction(at) != mp.to_fraction(mp.evaluate(kink.at, values)) or values.get("lambd") == 0:
                continue
            want = float(mp.to_fraction(mp.evaluate(kink.torch, values)))
            got = computed(spec, variant, "gradient", np.array([at]))
            assert got[0] == pytest.approx(want, rel=1e-15, abs=0), (variant.label, at)


@pytest.mark.parametrize("activation", ["hardshrink", "softshrink"])
def test_a_shrink_by_nothing_has_no_kink(activation: str) -> None:
    x = np.array([-1.0, -0.0, 0.0, 1.0])
    gradient = BACKEND.gradient(activation, x, np.ones_like(x), {"lambd": 0.0})
    np.testing.assert_array_equal(np.asarray(gradient), np.ones(4))


def test_the_gradient_is_rounded_after_the_product_with_upstream() -> None:
    x = np.array([-200.0], np.float32)
    upstream = np.array([1e38], np.float32)
    gradient = BACKEND.gradient("sigmoid", x, upstream, {})
    assert isinstance(gradient, np.ndarray)
    # The derivative alone, 1.4e-87, is far below every float32.
    assert gradient[0] == np.float32(np.exp(-200.0) * np.float64(upstream[0]))


@pytest.mark.parametrize(
    ("activation", "parameters", "x", "want"),
    [
        ("hardswish", {}, 1.7e308, 1.7e308),
        ("softplus", {"beta": 1e30, "threshold": 1e300}, 1e300, 1e300),
        ("softplus", {"beta": 1e-300, "threshold": 20}, 1e250, math.log(2) * 1e300),
        ("softplus", {"beta": 0.3, "threshold": 0}, 5e-324, 5e-324),
        ("elu", {"alpha": 1e300}, -1e308, -1e300),
        ("celu", {"alpha": 1e30}, -1e-314, -1e-314),
        ("celu", {"alpha": -1e-30}, -7.2e-28, None),
        ("softsign", {}, -1.7e308, -1.0),
        ("leaky_relu", {"negative_slope": 0.0}, -math.inf, 0.0),
        ("rrelu", {"lower": 1.7e308, "upper": 1.7e308}, -1.0, -1.7e308),
    ],
)
def test_nothing_overflows_before_its_time(
    activation: str, parameters: dict[str, float], x: float, want: float | None
) -> None:
    got = BACKEND.forward(activation, np.array([x]), parameters)
    assert isinstance(got, np.ndarray)
    if want is None:
        assert got[0] == pytest.approx(-1e-30 * math.exp(400) * math.exp(320), rel=1e-12)
    else:
        assert got[0] == pytest.approx(want, rel=1e-15, abs=0)
