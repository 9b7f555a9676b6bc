"""Multihead attention written out in binary64, and calls with random numbers; for the adapters' tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall

Doubles = NDArray[np.float64]


def naive(call: AttentionCall) -> tuple[Doubles, Doubles]:
    """Output and weights by the definition, one head after the other."""
    given = {k: np.asarray(v, np.float64) for k, v in call.weights.items()}
    features = given["q_proj_weight"].shape[0]
    biases = np.split(given.get("in_proj_bias", np.zeros(3 * features)), 3)
    projected = [
        _sequence_first(call, getattr(call, name)) @ given[f"{name[0]}_proj_weight"].T + bias
        for name, bias in zip(("query", "key", "value"), biases, strict=True)
    ]
    query, key, value = projected[0], *_appended(call, given, projected[1], projected[2])
    mask = _mask(call, query.shape[0], query.shape[1], key.shape[0])
    outputs, weights = [], []
    for head, part in enumerate(np.split(np.arange(features), call.num_heads)):
        logits = np.einsum("lne,sne->nls", query[..., part], key[..., part]) / np.sqrt(len(part))
        powers = np.exp(logits + mask[:, head] - (logits + mask[:, head]).max(-1, keepdims=True))
        weights.append(powers / powers.sum(-1, keepdims=True))
        outputs.append(np.einsum("nls,sne->lne", weights[-1], value[..., part]))
    joined = np.concatenate(outputs, -1) @ given["out_proj_weight"].T + given.get("out_proj_bias", 0.0)
    stacked = np.stack(weights, 1)
    shown = stacked.mean(1) if call.average_attn_weights else stacked
    if call.query.ndim == 2:
        return joined[:, 0], shown[0]
    return (joined.swapaxes(0, 1) if call.batch_first else joined), shown


def _sequence_first(call: AttentionCall, array: NDArray[Any]) -> Doubles:
    wide = np.asarray(array, np.float64)
    if wide.ndim == 2:
        return wide[:, None]
    return wide.swapaxes(0, 1) if call.batch_first else wide


def _appended(
    call: AttentionCall, given: dict[str, Doubles], key: Doubles, value: Doubles
) -> tuple[Doubles, Doubles]:
    rows = []
    if "bias_k" in given:
        rows.append((given["bias_k"], given["bias_v"]))
    if call.add_zero_attn:
        rows.append((np.zeros(key.shape[-1]), np.zeros(key.shape[-1])))
    for k, v in rows:
        key = np.concatenate([key, np.broadcast_to(k, (1, *key.shape[1:]))])
        value = np.concatenate([value, np.broadcast_to(v, (1, *value.shape[1:]))])
    return key, value


def _mask(call: AttentionCall, queries: int, batches: int, keys: int) -> Doubles:
    mask = np.zeros((batches, call.num_heads, queries, keys))
    if call.attn_mask is not None:
        added = _added(call.attn_mask)
        mask[..., : added.shape[-1]] += added.reshape(-1 if added.ndim == 3 else 1, *_heads(call, added))
    if call.key_padding_mask is not None:
        added = np.atleast_2d(_added(call.key_padding_mask))
        mask[..., : added.shape[-1]] += added[:, None, None]
    return mask


def _heads(call: AttentionCall, added: Doubles) -> tuple[int, ...]:
    return (call.num_heads if added.ndim == 3 else 1, *added.shape[-2:])


def _added(mask: NDArray[Any]) -> Doubles:
    return np.where(mask, -np.inf, 0.0) if mask.dtype == np.bool_ else np.asarray(mask, np.float64)


def random_call(
    seed: int = 0,
    *,
    queries: int = 5,
    keys: int = 5,
    batches: int = 3,
    features: int = 8,
    kdim: int = 8,
    vdim: int = 8,
    bias: bool = True,
    rows: bool = False,
    same: bool = False,
    **more: Any,
) -> AttentionCall:
    """A call in binary64; ``same`` makes query, key and value equal, ``rows`` adds bias_k and bias_v."""
    draw = np.random.default_rng(seed).standard_normal
    leading = (batches,) if batches else ()

    def sequence(length: int, width: int) -> Doubles:
        shape = (*leading, length) if more.get("batch_first") else (length, *leading)
        return 0.5 * draw((*shape, width))

    query = sequence(queries, features)
    weights = {
        "q_proj_weight": draw((features, features)),
        "k_proj_weight": draw((features, kdim)),
        "v_proj_weight": draw((features, vdim)),
        "out_proj_weight": draw((features, features)),
    }
    if bias:
        weights |= {"in_proj_bias": draw(3 * features), "out_proj_bias": draw(features)}
    if rows:
        weights |= {"bias_k": draw(features), "bias_v": draw(features)}
    return AttentionCall(
        query=query,
        key=query if same else sequence(keys, kdim),
        value=query if same else sequence(keys, vdim),
        num_heads=more.pop("num_heads", 2),
        weights=weights,
        upstream=draw(query.shape),
        **more,
    )
