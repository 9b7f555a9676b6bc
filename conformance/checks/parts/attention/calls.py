"""Calls of multihead attention with random numbers of small sizes: every kind of mask, every form.

Each case draws from a stream of its own, so that one alone repeats what it was among all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.checks.parts.attention.bare import bare
from actcheck.conformance.checks.parts.attention.masks import MASKS, masked
from actcheck.reference.attention.exact import Module
from actcheck.reference.formats import Format
from actcheck.reference.specification.model import Variant

Array = NDArray[Any]


@dataclass(frozen=True)
class Size:
    """L queries, S keys, N batches; no batch dimension where N is 0."""

    queries: int
    keys: int
    batches: int

    def __str__(self) -> str:
        return f"L={self.queries}, S={self.keys}, N={self.batches or 'none'}"


#: No size equals another in the first, so that a swapped dimension shows; the second is square.
SIZES = (Size(3, 5, 2), Size(4, 4, 1))
UNBATCHED = Size(3, 5, 0)
#: That of the calls whose output is their weights.
BARE = Size(4, 4, 2)


@dataclass(frozen=True)
class AttentionCase:
    """A call, and what to call it."""

    call: AttentionCall
    #: What is special about it, short and stable: a known deviation names it.
    tag: str
    words: str
    #: What dropout left of each weight (see `Module`).
    kept: Array | None = None

    @property
    def module(self) -> Module:
        """The same for the reference, batch first."""
        call = self.call
        query, key, value = (batched(call, a) for a in (call.query, call.key, call.value))
        upstream = None if call.upstream is None else batched(call, call.upstream)
        return Module(
            query,
            key,
            value,
            call.num_heads,
            call.weights,
            call.add_zero_attn,
            call.attn_mask,
            call.key_padding_mask,
            call.is_causal,
            self.kept,
            upstream,
        )


def batched(call: AttentionCall, array: Array) -> Array:
    """An input, or a result of its shape, as (N, L, features)."""
    if array.ndim == 2:
        return array[None]
    return array if call.batch_first else array.swapaxes(0, 1)


def owned(call: AttentionCall) -> AttentionCall:
    """The call with arrays of its own, which a backend may write to; one that is given twice stays one."""
    copies: dict[int, Array] = {}

    def copied(value: Any) -> Any:
        return copies.setdefault(id(value), value.copy()) if isinstance(value, np.ndarray) else value

    arrays = {f.name: copied(getattr(call, f.name)) for f in fields(call) if f.name != "weights"}
    return replace(call, **arrays, weights={name: copied(array) for name, array in call.weights.items()})


def cases(variant: Variant, form: Format, seed: int, gradients: bool = False) -> Iterator[AttentionCase]:
    """For `accuracy`: bare weights, and two sizes with and without masks; the batch first and second."""
    for batch_first in (False, True):
        yield case(
            variant, form, seed, BARE, "no mask", batch_first, form_of="bare weights", gradients=gradients
        )
    for size in SIZES:
        for batch_first in (False, True):
            for mask in ("no mask", "attn_mask", "3-D float attn_mask, float key_padding_mask"):
                yield case(variant, form, seed, size, mask, batch_first, gradients=gradients)


def every_case(variant: Variant, form: Format, seed: int, gradients: bool = False) -> Iterator[AttentionCase]:
    """For `attention`: every mask, is_causal, no batch, one tensor as query, key and value, large logits,
    and weights that are the output.
    """
    plain: Any = variant.parameters
    first = bool(plain["batch_first"])
    for mask in MASKS:
        yield case(variant, form, seed, SIZES[0], mask, first, gradients=gradients)
    yield case(variant, form, seed, SIZES[1], "is_causal", first, gradients=gradients)
    for mask in ("no mask", "attn_mask, key_padding_mask"):
        yield case(variant, form, seed, UNBATCHED, mask, first, form_of="unbatched", gradients=gradients)
    yield case(variant, form, seed, SIZES[0], "no mask", first, form_of="large logits", gradients=gradients)
    yield case(variant, form, seed, BARE, "no mask", True, form_of="bare weights", gradients=gradients)
    if plain["kdim"] is None and plain["vdim"] is None:
        for mask in ("no mask", "attn_mask", "key_padding_mask", "is_causal"):
            size = Size(4, 4, 2)
            yield case(variant, form, seed, size, mask, True, form_of="one tensor", gradients=gradients)


def case(
    variant: Variant,
    form: Format,
    seed: int,
    size: Size,
    mask: str,
    batch_first: bool,
    *,
    form_of: str = "",
    gradients: bool = False,
) -> AttentionCase:
    """One case; ``form_of`` is empty, ``unbatched``, ``large logits``, ``one tensor`` or ``bare weights``."""
    tag = ", ".join(part for part in (form_of, mask if mask != "no mask" or not form_of else "") if part)
    words = f"{tag}, {size}" + (", batch first" if batch_first and size.batches else "")
    random = np.random.default_rng([seed, zlib.crc32(words.encode())])
    if form_of == "bare weights":
        call = bare(variant, form, batch_first)
    else:
        call = _call(variant, form, random, size, batch_first, one=form_of == "one tensor")
    if form_of == "large logits":
        call = _enlarged(call)
    call = masked(call, form, random, mask)
    if gradients:
        call = replace(call, upstream=_drawn(random, form, call.query.shape))
    return AttentionCase(call, tag, words)


def _drawn(random: np.random.Generator, form: Format, shape: tuple[int, ...], scale: float = 1.0) -> Array:
    return np.asarray(random.normal(0, scale, shape)).astype(form.dtype)


def _call(
    variant: Variant, form: Format, random: np.random.Generator, size: Size, batch_first: bool, one: bool
) -> AttentionCall:
    """Without masks; inputs are normal numbers, and logits of about their size."""
    p: Any = variant.parameters
    embed, kdim, vdim = p["embed_dim"], p["kdim"] or p["embed_dim"], p["vdim"] or p["embed_dim"]

    def sequence(length: int, features: int) -> Array:
        leading = (length, size.batches) if not batch_first else (size.batches, length)
        return _drawn(random, form, (*(leading if size.batches else (length,)), features))

    def matrix(rows: int, columns: int) -> Array:
        return _drawn(random, form, (rows, columns), columns**-0.5)

    weights = {
        "q_proj_weight": matrix(embed, embed),
        "k_proj_weight": matrix(embed, kdim),
        "v_proj_weight": matrix(embed, vdim),
        "out_proj_weight": matrix(embed, embed),
    }
    names = {"in_proj_bias": 3 * embed, "out_proj_bias": embed} if p["bias"] else {}
    names |= {"bias_k": embed, "bias_v": embed} if p["add_bias_kv"] else {}
    weights |= {name: _drawn(random, form, (count,), 0.5) for name, count in names.items()}
    query = sequence(size.queries, embed)
    return AttentionCall(
        query=query,
        key=query if one else sequence(size.keys, kdim),
        value=query if one else sequence(size.keys, vdim),
        num_heads=p["num_heads"],
        weights=weights,
        add_zero_attn=p["add_zero_attn"],
        batch_first=batch_first,
        average_attn_weights=False,
        path="evaluation",
    )


def _enlarged(call: AttentionCall) -> AttentionCall:
    """Logits 128 times as large, exactly: their exponentials overflow every format but the widest."""
    factors = {"q_proj_weight": 16, "k_proj_weight": 8}
    scaled = {n: (w * w.dtype.type(factors.get(n, 1))).astype(w.dtype) for n, w in call.weights.items()}
    return replace(call, weights=scaled)
