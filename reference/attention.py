"""Multihead attention by mpmath: the whole module, from the inputs to the output and the weights.

Every number is carried with 200 bits. Beside each exact value stands S, the same computation carried out on
absolute values: a logit that is off by d changes its weight by that relative amount, and all others of its
row through the sum, so that the logits' own S multiplies the weights (see `sums`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.mp import to_fraction
from actcheck.reference.sums import Exact, Sums

Array = NDArray[Any]
_BITS = 200


@dataclass(frozen=True)
class Module:
    """Inputs, weights and masks of one call, named as in the adapters' `AttentionCall`.

    Shapes: query (N, L, E), key (N, S, kdim), value (N, S, vdim); ``attn_mask`` (L, S) or (N*H, L, S) and
    ``key_padding_mask`` (N, S), boolean (True forbids) or added to the logits.
    """

    query: Array
    key: Array
    value: Array
    num_heads: int
    weights: Mapping[str, Array]
    add_zero_attn: bool = False
    attn_mask: Array | None = None
    key_padding_mask: Array | None = None

    @property
    def steps(self) -> int:
        """Roundings on the longest path from an input to the output."""
        features = int(self.query.shape[-1])
        keys = int(self.key.shape[1]) + self.add_zero_attn + ("bias_k" in self.weights)
        inner = max(features, int(self.key.shape[-1]), int(self.value.shape[-1]))
        projection, logit = inner + 2, features // self.num_heads + 3
        # exp, the sum of the row, the quotient; the values' sum; the output projection and its rounding.
        return projection + logit + (4 + keys) + (keys + 1) + (features + 3)


@dataclass(frozen=True)
class Attention:
    """Exact output (N, L, E) and weights (N, H, L, S'), with their bounds."""

    output: Sums
    weights: Sums
    #: Weights averaged over the heads, (N, L, S').
    averaged: Sums


def evaluate(module: Module, form: Format) -> Attention:
    """The exact results of a call. Rows whose keys are all masked have none: they are NaN."""
    with mpmath.workprec(_BITS):
        return _evaluate(module, form)


def _evaluate(module: Module, form: Format) -> Attention:
    given = {name: _exact(array) for name, array in module.weights.items()}
    heads, features = module.num_heads, module.query.shape[-1]
    biases = np.split(given.get("in_proj_bias", _zeros(3 * features)), 3)
    names = ("query", "key", "value")
    projected, sizes = {}, {}
    for name, bias in zip(names, biases, strict=True):
        x, w = _exact(getattr(module, name)), given[f"{name[0]}_proj_weight"]
        projected[name], sizes[name] = x @ w.T + bias, abs(x) @ abs(w.T) + abs(bias)
    for name in ("key", "value"):
        for row in _appended(module, given, name, features):
            shape = (projected[name].shape[0], 1, features)
            projected[name] = np.concatenate([projected[name], np.broadcast_to(row, shape)], axis=1)
            sizes[name] = np.concatenate([sizes[name], np.broadcast_to(abs(row), shape)], axis=1)
    added, forbidden = _masks(module, projected["key"].shape[1])
    root = mpmath.sqrt(features // heads)
    q, k, v = (_split(projected[name], heads) for name in names)
    sq, sk, sv = (_split(sizes[name], heads) for name in names)
    logits = q @ k.swapaxes(-1, -2) / root + added
    shares = sq @ sk.swapaxes(-1, -2) / root + abs(added)
    weights = _softmax(logits, forbidden)
    spread = weights * (1 + shares + (weights * shares).sum(axis=-1, keepdims=True))
    out, bias = given["out_proj_weight"], given.get("out_proj_bias", _zeros(features))
    output = _joined(weights @ v) @ out.T + bias
    size = _joined(spread @ sv) @ abs(out.T) + abs(bias)
    mean, mean_size = weights.mean(axis=1), spread.mean(axis=1)
    steps = module.steps
    return Attention(
        _sums(output, size, steps, form),
        _sums(weights, spread, steps, form),
        _sums(mean, mean_size, steps, form),
    )


def _exact(array: Array) -> Array:
    """The numbers of an array as mpmath's."""
    numbers: Array = np.vectorize(mpmath.mpf, otypes=[object])(np.asarray(array, np.float64))
    return numbers


def _zeros(count: int) -> Array:
    return _exact(np.zeros(count))


def _appended(module: Module, given: Mapping[str, Array], name: str, features: int) -> list[Array]:
    learned = [given[f"bias_{name[0]}"]] if f"bias_{name[0]}" in given else []
    return learned + ([_zeros(features)] if module.add_zero_attn else [])


def _split(array: Array, heads: int) -> Array:
    """(N, L, E) to (N, H, L, E/H)."""
    batch, length, features = array.shape
    return array.reshape(batch, length, heads, features // heads).swapaxes(1, 2)


def _joined(array: Array) -> Array:
    """(N, H, L, D) to (N, L, H*D)."""
    batch, heads, length, features = array.shape
    return array.swapaxes(1, 2).reshape(batch, length, heads * features)


def _masks(module: Module, keys: int) -> tuple[Array, NDArray[np.bool_]]:
    """What is added to the logits, and what is forbidden: both (N, H, L, S'); appended rows are neither."""
    batch, length, given = module.query.shape[0], module.query.shape[1], module.key.shape[1]
    shape = (batch, module.num_heads, length, keys)
    added, forbidden = np.zeros(shape), np.zeros(shape, bool)
    padding = module.key_padding_mask
    spread = [] if padding is None else [padding[:, None, None, :]]
    mask = module.attn_mask
    if mask is not None:
        spread.append(mask if mask.ndim == 2 else mask.reshape(batch, module.num_heads, length, given))
    for one in spread:
        part = (..., slice(given))
        if one.dtype == np.bool_:
            forbidden[part] |= one
        else:
            wide = np.asarray(one, np.float64)
            forbidden[part] |= wide == -np.inf
            added[part] += np.where(wide == -np.inf, 0.0, wide)
    return _exact(added), forbidden


def _softmax(logits: Array, forbidden: NDArray[np.bool_]) -> Array:
    powers = np.where(forbidden, mpmath.mpf(0), np.vectorize(mpmath.exp, otypes=[object])(logits))
    totals = powers.sum(axis=-1, keepdims=True)
    empty = forbidden.all(axis=-1, keepdims=True)
    weights: Array = np.where(empty, mpmath.nan, powers / np.where(empty, mpmath.mpf(1), totals))
    return weights


def _sums(values: Array, sizes: Array, steps: int, form: Format) -> Sums:
    undefined = np.vectorize(mpmath.isnan, otypes=[bool])(values)
    fractions = [
        Fraction(0) if u else to_fraction(v) for u, v in zip(undefined.flat, values.flat, strict=True)
    ]
    exact = Exact.of(fractions, values.shape)
    size = np.array([0.0 if mpmath.isnan(s) else float(s) for s in sizes.flat]).reshape(values.shape)
    main = np.where(undefined, np.nan, exact.main)
    return Sums(Exact(main, exact.rest), size + form.smallest_normal, steps)
