"""The OpenVINO adapter: every graph computes, in the format and shape asked for; lacks are told as values."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.registry import find
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import in_dialect, named
from tests.support.frameworks import framework

openvino = framework("openvino")

DIALECT = named("onnx")
NEED_A_DIMENSION = ("glu", "crelu", "softmax", "log_softmax")


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    return find("openvino")


def parameters(activation: str, dtype: Any) -> dict[str, Any]:
    given = dict(in_dialect(loading.find(activation), DIALECT).default.parameters)
    return {**given, "weight": np.array([0.25], dtype)} if activation == "prelu" else given


def test_it_describes_itself(adapter: Adapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.device, told.quantities) == ("openvino", "cpu", ("forward",))
    assert openvino.__version__.startswith(told.version)
    assert find("openvino[threads=2]").describe().details["threads"] == "2"


@pytest.mark.parametrize("shape", [(), (4,), (2, 4, 3), (0, 2)])
def test_results_are_near_the_right_ones(adapter: Adapter, shape: tuple[int, ...]) -> None:
    x = np.linspace(-4, 4, int(np.prod(shape))).astype(np.float32).reshape(shape)
    for activation in adapter.functions():
        if not shape and activation in NEED_A_DIMENSION:
            continue
        given = parameters(activation, np.float32)
        if activation in ("glu", "crelu"):
            given["dim"] = -1 if shape[-1] % 2 == 0 else 1
        if activation == "glu" and shape == (2, 4, 3):
            given["dim"] = 1
        y = adapter.forward(activation, x, given)
        wanted = NumpyAdapter().forward(activation, x, given)
        assert isinstance(y, np.ndarray)
        assert isinstance(wanted, np.ndarray)
        assert (y.dtype, y.shape) == (wanted.dtype, wanted.shape), activation
        assert np.allclose(y, wanted, rtol=1e-3, atol=1e-5), activation


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16], ids=str)
def test_formats_are_kept(adapter: Adapter, dtype: Any) -> None:
    x = np.array([[-1.0, 0.5], [2.0, 4.0]], dtype)
    for activation in adapter.functions():
        y = adapter.forward(activation, x, parameters(activation, dtype))
        assert isinstance(y, np.ndarray)
        assert y.dtype == x.dtype
    kept = adapter.forward("relu", x, {})
    assert isinstance(kept, np.ndarray)
    assert kept.tolist() == [[0, 0.5], [2, 4]]


def test_weights_go_along_dimension_1(adapter: Adapter) -> None:
    x = -np.ones((2, 3, 2), np.float32)
    y = adapter.forward("prelu", x, {"weight": np.array([1.0, 2.0, 3.0], np.float32)})
    assert isinstance(y, np.ndarray)
    assert y[0, :, 0].tolist() == [-1, -2, -3]


def test_a_graph_is_compiled_once_for_its_format_and_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Core(openvino.Core):  # type: ignore[misc, name-defined]
        def compile_model(self, *given: Any) -> Any:
            made.append(1)
            return super().compile_model(*given)

    monkeypatch.setattr(openvino, "Core", Core)
    adapter = find("openvino")
    for n in (1, 5, 9):
        adapter.forward("relu", np.ones(n, np.float32), {})
    assert len(made) == 1
    adapter.use_threads(2)
    adapter.forward("relu", np.ones(3, np.float32), {})
    assert len(made) == 2


def test_what_it_lacks_is_told(adapter: Adapter) -> None:
    x = np.ones(3, np.float32)
    assert isinstance(adapter.gradient("relu", x, x, {}), Unsupported)
    assert isinstance(adapter.defaults("elu"), Unsupported)
    lacks = adapter.forward("softplus", x, {"beta": 2.0, "threshold": np.inf})
    assert lacks == Unsupported("softplus of openvino has no parameter beta: it is always 1.0")


def test_its_worst_fault_is_seen_with_openvino_alone() -> None:
    """softplus(-20) is 2.06e-9."""
    ops = framework("openvino.opset15", "openvino")
    x = ops.parameter([-1], openvino.Type.f32)
    compiled = openvino.Core().compile_model(
        openvino.Model([ops.result(ops.softplus(x))], [x]), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    (y,) = compiled([np.full(1, -20, np.float32)]).values()
    assert y[0] < 0
