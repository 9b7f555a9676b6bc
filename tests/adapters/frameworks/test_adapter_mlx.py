"""The MLX adapter against MLX itself: the same functions, formats kept, derivatives by MLX.

MLX compiles each function by the compiler of the system, which takes a second: few of them are asked.
"""

from __future__ import annotations

import shutil
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import Adapter, DoubleBackward, Unsupported
from actcheck.adapters.registry import find
from actcheck.reference.specification import loading
from tests.support.frameworks import array, framework

core, nn = framework("mlx.core", "mlx"), framework("mlx.nn", "mlx")
pytestmark = [
    pytest.mark.skipif(shutil.which("g++") is None, reason="MLX compiles by g++, which is not here"),
    pytest.mark.xdist_group("mlx"),
]
X = np.array([[-2.0, -0.5], [0.25, 3.0]])
GELU = {"approximate": "none"}


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    return find("mlx")


def test_it_describes_itself(adapter: Adapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.version, told.dialect) == ("mlx", core.__version__, "mlx")


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64], ids=str)
def test_formats_shapes_and_values_are_kept(adapter: Adapter, dtype: Any) -> None:
    for x in (X.astype(dtype), X.astype(dtype).T[:, ::-1], np.array(-2, dtype), np.empty((0, 3), dtype)):
        native = adapter.to_backend(x)
        assert str(native.dtype) == f"mlx.core.{x.dtype}"
        back = adapter.to_host(native)
        assert (back.dtype, back.shape, back.tolist()) == (x.dtype, x.shape, x.tolist())


def test_results_are_those_of_mlx(adapter: Adapter) -> None:
    x = X.astype(np.float32)
    native = core.array(x)
    assert np.array_equal(array(adapter.forward("gelu", x, GELU)), np.array(nn.gelu(native)))
    assert np.array_equal(array(adapter.forward("elu", x, {"alpha": 2.0})), np.array(nn.elu(native, 2.0)))
    y = array(adapter.forward("crelu", x, {"dim": 1}))
    assert y.tolist() == [[0, 0, 2, 0.5], [0.25, 3, 0, 0]]


def test_derivatives(adapter: Adapter) -> None:
    x, upstream = X.astype(np.float32), np.full_like(X, 2, np.float32)
    t = np.tanh(X)
    near = {"rtol": 1e-4, "atol": 1e-6}
    assert np.allclose(array(adapter.gradient("tanh", x, upstream, {})), 2 * (1 - t**2), **near)
    assert np.allclose(array(adapter.second_derivative("tanh", x, {})), -2 * t * (1 - t**2), **near)
    assert np.allclose(array(adapter.jvp("tanh", x, upstream, {})), 2 * (1 - t**2), **near)
    both = adapter.double_backward("tanh", x, upstream, upstream, {})
    assert isinstance(both, DoubleBackward)
    assert np.allclose(both.input, -8 * t * (1 - t**2), **near)
    assert np.allclose(both.upstream, 2 * (1 - t**2), **near)
    weight = {"weight": np.array([0.5], np.float32)}
    assert array(adapter.weight_gradient("prelu", x, upstream, weight)).tolist() == [-5]


def test_what_it_lacks_is_told(adapter: Adapter) -> None:
    x = X.astype(np.float32)
    assert isinstance(adapter.forward("prelu", x, {"weight": np.ones(2, np.float32)}), Unsupported)
    assert isinstance(adapter.forward("softplus", x, {"beta": 2.0, "threshold": np.inf}), Unsupported)


def test_defaults_are_read_from_mlx(adapter: Adapter) -> None:
    assert adapter.defaults("celu") == {"alpha": 1.0}
    assert adapter.defaults("hardtanh") == {"min_val": -1.0, "max_val": 1.0}
    assert adapter.defaults("softmax") == {"dim": -1}
    assert isinstance(adapter.defaults("crelu"), Unsupported)


def test_every_function_is_of_an_activation_that_is_known(adapter: Adapter) -> None:
    assert set(adapter.functions()) <= set(loading.load_all())
