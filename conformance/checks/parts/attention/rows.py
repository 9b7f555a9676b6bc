"""Rows of attention whose keys are all masked: not defined, so recorded for each path and not judged.

Such a row must stay by itself: the results of all other queries and batches are judged as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from actcheck.adapters.base import AttentionResult
from actcheck.conformance.checks.parts.attention.accuracy import answered
from actcheck.conformance.checks.parts.attention.calls import Array, AttentionCase, Size, batched, case
from actcheck.conformance.checks.parts.attention.results import AnsweredCase, AttentionAnswers
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.attention.exact import Module
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.model import Variant

#: The query, or the batch, that has no key left.
_ROW, _BATCH = 1, 1


def masked_rows(question: Question, context: Context) -> Finding:
    """What each path does with a row without keys, in notes and message; all other rows are judged."""
    form = FORMATS[question.format]
    asked = AttentionAnswers(context.adapter, form, tagged=True)
    behaviour: dict[str, str] = {}
    for one in _cases(question.variant, form, context.seed):
        exactly = AnsweredCase(one, form)
        for path in context.adapter.attention_paths():
            for needed in (True, False):
                given = asked.ask(exactly, path, need_weights=needed)
                if given is not None:
                    key = f"{path}, {'weights' if needed else 'no weights'}, {one.tag}"
                    behaviour[key] = _row_text(one, given)
    answer = answered(question, asked)
    if question.variant.parameters["add_bias_kv"] or question.variant.parameters["add_zero_attn"]:
        return replace(answer, message="appended rows are never masked: every row has a key")
    notes = {**answer.notes, "masked_rows": behaviour}
    return replace(answer, notes=notes, message=_message(behaviour), grade=None, verdict=None)


def _cases(variant: Variant, form: Format, seed: int) -> Iterator[AttentionCase]:
    """A query whose keys attn_mask forbids, and a batch whose keys are all padding."""
    one: bool = variant.parameters["kdim"] is None and variant.parameters["vdim"] is None
    for name in ("attn_mask", "key_padding_mask"):
        kinds = ("", "one tensor") if one else ("",)
        for kind in kinds:
            plain = case(variant, form, seed, Size(4, 4, 2), "no mask", kind != "", form_of=kind)
            mask = np.zeros((4, 4) if name == "attn_mask" else (2, 4), bool)
            mask[_ROW if name == "attn_mask" else _BATCH] = True
            call = replace(plain.call, upstream=np.ones_like(plain.call.query), **{name: mask})  # type: ignore[arg-type]
            words = f"{name} without a key{f', {kind}' if kind else ''}"
            yield AttentionCase(call, words, f"{words}, {Size(4, 4, 2)}{', batch first' if kind else ''}")


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
        return "NaN in part"
    bias = module.weights.get("out_proj_bias", np.zeros(row.shape[-1]))
    if np.array_equal(row, np.broadcast_to(np.asarray(bias, np.float64), row.shape)):
        return "weights of 0 (the output's bias alone)"
    return "other numbers"


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
