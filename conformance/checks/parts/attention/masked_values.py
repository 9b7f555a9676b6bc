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
from actcheck.conformance.checks.parts.attention.asked import AnsweredCase, AskedCall
from actcheck.conformance.checks.parts.attention.calls import AttentionCase, Properties, Size, batched, case
from actcheck.conformance.checks.parts.attention.results import AttentionAnswers
from actcheck.conformance.checks.parts.attention.table import met
from actcheck.conformance.model import CallExample, Context, Fault, Finding, Level, Question
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
_LOST = "NaN in a query"


def masked_values(question: Question, context: Context) -> Finding:
    """The exact results are those of a call whose masked keys and values are 0."""
    asked = AttentionAnswers(context.adapter, FORMATS[question.format], True, context.level)
    for one in value_calls(question, context.level, context.seed):
        for path in context.adapter.attention_paths():
            given = asked.ask(one, path)
            if given is not None and one.exactly.case.tag == _LOST:
                asked.faults += _numbers(one, given, path)
    return answered(question, asked)


def value_calls(question: Question, level: Level, seed: int) -> Iterator[AskedCall]:
    """Every number in every masked place, then a query with NaN."""
    form = FORMATS[question.format]
    plain = case(question.variant, form, seed, Properties(_SIZE)).call
    for row in met(question, level, _FACTORS):
        masked, place = _masked(plain, row["mask"], form), row["place"]
        masked = replace(masked, need_weights=row["needed"])
        words = f"{row['number']} in a masked {place}, {row['mask']}, need_weights={row['needed']}, {_SIZE}"
        without = AttentionCase(_with_last(masked, place, 0.0), f"a masked {place}", words)
        call = _with_last(masked, place, _NUMBERS[row["number"]])
        yield AskedCall(AnsweredCase(without, form), instead=call)
    yield AskedCall(AnsweredCase(_lost_query(plain), form))


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
    return AttentionCase(replace(call, query=query), _LOST, f"{_LOST}, {_SIZE}")


def _numbers(one: AskedCall, given: AttentionResult, path: str) -> Iterator[Fault]:
    """A number where the query is NaN; that other queries stay by themselves is judged with all results."""
    row = np.asarray(batched(one.call(path), given.output), np.float64)[:, _QUERY]
    if not np.isnan(row).all():
        at = (*(int(i) for i in np.argwhere(~np.isnan(row))[0]),)
        told = f"output{[0, _QUERY]}, path {path}: {row[0].tolist()} for a query with NaN, expected NaN"
        shown = CallExample(one.words(path), "output", (at[0], _QUERY, at[1]), float(row[at]))
        yield Fault(f"wrong_nan:{_LOST}", told, call=shown)
