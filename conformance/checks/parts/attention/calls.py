"""Calls of multihead attention with random numbers of small sizes, each by its properties.

Each case draws from a stream of its own, so that one alone repeats what it was among all.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.checks.parts.attention.bare import bare
from actcheck.conformance.checks.parts.attention.layouts import laid_out
from actcheck.conformance.checks.parts.attention.masks import CAUSAL, masked
from actcheck.reference.attention.exact import Module
from actcheck.reference.formats import Format
from actcheck.reference.specification.model import Parameters, Variant

Array = NDArray[Any]
#: Which inputs are one array, by the name of the property.
SHARED = {
    "one tensor": ("query", "key", "value"),
    "query is key": ("query", "key"),
    "key is value": ("key", "value"),
}


@dataclass(frozen=True)
class Size:
    """L queries, S keys, N batches; no batch dimension where N is None."""

    queries: int
    keys: int
    batches: int | None

    def __str__(self) -> str:
        return f"L={self.queries}, S={self.keys}, N={'none' if self.batches is None else self.batches}"


#: No size equals another in the first, so that a swapped dimension shows; the second is square.
SIZES = (Size(3, 5, 2), Size(4, 4, 1))
#: That of the calls whose output is their weights.
BARE = Size(4, 4, 2)


@dataclass(frozen=True)
class Properties:
    """What a call is like."""

    size: Size
    mask: str = "no mask"
    batch_first: bool = False
    #: ``apart``, a name in `SHARED`, or ``equal numbers``: three arrays that hold the same.
    inputs: str = "apart"
    layout: str = "plain"
    #: ``ordinary``, ``large logits``, or ``bare weights`` (see `bare`).
    numbers: str = "ordinary"
    #: num_heads and head_dim; None for those of the variant.
    heads: tuple[int, int] | None = None
    #: Of a call that is no training: it must not drop.
    dropout: float = 0.0
    gradients: bool = False

    @property
    def tag(self) -> str:
        """What is special about the call, short and stable: a known deviation names it."""
        if self.empty:
            return "empty"
        if self.heads == (1, 1):
            return "one feature"
        if self.numbers != "ordinary":
            return self.numbers
        return "is_causal" if self.mask in CAUSAL else self.mask

    @property
    def empty(self) -> bool:
        """Whether a dimension is 0."""
        return 0 in (self.size.queries, self.size.keys, self.size.batches)

    @property
    def words(self) -> str:
        """All of it, for a person."""
        parts = [
            self.numbers * (self.numbers != "ordinary"),
            self.mask,
            str(self.size),
            "batch first" * (self.batch_first and self.size.batches is not None),
        ]
        parts += [self.inputs * (self.inputs != "apart"), self.layout * (self.layout != "plain")]
        parts += [f"{self.heads[0]} heads of {self.heads[1]}" if self.heads else ""]
        return ", ".join(part for part in (*parts, f"dropout {self.dropout}" * bool(self.dropout)) if part)


@dataclass(frozen=True)
class AttentionCase:
    """A call, and what to call it."""

    call: AttentionCall
    #: See `Properties`.
    tag: str
    words: str
    #: What dropout left of each weight (see `Module`).
    kept: Array | None = None
    #: Frameworks may refuse it, which is told and no fault.
    refusable: bool = False

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
            call.mask_gradients,
            shared(call),
        )


def shared(call: AttentionCall) -> tuple[str, ...]:
    """The names of inputs that are one array."""
    given = {name: getattr(call, name) for name in ("query", "key", "value")}
    same = {name for name in given for other in given if name != other and given[name] is given[other]}
    return tuple(name for name in given if name in same)


def batched(call: AttentionCall, array: Array) -> Array:
    """An input, or a result of its shape, as (N, L, features)."""
    if array.ndim == 2:
        return array[None]
    return array if call.batch_first else array.swapaxes(0, 1)


def cases(variant: Variant, form: Format, seed: int, gradients: bool = False) -> Iterator[AttentionCase]:
    """For `accuracy`: bare weights, and two sizes with and without masks; the batch first and second."""
    for first in (False, True):
        yield case(
            variant,
            form,
            seed,
            Properties(BARE, "no mask", first, numbers="bare weights", gradients=gradients),
        )
    for size in SIZES:
        for first in (False, True):
            for mask in ("no mask", "attn_mask", "3-D float attn_mask, float key_padding_mask"):
                yield case(variant, form, seed, Properties(size, mask, first, gradients=gradients))


def case(variant: Variant, form: Format, seed: int, properties: Properties) -> AttentionCase:
    """One case."""
    words = properties.words
    random = np.random.default_rng([seed, zlib.crc32(words.encode())])
    if properties.numbers == "bare weights":
        call = bare(variant, form, properties.batch_first)
    else:
        call = _call(variant.parameters, form, random, properties)
    if properties.numbers == "large logits":
        call = _enlarged(call)
    call = masked(call, form, random, properties.mask)
    foreign = "another format" in properties.mask
    # A hint may take the place of the causal mask.
    summands = not foreign and not call.is_causal and not properties.empty
    if properties.gradients:
        call = replace(call, upstream=_drawn(random, form, call.query.shape), mask_gradients=summands)
    return AttentionCase(laid_out(call, properties.layout), properties.tag, words, refusable=foreign)


def _drawn(random: np.random.Generator, form: Format, shape: tuple[int, ...], scale: float = 1.0) -> Array:
    return np.asarray(random.normal(0, scale, shape)).astype(form.dtype)


def _call(
    parameters: Parameters, form: Format, random: np.random.Generator, properties: Properties
) -> AttentionCall:
    """Without masks; inputs are normal numbers, and logits of about their size."""
    p: Any = parameters
    heads, head_size = properties.heads or (p["num_heads"], p["embed_dim"] // p["num_heads"])
    embed, size, first = heads * head_size, properties.size, properties.batch_first
    kdim, vdim = p["kdim"] or embed, p["vdim"] or embed

    def sequence(length: int, features: int) -> Array:
        leading = (
            (length,) if size.batches is None else (size.batches, length) if first else (length, size.batches)
        )
        return _drawn(random, form, (*leading, features))

    query, key, value = sequence(size.queries, embed), sequence(size.keys, kdim), sequence(size.keys, vdim)
    one = SHARED.get(properties.inputs, ())
    if properties.inputs == "equal numbers":
        key, value = query.copy(), query.copy()
    return AttentionCall(
        query=query,
        key=query if one[:2] == ("query", "key") else key,
        value=query if len(one) == 3 else key if one == ("key", "value") else value,
        num_heads=heads,
        weights=_weights(p, form, random, (embed, kdim, vdim)),
        add_zero_attn=p["add_zero_attn"],
        batch_first=first,
        average_attn_weights=False,
        dropout=properties.dropout,
        path="evaluation",
    )


def _weights(
    p: Any, form: Format, random: np.random.Generator, features: tuple[int, int, int]
) -> dict[str, Array]:
    """Logits and outputs of these are of about the size of the inputs."""
    embed, kdim, vdim = features

    def matrix(columns: int) -> Array:
        return _drawn(random, form, (embed, columns), columns**-0.5)

    columns = {"q_proj_weight": embed, "k_proj_weight": kdim, "v_proj_weight": vdim, "out_proj_weight": embed}
    names = {"in_proj_bias": 3 * embed, "out_proj_bias": embed} if p["bias"] else {}
    names |= {"bias_k": embed, "bias_v": embed} if p["add_bias_kv"] else {}
    vectors = {name: _drawn(random, form, (count,), 0.5) for name, count in names.items()}
    return {name: matrix(count) for name, count in columns.items()} | vectors


def _enlarged(call: AttentionCall) -> AttentionCall:
    """Logits 128 times as large, exactly: their exponentials overflow every format but the widest."""
    factors = {"q_proj_weight": 16, "k_proj_weight": 8}
    scaled = {n: (w * w.dtype.type(factors.get(n, 1))).astype(w.dtype) for n, w in call.weights.items()}
    return replace(call, weights=scaled)
