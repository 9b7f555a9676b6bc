"""The numpy backend's parameters, and its in-place, module, random and structured forms."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from actcheck.adapters.base import InPlace, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.formats import FORMATS
from actcheck.reference.specification.loading import load_all

BACKEND = NumpyAdapter()
SPECS = load_all()
DTYPES = [form.dtype for form in FORMATS.values()]


def array(answer: Any) -> NDArray[Any]:
    assert isinstance(answer, np.ndarray)
    return answer


def test_all_26_are_there() -> None:
    assert set(BACKEND.functions()) == set(SPECS)


REFUSED = [
    pytest.param(spec.id, refused.parameters, id=f"{spec.id}-{refused.because}")
    for spec in SPECS.values()
    for refused in spec.refused
]


@pytest.mark.parametrize(("activation", "parameters"), REFUSED)
def test_bad_parameters_are_refused_when_the_module_is_made(
    activation: str, parameters: dict[str, Any]
) -> None:
    def made_and_called() -> None:
        made: Any = BACKEND.module(activation, parameters)
        # Whether a dimension is there is known when an input is.
        assert list(parameters) == ["dim"]
        made(np.zeros((2, 2), np.float32))

    with pytest.raises(ValueError, match=r"."):
        made_and_called()


@pytest.mark.parametrize("spec", [s for s in SPECS.values() if s.parameters], ids=lambda s: s.id)
def test_defaults_are_the_specifications(spec: Any) -> None:
    wanted = {p.name: p.default for p in spec.parameters if not p.required}
    assert BACKEND.defaults(spec.id) == wanted


def test_an_unknown_activation_is_unsupported() -> None:
    x = np.zeros(1)
    for answer in (
        BACKEND.forward("nothing", x, {}),
        BACKEND.gradient("nothing", x, x, {}),
        BACKEND.second_derivative("nothing", x, {}),
        BACKEND.defaults("nothing"),
        BACKEND.module("nothing", {}),
        BACKEND.in_place("nothing", x, x, {}),
    ):
        assert isinstance(answer, Unsupported)


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda s: s.id)
def test_in_place_is_out_of_place_in_the_same_storage(spec: Any) -> None:
    x = np.linspace(-8, 8, 24, dtype=np.float32).reshape(4, 6)
    if not spec.in_place:
        if spec.elementwise:
            answer = BACKEND.in_place(spec.id, x, x, spec.default.parameters)
            assert isinstance(answer, Unsupported)
        return
    for view in (x, x.T, x[:, ::2], np.broadcast_to(x[:1], (4, 6))):
        before = view.copy()
        done = BACKEND.in_place(spec.id, view, view, spec.default.parameters)
        assert isinstance(done, InPlace)
        assert done.same_storage
        np.testing.assert_array_equal(
            done.result, array(BACKEND.forward(spec.id, view, spec.default.parameters))
        )
        want = array(BACKEND.gradient(spec.id, view, view, spec.default.parameters))
        np.testing.assert_array_equal(array(done.gradient), want)
        np.testing.assert_array_equal(view, before)


def test_a_module_computes_what_the_function_computes() -> None:
    x = np.linspace(-8, 8, 24, dtype=np.float32).reshape(4, 6)
    for spec in SPECS.values():
        if spec.kind == "attention":
            continue
        module = BACKEND.module(spec.id, spec.default.parameters)
        assert not isinstance(module, Unsupported)
        np.testing.assert_array_equal(module(x), array(BACKEND.forward(spec.id, x, spec.default.parameters)))


# rrelu in training


def sampled(x: NDArray[Any], seed: int, **parameters: float) -> tuple[NDArray[Any], NDArray[Any]]:
    answer = BACKEND.sample("rrelu", x, np.ones_like(x), parameters, seed)
    assert not isinstance(answer, Unsupported)
    return array(answer[0]), array(answer[1])


def test_random_slopes_are_uniform_and_their_gradient_is_the_same_slopes() -> None:
    x = np.full((40, 50), -1.0)
    value, gradient = sampled(x, 5, lower=0.125, upper=0.75)
    np.testing.assert_array_equal(-value, gradient)
    assert value.min() >= -0.75
    assert value.max() <= -0.125
    assert stats.kstest(gradient.ravel(), stats.uniform(0.125, 0.625).cdf).pvalue > 0.01
    assert abs(np.corrcoef(gradient.ravel()[:-1], gradient.ravel()[1:])[0, 1]) < 0.08


def test_a_seed_fixes_the_slopes_for_every_format_and_stride() -> None:
    x = np.array([[-1.0, 2.0, -4.0], [np.nan, -0.5, -np.inf]])
    value, _ = sampled(x, 11)
    np.testing.assert_array_equal(value, sampled(x, 11)[0])
    np.testing.assert_array_equal(value, sampled(np.asfortranarray(x), 11)[0])
    np.testing.assert_array_equal(value.astype(np.float32), sampled(x.astype(np.float32), 11)[0])
    assert (value != sampled(x, 12)[0]).any()
    assert value[0, 1] == 2
    assert np.isnan(value[1, 0])


def test_equal_bounds_are_evaluation() -> None:
    x = np.linspace(-3, 3, 13)
    value, gradient = sampled(x, 1, lower=0.3, upper=0.3)
    np.testing.assert_array_equal(value, array(BACKEND.forward("leaky_relu", x, {"negative_slope": 0.3})))
    ones = np.ones_like(x)
    np.testing.assert_array_equal(
        gradient, array(BACKEND.gradient("leaky_relu", x, ones, {"negative_slope": 0.3}))
    )


def test_only_rrelu_is_random() -> None:
    assert isinstance(BACKEND.sample("elu", np.zeros(1), np.zeros(1), {}, 0), Unsupported)


# prelu


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", [(), (4,), (3, 3), (2, 3, 3), (2, 3, 2, 3), (2, 3, 1, 2, 3)], ids=str)
def test_prelu_has_its_channels_in_dimension_1(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    rng = np.random.default_rng(2)
    x, upstream = (np.asarray(rng.normal(size=shape)).astype(dtype) for _ in range(2))
    for count in {1, 3 if len(shape) > 1 else 1}:
        weight = np.array([0.25, -0.3, 3.0][:count]).astype(dtype)
        parameters = {"num_parameters": count, "init": 0.25, "weight": weight}
        got = array(BACKEND.forward("prelu", x, parameters))
        gradient = array(BACKEND.gradient("prelu", x, upstream, parameters))
        sums = [Fraction(0)] * count
        for place in product(*map(range, shape)):
            channel = place[1] if count > 1 else 0
            value, slope, u = float(x[place]), float(weight[channel]), float(upstream[place])
            assert float(got[place]) == float(
                np.float64(value if value >= 0 else slope * value).astype(dtype)
            )
            assert float(gradient[place]) == float(np.float64(u if value > 0 else slope * u).astype(dtype))
            sums[channel] += Fraction(u) * Fraction(value) if value < 0 else 0
        total = array(BACKEND.weight_gradient("prelu", x, upstream, parameters))
        assert (total.dtype, total.shape) == (dtype, (count,))
        name = next(form for form in FORMATS.values() if form.dtype == dtype)
        assert total.astype(np.float64).tolist() == [name.rounded(s) for s in sums]


def test_the_weight_gradient_survives_cancellation_and_overflow() -> None:
    x = np.array([-1e16, -1.0, -1e16, 5.0])
    weight = np.array([0.25])
    total = BACKEND.weight_gradient("prelu", x, np.array([1.0, 1.0, -1.0, 9.0]), {"weight": weight})
    assert array(total).tolist() == [-1.0]
    total = BACKEND.weight_gradient(
        "prelu", np.full(3, -1e308), np.array([1.0, 1.0, -1.0]), {"weight": weight}
    )
    assert array(total).tolist() == [-1e308]
    total = BACKEND.weight_gradient("prelu", np.array([np.nan, -1.0]), np.ones(2), {"weight": weight})
    assert np.isnan(array(total)).all()
    assert isinstance(BACKEND.weight_gradient("relu", x, x, {}), Unsupported)


@pytest.mark.parametrize(
    ("shape", "count"),
    [((4,), 4), ((), 2), ((2, 3), 2), ((2, 3, 4), 4), ((2, 3, 4), 2), ((5, 3), 0)],
    ids=str,
)
def test_prelu_refuses_weights_that_are_not_one_a_channel(shape: tuple[int, ...], count: int) -> None:
    with pytest.raises(ValueError, match="channel count"):
        BACKEND.forward("prelu", np.zeros(shape), {"weight": np.zeros(count)})


def test_prelu_without_a_weight_starts_from_init_in_the_inputs_format() -> None:
    module = BACKEND.module("prelu", {"num_parameters": 2, "init": 0.3})
    assert not isinstance(module, Unsupported)
    x = np.full((1, 2), -1.0, np.float32)
    np.testing.assert_array_equal(module(x), np.full((1, 2), -np.float32(0.3)))


# glu and crelu


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("shape", "dim"), [((8,), -1), ((4, 6), 0), ((4, 6), 1), ((4, 6, 3), -2), ((2, 0), 0)]
)
def test_glu_and_its_gradient(shape: tuple[int, ...], dim: int, dtype: np.dtype[Any]) -> None:
    rng = np.random.default_rng(4)
    x = (rng.normal(size=shape) * 4).astype(dtype)
    a, b = (h.astype(np.float64) for h in np.split(x, 2, axis=dim))
    upstream = rng.normal(size=a.shape).astype(dtype)
    s = 1 / (1 + np.exp(-b))
    unit = {2: 2.0**-7, 4: 2.0**-23, 8: 2.0**-51}[dtype.itemsize]
    got = array(BACKEND.forward("glu", x, {"dim": dim}))
    assert (got.dtype, got.shape) == (dtype, a.shape)
    np.testing.assert_allclose(got.astype(np.float64), a * s, rtol=unit)
    gradient = array(BACKEND.gradient("glu", x, upstream, {"dim": dim}))
    u = upstream.astype(np.float64)
    want = np.concatenate([u * s, u * a * s / (1 + np.exp(b))], axis=dim)
    assert (gradient.dtype, gradient.shape) == (dtype, x.shape)
    np.testing.assert_allclose(gradient.astype(np.float64), want, rtol=unit * 16)


def test_glu_is_the_product_of_exact_reals() -> None:
    for a, b, want in [
        (math.inf, -200.0, math.inf),
        (math.inf, -1e300, math.inf),
        (-math.inf, -800.0, -math.inf),
        (1e308, -1400.0, 9.721322154756665e-301),
        (-0.0, 5.0, -0.0),
        (1.0, -math.inf, 0.0),
    ]:
        got = array(BACKEND.forward("glu", np.array([a, b]), {}))
        np.testing.assert_allclose(got, [want], rtol=1e-14)
        assert np.signbit(got[0]) == np.signbit(want)
    assert np.isnan(array(BACKEND.forward("glu", np.array([1.0, np.nan]), {}))).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 5)], ids=str)
def test_glu_refuses_an_odd_size_and_a_missing_dimension(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="GLU"):
        BACKEND.forward("glu", np.zeros(shape), {"dim": -1})
    with pytest.raises(ValueError, match="is not a dimension"):
        BACKEND.forward("glu", np.zeros((2, 2)), {"dim": 2})


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("dim", [0, 1, 2, -1, -3])
def test_crelu_and_its_gradient(dim: int, dtype: np.dtype[Any]) -> None:
    x = np.array([-3.0, -0.5, 0.0, 1.0, 2.5, np.nan, np.inf, -np.inf]).astype(dtype).reshape(2, 2, 2)
    got = array(BACKEND.forward("crelu", x, {"dim": dim}))
    wide = x.astype(np.float64)
    want = np.concatenate([np.where(wide < 0, 0, wide), np.where(wide > 0, 0, -wide)], axis=dim)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got.astype(np.float64), want)
    upstream = np.arange(1, 17).astype(dtype).reshape(got.shape)
    gradient = array(BACKEND.gradient("crelu", x, upstream, {"dim": dim})).astype(np.float64)
    first, second = np.split(upstream.astype(np.float64), 2, axis=dim)
    wanted = np.where(np.isnan(wide), np.nan, np.where(wide > 0, first, np.where(wide < 0, -second, 0)))
    np.testing.assert_array_equal(gradient, wanted)


def test_crelu_refuses_a_missing_dimension() -> None:
    for shape, dim in (((), 0), ((3,), 1), ((2, 2), -3)):
        with pytest.raises(ValueError, match="is not a dimension"):
            BACKEND.forward("crelu", np.zeros(shape), {"dim": dim})


def test_the_description_names_versions_and_vectors() -> None:
    described = BACKEND.describe()
    assert (described.framework, described.device, described.unavailable) == ("numpy", "cpu", None)
    assert described.version == np.__version__
    assert set(described.details) == {"scipy", "ml_dtypes", "vectors"}
    assert not BACKEND.use_threads(2)
