"""An attention call as checked binary64 arrays with the batch first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from actcheck.adapters.base import AttentionCall
from actcheck.adapters.numpy_backend.arrays import Array, Doubles, floating

_OWNER = "MultiheadAttention"


@dataclass(frozen=True)
class Inputs:
    """N batches, H heads, L queries, S keys before any row is appended, T keys after."""

    #: (N, L, E), (N, S, kdim), (N, S, vdim).
    query: Doubles
    key: Doubles
    value: Doubles
    heads: int
    weights: Mapping[str, Doubles]
    add_zero_attn: bool
    #: What is added to the logits, -infinity for keys that are forbidden; (N, H, L, T) or what spreads to it,
    #: as is `kept`.
    mask: Doubles
    #: What the attention weights are multiplied by: 0 where they are dropped.
    kept: Doubles


def read(call: AttentionCall) -> Inputs:
    """The arrays of a call. Raises ValueError for shapes and TypeError for formats that do not match."""
    query, key, value = (batched(a, call) for a in (call.query, call.key, call.value))
    weights = {
        name: _same(array, call.query, name).astype(np.float64) for name, array in call.weights.items()
    }
    _check(query, key, value, weights, call.num_heads)
    shape = (query.shape[0], call.num_heads, query.shape[1], key.shape[1] + appended(call))
    return Inputs(
        query, key, value, call.num_heads, weights, call.add_zero_attn, _mask(call, shape), _kept(call, shape)
    )


def appended(call: AttentionCall) -> int:
    """How many rows follow the keys."""
    return int("bias_k" in call.weights) + int(call.add_zero_attn)


def batched(array: Array, call: AttentionCall) -> Doubles:
    """Sequence-like (L, N, F), (N, L, F) or (L, F) as (N, L, F)."""
    values: Doubles = _same(array, call.query, "an input").astype(np.float64)
    if values.ndim != call.query.ndim or values.ndim not in (2, 3):
        raise ValueError(f"{_OWNER}: query, key, value and upstream must all have 2 or all have 3 dimensions")
    if values.ndim == 2:
        return values[np.newaxis]
    return values if call.batch_first else values.swapaxes(0, 1)


def unbatched(array: Doubles, call: AttentionCall) -> Doubles:
    """The reverse of `batched`."""
    if call.query.ndim == 2:
        return np.asarray(array[0])
    swapped: Doubles = array.swapaxes(0, 1)
    return array if call.batch_first else swapped


def _same(array: Array, query: Array, name: str) -> Array:
    if floating(array, _OWNER).dtype != query.dtype:
        raise TypeError(f"{_OWNER}: {name} must be of type {query.dtype} as the query is, not {array.dtype}")
    return np.asarray(array)


def _check(query: Doubles, key: Doubles, value: Doubles, weights: Mapping[str, Doubles], heads: int) -> None:
    embed = query.shape[2]
    if heads < 1 or embed % heads:
        raise ValueError(f"{_OWNER}: embed_dim {embed} must be a multiple of num_heads {heads}")
    if key.shape[:2] != value.shape[:2] or key.shape[0] != query.shape[0]:
        raise ValueError(
            f"{_OWNER}: query {query.shape}, key {key.shape}, value {value.shape} (batch first) do not match"
        )
    wanted = {
        "q_proj_weight": (embed, embed),
        "k_proj_weight": (embed, key.shape[2]),
        "v_proj_weight": (embed, value.shape[2]),
        "out_proj_weight": (embed, embed),
        "in_proj_bias": (3 * embed,),
        "out_proj_bias": (embed,),
        "bias_k": (embed,),
        "bias_v": (embed,),
    }
    for name, array in weights.items():
        if name not in wanted or array.shape != wanted[name]:
            raise ValueError(f"{_OWNER}: {name} has shape {array.shape}, and needs {wanted.get(name)}")
    missing = [n for n in wanted if n.endswith("proj_weight") and n not in weights]
    if missing or ("bias_k" in weights) != ("bias_v" in weights):
        raise ValueError(f"{_OWNER}: weights lack {', '.join(missing) or 'one of bias_k and bias_v'}")


def _mask(call: AttentionCall, shape: tuple[int, ...]) -> Doubles:
    """All masks as one array of summands; the columns of appended rows are 0."""
    batch, heads, queries, keys = shape
    own = keys - appended(call)
    total = np.zeros((1, 1, queries, own))
    if call.is_causal:
        total = total + _summands(np.arange(own) > np.arange(queries)[:, np.newaxis], "is_causal")
    if call.attn_mask is not None:
        spread = (batch, heads, queries, own) if np.ndim(call.attn_mask) == 3 else (1, 1, queries, own)
        total = total + _shaped(call.attn_mask, spread, "attn_mask")
    if call.key_padding_mask is not None:
        total = total + _shaped(call.key_padding_mask, (batch, 1, 1, own), "key_padding_mask")
    return np.pad(total, [(0, 0), (0, 0), (0, 0), (0, keys - own)])


def _shaped(mask: Array, shape: tuple[int, ...], name: str) -> Doubles:
    batch, heads, queries, own = shape
    allowed = {"attn_mask": [(queries, own), (batch * heads, queries, own)]}.get(name, [(batch, own)])
    allowed += [(own,)] if name == "key_padding_mask" and batch == 1 else []
    if mask.shape not in allowed:
        raise ValueError(f"{_OWNER}: {name} has shape {mask.shape}, and needs one of {allowed}")
    return _summands(mask, name).reshape(shape)


def _summands(mask: Array, name: str) -> Doubles:
    """A boolean mask as -infinity where it is True, a float mask as it is."""
    if mask.dtype == np.bool_:
        return np.where(mask, -np.inf, 0.0)
    return floating(mask, f"{_OWNER}: {name} (if not boolean)").astype(np.float64)


def _kept(call: AttentionCall, shape: tuple[int, ...]) -> Doubles:
    """Inverted dropout, in training: 0 with the given probability p, else 1/(1 - p)."""
    if not 0 <= call.dropout <= 1:
        raise ValueError(f"{_OWNER}: dropout must be from 0 to 1, and is {call.dropout!r}")
    if call.path != "training" or call.dropout == 0:
        return np.ones((1, 1, 1, 1))
    stays = np.random.default_rng(call.seed).random(shape) >= call.dropout
    return np.where(stays, 1 / max(1 - call.dropout, np.finfo(np.float64).tiny), 0.0)
