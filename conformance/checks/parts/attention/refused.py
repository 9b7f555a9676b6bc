"""Calls of multihead attention whose arrays do not go together: every path must refuse them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from actcheck.adapters.base import AttentionCall
from actcheck.conformance.backends.asker import FaultError, Refusal, UnsupportedError, tried
from actcheck.conformance.checks.parts.attention.calls import Properties, Size, case
from actcheck.conformance.model import Answer, Context, Fault, Finding, Question
from actcheck.reference.formats import FORMATS

#: No two sizes are equal, nor is one the number of heads.
_SIZE = Size(4, 7, 5)


class _Counts(NamedTuple):
    """L queries, S keys, N batches and H heads, as the names of shapes have them."""

    queries: int
    keys: int
    batches: int
    heads: int


#: Name of the argument to shapes it must not have.
_SHAPES: Mapping[str, Mapping[str, Callable[[_Counts], tuple[int, ...]]]] = {
    "attn_mask": {
        "S x L": lambda n: (n.keys, n.queries),
        "L": lambda n: (n.queries,),
        "L x S+1": lambda n: (n.queries, n.keys + 1),
        "L+1 x S": lambda n: (n.queries + 1, n.keys),
        "N x S": lambda n: (n.batches, n.keys),
        "N*H+1 x L x S": lambda n: (n.batches * n.heads + 1, n.queries, n.keys),
        "N*H x S x L": lambda n: (n.batches * n.heads, n.keys, n.queries),
        "N x H x L x S+1": lambda n: (n.batches, n.heads, n.queries, n.keys + 1),
    },
    "key_padding_mask": {
        "S x N": lambda n: (n.keys, n.batches),
        "N x L": lambda n: (n.batches, n.queries),
        "N x S+1": lambda n: (n.batches, n.keys + 1),
        "N+1 x S": lambda n: (n.batches + 1, n.keys),
    },
    # A number of batches or keys that the other inputs do not have.
    "key": {
        "one key fewer": lambda n: (n.batches, n.keys - 1),
        "one batch more": lambda n: (n.batches + 1, n.keys),
    },
    "value": {
        "one key more": lambda n: (n.batches, n.keys + 1),
        "one batch fewer": lambda n: (n.batches - 1, n.keys),
    },
}


def refused_masks(question: Question, context: Context) -> Answer:
    """Masks, boolean and float, and inputs of another shape."""
    return _refused(question, context, _misshapen)


def refused_sizes(question: Question, context: Context) -> Answer:
    """A number of heads that does not divide the features."""
    return _refused(question, context, _wrong_heads)


Bad = Callable[[AttentionCall], Iterator[tuple[str, AttentionCall]]]


def _wrong_heads(call: AttentionCall) -> Iterator[tuple[str, AttentionCall]]:
    embed = call.query.shape[-1]
    for heads in (3, 5, 16, 0, -1):
        if heads < 1 or embed % heads:
            yield f"num_heads={heads}", replace(call, num_heads=heads)


def _misshapen(call: AttentionCall) -> Iterator[tuple[str, AttentionCall]]:
    counts = _Counts(_SIZE.queries, _SIZE.keys, int(_SIZE.batches or 0), call.num_heads)
    for name, shapes in _SHAPES.items():
        for told, shape in shapes.items():
            for changed, words in _changed(call, name, shape(counts)):
                yield f"{name} of {told}{words}", changed


def _changed(call: AttentionCall, name: str, shape: tuple[int, ...]) -> Iterator[tuple[AttentionCall, str]]:
    dtype = call.query.dtype
    if name in ("key", "value"):
        array: Any = np.ones((*shape, getattr(call, name).shape[-1]), dtype)
        yield replace(call, **{name: array}), ""
        return
    for mask, words in ((np.zeros(shape, bool), ""), (np.zeros(shape, dtype), ", float")):
        given: Any = {name: mask}
        yield replace(call, **given), words


def _refused(question: Question, context: Context, bad: Bad) -> Finding:
    form, adapter = FORMATS[question.format], context.adapter
    right = case(question.variant, form, context.seed, Properties(_SIZE, batch_first=True)).call
    faults: list[Fault] = []
    reasons: dict[str, str] = {}
    refusals = 0
    for told, call in bad(right):
        for path in adapter.attention_paths():
            for shown in (False, True):
                asked = replace(call, path=path, need_weights=shown)
                try:
                    given = tried(partial(adapter.attention, asked))
                except UnsupportedError as error:
                    reasons[path] = str(error)
                    continue
                except FaultError as error:
                    where = f"path {path}, need_weights={shown}, {told}"
                    faults.append(Fault(f"raised:{told}", f"{where}: {error.fault.message}"))
                    continue
                if isinstance(given, Refusal):
                    refusals += 1
                    continue
                words = f"accepted {told}; the output has shape {given.output.shape}"
                faults.append(Fault(f"accepted:{told}", f"path {path}, need_weights={shown}: {words}"))
    if not refusals and not faults:
        raise UnsupportedError("; ".join(sorted(set(reasons.values()))))
    kinds = {fault.what: fault for fault in reversed(faults)}
    return Finding(
        tuple(kinds.values())[::-1], points=refusals + len(faults), message="" if faults else "all refused"
    )
