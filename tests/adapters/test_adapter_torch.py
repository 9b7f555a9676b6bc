"""The torch adapter: functions, derivatives and the other families, against plain arithmetic."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import Unsupported
from actcheck.adapters.torch_backend import TorchAdapter
from actcheck.reference.specification.loading import groups, load_all
from tests.support.frameworks import framework

torch = framework("torch")

from actcheck.adapters.torch_backend import modules  # noqa: E402
from actcheck.adapters.torch_backend.gradients import in_place  # noqa: E402

SPECS = {spec.id: spec for spec in groups()[0][1]}
#: Beyond those of torch.nn's list.
MORE = {"softmax", "log_softmax", "softmin"}
DTYPES = [np.dtype(t) for t in (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)]
SIMPLE = [s.id for s in SPECS.values() if s.elementwise]
X = np.array([-4.0, -2.5, -1.25, -0.25, 0.25, 0.75, 2.0, 3.5])
ONES = np.ones_like(X)

cpu = TorchAdapter("cpu")


@pytest.fixture(autouse=True)
def _nothing_global_changes() -> Iterator[None]:
    before = torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()
    yield
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == before[1:]


def defaults(activation: str) -> dict[str, Any]:
    return dict(SPECS[activation].default.parameters)


def test_every_activation_has_a_function() -> None:
    assert set(cpu.functions()) == set(SPECS) | MORE
    assert set(load_all()) >= MORE


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("activation", SIMPLE)
def test_results_keep_format_and_shape(activation: str, dtype: np.dtype) -> None:
    for x in (X.astype(dtype).reshape(2, 4), X.astype(dtype)[0], X.astype(dtype)[:0]):
        for result in (
            cpu.forward(activation, np.asarray(x), defaults(activation)),
            cpu.gradient(activation, np.asarray(x), np.ones_like(x), defaults(activation)),
        ):
            assert isinstance(result, np.ndarray)
            assert (result.dtype, result.shape) == (dtype, x.shape)


@pytest.mark.parametrize("activation", SIMPLE)
def test_gradients_are_slopes(activation: str) -> None:
    step = 2.0**-17
    parameters = defaults(activation)
    rise = cpu.forward(activation, X + step, parameters) - cpu.forward(activation, X - step, parameters)  # type: ignore[operator]
    got = cpu.gradient(activation, X, 3 * ONES, parameters)
    assert got == pytest.approx(3 * rise / (2 * step), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("activation", SIMPLE)
def test_second_derivatives_are_slopes_of_the_gradient(activation: str) -> None:
    got = cpu.second_derivative(activation, X, defaults(activation))
    if isinstance(got, Unsupported):
        assert activation == "hardsigmoid"
        assert got.reason == "derivative for aten::hardsigmoid_backward is not implemented"
        return
    step = 2.0**-17
    ends = [cpu.gradient(activation, X + s, ONES, defaults(activation)) for s in (step, -step)]
    assert got == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-5)  # type: ignore[operator]


def test_a_gradient_that_does_not_depend_on_x_has_the_derivative_zero() -> None:
    assert cpu.differentiate_twice(lambda x: 3 * x, torch.ones(2)).tolist() == [0.0, 0.0]


def test_an_upstream_keeps_its_strides() -> None:
    seen = []

    class Spy(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x.clone()

        @staticmethod
        def backward(ctx: Any, upstream: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
            seen.append(upstream.stride())
            return upstream

    upstream = cpu.to_backend(np.broadcast_to(np.float32(2), (3, 4)))
    assert cpu.differentiate(Spy.apply, torch.ones(3, 4), upstream).tolist() == [[2.0] * 4] * 3
    assert seen == [(0, 0)]


@pytest.mark.parametrize("activation", SPECS)
def test_torchs_own_defaults(activation: str) -> None:
    found = cpu.defaults(activation)
    if activation == "crelu":
        assert isinstance(found, Unsupported)
        return
    wanted = {p.name: p.default for p in SPECS[activation].parameters if not p.required}
    assert found == wanted


def test_defaults_that_cannot_be_confirmed_are_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gelu(torch.nn.Module):
        def __init__(self, approximate: str = "tanh") -> None:
            super().__init__()

    monkeypatch.setattr(modules, "MODULES", {"gelu": Gelu})
    found = cpu.defaults("gelu")
    assert isinstance(found, Unsupported)
    assert "differ from the module's" in found.reason


def test_crelu_is_the_article_s_composition() -> None:
    got = cpu.forward("crelu", np.array([[-1.0, 2.0]]), {"dim": 1})
    assert np.array_equal(got, [[0.0, 2.0, 1.0, 0.0]])


def test_prelu_takes_its_slopes_from_channel_1() -> None:
    weight = np.array([0.5, 0.25, -1.0])
    x = -np.ones((2, 3, 3))
    parameters = {"num_parameters": 3, "init": 0.25, "weight": weight}
    got = cpu.forward("prelu", x, parameters)
    slopes = cpu.weight_gradient("prelu", x, 2 * np.ones_like(x), parameters)
    assert np.array_equal(got, np.broadcast_to(-weight[:, None], (2, 3, 3)))
    assert np.array_equal(slopes, [-12.0, -12.0, -12.0])


def test_only_prelu_has_a_weight() -> None:
    assert isinstance(cpu.weight_gradient("relu", X, ONES, {}), Unsupported)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("activation", [s.id for s in SPECS.values() if s.in_place])
def test_in_place_forms_overwrite_their_input(activation: str, dtype: np.dtype) -> None:
    x, upstream = X.astype(dtype), 2 * ONES.astype(dtype)
    parameters = defaults(activation)
    ran = cpu.in_place(activation, x, upstream, parameters)
    assert not isinstance(ran, Unsupported)
    assert ran.same_storage
    assert np.array_equal(ran.result, cpu.forward(activation, x, parameters))  # type: ignore[arg-type]
    assert not isinstance(ran.gradient, Unsupported)
    assert ran.gradient.dtype == dtype
    assert np.array_equal(x, X.astype(dtype))


def test_what_has_no_in_place_form_says_so() -> None:
    for activation in (s.id for s in SPECS.values() if not s.in_place):
        assert cpu.in_place(activation, X, ONES, {}) == Unsupported(
            f"torch has no in-place form of {activation}"
        )


def test_a_form_that_forgets_to_work_in_place_is_seen() -> None:
    assert not in_place(torch.relu, torch.ones(2), torch.ones(2)).same_storage
    assert in_place(torch.relu_, torch.ones(2), torch.ones(2)).same_storage


def test_a_gradient_that_torch_refuses_is_told() -> None:
    ran = cpu.in_place("elu", X, ONES, {"alpha": -1.7})
    assert not isinstance(ran, Unsupported)
    assert isinstance(ran.gradient, Unsupported)
    assert "negative slope" in ran.gradient.reason


@pytest.mark.parametrize("activation", SIMPLE)
def test_modules_agree_with_functions(activation: str) -> None:
    module = cpu.module(activation, defaults(activation))
    assert not isinstance(module, Unsupported)
    with torch.no_grad():
        got = cpu.to_host(module(cpu.to_backend(X)))
    assert np.array_equal(got, cpu.forward(activation, X, defaults(activation)))  # type: ignore[arg-type]


@pytest.mark.parametrize("parameters", [{}, {"weight": np.array([0.3, 0.3])}])
def test_a_module_s_weight_has_the_format_of_the_input(parameters: dict[str, Any]) -> None:
    module = cpu.module("prelu", {"num_parameters": 2, "init": 0.3, **parameters})
    assert not isinstance(module, Unsupported)
    got = module(torch.full((1, 2), -1.0, dtype=torch.float64))
    assert got.tolist() == [[-0.3, -0.3]]


def test_modules_raise_what_torch_raises() -> None:
    with pytest.raises(AssertionError, match="greater than min_val"):
        cpu.module("hardtanh", {"min_val": 1.0, "max_val": -1.0})
    assert isinstance(cpu.module("crelu", {"dim": 1}), Unsupported)


def test_random_slopes_are_fixed_by_the_seed_and_used_both_ways() -> None:
    x, parameters = -np.ones(1000), {"lower": 0.25, "upper": 0.75}
    runs = [cpu.sample("rrelu", x, np.ones(1000), parameters, seed) for seed in (1, 1, 2)]
    (result, gradient), same, other = runs  # type: ignore[misc]
    assert np.array_equal(result, same[0])  # type: ignore[index]
    assert not np.array_equal(result, other[0])  # type: ignore[index]
    assert np.array_equal(-result, gradient)
    assert result.min() >= -0.75
    assert result.max() <= -0.25
    assert len(np.unique(result)) > 900
    assert isinstance(cpu.sample("relu", x, x, {}, 1), Unsupported)


def test_threads_can_be_set() -> None:
    count = torch.get_num_threads()
    try:
        assert cpu.use_threads(1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(count)


def test_torch_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, actcheck.adapters.registry as r, actcheck.adapters.torch_backend as t;"
        "r.names(); t.TorchAdapter('cuda'); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_a_device_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert TorchAdapter("cuda").describe().unavailable == "no CUDA device: torch.cuda.is_available() is False"
    assert cpu.describe().unavailable is None


def test_the_cuda_device_is_described_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[str] = []
    fake = SimpleNamespace(
        is_available=lambda: True, get_device_name=lambda device: "A card", synchronize=waited.append
    )
    monkeypatch.setattr(torch, "cuda", fake)
    adapter = TorchAdapter("cuda:0")
    described = adapter.describe()
    adapter.synchronize()
    cpu.synchronize()
    assert (described.device, described.details["device"], described.unavailable) == (
        "cuda:0",
        "A card",
        None,
    )
    assert waited == ["cuda:0"]
    assert not adapter.use_threads(1)


@pytest.mark.parametrize("activation", SIMPLE)
def test_nothing_leaves_the_device_on_the_way(activation: str) -> None:
    """The meta device holds no values: an operation that fell back to the host would raise."""
    elsewhere = TorchAdapter("meta")
    x = elsewhere.to_backend(X)
    results = [
        elsewhere.call(activation, x, defaults(activation)),
        elsewhere.call_gradient(activation, x, torch.ones_like(x), defaults(activation)),
    ]
    assert [r.device.type for r in results] == ["meta", "meta"]


def _agrees_with_the_cpu(adapter: TorchAdapter, activation: str, rtol: float = 1e-12) -> bool:
    parameters = defaults(activation)
    pairs = [
        [a.forward(activation, X, parameters) for a in (adapter, cpu)],
        [a.gradient(activation, X, ONES, parameters) for a in (adapter, cpu)],
    ]
    return all(np.allclose(got, wanted, rtol=rtol, atol=1e-15) for got, wanted in pairs)


@pytest.mark.parametrize("activation", SIMPLE)
def test_another_name_of_the_device_runs_the_same_code(activation: str) -> None:
    assert _agrees_with_the_cpu(TorchAdapter("cpu:0"), activation)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_cuda_device_computes_the_same() -> None:
    cuda = TorchAdapter("cuda")
    # hardsigmoid and hardswish have a constant of float32 there.
    assert all(_agrees_with_the_cpu(cuda, activation, 1e-7) for activation in SIMPLE)
    drawn = [cuda.sample("rrelu", -X, ONES, {"lower": 0.25, "upper": 0.75}, 3) for _ in range(2)]
    assert np.array_equal(drawn[0][0], drawn[1][0])  # type: ignore[index]
