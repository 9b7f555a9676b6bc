"""The TensorFlow adapter against TensorFlow itself: the same functions, formats, derivatives by its tapes.

Where TensorFlow is not installed they skip; `make test-heavy` installs it and runs them.
"""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, DoubleBackward, Unsupported
from actcheck.adapters.registry import find
from tests.support.frameworks import array, framework

tf = framework("tensorflow")
X = np.array([[-2.0, -0.5], [0.25, 3.0]])


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    return find("tensorflow")


def test_it_describes_itself(adapter: Adapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.version, told.device) == ("tensorflow", tf.__version__, "cpu")
    assert (told.dialect, told.number_model) == ("tensorflow", "flush_inputs_and_results")


def test_results_are_those_of_tensorflow(adapter: Adapter) -> None:
    x = X.astype(np.float32)
    given = {"negative_slope": 0.5}
    assert np.array_equal(
        array(adapter.forward("leaky_relu", x, given)), tf.nn.leaky_relu(x, alpha=0.5).numpy()
    )
    told = array(adapter.forward("gelu", x, {"approximate": "tanh"}))
    assert np.array_equal(told, tf.nn.gelu(x, approximate=True).numpy())


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
    assert not array(adapter.second_derivative("relu", x, {})).any()


def test_what_it_lacks_is_told(adapter: Adapter) -> None:
    x = X.astype(np.float32)
    assert isinstance(adapter.forward("elu", x, {"alpha": 2.0}), Unsupported)
    assert isinstance(adapter.forward("prelu", x, {"weight": x}), Unsupported)


def test_defaults_are_read_from_tensorflow(adapter: Adapter) -> None:
    assert adapter.defaults("leaky_relu") == {"negative_slope": 0.2}
    assert adapter.defaults("gelu") == {"approximate": "none"}
    assert adapter.defaults("hardshrink") == {"lambd": 0.5}
    assert adapter.defaults("elu") == {"alpha": 1.0}
    assert adapter.defaults("crelu") == adapter.defaults("softmax") == {"dim": -1}
    assert adapter.defaults("relu") == {}
