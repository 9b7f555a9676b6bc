"""The numpy backend's handling of arrays: rounding, shapes, strides, positions, formats and integers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.base import Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.numpy_backend.arrays import BLOCK, rounded
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.loading import load_all

BACKEND = NumpyAdapter()
DTYPES = [form.dtype for form in FORMATS.values()]
ELEMENTWISE = {name: spec.default.parameters for name, spec in load_all().items() if spec.elementwise}


def answers(activation: str, x: NDArray[Any], **parameters: Any) -> list[NDArray[Any]]:
    """Forward, gradient and second derivative, with an upstream of many values."""
    given = {**ELEMENTWISE[activation], **parameters}
    with np.errstate(all="ignore"):
        upstream = np.cos(np.nan_to_num(x.astype(np.float64), posinf=1, neginf=2)).astype(x.dtype)
    found = (
        BACKEND.forward(activation, x, given),
        BACKEND.gradient(activation, x, upstream, given),
        BACKEND.second_derivative(activation, x, given),
    )
    return [a for a in found if not isinstance(a, Unsupported)]


def values(count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    rng = np.random.default_rng(7)
    special = [np.nan, np.inf, -np.inf, 0.0, -0.0, 3.0, -3.0, 6.0, 1e-40, -1e-40, 800.0, -800.0]
    some = np.concatenate([rng.normal(size=count) * rng.choice([1e-3, 1, 10, 100], count), special])
    with np.errstate(all="ignore"):
        return rng.permutation(some)[:count].astype(dtype)


@pytest.mark.parametrize("form", list(FORMATS.values())[:3], ids=lambda f: f.name)
def test_binary64_is_rounded_once(form: Format) -> None:
    rng = np.random.default_rng(3)
    low = form.values(rng.integers(-form.infinity_key, form.infinity_key - 1, 3000)).astype(np.float64)
    high = form.values(form.keys(low.astype(form.dtype)) + 1).astype(np.float64)
    middle = low + (high - low) / 2
    edge = float(form.overflow)
    hard = np.concatenate([middle, np.nextafter(middle, np.inf), np.nextafter(middle, -np.inf)])
    hard = np.concatenate([hard, [edge, np.nextafter(edge, 0), -edge, form.smallest / 2, 1e-300, 1e300]])
    with np.errstate(all="ignore"):
        got = rounded(hard, form.dtype).astype(np.float64)
    want = [form.rounded(Fraction(h)) for h in hard.tolist()]
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.signbit(got), np.signbit(hard))


def test_infinities_and_nan_survive_rounding() -> None:
    special = np.array([np.inf, -np.inf, np.nan])
    for dtype in DTYPES:
        np.testing.assert_array_equal(rounded(special, dtype).astype(np.float64), special)


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_an_input_gives_the_same_bits_wherever_it_stands(activation: str) -> None:
    x = values(134, np.dtype(np.float64))
    whole = answers(activation, x)
    for length in range(1, 68):
        for offset in {0, 1, 3, 67 - length % 7, 67}:
            part = slice(offset, offset + length)
            for got, want in zip(answers(activation, x[part]), whole, strict=True):
                assert got.tobytes() == want[part].tobytes(), (length, offset)


@pytest.mark.parametrize("activation", ELEMENTWISE)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_view_gives_the_bits_of_its_copy(activation: str, dtype: np.dtype[Any]) -> None:
    cube = values(2 * 6 * 10, dtype).reshape(2, 6, 10)
    views = {
        "stride 2": cube[..., ::2],
        "reversed": cube[::-1, ::-1, ::-1],
        "transposed": cube.transpose(2, 0, 1),
        "fortran": np.asfortranarray(cube),
        "broadcast": np.broadcast_to(cube[:, :1], (2, 6, 10)),
        "empty": cube[:0],
        "0-d": cube[1, 2, 3],
        "misaligned": np.frombuffer(b"\0" + cube.tobytes(), np.uint8)[1:].view(dtype).reshape(cube.shape),
    }
    for name, view in views.items():
        array = np.asarray(view)
        copied = np.ascontiguousarray(array).reshape(array.shape)
        for got, want in zip(answers(activation, array), answers(activation, copied), strict=True):
            assert (got.dtype, got.shape) == (dtype, array.shape), name
            assert got.tobytes() == want.tobytes(), name


def test_more_than_one_block() -> None:
    x = values(3 * BLOCK + 5, np.dtype(np.float32))
    for got, want in zip(answers("mish", x), answers("mish", x[2 * BLOCK - 9 :]), strict=True):
        assert got[2 * BLOCK - 9 :].tobytes() == want.tobytes()


@pytest.mark.parametrize("activation", ELEMENTWISE)
@pytest.mark.parametrize("array", [np.array([True]), np.array([1j]), np.array(["a"])], ids=str)
def test_other_types_are_refused(activation: str, array: NDArray[Any]) -> None:
    with pytest.raises(TypeError, match="takes float16, bfloat16, float32 or float64"):
        BACKEND.forward(activation, array, ELEMENTWISE[activation])


def test_upstream_must_match() -> None:
    x = np.zeros(3, np.float32)
    with pytest.raises(TypeError, match="upstream must be of type float32"):
        BACKEND.gradient("relu", x, np.ones(3), {})
    with pytest.raises(ValueError, match="upstream must have the shape"):
        BACKEND.gradient("relu", x, np.ones(4, np.float32), {})


def integer(activation: str, parameters: dict[str, Any], n: int) -> int:
    """The definition on integers."""
    if activation == "threshold":
        return n if n > parameters["threshold"] else int(parameters["value"])
    low, high = {"relu": (0, n), "relu6": (0, 6), "hardtanh": (-1, 1)}[activation]
    return min(max(int(parameters.get("min_val", low)), n), max(0, int(parameters.get("max_val", high))))


INTEGERS = [np.dtype(t) for t in "bBhHiIqQ"]


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
@pytest.mark.parametrize(
    ("activation", "parameters"),
    [
        ("relu", {}),
        ("relu6", {}),
        ("hardtanh", {}),
        ("hardtanh", {"min_val": -300, "max_val": 2.0}),
        ("hardtanh", {"min_val": 2, "max_val": 10**30}),
        ("threshold", {"threshold": 3, "value": 7}),
        ("threshold", {"threshold": -1000, "value": 7}),
        ("threshold", {"threshold": 10**30, "value": 7}),
    ],
)
def test_integers_are_exact(activation: str, parameters: dict[str, Any], dtype: np.dtype[Any]) -> None:
    info = np.iinfo(dtype)
    numbers = [n for n in (info.min, -2, -1, 0, 1, 2, 3, 4, 6, 7, info.max - 1, info.max) if n >= info.min]
    got = BACKEND.forward(activation, np.array(numbers, dtype), parameters)
    assert isinstance(got, np.ndarray)
    assert got.dtype == dtype
    assert got.tolist() == [integer(activation, parameters, n) for n in numbers]


def test_a_0_d_integer_stays_0_d() -> None:
    for activation in ("relu", "relu6", "hardtanh"):
        got = BACKEND.forward(activation, np.array(5, np.int8), {})
        assert isinstance(got, np.ndarray)
        assert got.shape == ()
        assert got.dtype == np.dtype(np.int8)


@pytest.mark.parametrize(
    ("activation", "parameters", "dtype"),
    [
        ("hardtanh", {"min_val": -0.5, "max_val": 2}, np.int32),
        ("hardtanh", {"min_val": 0, "max_val": np.inf}, np.int32),
        ("hardtanh", {"min_val": -5, "max_val": -1}, np.uint8),
        ("hardtanh", {"min_val": 300, "max_val": 400}, np.int8),
        ("threshold", {"threshold": 0.1, "value": 20}, np.int64),
        ("threshold", {"threshold": 0, "value": 300}, np.int8),
        ("elu", {}, np.int32),
        ("gelu", {}, np.uint8),
    ],
)
def test_integers_without_an_exact_answer_are_refused(
    activation: str, parameters: dict[str, Any], dtype: type[np.generic]
) -> None:
    with pytest.raises(TypeError):
        BACKEND.forward(activation, np.array([1, 2], dtype), parameters)


def test_signalling_nans_pass_without_a_warning() -> None:
    patterns = {
        np.float16: np.uint16(0x7D01),
        ml_dtypes.bfloat16: np.uint16(0x7F81),
        np.float32: np.uint32(0x7F800001),
    }
    for dtype, pattern in patterns.items():
        x = np.array([pattern]).view(dtype)
        for activation, parameters in ELEMENTWISE.items():
            found = BACKEND.forward(activation, x, parameters)
            assert isinstance(found, np.ndarray)
            assert np.isnan(found.astype(np.float64)).all()
