"""The ONNX adapters: each recipe is a valid graph that both runtimes compute; lacks are told as values."""

from __future__ import annotations

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.adapters.registry import AdapterError, find
from tests.support.frameworks import framework

onnx, onnxruntime = framework("onnx"), framework("onnxruntime", "onnx")

from actcheck.adapters.onnx_backend.graphs import OPSET, model  # noqa: E402
from actcheck.adapters.onnx_backend.recipes import RECIPES  # noqa: E402


@pytest.fixture(params=["onnxruntime", "onnx-reference"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return find(request.param)


def test_they_describe_themselves() -> None:
    told = find("onnxruntime").describe()
    assert (told.framework, told.version) == ("onnxruntime", onnxruntime.__version__)
    assert told.quantities == ("forward",)
    assert told.details["opset"] == str(OPSET)
    told = find("onnx-reference").describe()
    assert (told.framework, told.version, told.dialect) == ("onnx", onnx.__version__, "onnx")


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
