"""Errors of results against Arb's judgement of single points, and each class of wrong answers."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

import actcheck
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.specification import loading
from actcheck.reference.specification.binding import bind


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize(
    ("name", "quantity"), [("gelu", "forward"), ("mish", "gradient"), ("tanh", "forward")]
)
def test_errors_are_those_of_single_points(name: str, quantity: str, dtype: str) -> None:
    form, spec = FORMATS[dtype], loading.find(name)
    bound, random = bind(spec, spec.default), np.random.default_rng(1)
    patterns = form.values(random.integers(-form.infinity_key, form.infinity_key - 1, 60))
    x = np.concatenate([patterns, random.normal(0, 3, 60).astype(form.dtype)])
    right = actcheck.exact(name, x, quantity)
    y = form.values(form.keys(right) + random.integers(-3, 4, len(x)))
    plain, scaled = (actcheck.ulp_error(y, name, x, quantity, scaled=s) for s in (False, True))
    for at in range(len(x)):
        point = judge_point(bound, quantity, form, float(x[at]), float(y[at]))
        assert plain.correctly_rounded[at] == point.correctly_rounded
        assert plain.faithful[at] == point.faithful
        assert plain.lost_to_zero[at] == (point.wrong == "lost_to_zero")
        if point.wrong == "wrong_infinity":
            assert plain.error[at] == np.inf
            continue
        for found, (low, high) in ((plain, point.error), (scaled, point.scaled)):
            assert low <= found.error[at] <= high * (1 + 2.0**-40) + 2.0**-20


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_each_class_is_told(dtype: Any) -> None:
    x = np.array([1, 2, -0.0, 1, np.nan, np.inf, 3], dtype)
    y = np.array([np.nan, np.inf, 0.0, 0.0, 1.0, 1.0, 3.0], dtype)
    y[6:] = actcheck.exact("gelu", x[6:])
    found = actcheck.ulp_error(y, "gelu", x)
    assert found.wrong_nan.tolist() == [True, False, False, False, True, False, False]
    assert found.wrong_infinity.tolist() == [False, True, False, False, False, True, False]
    assert found.wrong_zero_sign.tolist() == [False, False, True, False, False, False, False]
    assert found.lost_to_zero.tolist() == [False, False, False, True, False, False, False]
    assert np.isinf(found.error).tolist() == [True, True, False, False, True, True, False]
    assert found.faithful.tolist() == [False] * 2 + [True] + [False] * 3 + [True]
    assert np.max(found) == np.inf


def test_correct_values_are_within_half_a_unit() -> None:
    x = np.random.default_rng(2).normal(0, 1, 20_000).astype(np.float32)
    for name in ("gelu", "hardsigmoid", "tanhshrink"):
        found = actcheck.ulp_error(actcheck.exact(name, x), name, x)
        assert found.correctly_rounded.all()
        assert found.error.max() <= 0.5
        off = actcheck.ulp_error(np.nextafter(actcheck.exact(name, x), np.float32(np.inf)), name, x)
        assert not off.correctly_rounded.any()
        assert off.error.min() > 0.5 - 2.0**-20


def test_a_product_with_an_infinity() -> None:
    x = np.array([np.inf, np.inf, np.nan, 1.0, -np.inf, 2.0], np.float32)
    # An infinity times 0 has no value: all is right.
    found = actcheck.ulp_error(np.array([np.inf, 7.0, 1.0], np.float32), "glu", x)
    assert found.faithful.tolist() == [True, True, False]
    assert found.wrong_nan.tolist() == [False, False, True]


def test_results_of_another_form_are_refused() -> None:
    x = np.ones(4, np.float32)
    for y in (np.ones(4), np.ones(3, np.float32)):
        with pytest.raises(ValueError, match="the results are"):
            actcheck.ulp_error(y, "gelu", x)


def test_an_error_beside_a_rest_is_bounded_with_it() -> None:
    # Two units of the lower binade beside -2 + 6x, and x is far below any unit.
    x, y = np.float32([float.fromhex("0x1.86f5d8p-63")]), np.float32([-2.0000007152557373])
    spec = loading.find("softsign")
    bound = bind(spec, spec.default)
    low, _ = judge_point(bound, "second_derivative", FORMATS["float32"], float(x[0]), float(y[0])).error
    assert actcheck.ulp_error(y, spec, x, "second_derivative").error[0] >= low > 6


def test_an_infinity_beyond_the_format_has_no_error() -> None:
    x = np.float32([-7e12, -2e15])
    found = actcheck.ulp_error(np.float32([-np.inf, -np.inf]), "leaky_relu", x, negative_slope=1e30)
    assert found.error.tolist() == [0, 0]


def test_a_processor_that_flushes_subnormal_numbers_changes_nothing() -> None:
    torch = pytest.importorskip("torch")
    x = np.float32([1e-44, 3e-39, -0.5])
    wanted = actcheck.exact("gelu", x)
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor has no such mode")
    try:
        found, errors = actcheck.exact("gelu", x), actcheck.ulp_error(wanted, "gelu", x)
    finally:
        torch.set_flush_denormal(False)
    assert found.tobytes() == wanted.tobytes()
    assert errors.correctly_rounded.all()


@pytest.mark.parametrize(
    ("name", "quantity", "dtype", "x", "y", "scaled", "wanted"),
    [
        # Next to the root at -3 little is known of z = -(2^-51 - 2^-100/6), 8/3 units below 2^-51.
        ("hardswish", "forward", "float64", "-0x1.7fffffffffffep+1", "-0x1.ffffffffffffbp-52", False, 7 / 3),
        # The scale at -2.5 is 1/2.
        ("hardswish", "gradient", "bfloat16", "-0x1.4p+1", "-0x1.5ap-2", True, 7 / 6),
        # A result that is too large for a pair of float64 beside the value.
        ("hardtanh", "forward", "float64", "0x1p-1", "0x1p+900", False, 2.0**953),
        # The value lies just below 2^-600.
        ("tanh", "forward", "float64", "0x1p-600", "-0x1p+300", False, 2.0**953),
    ],
)
def test_errors_are_told_closely_where_enclosures_are_wide(
    name: str, quantity: str, dtype: str, x: str, y: str, scaled: bool, wanted: float
) -> None:
    kind = FORMATS[dtype].dtype
    at, got = (np.array([float.fromhex(text)]).astype(kind) for text in (x, y))
    found = actcheck.ulp_error(got, name, at, quantity, scaled=scaled).error[0]
    assert wanted * (1 - 2.0**-50) <= found <= wanted * (1 + 2.0**-40) + 2.0**-20
