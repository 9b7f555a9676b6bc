"""torch's modules as graphs of ONNX: what is exported, by either exporter, and what is run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.adapters.registry import AdapterError, find
from actcheck.adapters.torch_onnx import TorchOnnxAdapter
from tests.support.frameworks import framework

onnx = framework("onnx", "torch-onnx")
torch = framework("torch", "torch-onnx")
framework("onnxscript", "torch-onnx")
X = np.array([[-2.0, -0.5, 0.0], [0.25, 1.0, 3.0]], np.float32)


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    return find("torch-onnx")


def test_it_describes_itself(adapter: Adapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.version, told.dialect) == ("torch", torch.__version__, "torch")
    assert told.details["exporter"] == "dynamo"
    assert told.quantities == ("forward",)


@pytest.mark.parametrize("exporter", ["dynamo", "torchscript"])
def test_what_torch_exports_is_run(exporter: str) -> None:
    adapter = TorchOnnxAdapter(exporter)
    y = adapter.forward("elu", X, {"alpha": 0.5})
    assert isinstance(y, np.ndarray)
    assert np.allclose(y, torch.nn.ELU(0.5)(torch.from_numpy(X)).numpy(), atol=1e-6)
    graph = adapter.exported("elu", "float32", 2, {"alpha": 0.5})
    assert isinstance(graph, bytes)
    (node,) = onnx.load_model_from_string(graph).graph.node
    assert node.op_type == "Elu"


def test_one_graph_serves_every_size(adapter: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    export = torch.onnx.export
    monkeypatch.setattr(torch.onnx, "export", lambda *a, **k: made.append(a) or export(*a, **k))
    adapter = find("torch-onnx")
    for shape in ((2, 2), (1, 6), (3, 0), (0, 4)):
        y = adapter.forward("glu", np.ones(shape, np.float32), {"dim": -1})
        assert isinstance(y, np.ndarray)
        assert y.shape == (shape[0], shape[1] // 2)
    assert len(made) == 1


def test_what_is_not_exported_is_told(adapter: Adapter) -> None:
    given = {"lower": 0.125, "upper": 0.25}
    lacks = adapter.forward("rrelu", X, given)
    assert isinstance(lacks, Unsupported)
    assert lacks.reason.startswith("torch.onnx.export does not write rrelu: Failed to convert")
    assert "\x1b" not in lacks.reason
    assert isinstance(adapter.gradient("relu", X, X, {}), Unsupported)


def test_bad_parameters_are_refused_by_torch(adapter: Adapter) -> None:
    with pytest.raises(AssertionError):
        adapter.forward("hardtanh", X, {"min_val": 2.0, "max_val": 1.0})


def test_an_exporter_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AdapterError, match="dynamo, torchscript"):
        find("torch-onnx[exporter=hand]")
