"""Calls of multihead attention whose output is their weights, so that it shows what dropout did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import AttentionCase, Properties, Size, batched, case
from actcheck.conformance.checks.parts.attention.masks import CAUSAL, MASKS
from actcheck.conformance.checks.parts.attention.table import RARE, met
from actcheck.conformance.model import Level, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Variant

#: Of the calls with masks and weights that differ; with the last rate nothing stays.
_FACTORS = {
    "mask": tuple(name for name in (*MASKS, *CAUSAL) if name not in RARE),
    "rate": (0.5, 0.25, 1.0),
    "shown": (False, True),
}
BATCHES, QUERIES, KEYS, HEADS = 8, 64, 4, 2
#: Queries and keys of the others.
_FEW_QUERIES, _FEW_KEYS = 8, 5


def revealing(form: Format, rate: float) -> AttentionCall:
    """A call whose output is its attention weights, all equal to 1/4 before dropout."""
    embed = HEADS * KEYS
    identity = np.eye(embed, dtype=np.float64).astype(form.dtype)
    value = np.tile(np.eye(KEYS), (1, HEADS)).astype(form.dtype)
    query = np.zeros((BATCHES, QUERIES, embed), form.dtype)
    random = np.random.default_rng(7)
    return AttentionCall(
        query=query,
        key=np.zeros((BATCHES, KEYS, embed), form.dtype),
        value=np.broadcast_to(value, (BATCHES, KEYS, embed)).copy(),
        num_heads=HEADS,
        weights={f"{name}_proj_weight": identity for name in ("q", "k", "v", "out")}
        | {"in_proj_bias": np.zeros(3 * embed, form.dtype), "out_proj_bias": np.zeros(embed, form.dtype)},
        batch_first=True,
        average_attn_weights=False,
        dropout=rate,
        upstream=random.choice([-2.0, -1.0, 1.0, 2.0], query.shape).astype(form.dtype),
    )


def dropout_calls(question: Question, level: Level, seed: int) -> Iterator[AskedCall]:
    """Calls whose output is their weights, which differ: those of the question, of every mask and rate.

    Their exact results are those of weights that all stay.
    """
    form = FORMATS[question.format]
    for row in met(question, level, _FACTORS):
        options = row["mask"], row["rate"], row["shown"]
        call = masked_dropout(question.variant, question.format, seed, *options)
        words = f"{row['mask']}, need_weights={row['shown']}, dropout {row['rate']}"
        yield AskedCall(AnsweredCase(AttentionCase(call, "dropout", words), form))


def masked_dropout(
    variant: Variant, form_name: str, seed: int, mask: str, rate: float, shown: bool
) -> AttentionCall:
    """Keys and queries are drawn; value and appended rows are unit vectors, as many as a head has features.

    The row of zeros has none: what becomes of its weight changes neither the output nor a gradient.
    """
    form = FORMATS[form_name]
    p: Any = variant.parameters
    unit = _FEW_KEYS + int(p["add_bias_kv"])
    sizes: Any = {"kdim": p["kdim"] or p["num_heads"] * unit, "vdim": p["vdim"] or p["num_heads"] * unit}
    parameters = {**p, **sizes, "embed_dim": p["num_heads"] * unit}
    properties = Properties(Size(_FEW_QUERIES, _FEW_KEYS, 3), mask, bool(p["batch_first"]), gradients=True)
    call = case(replace(variant, parameters=parameters), form, seed, properties).call
    features = np.tile(np.arange(unit), p["num_heads"])
    embed = len(features)
    weights = {n: np.zeros_like(w) if "bias" in n else w for n, w in call.weights.items()}
    weights["v_proj_weight"] = np.eye(max(unit, sizes["vdim"]))[features, : sizes["vdim"]].astype(form.dtype)
    weights["out_proj_weight"] = np.eye(embed).astype(form.dtype)
    if p["add_bias_kv"]:
        weights["bias_v"] = (features == _FEW_KEYS).astype(form.dtype)
    value = np.zeros_like(call.value)
    batched(call, value)[...] = np.eye(_FEW_KEYS, sizes["vdim"])
    return replace(call, weights=weights, value=value, dropout=rate, need_weights=shown, seed=seed)
