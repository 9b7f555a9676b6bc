"""Multihead attention by loops over mpmath numbers, for the numpy adapter's tests."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall

Numbers = dict[str, NDArray[Any]]


def attend(call: AttentionCall, given: Numbers, kept: Any = None) -> tuple[Any, Any]:
    """Output (L, N, E) and weights (N, H, L, T) of a batched call, one number at a time."""
    query, key = given["query"], given["key"]
    (queries, batch, embed), keys, heads = query.shape, key.shape[0], call.num_heads
    size = embed // heads
    extra = int("bias_k" in given) + int(call.add_zero_attn)
    bias = given.get("in_proj_bias", [0] * (3 * embed))

    def project(x: Any, weight: Any, row: int, feature: int) -> Any:
        return sum(a * b for a, b in zip(x, weight[feature], strict=True)) + bias[row * embed + feature]

    def key_or_value(name: str, row: int, n: int, t: int, feature: int) -> Any:
        if t < keys:
            return project(given[name][t, n], given[f"{name[0]}_proj_weight"], row, feature)
        return given[f"bias_{name[0]}"][feature] if t == keys and "bias_k" in given else 0

    output = np.empty((queries, batch, embed), object)
    weights = np.empty((batch, heads, queries, keys + extra), object)
    for n, line in product(range(batch), range(queries)):
        context = []
        for head in range(heads):
            features = range(head * size, (head + 1) * size)
            q = [project(query[line, n], given["q_proj_weight"], 0, f) for f in features]
            terms = []
            for t in range(keys + extra):
                k = [key_or_value("key", 1, n, t, f) for f in features]
                logit = sum(a * b for a, b in zip(q, k, strict=True)) / mpmath.sqrt(size)
                allowed = t >= keys or not (call.is_causal and t > line)
                for mask, place in masks(call, n * heads + head, n, line, t, keys):
                    allowed = allowed and not (mask.dtype == np.bool_ and mask[place])
                    logit = logit if mask.dtype == np.bool_ else logit + mpmath.mpf(float(mask[place]))
                terms.append(mpmath.exp(logit) if allowed else mpmath.mpf(0))
            for t, term in enumerate(terms):
                drop = 1 if kept is None else kept[n, head, line, t]
                weights[n, head, line, t] = term / sum(terms) * drop
            context += [
                sum(
                    weights[n, head, line, t] * key_or_value("value", 2, n, t, f) for t in range(keys + extra)
                )
                for f in features
            ]
        for f in range(embed):
            total = sum(a * b for a, b in zip(context, given["out_proj_weight"][f], strict=True))
            output[line, n, f] = total + (given["out_proj_bias"][f] if "out_proj_bias" in given else 0)
    return output, weights


def masks(call: AttentionCall, row: int, n: int, line: int, t: int, keys: int) -> list[tuple[Any, Any]]:
    """The masks that speak about one key, each with the place where it does."""
    found: list[tuple[Any, Any]] = []
    if t < keys and call.attn_mask is not None:
        found.append((call.attn_mask, (line, t) if call.attn_mask.ndim == 2 else (row, line, t)))
    if t < keys and call.key_padding_mask is not None:
        found.append((call.key_padding_mask, (n, t)))
    return found


def numbers(call: AttentionCall) -> Numbers:
    """All arrays of a call, as mpmath numbers."""
    arrays: Mapping[str, Any] = {"query": call.query, "key": call.key, "value": call.value, **call.weights}
    exact = np.vectorize(lambda v: mpmath.mpf(float(v)), otypes=[object])
    return {name: exact(a) for name, a in arrays.items()}
