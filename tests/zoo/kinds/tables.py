"""Faulty backends from tables of their own: what is random, structured or attention, upstreams and calls."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

from tests.support.faults import (
    planted_attention,
    planted_attention_calls,
    planted_calls,
    planted_halves,
    planted_modules,
    planted_numbers,
    planted_prelu,
    planted_random,
    planted_structured,
    planted_upstreams,
)
from tests.zoo.model import FaultyBackend

#: Of a check; upstreams and second derivatives are asked by `accuracy`.
_KINDS = {
    "randomness": "randomness",
    "structure": "structure",
    "in_place": "in place",
    "module_form": "module",
    "consistency": "state",
    "defaults": "default",
    "refused_parameters": "refused parameter",
}
#: Few wrong numbers, by the check that sees them.
_OF_NUMBERS = {"accuracy": "range", "dtypes": "dtype"}
#: Variants that a level asks in a format of its choice.
_ANY_FORMAT = ("weight gradient summed over the wrong axis", "weight gradient of all channels")


def _by_question() -> Iterator[FaultyBackend]:
    """Tables of a backend, the question that catches it, and the fault."""
    tables = (
        planted_structured,
        planted_random,
        planted_prelu,
        planted_halves,
        planted_attention,
        planted_numbers,
    )
    for table in tables:
        for name, (adapter, question, what) in table.FAULTS.items():
            check, activation = question.split("-")[:2]
            kind = "attention" if activation == "multihead_attention" else _KINDS.get(check, "structure")
            kind = _OF_NUMBERS.get(check, kind) if table is planted_numbers else kind
            owner = question.replace("float32", "*") if name in _ANY_FORMAT else question
            told = f"{activation}: {name}"
            yield FaultyBackend(told, (activation,), name, kind, partial(deepcopy, adapter), owner, what=what)


def _of_calls() -> Iterator[FaultyBackend]:
    """Upstreams, parts of tensors, modules: each with the pattern of its questions."""
    for table in (planted_upstreams, planted_calls, planted_modules):
        for fault in table.planted():
            check, activation = fault.question.split("-")[:2]
            kind = "upstream" if table is planted_upstreams else _KINDS.get(check, "state")
            yield FaultyBackend(
                f"{activation}: {fault.name}",
                (activation,),
                fault.name,
                kind,
                partial(deepcopy, fault.adapter),
                fault.question,
                "full" if fault.full else "quick",
                because="asked at full alone" if fault.full else "",
                what=fault.what,
            )


def _of_attention_calls() -> Iterator[FaultyBackend]:
    """Attention that is wrong for some calls, seen by any question of a quantity."""
    for name, (adapter, quantity) in planted_attention_calls.FAULTS.items():
        told, owner = f"multihead_attention: {name}", f"attention-*-{quantity}"
        make = partial(deepcopy, adapter)
        yield FaultyBackend(told, ("multihead_attention",), name, "attention", make, owner)


FAULTS = (*_by_question(), *_of_calls(), *_of_attention_calls())
