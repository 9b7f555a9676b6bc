"""Dropout in multihead attention: rate, scaling, seed, independence, and the gradient through the same draw.

The values are unit vectors and the projections identities, so that the output is the attention weights:
what dropout did shows also where a path reports no weights.

Every statistical test alone has a false-alarm rate below 1e-9; there are fewer than 100 in a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult
from actcheck.conformance.backends.asker import UnsupportedError, answered
from actcheck.conformance.checks.parts.attention.calls import Array, AttentionCase, owned
from actcheck.conformance.checks.parts.attention.results import AnsweredCase, results
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart, gathered, part_faults
from actcheck.conformance.checks.parts.shared.statistics import EACH, correlated
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.judged import judge

#: Probabilities that weights are dropped with; 1/(1 - p) is exact for the first.
RATES = (0.5, 0.1)
#: Names of paths that must drop, and that must not; another may, and is then judged as training.
TRAINING, EVALUATION = "training", ("evaluation", "no_grad", "fast")
_BATCHES, _QUERIES, _KEYS, _HEADS = 8, 64, 4, 2


def dropout(question: Question, context: Context) -> Finding:
    """Ask every path, with and without weights, at each rate."""
    form, adapter = FORMATS[question.format], context.adapter
    faults: list[Fault] = []
    notes: dict[str, str] = {}
    for path in adapter.attention_paths():
        for needed in (True, False):
            for rate in RATES:
                call = replace(revealing(form, rate), path=path, need_weights=needed, seed=context.seed)
                where = f"path {path}, need_weights={needed}, dropout {rate}"
                try:
                    given = answered(adapter.attention(owned(call)))
                except UnsupportedError as error:
                    notes.setdefault(path, str(error))
                    continue
                dropped, found = _examined(question, adapter, call, given, where)
                faults += found
                notes[f"{path}, {'weights' if needed else 'no weights'}, {rate:g}"] = dropped
    if not any("," in key for key in notes):
        raise UnsupportedError("; ".join(sorted(set(notes.values()))))
    draws = _BATCHES * _HEADS * _QUERIES * _KEYS
    return Finding(
        tuple(gathered(faults)),
        points=draws * sum("," in key for key in notes),
        notes={"dropout": notes, "false alarms": f"below {EACH:g} a test"},
        message="" if faults else "rate, scaling, seed and gradient are right in every path that drops",
    )


def revealing(form: Format, rate: float) -> AttentionCall:
    """A call whose output is its attention weights, all equal to 1/4 before dropout."""
    embed = _HEADS * _KEYS
    identity = np.eye(embed, dtype=np.float64).astype(form.dtype)
    value = np.tile(np.eye(_KEYS), (1, _HEADS)).astype(form.dtype)
    query = np.zeros((_BATCHES, _QUERIES, embed), form.dtype)
    random = np.random.default_rng(7)
    return AttentionCall(
        query=query,
        key=np.zeros((_BATCHES, _KEYS, embed), form.dtype),
        value=np.broadcast_to(value, (_BATCHES, _KEYS, embed)).copy(),
        num_heads=_HEADS,
        weights={f"{name}_proj_weight": identity for name in ("q", "k", "v", "out")}
        | {"in_proj_bias": np.zeros(3 * embed, form.dtype), "out_proj_bias": np.zeros(embed, form.dtype)},
        batch_first=True,
        average_attn_weights=False,
        dropout=rate,
        upstream=random.choice([-2.0, -1.0, 1.0, 2.0], query.shape).astype(form.dtype),
    )


def _examined(
    question: Question, adapter: Adapter, call: AttentionCall, given: AttentionResult, where: str
) -> tuple[str, list[Fault]]:
    """How many were dropped, in words, and what is wrong."""
    shown = _weights_in(given.output)
    stays = shown != 0
    dropped = f"{1 - stays.mean():.4f} dropped"
    if call.path != TRAINING and stays.all():
        return "nothing dropped", list(_scaled(question, call, given, np.ones(stays.shape), where))
    if call.path in EVALUATION:
        told = f"{int((~stays).sum())} of {stays.size} weights dropped, though this is no training"
        return dropped, [Fault("dropout_in_evaluation", f"{where}: {told}")]
    faults = list(_rate(stays, call.dropout, where))
    faults += _scaled(question, call, given, np.where(stays, 1 / (1 - call.dropout), 0.0), where)
    faults += _independent(stays, call.dropout, where)
    again, other = (adapter.attention(owned(replace(call, seed=call.seed + step))) for step in (0, 1))
    if isinstance(again, AttentionResult) and not np.array_equal(_weights_in(again.output), shown):
        faults.append(Fault("seed", f"{where}: the same seed drops other weights the second time"))
    if isinstance(other, AttentionResult):
        faults += _apart(stays, _weights_in(other.output) != 0, where)
    return dropped, faults


def _weights_in(output: Array) -> NDArray[np.float64]:
    """The weights (N, H, L, S) that an output of `revealing` holds."""
    wide = np.asarray(output, np.float64).reshape(_BATCHES, _QUERIES, _HEADS, _KEYS)
    return wide.swapaxes(1, 2)


def _rate(stays: Any, rate: float, where: str) -> Iterator[Fault]:
    dropped = int(stays.size - stays.sum())
    chance = float(stats.binomtest(dropped, stays.size, rate).pvalue)
    if chance < EACH:
        told = f"{dropped} of {stays.size} weights dropped, expected about {rate * stays.size:.0f}"
        yield Fault("dropout_rate", f"{where}: {told} (probability {chance:.1e})")


def _scaled(
    question: Question, call: AttentionCall, given: AttentionResult, kept: Array, where: str
) -> Iterator[Fault]:
    """Output, weights and gradients against the exact ones for what was kept."""
    form = FORMATS[question.format]
    exactly = AnsweredCase(AttentionCase(call, "dropout", "dropout", kept), form)
    for name, array, sums in results(call, given, exactly.exact):
        if array.shape != sums.size.shape or array.dtype != form.dtype:
            yield Fault("wrong_form", f"{name}, {where}: {array.dtype} of shape {array.shape}")
            continue
        part = JudgedPart(name, where, judge(sums, form, array), "dropout")
        yield from part_faults(question, part)


def _independent(stays: Any, rate: float, where: str) -> Iterator[Fault]:
    stream = stays.astype(np.float64).ravel() - (1 - rate)
    lag, found = correlated(stream, None, len(stream) // 2, rate * (1 - rate), 1.0)
    if found:
        told = f"draws {lag} places apart are correlated ({found:.3f})"
        yield Fault("dropout_independence", f"{where}: {told}; batch, head, query, key is the order")


def _apart(one: Any, other: Any, where: str) -> Iterator[Fault]:
    if np.array_equal(one, other):
        yield Fault("seed", f"{where}: another seed drops the same weights")
