"""Rows of attention whose keys are all masked: not defined, so recorded for each path and not judged.

Such a row must stay by itself: the results of all other queries and batches are judged as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from actcheck.adapters.base import AttentionResult
from actcheck.conformance.checks.parts.attention.accuracy import answered
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import (
    Array,
    AttentionCase,
    Properties,
    Size,
    batched,
    case,
)
from actcheck.conformance.checks.parts.attention.results import AttentionAnswers
from actcheck.conformance.checks.parts.attention.table import appends, met, possible
from actcheck.conformance.model import Context, Fault, Finding, Level, Question
from actcheck.reference.attention.exact import Module
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Variant

#: The query, or the batch, that has no key left.
_ROW, _BATCH = 1, 1
_FACTORS = {
    "mask": ("attn_mask", "key_padding_mask", "attn_mask of -inf", "key_padding_mask of -inf"),
    "inputs": ("apart", "one tensor"),
}
#: What nobody can have meant.
_OTHER = "other numbers"


def masked_rows(question: Question, context: Context) -> Finding:
    """What each path does with a row without keys, in notes and message; all other rows are judged."""
    asked = AttentionAnswers(context.adapter, FORMATS[question.format], True, context.level)
    behaviour: dict[str, str] = {}
    for one in row_calls(question, context.level, context.seed):
        for path in context.adapter.attention_paths():
            given = asked.ask(one, path)
            if given is not None:
                case = one.exactly.case
                key = f"{path}, {'weights' if one.options['need_weights'] else 'no weights'}, {case.tag}"
                behaviour[key] = _row_text(case, given)
                if not appends(question.variant) and _OTHER in behaviour[key]:
                    told = f"{key}: {behaviour[key]}, expected NaN or weights of 0"
                    asked.faults.append(Fault(f"other_numbers:{case.tag}", told))
    answer = answered(question, asked)
    if appends(question.variant):
        return replace(answer, message="appended rows are never masked: every row has a key")
    notes = {**answer.notes, "masked_rows": behaviour}
    return replace(answer, notes=notes, message=_message(behaviour), grade=None, verdict=None)


def row_calls(question: Question, level: Level, seed: int) -> Iterator[AskedCall]:
    """Each mask that leaves a row without keys, with and without weights."""
    form = FORMATS[question.format]
    for row in met(question, level, _FACTORS, possible):
        exactly = AnsweredCase(_case(question.variant, form, seed, row), form)
        for needed in (True, False):
            yield AskedCall(exactly, {"need_weights": needed})


def _case(variant: Variant, form: Format, seed: int, row: Mapping[str, Any]) -> AttentionCase:
    """A query whose keys attn_mask forbids, or a batch whose keys are all padding."""
    size, argument, one = Size(4, 4, 2), row["mask"].partition(" ")[0], row["inputs"] == "one tensor"
    mask = np.zeros((4, 4) if argument == "attn_mask" else (2, 4), bool)
    mask[_ROW if argument == "attn_mask" else _BATCH] = True
    given: Any = np.where(mask, -np.inf, 0.0).astype(form.dtype) if "inf" in row["mask"] else mask
    plain = case(variant, form, seed, Properties(size, "no mask", one, row["inputs"])).call
    call = replace(plain, upstream=np.ones_like(plain.query), **{argument: given})
    words = f"{row['mask']} without a key{', one tensor' * one}"
    return AttentionCase(call, words, f"{words}, {size}{', batch first' * one}")


def _row_text(one: AttentionCase, given: AttentionResult) -> str:
    """What the row's output is, and whether the gradients are numbers."""
    output = np.asarray(batched(one.call, given.output), np.float64)
    row = output[:, _ROW] if "attn_mask" in one.tag else output[_BATCH]
    told = _kind(one.module, row)
    if given.gradients:
        lost = [n for n, g in given.gradients.items() if np.isnan(np.asarray(g, np.float64)).any()]
        told += f"; gradients with NaN: {', '.join(sorted(lost))}" if lost else "; no gradient is NaN"
    return told


def _kind(module: Module, row: Array) -> str:
    if np.isnan(row).all():
        return "NaN"
    if np.isnan(row).any():
        return f"{_OTHER}, some of them NaN"
    bias = module.weights.get("out_proj_bias", np.zeros(row.shape[-1]))
    if np.array_equal(row, np.broadcast_to(np.asarray(bias, np.float64), row.shape)):
        return "weights of 0 (the output's bias alone)"
    return _OTHER


def _message(behaviour: dict[str, str]) -> str:
    """One line: who answers what, most frequent first."""
    kinds: dict[str, list[str]] = {}
    for key, told in behaviour.items():
        path, weights, _ = key.split(", ", 2)
        kinds.setdefault(told.partition(";")[0], []).append(f"{path} ({weights})")
    if not kinds:
        return ""
    parts = [f"{told} in {', '.join(dict.fromkeys(keys))}" for told, keys in kinds.items()]
    differ = "the paths differ on a row whose keys are all masked" if len(kinds) > 1 else "a row without keys"
    return f"{differ}: {'; '.join(parts)}"
