"""The numpy backend's multihead attention against loops over mpmath numbers, gradients by differences."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall, AttentionResult
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.formats import FORMATS
from tests.support.attention_exact import Numbers, attend, numbers

BACKEND = NumpyAdapter()
DIGITS = 60


def make(
    dtype: Any = np.float64, *, bias: bool = True, bias_kv: bool = False, embed: int = 4, **parts: Any
) -> AttentionCall:
    """A call with L = 2, S = 3, N = 2, and odd sizes of key and value."""
    rng = np.random.default_rng(9)
    kdim, vdim = parts.pop("kdim", embed), parts.pop("vdim", embed)

    def some(*shape: int) -> NDArray[Any]:
        return np.asarray(rng.normal(size=shape)).astype(dtype)

    weights = {
        "q_proj_weight": some(embed, embed),
        "k_proj_weight": some(embed, kdim),
        "v_proj_weight": some(embed, vdim),
        "out_proj_weight": some(embed, embed),
    }
    weights |= {"in_proj_bias": some(3 * embed), "out_proj_bias": some(embed)} if bias else {}
    weights |= {"bias_k": some(embed), "bias_v": some(embed)} if bias_kv else {}
    arrays = some(2, 2, embed), some(3, 2, kdim), some(3, 2, vdim)
    defaults: dict[str, Any] = {"num_heads": 2, "path": "evaluation", "average_attn_weights": False}
    return AttentionCall(*arrays, weights=weights, upstream=some(2, 2, embed), **{**defaults, **parts})


def run(call: AttentionCall) -> AttentionResult:
    result = BACKEND.attention(call)
    assert isinstance(result, AttentionResult)
    return result


def floats(array: Any) -> NDArray[np.float64]:
    return np.asarray(array, np.float64)


UPPER = np.triu(np.ones((2, 3), bool), 1)
PADDING = np.array([[False, True, False], [False, False, True]])
VARIANTS = {
    "default": make(),
    "no bias": make(bias=False, num_heads=1, embed=3),
    "kdim and vdim": make(kdim=3, vdim=2),
    "bias_kv": make(bias_kv=True),
    "zero_attn": make(add_zero_attn=True),
    "both rows and both masks": make(
        bias_kv=True, add_zero_attn=True, attn_mask=UPPER, key_padding_mask=PADDING
    ),
    "float masks": make(
        attn_mask=np.linspace(-2, 1, 24).reshape(4, 2, 3), key_padding_mask=np.where(PADDING, -1.5, 0.25)
    ),
    "causal": make(is_causal=True),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_forward_and_gradients(name: str) -> None:
    call = VARIANTS[name]
    result = run(call)
    with mpmath.workdps(DIGITS):
        given = numbers(call)
        output, weights = attend(call, given)
        np.testing.assert_allclose(result.output, floats(output), rtol=1e-13, atol=1e-15)
        assert result.weights is not None
        np.testing.assert_allclose(result.weights, floats(weights), rtol=1e-13, atol=0)
        assert set(result.gradients) == set(given)
        for key, gradient in result.gradients.items():
            np.testing.assert_allclose(gradient, differences(call, given, key), rtol=1e-12, atol=1e-14)


def differences(call: AttentionCall, given: Numbers, name: str) -> NDArray[np.float64]:
    """The gradient of sum(upstream*output) by central differences whose error is far below binary64."""
    step = mpmath.mpf(10) ** -20

    def loss(place: tuple[int, ...], by: Any) -> Any:
        moved = given[name].copy()
        moved[place] += by
        assert call.upstream is not None
        return (attend(call, {**given, name: moved})[0] * call.upstream).sum()

    places = np.ndindex(given[name].shape)
    found = [float((loss(place, step) - loss(place, -step)) / (2 * step)) for place in places]
    return np.reshape(found, given[name].shape)


@pytest.mark.parametrize("form", list(FORMATS.values())[:3], ids=lambda f: f.name)
def test_narrow_formats_are_rounded_once(form: Any) -> None:
    call = make(form.dtype)
    result = run(call)
    wide = replace(
        call,
        **{n: getattr(call, n).astype(np.float64) for n in ("query", "key", "value", "upstream")},
        weights={n: w.astype(np.float64) for n, w in call.weights.items()},
    )
    exact = run(wide)
    pairs = [(result.output, exact.output), (result.weights, exact.weights)]
    pairs += [(result.gradients[n], exact.gradients[n]) for n in exact.gradients]
    for got, want in pairs:
        assert got is not None
        assert want is not None
        assert got.dtype == form.dtype
        exactly = [form.rounded(Fraction(w)) for w in want.ravel().tolist()]
        assert exactly == got.astype(np.float64).ravel().tolist()


def test_batch_first_and_unbatched_are_other_views_of_the_same() -> None:
    call = VARIANTS["both rows and both masks"]
    plain = run(call)
    swapped = replace(
        call,
        batch_first=True,
        **{n: getattr(call, n).swapaxes(0, 1) for n in ("query", "key", "value", "upstream")},
    )
    first = run(swapped)
    np.testing.assert_allclose(first.output.swapaxes(0, 1), plain.output, rtol=1e-14)
    np.testing.assert_allclose(first.gradients["key"].swapaxes(0, 1), plain.gradients["key"], rtol=1e-13)
    alone = replace(
        call,
        key_padding_mask=PADDING[1],
        **{n: getattr(call, n)[:, 1] for n in ("query", "key", "value", "upstream")},
    )
    single = run(alone)
    assert single.output.shape == (2, 4)
    np.testing.assert_allclose(single.output, plain.output[:, 1], rtol=1e-14)
    np.testing.assert_allclose(single.gradients["value"], plain.gradients["value"][:, 1], rtol=1e-13)
    assert single.weights is not None
    assert plain.weights is not None
    np.testing.assert_allclose(single.weights, plain.weights[1], rtol=1e-14)


def test_weights_are_averaged_on_request_and_left_out_on_request() -> None:
    call = VARIANTS["zero_attn"]
    heads, mean = run(call).weights, run(replace(call, average_attn_weights=True)).weights
    assert heads is not None
    assert mean is not None
    assert mean.shape == (2, 2, 4)
    np.testing.assert_allclose(mean, heads.mean(axis=1), rtol=1e-15)
    bare = run(replace(call, need_weights=False, upstream=None))
    assert bare.weights is None
    assert not bare.gradients
    np.testing.assert_array_equal(bare.output, run(call).output)


def test_dropout_divides_what_stays_and_its_gradient_uses_the_same_mask() -> None:
    call = replace(VARIANTS["default"], dropout=0.25, path="training", seed=3)
    dropped, whole = run(call), run(VARIANTS["default"])
    assert dropped.weights is not None
    assert whole.weights is not None
    kept = dropped.weights / whole.weights
    assert 0 < np.count_nonzero(kept) < kept.size
    np.testing.assert_allclose(kept[kept != 0], 1 / 0.75, rtol=1e-14)
    with mpmath.workdps(DIGITS):
        given = numbers(call)
        factors = np.where(kept == 0, mpmath.mpf(0), 1 / mpmath.mpf("0.75"))
        np.testing.assert_allclose(dropped.output, floats(attend(call, given, factors)[0]), rtol=1e-13)
        step = mpmath.mpf(10) ** -20
        given["v_proj_weight"][1, 2] += step
        moved = attend(call, given, factors)[0]
        given["v_proj_weight"][1, 2] -= 2 * step
        slope = ((moved - attend(call, given, factors)[0]) * call.upstream).sum() / (2 * step)
    assert dropped.gradients["v_proj_weight"][1, 2] == pytest.approx(float(slope), rel=1e-12)
    np.testing.assert_array_equal(run(call).output, dropped.output)
    assert (run(replace(call, seed=4)).output != dropped.output).any()
    np.testing.assert_array_equal(run(replace(call, path="evaluation")).output, whole.output)


def test_everything_may_be_dropped() -> None:
    result = run(replace(VARIANTS["no bias"], dropout=1.0, path="training"))
    np.testing.assert_array_equal(result.output, np.zeros_like(result.output))


def test_large_logits_do_not_overflow() -> None:
    call = VARIANTS["default"]
    result = run(replace(call, query=call.query * 1e150))
    assert result.weights is not None
    assert np.isfinite(result.output).all()
    assert set(np.unique(result.weights)) == {0.0, 1.0}


def test_a_row_without_a_key_is_nan_and_the_others_are_not() -> None:
    mask = np.array([[True, True, True], [False, True, False]])
    result = run(replace(VARIANTS["default"], attn_mask=mask))
    assert np.isnan(result.output[0]).all()
    assert np.isfinite(result.output[1]).all()
    assert np.isfinite(run(replace(VARIANTS["zero_attn"], attn_mask=mask)).output).all()


@pytest.mark.parametrize(
    "parts",
    [
        {"num_heads": 3},
        {"num_heads": 0},
        {"dropout": 1.5},
        {"dropout": float("nan")},
        {"path": "fast"},
        {"attn_mask": np.zeros((3, 2))},
        {"key_padding_mask": np.zeros((3, 2), bool)},
        {"key": np.zeros((3, 1, 4))},
        {"value": np.zeros((2, 4))},
        {"upstream": np.zeros((2, 2, 5))},
        {"weights": {}},
        {"weights": {**VARIANTS["default"].weights, "bias_k": np.zeros(4)}},
        {"weights": {**VARIANTS["default"].weights, "out_proj_bias": np.zeros(3)}},
    ],
    ids="-".join,
)
def test_what_does_not_go_together_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="MultiheadAttention"):
        run(replace(VARIANTS["default"], **parts))


@pytest.mark.parametrize(
    "parts",
    [{"key": np.zeros((3, 2, 4), np.float32)}, {"attn_mask": np.zeros((2, 3), np.uint8)}],
    ids="-".join,
)
def test_other_formats_are_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="MultiheadAttention"):
        run(replace(VARIANTS["default"], **parts))


def test_the_paths_are_training_and_evaluation() -> None:
    assert BACKEND.attention_paths() == ("training", "evaluation")
