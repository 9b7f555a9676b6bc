"""The masks of multihead attention's test calls: each leaves every query at least the first key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall
from actcheck.reference.formats import Format

Array = NDArray[Any]
#: Which masks are given, from sizes, format and stream; boolean where nothing else is said.
Mask = Callable[["_Drawing"], Mapping[str, Array | bool]]


class _Drawing:
    """Masks for one call."""

    def __init__(self, call: AttentionCall, form: Format, random: np.random.Generator) -> None:
        self.form, self.random = form, random
        batch_at, sequence_at = (0, 1) if call.batch_first else (1, 0)
        batched = call.query.ndim == 3
        self.batches = int(call.query.shape[batch_at]) if batched else 1
        self.queries, self.keys = (
            int(a.shape[sequence_at if batched else 0]) for a in (call.query, call.key)
        )
        self.heads = call.num_heads
        self.leading = (self.batches,) if batched else ()

    def boolean(self, *shape: int) -> Array:
        """About 40 in 100 forbidden, never the first key."""
        forbidden = self.random.random(shape) < 0.4
        # One more, so that the mask is never empty.
        forbidden[..., -1] |= not forbidden.any()
        forbidden[..., 0] = False
        return np.asarray(forbidden)

    def as_float(self, forbidden: Array) -> Array:
        """The same mask as summands."""
        return np.where(forbidden, -np.inf, 0.0).astype(self.form.dtype)

    def summands(self, *shape: int) -> Array:
        """Normal numbers, some of them -infinity."""
        numbers = np.where(self.boolean(*shape), -np.inf, self.random.normal(0, 2, shape))
        return numbers.astype(self.form.dtype)

    @property
    def plane(self) -> tuple[int, int]:
        """The shape of a 2-D attn_mask."""
        return self.queries, self.keys

    @property
    def stack(self) -> tuple[int, int, int]:
        """The shape of a 3-D attn_mask."""
        return self.batches * self.heads, self.queries, self.keys

    @property
    def padding(self) -> tuple[int, ...]:
        """The shape of a key_padding_mask."""
        return *self.leading, self.keys

    @property
    def causal(self) -> Array:
        """Every key after the query."""
        return np.arange(self.keys) > np.arange(self.queries)[:, None]


#: Name to the masks; the name is part of a case's tag.
MASKS: Mapping[str, Mask] = {
    "no mask": lambda d: {},
    "attn_mask": lambda d: {"attn_mask": d.boolean(*d.plane)},
    "attn_mask of -inf": lambda d: {"attn_mask": d.as_float(d.boolean(*d.plane))},
    "float attn_mask": lambda d: {"attn_mask": d.summands(*d.plane)},
    "3-D attn_mask": lambda d: {"attn_mask": d.boolean(*d.stack)},
    "key_padding_mask": lambda d: {"key_padding_mask": d.boolean(*d.padding)},
    "float key_padding_mask": lambda d: {"key_padding_mask": d.summands(*d.padding)},
    "attn_mask, key_padding_mask": lambda d: {
        "attn_mask": d.boolean(*d.plane),
        "key_padding_mask": d.boolean(*d.padding),
    },
    "attn_mask, float key_padding_mask": lambda d: {
        "attn_mask": d.boolean(*d.plane),
        "key_padding_mask": d.summands(*d.padding),
    },
    "3-D float attn_mask, float key_padding_mask": lambda d: {
        "attn_mask": d.summands(*d.stack),
        "key_padding_mask": d.summands(*d.padding),
    },
}
#: The causal mask goes with the hint that it is one.
CAUSAL: Mapping[str, Mask] = {
    "is_causal": lambda d: {"attn_mask": d.causal, "is_causal": True},
    "is_causal, key_padding_mask": lambda d: {
        "attn_mask": d.causal,
        "is_causal": True,
        "key_padding_mask": d.boolean(*d.padding),
    },
}


def masked(call: AttentionCall, form: Format, random: np.random.Generator, name: str) -> AttentionCall:
    """The call with the masks of that name."""
    masks: Any = {**MASKS, **CAUSAL}[name](_Drawing(call, form, random))
    return replace(call, **masks)
