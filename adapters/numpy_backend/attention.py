"""Multihead attention and its gradients, in binary64 with one rounding of each result.

Inside, every array has the batch first: inputs (N, L, E), heads (N, H, L, D). A row whose keys are all
masked has no defined result (softmax of nothing but -infinity); here it is NaN, and so is every
gradient that it reaches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from operator import index

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult
from actcheck.adapters.numpy_backend.arrays import Array, Doubles, rounded
from actcheck.adapters.numpy_backend.attention_inputs import Inputs, batched, read, unbatched
from actcheck.adapters.numpy_backend.attention_steps import AttentionSteps


@dataclass(frozen=True)
class MultiheadAttention:
    """The module form: its parameters, checked; call it with an `AttentionCall`.

    Raises ValueError for sizes below 1, an embed_dim that num_heads does not divide, and a dropout
    outside of 0 to 1.
    """

    embed_dim: int
    num_heads: int
    dropout: float = 0.0
    bias: bool = True
    add_bias_kv: bool = False
    add_zero_attn: bool = False
    kdim: int | None = None
    vdim: int | None = None
    batch_first: bool = False

    def __post_init__(self) -> None:
        for name in ("embed_dim", "num_heads", "kdim", "vdim"):
            size = getattr(self, name)
            if size is not None and index(size) < 1:
                raise ValueError(f"MultiheadAttention: {name} must be at least 1, and is {size}")
        if self.embed_dim % self.num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim {self.embed_dim} must be a multiple of "
                f"num_heads {self.num_heads}"
            )
        if math.isnan(self.dropout) or not 0 <= self.dropout <= 1:
            raise ValueError(f"MultiheadAttention: dropout must be from 0 to 1, and is {self.dropout!r}")

    def __call__(self, call: AttentionCall) -> AttentionResult:
        """See `attention`."""
        return attention(call)


#: With and without dropout; nothing else differs.
PATHS = ("training", "evaluation")


def attention(call: AttentionCall) -> AttentionResult:
    """Output, weights and gradients of one call, each in the format of the query.

    The weights are those that multiply the values, after dropout. is_causal forbids every key after the
    query, beside the masks that are given. Raises ValueError and TypeError for arrays that do not go
    together.
    """
    if call.path not in PATHS:
        raise ValueError(f"MultiheadAttention: path must be one of {', '.join(PATHS)}, not {call.path!r}")
    with np.errstate(all="ignore"):
        return computed(call, read(call))


def computed(call: AttentionCall, inputs: Inputs) -> AttentionResult:
    """The results of a call that was read, in its form and format."""

    def narrow(values: Doubles) -> Array:
        return np.ascontiguousarray(rounded(values, call.query.dtype))

    steps = AttentionSteps(inputs)
    output = narrow(unbatched(steps.output, call))
    weights = narrow(_reported(steps.weights, call)) if call.need_weights else None
    if call.upstream is None:
        return AttentionResult(output, weights)
    if call.upstream.shape != output.shape:
        raise ValueError(f"MultiheadAttention: upstream must have the output's shape {output.shape}")
    gradients = steps.gradients(batched(call.upstream, call))
    for name in ("query", "key", "value"):
        gradients[name] = unbatched(gradients[name], call)
    masks = dict(_mask_gradients(call, gradients.pop("mask")))
    return AttentionResult(output, weights, {name: narrow(g) for name, g in gradients.items()} | masks)


def _mask_gradients(call: AttentionCall, gradient: Doubles) -> Iterator[tuple[str, Array]]:
    """Those of float masks, each in its own format; the gradient of their sum is (N, H, L, S)."""
    axes = (0, 1) if call.attn_mask is not None and call.attn_mask.ndim == 2 else ()
    totals = {"attn_mask": gradient.sum(axis=axes), "key_padding_mask": gradient.sum(axis=(1, 2))}
    for name, total in totals.items():
        mask = getattr(call, name)
        if call.mask_gradients and mask is not None and mask.dtype != np.bool_:
            yield name, np.ascontiguousarray(rounded(total.reshape(mask.shape), mask.dtype))


def _reported(weights: Doubles, call: AttentionCall) -> Doubles:
    """(N, H, L, T), or the mean over the heads; without N where the query has none."""
    shown = weights.mean(axis=1) if call.average_attn_weights else weights
    return shown[0] if call.query.ndim == 2 else shown
