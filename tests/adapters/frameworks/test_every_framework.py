"""What all frameworks' adapters have in common: they keep to the contract, and results are near numpy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from actcheck.adapters.base import Adapter, Array, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.adapters.registry import find
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.contracts.adapters import planned
from actcheck.reference.specification import loading
from actcheck.reference.specification.dialects import in_dialect, named
from tests.support.frameworks import PACKAGES, needs

#: Of a framework that compiles, the others if asked for.
FEW = ("gelu", "glu", "leaky_relu", "softmax")
COMPILED = ("jax", "jax-jit", "mlx")
#: A backend that takes long, with the option that makes it short; else as it is.
SHORT = {"torch-onnx": "torch-onnx[exporter=torchscript]"}
#: What the lists of known deviations name.
FAULTS = (("onnx-reference", "softsign", ()), ("mlx", "log_softmax", (0, 2)))
#: A device of CUDA has tests of its own.
BACKENDS = ["numpy", *(name for name in PACKAGES if name != "torch-cuda")]


def marks(name: str) -> list[pytest.MarkDecorator]:
    return [needs(*PACKAGES[name])] if name in PACKAGES else []


CASES = [
    pytest.param(
        SHORT.get(name, name), FEW if name in (*COMPILED, *SHORT) else (), id=name, marks=marks(name)
    )
    for name in BACKENDS
] + [
    pytest.param(name, (), id=f"{name}-all", marks=[*marks(name), pytest.mark.thorough])
    for name in (*COMPILED, *SHORT)
]
each = pytest.mark.parametrize(("name", "activations"), CASES)
#: Kinds that need a dimension.
ALONG_ONE = ("gated", "concatenating", "normalizing")


@each
def test_it_keeps_to_the_contract(name: str, activations: tuple[str, ...]) -> None:
    trials = [plan.trial() for plan in planned(guard(find(name)), activations)]
    assert [trial for trial in trials if trial.wrong] == []
    assert len(trials) > 50


def parameters(adapter: Adapter, activation: str) -> dict[str, Any] | None:
    """Those of the first variant that the framework takes, a weight for prelu."""
    spec = in_dialect(loading.find(activation), named(adapter.describe().dialect or "torch"))
    for variant in spec.variants:
        if adapter.limit(activation, variant.parameters, "float32", "forward") is None:
            arrays = {p.name: np.full(1, 0.25, np.float32) for p in spec.parameters if p.type == "array"}
            return {**variant.parameters, **arrays}
    return None


def results(adapter: Adapter, activation: str, x: Array, given: dict[str, Any]) -> Any:
    y = adapter.forward(activation, x, given)
    return y if isinstance(y, Unsupported) else np.asarray(y)


@each
@pytest.mark.parametrize("shape", [(), (4,), (2, 4, 3), (0, 2)])
def test_results_are_near_numpys(name: str, activations: tuple[str, ...], shape: tuple[int, ...]) -> None:
    adapter = find(name)
    x = np.linspace(-4, 4, int(np.prod(shape))).astype(np.float32).reshape(shape)
    compared = 0
    for activation in activations or loading.load_all():
        given, kind = parameters(adapter, activation), loading.find(activation).kind
        if isinstance(adapter.lookup(activation), Unsupported) or given is None:
            continue
        if kind in ("attention", "random"):
            continue
        if kind in ALONG_ONE:
            if not shape:
                continue
            given["dim"] = 1 if len(shape) > 1 else 0
        if (name, activation, shape) in FAULTS:
            continue
        y = results(adapter, activation, x, given)
        wanted = results(NumpyAdapter(), activation, x, given)
        assert (y.dtype, y.shape) == (wanted.dtype, wanted.shape), activation
        assert np.allclose(y, wanted, rtol=2e-3, atol=1e-5), activation
        compared += 1
    assert compared >= (2 if not shape else len(FEW))


@each
def test_weights_go_along_dimension_1(name: str, activations: tuple[str, ...]) -> None:
    adapter = find(name)
    if isinstance(adapter.lookup("prelu"), Unsupported):
        return
    y = results(adapter, "prelu", -np.ones((2, 3, 2), np.float32), {"weight": np.float32([1, 2, 3])})
    if isinstance(y, Unsupported):
        assert "last dimension" in y.reason
        return
    assert y[0, :, 0].tolist() == [-1, -2, -3]
