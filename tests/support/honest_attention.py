"""Attention as frameworks compute it in 16 bits: binary32 inside an operation, every tensor rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.attention.inputs import NAMES, Module, masks

Floats = NDArray[np.float32]


def honest(module: Module, dtype: np.dtype[Any], order: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Output (N, L, E) and weights (N, H, L, T); sums run forwards for an order of 1, backwards for -1."""

    def stored(values: Any) -> Floats:
        with np.errstate(over="ignore"):  # two of the lowest numbers are minus infinity
            return np.asarray(values, np.float32).astype(dtype).astype(np.float32)

    given = {name: np.asarray(array, np.float32) for name, array in module.weights.items()}
    size = int(module.query.shape[-1])
    biases = given.get("in_proj_bias", np.zeros(3 * size, np.float32)).reshape(3, size)
    rows = []
    for at, name in enumerate(NAMES):
        inputs = np.asarray(getattr(module, name), np.float32)
        row = stored(_product(inputs, given[f"{name[0]}_proj_weight"].T, order) + biases[at])
        if name != "query":
            row = _appended(row, given.get(f"bias_{name[0]}"), module.add_zero_attn)
        rows.append(row.reshape(*row.shape[:2], module.num_heads, -1).swapaxes(1, 2))
    query, key, value = rows
    # Both factors by the fourth root, as torch's scaled_dot_product_attention has it.
    factor = np.float32((size // module.num_heads) ** -0.25)
    logits = stored(_product(stored(query * factor), stored(key * factor).swapaxes(-1, -2), order))
    added, forbidden = masks(module)
    if added:
        logits = stored(logits + stored(sum(mask.astype(np.float32) for mask in added)))
    logits = np.where(forbidden, np.float32(-np.inf), logits)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights = stored(powers / powers.sum(axis=-1, keepdims=True))
    context = stored(_product(weights, value, order)).swapaxes(1, 2).reshape(*module.query.shape)
    output = _product(context, given["out_proj_weight"].T, order)
    return stored(output + given.get("out_proj_bias", np.float32(0))).astype(dtype), weights.astype(dtype)


def _product(a: Floats, b: Floats, order: int) -> Floats:
    """One term after the other in binary32."""
    total = np.zeros((*a.shape[:-1], b.shape[-1]), np.float32)
    for at in range(a.shape[-1])[::order]:
        total = total + a[..., at, None] * b[..., at, None, :]
    return total


def _appended(rows: Floats, learned: Floats | None, zeros: bool) -> Floats:
    extra = [] if learned is None else [np.broadcast_to(learned, (len(rows), 1, rows.shape[-1]))]
    extra += [np.zeros((len(rows), 1, rows.shape[-1]), np.float32)] if zeros else []
    return np.concatenate([rows, *extra], axis=1)
