"""Backends with planted faults in attention, made from the numpy backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted_attention_factors import FACTORS
from tests.support.faults.planted_structured import Planted

Called = Callable[[AttentionCall], AttentionCall]
Result = Callable[[AttentionCall, AttentionResult], AttentionResult]


@dataclass
class Bent(NumpyAdapter):
    """Multihead attention of something else, or with another result."""

    change: Called = lambda call: call
    result: Result = lambda call, result: result

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        found = super().attention(self.change(call))
        return found if isinstance(found, Unsupported) else self.result(call, found)


def scaled_by_embed_dim(call: AttentionCall) -> AttentionCall:
    """Logits over sqrt(embed_dim) for sqrt(head_dim)."""
    weights, size = dict(call.weights), call.weights["q_proj_weight"].shape[0]
    for name in ("q_proj_weight", "in_proj_bias"):
        if name in weights:
            part = weights[name].copy()
            part[:size] = part[:size] * np.asarray(call.num_heads**-0.5, part.dtype)
            weights[name] = part
    return replace(call, weights=weights)


def mask_negated(call: AttentionCall) -> AttentionCall:
    """Finite summands with the wrong sign."""
    mask = call.attn_mask
    if mask is None or mask.dtype == np.bool_:
        return call
    return replace(call, attn_mask=np.where(np.isinf(mask), mask, -mask).astype(mask.dtype))


def mask_inverted(call: AttentionCall) -> AttentionCall:
    mask = call.attn_mask
    return call if mask is None or mask.dtype != np.bool_ else replace(call, attn_mask=~mask)


def masks_transposed(call: AttentionCall) -> AttentionCall:
    """The 3-D mask read as head by head and not batch by batch."""
    mask = call.attn_mask
    if mask is None or mask.ndim != 3 or call.query.ndim != 3:
        return call
    split = mask.reshape(-1, call.num_heads, *mask.shape[1:]).swapaxes(0, 1)
    return replace(call, attn_mask=split.reshape(mask.shape))


def without(*names: str) -> Called:
    """The call without some of its arguments."""
    return lambda call: replace(call, **dict.fromkeys(names))  # type: ignore[arg-type]


def without_weights(*names: str) -> Called:
    """The call without some of its weights."""
    return lambda call: replace(call, weights={n: w for n, w in call.weights.items() if n not in names})


def heads_interleaved(call: AttentionCall) -> AttentionCall:
    """Head h takes every num_heads-th feature."""
    size = call.weights["q_proj_weight"].shape[0]
    order = np.arange(size).reshape(-1, call.num_heads).T.ravel()
    whole = np.concatenate([order + at * size for at in range(3)])
    weights = {n: w[order] if n[0] in "qkv" else w for n, w in call.weights.items()}
    if "in_proj_bias" in weights:
        weights["in_proj_bias"] = call.weights["in_proj_bias"][whole]
    return replace(call, weights=weights)


def batch_first_ignored(call: AttentionCall) -> AttentionCall:
    return replace(call, batch_first=False) if call.query.ndim == 3 else call


def zeroed(call: AttentionCall) -> AttentionCall:
    """All inputs and weights are set to zero before they are read."""
    for array in (call.query, call.key, call.value, *call.weights.values()):
        array[...] = 0
    return call


def dropping_always(call: AttentionCall) -> AttentionCall:
    return replace(call, path="training")


def weights_summed(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """Averaged weights that were never divided."""
    if result.weights is None or not call.average_attn_weights:
        return result
    return replace(result, weights=result.weights * result.weights.dtype.type(call.num_heads))


def zero_row_first(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """The row of zeros before the keys: the output is the same, the weights stand elsewhere."""
    if result.weights is None or not call.add_zero_attn:
        return result
    return replace(result, weights=np.roll(result.weights, 1, axis=-1))


def not_rescaled(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """Dropout whose kept weights are not divided by 1 - p."""
    if not call.dropout or call.path != "training":
        return result
    # The values' bias is zero in the calls that drop.
    factor = result.output.dtype.type(1 - call.dropout)
    weights = None if result.weights is None else result.weights * factor
    return replace(result, output=result.output * factor, weights=weights)


def heads_share_dropout(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """One draw for both heads of the calls that drop."""
    if not call.dropout or call.path != "training":
        return result
    half = result.output.shape[-1] // 2
    output = np.concatenate([result.output[..., :half]] * 2, axis=-1)
    return AttentionResult(output)


def no_weights(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    return replace(result, weights=None)


def gradient_of_mean(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """The gradient of out_proj_bias averaged, not summed, over the batches."""
    found = dict(result.gradients)
    if "out_proj_bias" in found and call.query.ndim == 3:
        count = call.query.shape[0 if call.batch_first else 1]
        found["out_proj_bias"] = found["out_proj_bias"] / found["out_proj_bias"].dtype.type(count)
    return replace(result, gradients=found)


def row_leaks(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """One NaN makes all of its batch NaN."""
    wide = result.output.swapaxes(0, 1) if call.query.ndim == 3 and not call.batch_first else result.output
    lost = np.isnan(wide).any(axis=(-1, -2), keepdims=True)
    leaked = np.where(lost, np.asarray(np.nan, wide.dtype), wide)
    swapped_back = leaked.swapaxes(0, 1) if call.query.ndim == 3 and not call.batch_first else leaked
    return replace(result, output=swapped_back)


_MHA = "multihead_attention-embed_dim=8,num_heads=2"
_ZERO = "multihead_attention-embed_dim=12,num_heads=3,add_zero_attn=True"
_ROWS = "multihead_attention-embed_dim=12,num_heads=3,add_bias_kv=True"
_FIRST = "multihead_attention-embed_dim=8,num_heads=2,batch_first=True"
FAULTS: dict[str, Planted] = {
    **FACTORS,
    "the arrays of a call are written to": (
        Bent(zeroed),
        f"accuracy-{_MHA}-float32-forward",
        "max_units",
    ),
    "scaled by sqrt(embed_dim)": (
        Bent(scaled_by_embed_dim),
        f"accuracy-{_MHA}-bfloat16-forward",
        "max_units",
    ),
    "mask added with the wrong sign": (
        Bent(mask_negated),
        f"attention-{_MHA}-float32-forward",
        "max_units:float attn_mask,need_weights=False",
    ),
    "boolean mask inverted": (
        Bent(mask_inverted),
        f"accuracy-{_MHA}-float32-forward",
        "max_units",
    ),
    "3-D mask by heads": (
        Bent(masks_transposed),
        f"accuracy-{_MHA}-float32-forward",
        "max_units",
    ),
    "key padding ignored": (
        Bent(without("key_padding_mask")),
        f"accuracy-{_MHA}-float32-forward",
        "max_units",
    ),
    "causal mask ignored": (
        Bent(lambda call: replace(call, attn_mask=None, is_causal=False) if call.is_causal else call),
        f"attention-{_MHA}-float32-gradient",
        "max_units:is_causal,need_weights=False",
    ),
    "averaged weights summed": (
        Bent(result=weights_summed),
        f"attention-{_MHA}-float32-forward",
        "max_units:bare weights,average_attn_weights=True",
    ),
    "no weights though asked for": (
        Bent(result=no_weights),
        f"accuracy-{_MHA}-float32-forward",
        "no_weights",
    ),
    "add_zero_attn at the wrong end": (
        Bent(result=zero_row_first),
        f"accuracy-{_ZERO}-float32-forward",
        "max_units",
    ),
    "add_zero_attn ignored": (
        Bent(lambda call: replace(call, add_zero_attn=False)),
        f"accuracy-{_ZERO}-bfloat16-forward",
        "wrong_shape",
    ),
    "learned rows ignored": (
        Bent(without_weights("bias_k", "bias_v")),
        f"attention-{_ROWS}-float32-forward",
        "max_units:bare weights,need_weights=False",
    ),
    "output bias forgotten": (
        Bent(without_weights("out_proj_bias")),
        f"accuracy-{_MHA}-float16-forward",
        "max_units",
    ),
    "heads interleaved": (Bent(heads_interleaved), f"accuracy-{_MHA}-float64-forward", "max_units"),
    "batch_first ignored": (
        Bent(batch_first_ignored),
        f"accuracy-{_FIRST}-float32-forward",
        "max_units",
    ),
    "gradient averaged": (Bent(result=gradient_of_mean), f"accuracy-{_MHA}-float32-gradient", "max_units"),
    "a row without keys leaks": (
        Bent(result=row_leaks),
        f"attention-{_MHA}-float32-masked_rows",
        "wrong_nan:attn_mask of -inf without a key,need_weights=False",
    ),
    "dropout without rescaling": (
        Bent(result=not_rescaled),
        f"attention-{_MHA}-float32-dropout",
        "max_units:dropout",
    ),
    "dropout in evaluation": (
        Bent(dropping_always),
        f"attention-{_MHA}-float32-dropout",
        "dropout_in_evaluation",
    ),
    "no dropout in training": (
        Bent(lambda call: replace(call, path="evaluation")),
        f"attention-{_MHA}-float32-dropout",
        "dropout_rate",
    ),
    "dropout with the other probability": (
        Bent(lambda call: replace(call, dropout=1 - call.dropout)),
        f"attention-{_MHA}-float32-dropout",
        "dropout_rate",
    ),
    "one draw for all heads": (
        Bent(result=heads_share_dropout),
        f"attention-{_MHA}-float32-dropout",
        "dropout_independence",
    ),
    "dropout with one seed": (
        Bent(lambda call: replace(call, seed=3)),
        f"attention-{_MHA}-float32-dropout",
        "seed",
    ),
    "heads that do not divide accepted": (
        Bent(lambda call: replace(call, num_heads=2)),
        f"attention-{_MHA}-float32-refused_sizes",
        "accepted:num_heads=3",
    ),
}
