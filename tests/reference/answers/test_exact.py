"""Correctly rounded values against mpmath, special inputs, and activations of more than one number."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

import actcheck
from actcheck.reference.answers.conversion import to_format
from actcheck.reference.answers.nearest import nearest
from actcheck.reference.answers.rounding import rounded as answers
from actcheck.reference.evaluation import mp
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind, kinks_at
from actcheck.reference.specification.choosing import chosen
from actcheck.reference.specification.model import Spec, Variant
from tests.support.rounded_by_mpmath import rounded
from tests.support.spec_formulas import formula

Array = NDArray[Any]
ELEMENTWISE = [spec for spec in loading.load_all().values() if spec.elementwise]
QUANTITIES = ("forward", "gradient", "second_derivative")


def sample(form: Format, count: int, seed: int) -> Array:
    """Patterns of all sizes, and numbers of ordinary size."""
    random = np.random.default_rng(seed)
    patterns = form.values(random.integers(-form.infinity_key, form.infinity_key - 1, count))
    return np.concatenate([patterns, random.normal(0, 4, count).astype(form.dtype)])


def differing(spec: Spec, quantity: str, form: Format, count: int, seed: int) -> list[tuple[str, str]]:
    """Inputs at which `exact` and mpmath differ; at kinks there is no one value."""
    found = []
    for variant in spec.variants[: 1 if form.name == "float64" else 2]:
        bound, kinks = bind(spec, variant), kinks_at(spec, variant)
        given = {p.name: variant.parameters[p.name] for p in spec.parameters}
        x = sample(form, count, seed)
        x = x[~np.isin(x.astype(np.float64), kinks)]
        got = actcheck.exact(spec, x, quantity, **given)
        for at, y in zip(x.astype(np.float64).tolist(), got.astype(np.float64).tolist(), strict=True):
            if y != rounded(bound, quantity, form, at):
                found.append((variant.label, at.hex()))
    return found


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("spec", ELEMENTWISE, ids=lambda spec: spec.id)
def test_values_are_those_of_mpmath_rounded(spec: Spec, quantity: str) -> None:
    for form in FORMATS.values():
        assert differing(spec, quantity, form, 4, 1) == []


@pytest.mark.parametrize("spec", ELEMENTWISE, ids=lambda spec: spec.id)
def test_values_are_those_of_a_formula_that_reads_no_specification(spec: Spec) -> None:
    form, variant = FORMATS["float32"], spec.default
    given = {p.name: variant.parameters[p.name] for p in spec.parameters}
    x = np.random.default_rng(2).normal(0, 4, 20).astype(np.float32)
    with mpmath.workprec(300):
        real = formula(spec.id, variant.parameters)
        wanted = [form.rounded(mp.to_fraction(mpmath.mpf(real(mpmath.mpf(v))))) for v in x.tolist()]
    assert actcheck.exact(spec, x, **given).tolist() == wanted


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_special_inputs_follow_the_specification(dtype: Any) -> None:
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], dtype)
    y = actcheck.exact("gelu", x)
    assert y.dtype == x.dtype
    assert np.isnan(y[0])
    assert y[1:].tolist() == [np.inf, 0, 0, 0]
    assert np.signbit(y[3:]).tolist() == [False, True]
    slopes = actcheck.exact("gelu", x, "gradient")
    assert slopes[1:].tolist() == [1, 0, 0.5, 0.5]
    smallest = FORMATS[x.dtype.name].smallest
    around = actcheck.exact("gelu", np.array([smallest, -smallest], dtype))
    # Half of it is a tie, and x/2 lacks a positive rest.
    assert around.astype(np.float64).tolist() == [smallest, 0]


def test_at_a_kink_the_gradient_is_the_recorded_convention() -> None:
    zero = np.zeros(1, np.float32)
    assert actcheck.exact("relu", zero, "gradient") == 0
    assert actcheck.exact("leaky_relu", zero, "gradient", negative_slope=0.25) == 0.25
    assert actcheck.exact("relu6", np.array([6.0]), "gradient") == 0


@pytest.mark.parametrize("name", ["hardshrink", "softshrink"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_where_nothing_jumps_no_convention_counts(name: str, dtype: Any) -> None:
    # Both are the identity then, but for hardshrink's own case at 0.
    x = np.array([0.0, -0.0, 0.5], dtype)
    assert (actcheck.exact(name, x, "gradient", lambd=0.0) == 1).all()
    bound = bind(*_variant(name, {"lambd": 0.0}))
    assert nearest(bound, "gradient", FORMATS[np.dtype(dtype).name], 0.0, np.inf) == np.inf


def test_infinite_factors_need_no_measure_of_an_error() -> None:
    gelu = loading.find("gelu")
    x = np.array([1, 0, -3, np.inf, -np.inf], np.float32)
    y = answers(bind(gelu, gelu.default), "gradient", FORMATS["float32"], x, np.full(5, np.inf))
    np.testing.assert_array_equal(y, np.float32([np.inf, np.inf, -np.inf, np.inf, np.nan]))


def _variant(name: str, parameters: dict[str, float]) -> tuple[Spec, Variant]:
    spec = loading.find(name)
    return spec, chosen(spec, parameters)


def test_ties_go_to_the_even_number() -> None:
    # x/6 + 1/2 lies in the middle between two floats for every sixth input here.
    x = np.arange(0.5, 0.75, 2.0**-24, dtype=np.float32)[:60_000]
    y = actcheck.exact("hardsigmoid", x)
    exact = (Fraction(v) / 6 + Fraction(1, 2) for v in x.tolist())
    assert y.tolist() == [FORMATS["float32"].rounded(v) for v in exact]


def test_a_weight_for_each_channel() -> None:
    x = -np.ones((2, 3, 4), np.float32)
    y = actcheck.exact("prelu", x, weight=np.array([0.1, 0.2, 0.3], np.float32))
    assert (y == -np.array([0.1, 0.2, 0.3], np.float32)[:, None]).all()
    assert (actcheck.exact("prelu", x, weight=0.5) == -0.5).all()
    assert (actcheck.exact("prelu", x, "gradient", weight=0.5) == 0.5).all()


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_a_gate_along_any_dimension(dtype: Any) -> None:
    form, bound = FORMATS[np.dtype(dtype).name], bind(*_sigmoid())
    a, b = sample(form, 20, 3), sample(form, 20, 4)
    wanted = []
    for left, right in zip(a.astype(np.float64).tolist(), b.astype(np.float64).tolist(), strict=True):
        gate = bound.exact("forward", Fraction(right))
        tiny = not isinstance(gate, Fraction) and abs(gate) < mpmath.mpf(2) ** -5000
        wanted.append(0.0 if tiny else form.rounded(mp.to_fraction(gate) * Fraction(left)))
    for dim in (0, 1):
        x = np.concatenate([a.reshape(5, 8), b.reshape(5, 8)], axis=dim)
        y = actcheck.exact("glu", x, dim=dim)
        assert y.astype(np.float64).ravel().tolist() == wanted
        slopes = actcheck.exact("glu", x, "gradient", dim=dim)
        first = np.split(slopes, 2, axis=dim)[0].ravel()
        assert (first == actcheck.exact("sigmoid", b)).all()


def _sigmoid() -> Any:
    spec = loading.find("sigmoid")
    return spec, spec.default


def test_an_infinite_factor_of_a_gate() -> None:
    x = np.array([np.inf, -np.inf, np.inf, np.nan, 1.0, -200.0, -np.inf, 1.0], np.float32)
    assert actcheck.exact("glu", x)[:2].tolist() == [np.inf, -np.inf]
    assert np.isnan(actcheck.exact("glu", x)[2:]).tolist() == [True, True]


def test_halves_of_a_concatenation() -> None:
    y = actcheck.exact("crelu", np.array([[1.0, -2.0]], np.float16))
    assert y.tolist() == [[1, 0, 0, 2]]


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (("gellu", np.ones(1)), ValueError, "no such activation; near: gelu"),
        (("gelu", np.ones(1, int)), ValueError, "int64 is not one of float16"),
        (("gelu", np.ones(1), "weight_gradient"), ValueError, "no answer for the quantity"),
        (("multihead_attention", np.ones(1)), ValueError, "sums of many products"),
        (("prelu", np.ones(1)), TypeError, "needs a value of weight"),
        (("crelu", np.ones((1, 2)), "gradient"), ValueError, "only for forward"),
        (("glu", np.ones(3)), ValueError, "3 elements, an odd number"),
    ],
)
def test_what_has_no_answer_is_refused(call: tuple[Any, ...], error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        actcheck.exact(*call)


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"alfa": 1.0}, TypeError, "has no parameter alfa; near: alpha"),
        ({"alpha": 0.0}, ValueError, "must keep alpha != 0"),
        ({"alpha": float("nan")}, ValueError, "NaN"),
        ({"alpha": "1"}, TypeError, "is a number, not '1'"),
    ],
)
def test_bad_parameters_are_refused(given: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        actcheck.exact("celu", np.ones(1), **given)


@pytest.mark.parametrize("weight", [[0.1, 0.2], [[0.1]], float("inf")])
def test_bad_weights_are_refused(weight: Any) -> None:
    with pytest.raises(ValueError, match="weight"):
        actcheck.exact("prelu", np.ones((2, 3)), weight=weight)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_numbers_are_rounded_once(name: str) -> None:
    form = FORMATS[name]
    x = form.values(np.random.default_rng(5).integers(-form.infinity_key, form.infinity_key - 1, 2_000))
    low, high = x.astype(np.float64), form.values(form.keys(x) + 1).astype(np.float64)
    middle = (low + high) / 2
    values = np.concatenate([middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
    values = values[np.isfinite(values)]
    wanted = [form.rounded(Fraction(v)) for v in values.tolist()]
    assert to_format(form, values).astype(np.float64).tolist() == wanted
