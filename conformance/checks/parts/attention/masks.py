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
        forbidden[..., -1:] |= not forbidden.any()
        forbidden[..., :1] = False
        return np.asarray(forbidden)

    def as_float(self, forbidden: Array) -> Array:
        """The same mask as summands."""
        return np.where(forbidden, -np.inf, 0.0).astype(self.form.dtype)

    def summands(self, *shape: int) -> Array:
        """Normal numbers, some of them -infinity."""
        numbers = np.where(self.boolean(*shape), -np.inf, self.random.normal(0, 2, shape))
        return numbers.astype(self.form.dtype)

    def low(self, forbidden: Array, number: float) -> Array:
        """A number that is not infinite for the keys that are forbidden."""
        return np.where(forbidden, number, 0.0).astype(self.form.dtype)

    def low_row(self, *shape: int) -> Array:
        """Summands, and a first query, or batch, whose keys are all equally far below 0.

        Sums with that number still have half of the digits of the format: weights that are taken for 0 show.
        """
        numbers = np.where(np.arange(shape[0])[:, None] == 0, -(2.0 ** (self.form.precision // 2)), 0.0)
        return np.broadcast_to(numbers, shape).astype(self.form.dtype)

    def in_another_format(self, summands: Array) -> Array:
        """The same numbers in a wider format, or in binary32."""
        wider = np.float64 if self.form.name == "float32" else np.float32
        return summands.astype(wider)

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


_LOW = -1e9


def _both(attn_mask: Mask, key_padding_mask: Mask) -> Mask:
    return lambda d: {**attn_mask(d), **key_padding_mask(d)}


#: attn_mask for each query, or each head and query too, and key_padding_mask; by the names of `MASKS`.
_ATTN: Mapping[str, Mask] = {
    "attn_mask": lambda d: {"attn_mask": d.boolean(*d.plane)},
    "float attn_mask": lambda d: {"attn_mask": d.summands(*d.plane)},
    "3-D attn_mask": lambda d: {"attn_mask": d.boolean(*d.stack)},
    "3-D float attn_mask": lambda d: {"attn_mask": d.summands(*d.stack)},
}
_PADDING: Mapping[str, Mask] = {
    "key_padding_mask": lambda d: {"key_padding_mask": d.boolean(*d.padding)},
    "float key_padding_mask": lambda d: {"key_padding_mask": d.summands(*d.padding)},
}
#: Name to the masks; the name is part of a case's tag.
MASKS: Mapping[str, Mask] = {
    "no mask": lambda d: {},
    **_ATTN,
    **_PADDING,
    **{f"{a}, {k}": _both(_ATTN[a], _PADDING[k]) for a in _ATTN for k in _PADDING},
    "attn_mask of -inf": lambda d: {"attn_mask": d.as_float(d.boolean(*d.plane))},
    "attn_mask of -1e9": lambda d: {"attn_mask": d.low(d.boolean(*d.plane), _LOW)},
    "key_padding_mask of -1e9": lambda d: {"key_padding_mask": d.low(d.boolean(*d.padding), _LOW)},
    "attn_mask of the lowest number": lambda d: {
        "attn_mask": d.low(d.boolean(*d.plane), -d.form.largest),
    },
    "the lowest number twice": lambda d: {
        "attn_mask": d.low(d.boolean(*d.plane), -d.form.largest),
        "key_padding_mask": d.low(d.boolean(*d.padding), -d.form.largest),
    },
    "attn_mask with a low row": lambda d: {"attn_mask": d.low_row(*d.plane)},
    "float attn_mask of another format": lambda d: {
        "attn_mask": d.in_another_format(d.summands(*d.plane)),
    },
    "float key_padding_mask of another format": lambda d: {
        "key_padding_mask": d.in_another_format(d.summands(*d.padding)),
    },
}


def _causal(d: _Drawing) -> Mapping[str, Array | bool]:
    return {"attn_mask": d.causal, "is_causal": True}


#: The causal mask goes with the hint that it is one.
CAUSAL: Mapping[str, Mask] = {
    "is_causal": _causal,
    "is_causal with -inf": lambda d: {"attn_mask": d.as_float(d.causal), "is_causal": True},
    **{f"is_causal, {name}": _both(_causal, padding) for name, padding in _PADDING.items()},
}


def masked(call: AttentionCall, form: Format, random: np.random.Generator, name: str) -> AttentionCall:
    """The call with the masks of that name."""
    masks: Any = {**MASKS, **CAUSAL}[name](_Drawing(call, form, random))
    return replace(call, **masks)
