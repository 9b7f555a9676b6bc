"""The OpenVINO adapter: every graph computes, in the format and shape asked for; lacks are told as values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Unsupported
from actcheck.adapters.registry import find
from tests.support.frameworks import framework

openvino = framework("openvino")


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    return find("openvino")


def test_it_describes_itself(adapter: Adapter) -> None:
    told = adapter.describe()
    assert (told.framework, told.device, told.quantities) == ("openvino", "cpu", ("forward",))
    assert openvino.__version__.startswith(told.version)
    assert find("openvino[threads=2]").describe().details["threads"] == "2"


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
