"""NaN and infinities in attention: none may come out of a key that is masked, and a query's NaN must.

What a mask forbids is no part of the definition's sums; multiplied by a weight of 0 it would make them NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult
from actcheck.conformance.checks.parts.attention.accuracy import answered
from actcheck.conformance.checks.parts.attention.calls import AttentionCase, Properties, Size, batched, case
from actcheck.conformance.checks.parts.attention.results import AnsweredCase, AttentionAnswers
from actcheck.conformance.checks.parts.attention.table import met
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.reference.formats import FORMATS, Format

#: The queries and keys: with the causal mask nobody sees the last key.
_SIZE = Size(4, 5, 2)
_NUMBERS = {"NaN": np.nan, "infinity": np.inf, "-infinity": -np.inf}
#: What stands in the last key, which each kind of mask leaves out.
_FACTORS = {
    "mask": (
        "attn_mask",
        "attn_mask of -inf",
        "key_padding_mask",
        "key_padding_mask of -inf",
        "causal attn_mask",
    ),
    "number": tuple(_NUMBERS),
    "place": ("key", "value"),
    "needed": (False, True),
}
_QUERY = 1


def masked_values(question: Question, context: Context) -> Finding:
    """The exact results are those of a call whose masked keys and values are 0."""
    form, adapter = FORMATS[question.format], context.adapter
    asked = AttentionAnswers(adapter, form, True, context.level)
    plain = case(question.variant, form, context.seed, Properties(_SIZE)).call
    for row in met(question, context.level, _FACTORS):
        masked, place = _masked(plain, row["mask"], form), row["place"]
        masked = replace(masked, need_weights=row["needed"])
        words = f"{row['number']} in a masked {place}, {row['mask']}, need_weights={row['needed']}, {_SIZE}"
        exactly = AnsweredCase(
            AttentionCase(_with_last(masked, place, 0.0), f"a masked {place}", words), form
        )
        call = _with_last(masked, place, _NUMBERS[row["number"]])
        for path in adapter.attention_paths():
            asked.ask(exactly, path, call)
    one = _lost_query(plain)
    exactly = AnsweredCase(one, form)
    for path in adapter.attention_paths():
        given = asked.ask(exactly, path)
        if given is not None:
            asked.faults += _numbers(one, given, f"path {path}")
    return answered(question, asked)


def _masked(call: AttentionCall, name: str, form: Format) -> AttentionCall:
    queries, keys, batches = _SIZE.queries, _SIZE.keys, int(_SIZE.batches or 0)
    if name == "causal attn_mask":
        return replace(call, attn_mask=np.triu(np.ones((queries, keys), bool), 1))
    argument = name.partition(" ")[0]
    mask = np.zeros((queries if argument == "attn_mask" else batches, keys), bool)
    mask[:, -1] = True
    array: Any = np.where(mask, -np.inf, 0.0).astype(form.dtype) if "inf" in name else mask
    return replace(call, **{argument: array})


def _with_last(call: AttentionCall, name: str, number: float) -> AttentionCall:
    array: Any = getattr(call, name).copy()
    batched(call, array)[:, -1] = number
    return replace(call, **{name: array})


def _lost_query(call: AttentionCall) -> AttentionCase:
    query = call.query.copy()
    batched(call, query)[:, _QUERY, 0] = np.nan
    return AttentionCase(replace(call, query=query), "NaN in a query", f"NaN in a query, {_SIZE}")


def _numbers(one: AttentionCase, given: AttentionResult, where: str) -> Iterator[Fault]:
    """A number where the query is NaN; that other queries stay by themselves is judged with all results."""
    row = np.asarray(batched(one.call, given.output), np.float64)[:, _QUERY]
    if not np.isnan(row).all():
        told = f"output{[0, _QUERY]}, {where}: {row[0].tolist()} for a query with NaN, expected NaN"
        yield Fault("wrong_nan:NaN in a query", told)
