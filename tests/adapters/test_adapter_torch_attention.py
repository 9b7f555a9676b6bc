"""torch's multihead attention through the adapter, along every path, against the written-out definition."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.torch_backend import TorchAdapter
from tests.support.attention_naive import naive, random_call
from tests.support.frameworks import framework

torch = framework("torch")

from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from actcheck.adapters.torch_backend.attention import PATHS  # noqa: E402

cpu = TorchAdapter("cpu")
RNG = np.random.default_rng(5)
CAUSAL = np.triu(np.ones((5, 5), bool), 1)
CHANCE = RNG.random((5, 5)) < 0.3
CHANCE[:, 0] = False
ADDED = RNG.standard_normal((5, 5))
PADDING = np.zeros((3, 5), bool)
PADDING[1, 3:] = True

CALLS = {
    "plain": random_call(),
    "batch first": random_call(batch_first=True),
    "unbatched": random_call(batches=0),
    "more keys": random_call(keys=7),
    "no bias": random_call(bias=False),
    "other widths": random_call(kdim=3, vdim=5),
    "learned row": random_call(rows=True),
    "row of zeros": random_call(add_zero_attn=True, attn_mask=CHANCE),
    "both rows": random_call(rows=True, add_zero_attn=True, key_padding_mask=PADDING),
    "weights a head": random_call(average_attn_weights=False),
    "without weights": random_call(need_weights=False),
    "causal": random_call(attn_mask=CAUSAL, is_causal=True, need_weights=False),
    "added mask": random_call(attn_mask=ADDED),
    "mask a head": random_call(attn_mask=np.broadcast_to(CHANCE, (6, 5, 5)).copy()),
    "both masks": random_call(attn_mask=ADDED, key_padding_mask=PADDING),
    "itself": random_call(same=True, batch_first=True),
    "itself, masked": random_call(same=True, batch_first=True, attn_mask=CHANCE, key_padding_mask=PADDING),
}


def run(call: AttentionCall, path: str) -> AttentionResult | Unsupported:
    return cpu.attention(replace(call, path=path))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", CALLS)
def test_every_path_computes_the_definition(name: str, path: str) -> None:
    call = CALLS[name]
    result = run(call, path)
    if isinstance(result, Unsupported):
        assert PATHS[path].one_tensor
        assert not name.startswith("itself")
        return
    output, weights = naive(call)
    assert np.allclose(result.output, output, rtol=0, atol=1e-12)
    assert (result.weights is not None) == call.need_weights
    assert result.weights is None or np.allclose(result.weights, weights, rtol=0, atol=1e-13)
    assert bool(result.gradients) == PATHS[path].gradients


@pytest.mark.parametrize("name", CALLS)
def test_gradients_are_slopes_along_random_directions(name: str) -> None:
    call = CALLS[name]
    result = run(call, "training")
    assert isinstance(result, AttentionResult)
    one = call.query is call.key is call.value
    inputs = {"query+key+value"} if one else {"query", "key", "value"}
    assert set(result.gradients) == {*inputs, *call.weights}
    step = 2.0**-20
    for key, gradient in result.gradients.items():
        direction = np.random.default_rng(1).standard_normal(gradient.shape)
        ends = [naive(_moved(call, key, s * direction))[0] for s in (step, -step)]
        slope = ((ends[0] - ends[1]) * call.upstream).sum() / (2 * step)
        assert (gradient * direction).sum() == pytest.approx(slope, rel=1e-6, abs=1e-6)


def _moved(call: AttentionCall, name: str, by: Any) -> AttentionCall:
    if name in call.weights:
        return replace(call, weights={**call.weights, name: call.weights[name] + by})
    places: Any = {place: getattr(call, place) + by for place in name.split("+")}
    return replace(call, **places)


class Recorder(TorchDispatchMode):
    """Notes every operation that torch carries out."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.add(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("heads", "bias", "rows", "zeros", "first", "mask"),
    [
        *product([2], [True, False], [False, True], [False, True], [True, False], [None, CHANCE, ADDED]),
        (1, True, False, False, True, None),
        (4, True, False, False, True, CHANCE),
    ],
)
def test_the_fast_path_is_answered_exactly_where_torch_takes_it(
    heads: int, bias: bool, rows: bool, zeros: bool, first: bool, mask: Any
) -> None:
    call = random_call(
        same=True,
        bias=bias,
        rows=rows,
        add_zero_attn=zeros,
        batch_first=first,
        attn_mask=mask,
        num_heads=heads,
    )
    answered = not isinstance(run(call, "fast"), Unsupported)
    module = torch.nn.MultiheadAttention(
        8, heads, bias=bias, add_bias_kv=rows, add_zero_attn=zeros, batch_first=first, dtype=torch.float64
    ).eval()
    x = cpu.to_backend(call.query)
    with Recorder() as recorder, torch.no_grad():
        module(x, x, x, attn_mask=None if mask is None else cpu.to_backend(mask))
    assert answered == ("aten._native_multi_head_attention.default" in recorder.seen)


def test_reasons_are_told() -> None:
    assert "one tensor" in run(random_call(), "fast").reason  # type: ignore[union-attr]
    assert "batch_first" in run(random_call(same=True), "fast").reason  # type: ignore[union-attr]
    half = random_call()
    weights = {k: v for k, v in half.weights.items() if k != "out_proj_bias"}
    assert "both biases or neither" in run(replace(half, weights=weights), "training").reason  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="no attention path 'slow'; it has training, evaluation"):
        run(half, "slow")


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32])
def test_formats_are_kept(dtype: Any) -> None:
    wide = CALLS["itself"]
    narrow = {k: v.astype(dtype) for k, v in wide.weights.items()}
    query = wide.query.astype(dtype)
    assert wide.upstream is not None
    call = replace(
        wide, query=query, key=query, value=query, weights=narrow, upstream=wide.upstream.astype(dtype)
    )
    for path in PATHS:
        result = run(call, path)
        assert isinstance(result, AttentionResult)
        assert {a.dtype for a in (result.output, result.weights, *result.gradients.values())} == {
            np.dtype(dtype)
        }


def test_dropout_follows_the_seed_in_training_alone() -> None:
    call = replace(CALLS["itself"], dropout=0.5)
    before = torch.get_rng_state()
    outputs = {
        (path, seed): cpu.attention(replace(call, path=path, seed=seed)).output  # type: ignore[union-attr]
        for path in PATHS
        for seed in (1, 2)
    }
    assert torch.equal(torch.get_rng_state(), before)
    for path, kind in PATHS.items():
        assert np.array_equal(outputs[path, 1], outputs[path, 2]) != kind.training
    again = cpu.attention(replace(call, path="training", seed=1)).output  # type: ignore[union-attr]
    assert np.array_equal(again, outputs["training", 1])


def test_grad_mode_is_left_alone() -> None:
    with torch.no_grad():
        run(CALLS["plain"], "training")
        assert not torch.is_grad_enabled()
    run(CALLS["plain"], "no_grad")
    assert torch.is_grad_enabled()
