"""The ONNX adapters: each recipe is a valid graph that both runtimes compute; lacks are told as values."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.registry import AdapterError, find
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import in_dialect, named
from tests.support.frameworks import framework

onnx, onnxruntime = framework("onnx"), framework("onnxruntime", "onnx")

from actcheck.adapters.onnx_backend.graphs import OPSET, model  # noqa: E402
from actcheck.adapters.onnx_backend.recipes import RECIPES  # noqa: E402

DIALECT = named("onnx")


@pytest.fixture(params=["onnxruntime", "onnx-reference"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return find(request.param)


def parameters(activation: str, dtype: Any) -> dict[str, Any]:
    given = dict(in_dialect(loading.find(activation), DIALECT).default.parameters)
    if activation == "threshold":
        given = {"threshold": 0.5, "value": 0.0}
    return {**given, "weight": np.array([0.25], dtype)} if activation == "prelu" else given


def test_they_describe_themselves() -> None:
    told = find("onnxruntime").describe()
    assert (told.framework, told.version) == ("onnxruntime", onnxruntime.__version__)
    assert told.quantities == ("forward",)
    assert told.details["opset"] == str(OPSET)
    told = find("onnx-reference").describe()
    assert (told.framework, told.version, told.dialect) == ("onnx", onnx.__version__, "onnx")


@pytest.mark.parametrize("activation", RECIPES)
@pytest.mark.parametrize("shape", [(), (4,), (2, 4), (2, 4, 3), (0, 2)])
def test_results_are_near_the_right_ones(adapter: Adapter, activation: str, shape: tuple[int, ...]) -> None:
    if not shape and activation in ("glu", "crelu", "softmax", "log_softmax"):
        return  # they need a dimension
    x = np.linspace(-4, 4, int(np.prod(shape))).astype(np.float32).reshape(shape)
    given = parameters(activation, np.float32)
    if activation in ("glu", "crelu"):
        given["dim"] = -1 if shape[-1] % 2 == 0 else 1
    if (adapter.name, activation, shape) == ("onnx-reference", "softsign", ()):
        with pytest.raises(TypeError, match="Softsign"):
            adapter.forward(activation, x, given)
        return  # a fault of the reference, which its list of known deviations names
    y = adapter.forward(activation, x, given)
    wanted = NumpyAdapter().forward(activation, x, given)
    assert isinstance(y, np.ndarray | np.generic)
    assert isinstance(wanted, np.ndarray)
    assert (y.dtype, y.shape) == (wanted.dtype, wanted.shape)
    assert np.allclose(y, wanted, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float64], ids=str)
def test_formats_are_kept_or_told_to_be_missing(adapter: Adapter, dtype: Any) -> None:
    x = np.array([[-1.0, 0.5], [2.0, 4.0]], dtype)
    if x.dtype.name not in adapter.describe().formats:
        return
    for activation in RECIPES:
        y = adapter.forward(activation, x, parameters(activation, dtype))
        if isinstance(y, Unsupported):
            assert "is not defined for" in y.reason or "has no kernel of" in y.reason
        else:
            assert y.dtype == x.dtype


def test_weights_go_along_dimension_1(adapter: Adapter) -> None:
    x = -np.ones((2, 3, 2), np.float32)
    y = adapter.forward("prelu", x, {"weight": np.array([1.0, 2.0, 3.0], np.float32)})
    assert isinstance(y, np.ndarray)
    assert y[0, :, 0].tolist() == [-1, -2, -3]


def test_a_session_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *a, **k: made.append(1) or real(*a, **k))
    adapter = find("onnxruntime")
    for n in (1, 5, 9):
        adapter.forward("relu", np.ones(n, np.float32), {})
    assert len(made) == 1
    adapter.use_threads(2)
    adapter.forward("relu", np.ones(3, np.float32), {})
    assert len(made) == 2


def test_there_are_no_gradients(adapter: Adapter) -> None:
    x = np.ones(3, np.float32)
    assert isinstance(adapter.gradient("relu", x, x, {}), Unsupported)


def test_defaults_are_those_of_the_standard(adapter: Adapter) -> None:
    assert adapter.defaults("leaky_relu") == {"negative_slope": float(np.float32(0.01))}
    assert adapter.defaults("gelu") == {"approximate": "none"}
    assert isinstance(adapter.defaults("hardtanh"), Unsupported)


def test_options_are_checked() -> None:
    assert find("onnxruntime[threads=2,optimization=none]").describe().details["threads"] == "2"
    with pytest.raises(AdapterError, match="optimization must be one of none, basic, extended, all"):
        find("onnxruntime[optimization=some]")


def test_a_model_is_checked() -> None:
    plan = RECIPES["relu"](2)  # type: ignore[operator]
    assert [node.op_type for node in model(plan, "float32", 2).graph.node] == ["Relu"]
