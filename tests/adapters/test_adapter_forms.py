"""Ways of calling beside the function and its gradient: what numpy and torch answer, and the default."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, DoubleBackward, InPlaceSlice, Module, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.torch_backend import TorchAdapter
from tests.support.frameworks import needs

BACKENDS = pytest.mark.parametrize(
    "adapter",
    [
        pytest.param(NumpyAdapter(), id="numpy"),
        pytest.param(TorchAdapter(), id="torch-cpu", marks=needs("torch")),
    ],
)
X = np.array([-2.0, -0.5, 0.25, 3.0], np.float32)
U = np.array([1.0, -2.0, 0.0, 0.5], np.float32)
V = np.array([0.5, 1.0, -4.0, -1.0], np.float32)


@BACKENDS
def test_forward_mode_is_the_gradient(adapter: Adapter) -> None:
    for activation in ("silu", "tanh", "relu"):
        found, wanted = (ask(activation, X, U, {}) for ask in (adapter.jvp, adapter.gradient))
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


@BACKENDS
def test_double_backward_gives_both_products(adapter: Adapter) -> None:
    found = adapter.double_backward("silu", X, U, V, {})
    assert isinstance(found, DoubleBackward)
    second, first = adapter.second_derivative("silu", X, {}), adapter.gradient("silu", X, V, {})
    assert isinstance(second, np.ndarray)
    np.testing.assert_allclose(found.input, U * V * second, rtol=1e-5)
    np.testing.assert_allclose(found.upstream, first, rtol=1e-6)


@BACKENDS
def test_a_derivative_that_does_not_depend_on_x_is_zero(adapter: Adapter) -> None:
    found = adapter.double_backward("relu", X, U, V, {})
    assert isinstance(found, DoubleBackward)
    assert not found.input.any()
    assert found.upstream.tolist() == [0, 0, -4, -1]


@BACKENDS
def test_a_part_is_overwritten_and_the_rest_stays(adapter: Adapter) -> None:
    base = np.arange(-6.0, 6.0, dtype=np.float32).reshape(3, 4)
    index = (slice(None), slice(0, 4, 2))
    found = adapter.in_place_slice("relu", base, index, np.full_like(base, 3), {})
    assert isinstance(found, InPlaceSlice)
    wanted = base.copy()
    wanted[index] = np.maximum(base[index], 0)
    assert found.base.tolist() == wanted.tolist()
    assert found.result.tolist() == wanted[index].tolist()
    assert isinstance(found.gradient, np.ndarray)
    assert found.gradient[:, 1::2].tolist() == [[3, 3]] * 3
    assert found.gradient[index].tolist() == (3.0 * (base[index] > 0)).tolist()
    assert isinstance(adapter.in_place_slice("gelu", base, index, base, {}), Unsupported)


@BACKENDS
def test_a_result_is_written_into_a_part(adapter: Adapter) -> None:
    found = adapter.write_out("tanh", X, np.full(9, 7, np.float32), (slice(1, 9, 2),), {})
    assert isinstance(found, np.ndarray)
    assert found[::2].tolist() == [7] * 5
    assert found[1::2].tolist() == np.asarray(adapter.forward("tanh", X, {})).tolist()


def test_numpy_refuses_an_out_of_another_shape() -> None:
    with pytest.raises(ValueError, match="must have the shape"):
        NumpyAdapter().write_out("tanh", X, np.zeros(9, np.float32), (slice(0, 3),), {})


@needs("torch")
def test_torch_has_no_negative_strides() -> None:
    answers = (
        TorchAdapter().in_place_slice("relu", X, (slice(None, None, -1),), U, {}),
        TorchAdapter().write_out("tanh", X, U, (slice(None, None, -1),), {}),
    )
    assert answers == (Unsupported("torch has no negative strides"),) * 2


@needs("torch")
def test_torch_records() -> None:
    found = TorchAdapter().recorded("silu", X, {})
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, np.asarray(NumpyAdapter().forward("silu", X, {})), rtol=1e-6)


@BACKENDS
def test_a_module_keeps_its_weights_apart_from_its_copies(adapter: Adapter) -> None:
    module: Any = adapter.module_object("prelu", {"num_parameters": 2, "init": 0.5}, "float32", 0)
    assert isinstance(module, Module)
    copies = [module.pickled(), module.copied(), module.converted("float64")]
    module.load({"weight": np.array([1.0, -1.0], np.float32)})
    assert module.state()["weight"].tolist() == [1, -1]
    assert [copy.state()["weight"].tolist() for copy in copies] == [[0.5, 0.5]] * 3
    assert copies[2].state()["weight"].dtype == np.float64
    x = np.array([[-2.0, -2.0]], np.float32)
    assert adapter.to_host(module(adapter.to_backend(x))).tolist() == [[-2, 2]]
    assert adapter.to_host(copies[0](adapter.to_backend(x))).tolist() == [[-1, -1]]


@needs("torch")
def test_torch_draws_initial_weights_by_the_seed() -> None:
    given = {"embed_dim": 4, "num_heads": 2}
    made = [TorchAdapter().module_object("multihead_attention", given, "float32", seed) for seed in (0, 0, 1)]
    states = [module.state() for module in made if isinstance(module, Module)]
    first, second, third = (
        dict(state)["in_proj_weight"].tolist() for state in states if isinstance(state, dict)
    )
    assert first == second != third
    assert set(states[0]) == {"in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias"}


def test_what_an_adapter_does_not_write_is_unsupported_with_a_reason() -> None:
    class Plain(Adapter):
        name = "plain"

        def functions(self) -> dict[str, Any]:
            return {"relu": lambda x: np.maximum(x, 0)}

    plain = Plain()
    index = (slice(None),)
    answers = (
        plain.jvp("relu", X, U, {}),
        plain.double_backward("relu", X, U, V, {}),
        plain.recorded("relu", X, {}),
        plain.in_place_slice("relu", X, index, U, {}),
        plain.write_out("relu", X, U, index, {}),
        plain.module_object("relu", {}, "float32", 0),
    )
    for answer in answers:
        assert isinstance(answer, Unsupported)
        assert answer.reason.startswith("plain ")
    bare: Any = Module()
    told = (
        bare.pickled(),
        bare.copied(),
        bare.training(on=True),
        bare.converted("float16"),
        bare.state(),
        bare.load({}),
    )
    assert all(isinstance(answer, Unsupported) for answer in told)
