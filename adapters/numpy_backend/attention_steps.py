"""The steps of multihead attention, and the same steps backwards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.numpy_backend.arrays import Doubles
from actcheck.adapters.numpy_backend.attention_inputs import Inputs


class AttentionSteps:
    """Every intermediate result of one call, kept for the gradients."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        weights = inputs.weights
        embed = inputs.query.shape[2]
        biases = weights.get("in_proj_bias", np.zeros(3 * embed)).reshape(3, embed)
        self.root = np.sqrt(embed // inputs.heads)
        self.query = self._split(_linear(inputs.query, weights["q_proj_weight"], biases[0]))
        self.key = self._split(
            self._appended(_linear(inputs.key, weights["k_proj_weight"], biases[1]), "bias_k")
        )
        self.value = self._split(
            self._appended(_linear(inputs.value, weights["v_proj_weight"], biases[2]), "bias_v")
        )
        #: softmax of the logits, (N, H, L, T), before and after dropout.
        logits = self.query @ _transposed(self.key) / self.root + inputs.mask
        # A key that is not finite and forbidden stays out.
        self.soft = _softmax(np.where(np.isneginf(inputs.mask), -np.inf, logits))
        self.weights = self.soft * inputs.kept
        #: The heads side by side, (N, L, E).
        self.context = _merged(_weighted(self.weights, self.value, np.isneginf(inputs.mask)))
        self.output = _linear(self.context, weights["out_proj_weight"], weights.get("out_proj_bias"))

    def gradients(self, upstream: Doubles) -> dict[str, Doubles]:
        """Of sum(upstream*output), by name; upstream is (N, L, E), the gradient of ``mask`` (N, H, L, S)."""
        found: dict[str, Doubles] = {}
        context = _linear_gradient(found, "out_proj", self.context, upstream, self.inputs.weights)
        heads = self._split(context)
        soft = heads @ _transposed(self.value) * self.inputs.kept
        masked = self.soft * (soft - (self.soft * soft).sum(axis=-1, keepdims=True))
        found["mask"] = masked[..., : self.inputs.key.shape[1]]
        logits = masked / self.root
        projected = {
            "query": _merged(logits @ self.key),
            "key": self._cut(found, "bias_k", _merged(_transposed(logits) @ self.query)),
            "value": self._cut(found, "bias_v", _merged(_transposed(self.weights) @ heads)),
        }
        for name, gradient in projected.items():
            given = getattr(self.inputs, name)
            found[name] = _linear_gradient(found, f"{name[0]}_proj", given, gradient, self.inputs.weights)
        if "in_proj_bias" in self.inputs.weights:
            found["in_proj_bias"] = np.concatenate([g.sum(axis=(0, 1)) for g in projected.values()])
        return found

    def _split(self, x: Doubles) -> Doubles:
        """(N, L, E) to (N, H, L, D): a head takes D consecutive features."""
        batch, length, embed = x.shape
        return x.reshape(batch, length, self.inputs.heads, embed // self.inputs.heads).swapaxes(1, 2)

    def _appended(self, rows: Doubles, name: str) -> Doubles:
        """The learned row, then the row of zeros, after the rows of a projection."""
        batch, _, embed = rows.shape
        extra = (
            [np.broadcast_to(self.inputs.weights[name], (batch, 1, embed))]
            if name in self.inputs.weights
            else []
        )
        zeros = [np.zeros((batch, 1, embed))] if self.inputs.add_zero_attn else []
        return np.concatenate([rows, *extra, *zeros], axis=1)

    def _cut(self, found: dict[str, Doubles], name: str, gradient: Doubles) -> Doubles:
        """What belongs to the projection's own rows; the learned row's part goes to its name."""
        own = self.inputs.key.shape[1]
        if name in self.inputs.weights:
            found[name] = gradient[:, own].sum(axis=0)
        return gradient[:, :own]


def _linear(x: Doubles, weight: Doubles, bias: Doubles | None) -> Doubles:
    product = x @ weight.T
    return np.asarray(product if bias is None else product + bias)


def _linear_gradient(
    found: dict[str, Doubles], name: str, x: Doubles, upstream: Doubles, weights: Mapping[str, Doubles]
) -> Doubles:
    """The gradient with respect to x; those of the weight and of a bias of its own go to their names."""
    found[f"{name}_weight"] = np.einsum("nle,nlf->ef", upstream, x)
    if f"{name}_bias" in weights:
        found[f"{name}_bias"] = upstream.sum(axis=(0, 1))
    return np.asarray(upstream @ weights[f"{name}_weight"])


def _softmax(logits: Doubles) -> Doubles:
    """exp(logits - max)/sum: no overflow, and a sum of at least 1. NaN where all logits are -infinity."""
    if not logits.shape[-1]:
        return logits
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _weighted(weights: Doubles, values: Doubles, forbidden: NDArray[np.bool_]) -> Doubles:
    """The sum of values by their weights; what is not finite and forbidden stays out."""
    if np.isfinite(values).all():
        return np.asarray(weights @ values)
    each = weights[..., np.newaxis] * values[:, :, np.newaxis]
    return np.asarray(np.where(forbidden[..., np.newaxis], 0.0, each).sum(axis=-2))


def _merged(heads: Doubles) -> Doubles:
    """(N, H, L, D) to (N, L, E)."""
    batch, count, length, size = heads.shape
    return heads.swapaxes(1, 2).reshape(batch, length, count * size)


def _transposed(x: Doubles) -> Doubles:
    return x.swapaxes(-1, -2)
