"""The steps of multihead attention and the same steps backwards, read by any kind of number.

A reading says what a number is: an Arb ball, one of mpmath's, or the size S of one. Its arrays
need ``+ - *``, reshape, swapaxes, sum and slices.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from actcheck.reference.attention.inputs import (
    NAMES,
    SHARED,
    Array,
    Bools,
    Doubles,
    Module,
    is_summand,
    masks,
)

Values = Any  # an array of the reading's numbers


class Reading(Protocol):
    """A kind of number."""

    def of(self, numbers: Array) -> Values:
        """Floats, exactly."""
        ...

    def product(self, one: Values, other: Values) -> Values:
        """The product of matrices, or of stacks of them."""
        ...

    def over_root(self, values: Values, square: int) -> Values:
        """Divided by the square root of an integer."""
        ...

    def softmax(self, logits: Values, forbidden: Bools) -> Values:
        """exp(logit) by the sum of the row, 0 where forbidden; not a number where all of a row is."""
        ...

    def recomputed(self, soft: Values, logits: Values) -> Values:
        """The softmax of the logits, when it is computed again for gradients."""
        ...

    def joined(self, rows: list[Values]) -> Values:
        """One after the other along dimension 1."""
        ...

    def stored(self, values: Values) -> Values:
        """A tensor that is handed from one operation to the next: formats of 16 bits round it."""
        ...

    def scaled(self, values: Values, square: int) -> Values:
        """Queries and keys, or gradients of them: they may be scaled, and handed on, before or after."""
        ...

    def either(self, one: Values, other: Values) -> Values:
        """The same numbers, computed in one of two ways."""
        ...


class Steps:
    """Every intermediate result of one call, kept for the gradients."""

    def __init__(self, module: Module, reading: Reading) -> None:
        self.module, self.reading = module, reading
        self.given = {name: reading.of(array) for name, array in module.weights.items()}
        self.inputs = {name: reading.of(getattr(module, name)) for name in NAMES}
        query, key, self.value = (self._projected(at, name) for at, name in enumerate(NAMES))
        self.query, self.key = self._scaled(query), self._scaled(key)
        added, forbidden = masks(module)
        logits = self._over_root(self._product(self.query, self.key.swapaxes(-1, -2)))
        if added:
            summands = [reading.of(mask) for mask in added]
            mask = summands[0] if len(summands) == 1 else reading.stored(summands[0] + summands[1])
            logits = reading.stored(logits + mask)
        #: softmax of the logits, (N, H, L, T), before and after dropout.
        self.soft = reading.softmax(logits, forbidden)
        self._again = reading.recomputed(self.soft, logits)
        self.weights = self._dropped(reading.stored(self.soft))
        #: The heads side by side, (N, L, E).
        self.context = reading.stored(_merged(self._product(self.weights, self.value)))
        self.output = self._linear(self.context, "out_proj_weight", self.given.get("out_proj_bias"))

    @property
    def averaged(self) -> Values:
        """The weights averaged over the heads, (N, L, T)."""
        total = self._sum(self.weights, 1)
        return self.reading.stored(self.reading.over_root(total, self.module.num_heads**2))

    def gradients(self) -> dict[str, Values]:
        """Those of sum(upstream*output), by name."""
        found: dict[str, Values] = {}
        stored = self.reading.stored
        upstream = self.reading.of(np.asarray(self.module.upstream))
        heads = self._split(self._backwards(found, "out_proj", self.context, upstream))
        if "out_proj_bias" in self.given:
            found["out_proj_bias"] = stored(self._sum(upstream, 0, 1))
        soft = stored(self._again)
        masked = self._masked_gradient(soft, heads)
        if self.module.mask_gradients:
            found.update(self._mask_gradients(masked))
        logits = self._over_root(masked)
        projected = {
            "query": self._scaled(stored(_merged(self._product(logits, self.key)))),
            "key": self._scaled(stored(_merged(self._product(logits.swapaxes(-1, -2), self.query)))),
            "value": stored(_merged(self._product(self._dropped(soft).swapaxes(-1, -2), heads))),
        }
        for name in NAMES[1:]:
            projected[name] = self._own(found, f"bias_{name[0]}", projected[name])
        for name, gradient in projected.items():
            found[name] = self._backwards(found, f"{name[0]}_proj", self.inputs[name], gradient)
        if len(self.module.shared) > 1:
            shared = self.module.shared
            found[SHARED.join(shared)] = self._shared_gradient([found[name] for name in shared])
        if "in_proj_bias" in self.given:
            sums = [self._sum(g, 0, 1).reshape(1, -1, 1) for g in projected.values()]
            found["in_proj_bias"] = stored(self.reading.joined(sums).reshape(-1))
        return found

    def _product(self, one: Values, other: Values) -> Values:
        return self.reading.product(one, other)

    def _sum(self, values: Values, *axes: int) -> Values:
        """Along dimensions; sums of nothing are 0, and numbers of the reading."""
        if math.prod(values.shape):
            return values.sum(axis=axes)
        return self.reading.of(np.zeros([n for at, n in enumerate(values.shape) if at not in axes]))

    def _dropped(self, soft: Values) -> Values:
        """After dropout."""
        return soft if self.module.kept is None else self.reading.stored(soft * self.reading.of(self._kept))

    def _masked_gradient(self, soft: Values, heads: Values) -> Values:
        """That of the logits with their masks: soft*(g - sum(soft*g)), g that of the weights before dropout.

        The sum may also be that of context*gradient over the features, as in FlashAttention (T. Dao and
        others, FlashAttention: fast and memory-efficient exact attention with IO-awareness, 2022, B.2).
        """
        gradient = self._dropped(self.reading.stored(self._product(heads, self.value.swapaxes(-1, -2))))
        by_keys = (soft * gradient).sum(axis=-1, keepdims=True)
        by_features = (self._split(self.context) * heads).sum(axis=-1, keepdims=True)
        centred = gradient - self.reading.either(by_keys, by_features)
        return self.reading.stored(soft * centred)

    def _mask_gradients(self, masked: Values) -> dict[str, Values]:
        """Those of float masks, which every head and query or every batch may share."""
        module, stored = self.module, self.reading.stored
        own, found = masked[..., : int(module.key.shape[1])], {}
        if is_summand(module.attn_mask):
            total = self._sum(own, 0, 1) if module.attn_mask.ndim == 2 else own
            found["attn_mask"] = stored(total).reshape(*module.attn_mask.shape)
        if is_summand(module.key_padding_mask):
            # All queries of a head, then all heads.
            total = stored(self._sum(stored(self._sum(own, 2)), 1))
            found["key_padding_mask"] = total.reshape(*module.key_padding_mask.shape)
        return found

    def _shared_gradient(self, parts: list[Values]) -> Values:
        """That of one array in several places: the sum, in any order, of two or three."""
        stored = self.reading.stored
        if len(parts) == 2:
            return stored(parts[0] + parts[1])
        a, b, c = parts
        orders = ((a, b, c), (a, c, b), (b, c, a))
        first, second, third = (stored(stored(one + two) + last) for one, two, last in orders)
        return self.reading.either(self.reading.either(first, second), third)

    def _scaled(self, values: Values) -> Values:
        return self.reading.scaled(values, self._head_size)

    def _over_root(self, values: Values) -> Values:
        return self.reading.stored(self.reading.over_root(values, self._head_size))

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
            rows.append(self._product(self.reading.of(ones), self.given[f"bias_{name[0]}"].reshape(1, -1)))
        if name != "query" and self.module.add_zero_attn:
            rows.append(self.reading.of(np.zeros((len(ones), 1, size))))
        return self._split(self.reading.joined(rows))

    def _linear(self, x: Values, name: str, bias: Values | None) -> Values:
        product = self._product(x, self.given[name].swapaxes(0, 1))
        return self.reading.stored(product if bias is None else product + bias)

    def _backwards(self, found: dict[str, Values], name: str, x: Values, upstream: Values) -> Values:
        """The gradient with respect to x; that of the weight goes to its name."""
        flat = upstream.reshape(-1, upstream.shape[-1]).swapaxes(0, 1)
        found[f"{name}_weight"] = self.reading.stored(self._product(flat, x.reshape(-1, x.shape[-1])))
        return self.reading.stored(self._product(upstream, self.given[f"{name}_weight"]))

    def _own(self, found: dict[str, Values], name: str, gradient: Values) -> Values:
        """What belongs to the projection's own rows; the learned row's part goes to its name."""
        own = int(self.module.key.shape[1])
        if name in self.given:
            found[name] = self.reading.stored(self._sum(gradient[:, own], 0))
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
