"""The steps of multihead attention and the same steps backwards, read by any kind of number.

A reading says what a number is: an Arb ball, one of mpmath's, or the size S of one. Its arrays
need ``@ + - *``, reshape, swapaxes, sum and slices.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from actcheck.reference.attention_inputs import NAMES, Array, Bools, Doubles, Module, masks

Values = Any  # an array of the reading's numbers


class Reading(Protocol):
    """A kind of number."""

    def of(self, numbers: Array) -> Values:
        """Floats, exactly."""
        ...

    def over_root(self, values: Values, square: int) -> Values:
        """Divided by the square root of an integer."""
        ...

    def softmax(self, logits: Values, forbidden: Bools) -> Values:
        """exp(logit) by the sum of the row, 0 where forbidden; not a number where all of a row is."""
        ...

    def joined(self, rows: list[Values]) -> Values:
        """One after the other along dimension 1."""
        ...


class Steps:
    """Every intermediate result of one call, kept for the gradients."""

    def __init__(self, module: Module, reading: Reading) -> None:
        self.module, self.reading = module, reading
        self.given = {name: reading.of(array) for name, array in module.weights.items()}
        self.inputs = {name: reading.of(getattr(module, name)) for name in NAMES}
        self.query, self.key, self.value = (self._projected(at, name) for at, name in enumerate(NAMES))
        added, forbidden = masks(module)
        logits = reading.over_root(self.query @ self.key.swapaxes(-1, -2), self._head_size)
        #: softmax of the logits, (N, H, L, T), before and after dropout.
        self.soft = reading.softmax(logits + reading.of(added) if added.any() else logits, forbidden)
        self.weights = self.soft if module.kept is None else self.soft * reading.of(self._kept)
        #: The heads side by side, (N, L, E).
        self.context = _merged(self.weights @ self.value)
        self.output = self._linear(self.context, "out_proj_weight", self.given.get("out_proj_bias"))

    @property
    def averaged(self) -> Values:
        """The weights averaged over the heads, (N, L, T)."""
        return self.reading.over_root(self.weights.sum(axis=1), self.module.num_heads**2)

    def gradients(self) -> dict[str, Values]:
        """Those of sum(upstream*output), by name."""
        found: dict[str, Values] = {}
        upstream = self.reading.of(np.asarray(self.module.upstream))
        heads = self._split(self._backwards(found, "out_proj", self.context, upstream))
        if "out_proj_bias" in self.given:
            found["out_proj_bias"] = upstream.sum(axis=(0, 1))
        soft = heads @ self.value.swapaxes(-1, -2)
        if self.module.kept is not None:
            soft = soft * self.reading.of(self._kept)
        centred = soft - (self.soft * soft).sum(axis=-1, keepdims=True)
        logits = self.reading.over_root(self.soft * centred, self._head_size)
        projected = {
            "query": _merged(logits @ self.key),
            "key": self._own(found, "bias_k", _merged(logits.swapaxes(-1, -2) @ self.query)),
            "value": self._own(found, "bias_v", _merged(self.weights.swapaxes(-1, -2) @ heads)),
        }
        for name, gradient in projected.items():
            found[name] = self._backwards(found, f"{name[0]}_proj", self.inputs[name], gradient)
        if "in_proj_bias" in self.given:
            sums = [g.sum(axis=(0, 1)).reshape(1, -1, 1) for g in projected.values()]
            found["in_proj_bias"] = self.reading.joined(sums).reshape(-1)
        return found

    @property
    def _head_size(self) -> int:
        return int(self.module.query.shape[-1]) // self.module.num_heads

    @property
    def _kept(self) -> Doubles:
        return np.broadcast_to(np.asarray(self.module.kept, np.float64), self.module.shape)

    def _projected(self, at: int, name: str) -> Values:
        size = int(self.module.query.shape[-1])
        bias = self.given.get("in_proj_bias")
        own = None if bias is None else bias[at * size : (at + 1) * size]
        rows = [self._linear(self.inputs[name], f"{name[0]}_proj_weight", own)]
        ones = np.ones((int(self.module.query.shape[0]), 1, 1))
        if f"bias_{name[0]}" in self.given:
            rows.append(self.reading.of(ones) @ self.given[f"bias_{name[0]}"].reshape(1, 1, -1))
        if name != "query" and self.module.add_zero_attn:
            rows.append(self.reading.of(np.zeros((len(ones), 1, size))))
        return self._split(self.reading.joined(rows))

    def _linear(self, x: Values, name: str, bias: Values | None) -> Values:
        product = x @ self.given[name].swapaxes(0, 1)
        return product if bias is None else product + bias

    def _backwards(self, found: dict[str, Values], name: str, x: Values, upstream: Values) -> Values:
        """The gradient with respect to x; that of the weight goes to its name."""
        flat = upstream.reshape(-1, upstream.shape[-1]).swapaxes(0, 1)
        found[f"{name}_weight"] = flat @ x.reshape(-1, x.shape[-1])
        return upstream @ self.given[f"{name}_weight"]

    def _own(self, found: dict[str, Values], name: str, gradient: Values) -> Values:
        """What belongs to the projection's own rows; the learned row's part goes to its name."""
        own = int(self.module.key.shape[1])
        if name in self.given:
            found[name] = gradient[:, own].sum(axis=0)
        return gradient[:, :own]

    def _split(self, x: Values) -> Values:
        """(N, L, E) to (N, H, L, D): a head takes D consecutive features."""
        batch, length, features = x.shape
        return x.reshape(batch, length, self.module.num_heads, features // self.module.num_heads).swapaxes(
            1, 2
        )


def _merged(heads: Values) -> Values:
    """(N, H, L, D) to (N, L, E)."""
    batch, count, length, size = heads.shape
    return heads.swapaxes(1, 2).reshape(batch, length, count * size)
