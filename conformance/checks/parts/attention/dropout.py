"""Dropout in multihead attention: rate, scaling, seed, independence, and the gradient through the same draw.

The values are unit vectors and the projections identities, so that the output is the attention weights:
what dropout did shows also where a path reports no weights. Rate, seed and independence are tested on many
equal weights; output and gradients are judged for weights that differ, too, in every variant with every mask.

Every statistical test alone has a false-alarm rate below 1e-9; there are fewer than 100 in a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Adapter, AttentionCall, AttentionResult
from actcheck.conformance.backends.asker import FaultError, UnsupportedError, answered, calling
from actcheck.conformance.backends.guard.guarded import guard
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase
from actcheck.conformance.checks.parts.attention.calls import (
    Array,
    AttentionCase,
    batched,
)
from actcheck.conformance.checks.parts.attention.dropped import (
    BATCHES,
    HEADS,
    KEYS,
    QUERIES,
    dropout_calls,
    revealing,
)
from actcheck.conformance.checks.parts.attention.results import EVALUATION, TRAINING, absent, results
from actcheck.conformance.checks.parts.shared.judged_sums import JudgedPart, gathered, part_faults
from actcheck.conformance.checks.parts.shared.statistics import EACH, correlated, too_many
from actcheck.conformance.model import CallExample, Context, Fault, Finding, Question
from actcheck.reference.attention.inputs import masks
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.sums.judged import judge

#: Probabilities that weights are dropped with; 1/(1 - p) is exact for the first.
RATES = (0.5, 0.1)
#: Where quick has many equal weights.
_QUICK = "float32"


def dropout(question: Question, context: Context) -> Finding:
    """Ask every path: many equal weights in the variant of the defaults, others in every variant."""
    form, adapter, variant = FORMATS[question.format], context.adapter, question.variant
    notes: dict[str, str] = {}
    faults: list[Fault] = []
    asked = [(revealing(form, rate), needed) for rate in RATES for needed in (True, False)]
    everywhere = context.level != "quick" or question.format == _QUICK
    if variant is question.spec.default and everywhere:
        for path in adapter.attention_paths():
            for call, needed in asked:
                whole = replace(call, path=path, need_weights=needed, seed=context.seed)
                where = f"path {path}, equal weights, need_weights={needed}, dropout {call.dropout}"
                faults += _answered(question, adapter, whole, _examined, notes, where)
    for one in dropout_calls(question, context.level, context.seed):
        for path in adapter.attention_paths():
            if path not in EVALUATION:
                faults += _answered(question, adapter, one.call(path), _judged, notes, one.words(path))
    if not any("," in key for key in notes):
        raise UnsupportedError("; ".join(sorted(set(notes.values()))))
    return Finding(
        tuple(gathered(faults)),
        points=sum("," in key for key in notes),
        notes={"dropout": notes, "false alarms": f"below {EACH:g} a test"},
        message="" if faults else "rate, scaling, seed and gradient are right in every path that drops",
    )


#: What a call shows: how many weights were dropped, in words, and what is wrong.
_Examined = Callable[[Question, Adapter, AttentionCall, AttentionResult, str], tuple[str, list[Fault]]]


def _answered(
    question: Question,
    adapter: Adapter,
    call: AttentionCall,
    examined: _Examined,
    notes: dict[str, str],
    where: str,
) -> list[Fault]:
    """What is wrong with the answer to a call; the notes tell how much was dropped, or why not."""
    try:
        with calling(where):
            given = answered(guard(adapter).attention(call))
    except UnsupportedError as error:
        notes.setdefault(call.path, str(error))
        return []
    except FaultError as error:
        return [Fault(f"raised:dropout {call.dropout:g}", str(error), call=CallExample(where))]
    told, found = examined(question, adapter, call, given, where)
    notes[f"{call.path}, {'weights' if call.need_weights else 'no weights'}, {call.dropout:g}"] = told
    return found


def _judged(
    question: Question, adapter: Adapter, call: AttentionCall, given: AttentionResult, where: str
) -> tuple[str, list[Fault]]:
    """Output, weights and gradients for what stayed of weights that differ."""
    heads = call.num_heads
    allowed = ~masks(AttentionCase(call, "", "").module)[1]
    output = np.asarray(batched(call, given.output), np.float64)
    shown = output.reshape(*output.shape[:2], heads, -1).swapaxes(1, 2)
    stays = np.ones(allowed.shape, bool)
    stays[..., : shown.shape[-1]] = shown != 0
    if given.weights is not None:
        stays = np.asarray(given.weights, np.float64) != 0
    drawn = stays[..., : shown.shape[-1]][allowed[..., : shown.shape[-1]]]
    if call.path != TRAINING and drawn.all():
        return "nothing dropped", []
    faults = list(_rate(drawn, call.dropout, where))
    kept = np.where(stays, 1 / (1 - call.dropout) if call.dropout < 1 else 0.0, 0.0)
    faults += _scaled(question, call, given, kept, where, ", is_causal" * call.is_causal)
    return f"{1 - drawn.mean():.4f} dropped", faults


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
    again, other = (guard(adapter).attention(replace(call, seed=call.seed + step)) for step in (0, 1))
    if isinstance(again, AttentionResult) and not np.array_equal(_weights_in(again.output), shown):
        faults.append(Fault("seed", f"{where}: the same seed drops other weights the second time"))
    if isinstance(other, AttentionResult):
        faults += _apart(stays, _weights_in(other.output) != 0, where)
    return dropped, faults


def _weights_in(output: Array) -> NDArray[np.float64]:
    """The weights (N, H, L, S) that an output of `revealing` holds."""
    wide = np.asarray(output, np.float64).reshape(BATCHES, QUERIES, HEADS, KEYS)
    return wide.swapaxes(1, 2)


def _rate(stays: Any, rate: float, where: str) -> Iterator[Fault]:
    dropped = int(stays.size - stays.sum())
    beyond = too_many(dropped, stays.size, rate, 2) or too_many(stays.size - dropped, stays.size, 1 - rate, 2)
    if beyond:
        told = f"{dropped} of {stays.size} weights dropped, expected about {rate * stays.size:.0f}"
        yield Fault("dropout_rate", f"{where}: {told}")


def _scaled(
    question: Question, call: AttentionCall, given: AttentionResult, kept: Array, where: str, tag: str = ""
) -> Iterator[Fault]:
    """Output, weights and gradients against the exact ones for what was kept."""
    form = FORMATS[question.format]
    exactly = AnsweredCase(AttentionCase(call, "dropout", "dropout", kept), form)
    for name, array, sums in results(call, given, exactly.exact):
        if array.shape != sums.size.shape or array.dtype != form.dtype:
            yield Fault("wrong_form", f"{name}, {where}: {array.dtype} of shape {array.shape}")
            continue
        part = JudgedPart(name, where, judge(sums, form, array), f"dropout{tag}")
        yield from part_faults(question, part)
    for kind, told in absent(call, given, exactly.exact):
        yield Fault(kind, f"{where}: {told}")


def _independent(stays: Any, rate: float, where: str) -> Iterator[Fault]:
    stream = stays.astype(np.float64).ravel() - (1 - rate)
    lag, found = correlated(stream, None, len(stream) // 2, rate * (1 - rate), 1.0)
    if found:
        told = f"draws {lag} places apart are correlated ({found:.3f})"
        yield Fault("dropout_independence", f"{where}: {told}; batch, head, query, key is the order")


def _apart(one: Any, other: Any, where: str) -> Iterator[Fault]:
    if np.array_equal(one, other):
        yield Fault("seed", f"{where}: another seed drops the same weights")
