"""Calls of multihead attention with random numbers of small sizes, and their exact results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall
from actcheck.reference.attention import Module
from actcheck.reference.formats import Format
from actcheck.reference.spec import Variant

Array = NDArray[Any]
#: Queries, keys and batches.
SHAPES = ((3, 5, 2), (4, 4, 1))
MASKS = ("none", "boolean", "float and padding")


@dataclass(frozen=True)
class Case:
    """A call, and words for it."""

    call: AttentionCall
    words: str

    @property
    def module(self) -> Module:
        """The same for the reference, batch first."""
        call = self.call
        query, key, value = (batched(call, a) for a in (call.query, call.key, call.value))
        return Module(
            query,
            key,
            value,
            call.num_heads,
            call.weights,
            call.add_zero_attn,
            call.attn_mask,
            call.key_padding_mask,
        )


def batched(call: AttentionCall, array: Array) -> Array:
    """An input or output as (N, L, features)."""
    if array.ndim == 2:
        return array[None]
    return array if call.batch_first else array.swapaxes(0, 1)


def cases(variant: Variant, form: Format, seed: int) -> Iterator[Case]:
    """Every shape with every mask."""
    for at, (queries, keys, batches) in enumerate(SHAPES):
        random = np.random.default_rng([seed, at])
        plain = call(variant, form, random, queries, keys, batches)
        for mask in MASKS:
            words = f"{queries} queries, {keys} keys, {batches} batches, mask: {mask}"
            yield Case(masked(plain, form, random, mask), words)


def call(
    variant: Variant, form: Format, random: np.random.Generator, queries: int, keys: int, batches: int
) -> AttentionCall:
    """A call without masks; inputs and weights are normal numbers of the format."""
    p: Any = variant.parameters
    size, kdim, vdim = p["embed_dim"], p["kdim"] or p["embed_dim"], p["vdim"] or p["embed_dim"]

    def drawn(*shape: int, scale: float = 1.0) -> Array:
        return np.asarray(random.normal(0, scale, shape)).astype(form.dtype)

    def order(length: int, batch: int) -> tuple[int, int]:
        return (batch, length) if p["batch_first"] else (length, batch)

    weights = {
        "q_proj_weight": drawn(size, size, scale=size**-0.5),
        "k_proj_weight": drawn(size, kdim, scale=kdim**-0.5),
        "v_proj_weight": drawn(size, vdim, scale=vdim**-0.5),
        "out_proj_weight": drawn(size, size, scale=size**-0.5),
    }
    if p["bias"]:
        weights |= {"in_proj_bias": drawn(3 * size, scale=0.5), "out_proj_bias": drawn(size, scale=0.5)}
    if p["add_bias_kv"]:
        weights |= {"bias_k": drawn(size, scale=0.5), "bias_v": drawn(size, scale=0.5)}
    return AttentionCall(
        query=drawn(*order(queries, batches), size),
        key=drawn(*order(keys, batches), kdim),
        value=drawn(*order(keys, batches), vdim),
        num_heads=p["num_heads"],
        weights=weights,
        add_zero_attn=p["add_zero_attn"],
        batch_first=p["batch_first"],
        average_attn_weights=False,
        path="evaluation",
    )


def masked(call: AttentionCall, form: Format, random: np.random.Generator, mask: str) -> AttentionCall:
    """The call with a mask that leaves every query at least the first key."""
    batches, queries = batched(call, call.query).shape[:2]
    keys = batched(call, call.key).shape[1]
    if mask == "none":
        return call
    if mask == "boolean":
        forbidden = random.random((queries, keys)) < 0.4
        forbidden[:, 0] = False
        return replace(call, attn_mask=forbidden)
    padding = np.zeros((batches, keys), form.dtype)
    padding[0, -1] = -np.inf
    heads = batches * call.num_heads
    return replace(
        call,
        attn_mask=random.normal(0, 2, (heads, queries, keys)).astype(form.dtype),
        key_padding_mask=padding,
    )
