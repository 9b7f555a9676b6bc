"""Faulty backends of random and structured activations and of attention, from the tables of their own."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

from tests.support.faults import planted_attention, planted_structured
from tests.zoo.model import FaultyBackend

_KINDS = {"randomness": "randomness", "structure": "structure", "attention": "attention"}
#: Variants that a level asks in a format of its choice.
_ANY_FORMAT = ("weight gradient summed over the wrong axis", "weight gradient of all channels")


def _faults() -> Iterator[FaultyBackend]:
    for name, (adapter, question, what) in (planted_structured.FAULTS | planted_attention.FAULTS).items():
        check, activation = question.split("-")[:2]
        kind = "attention" if activation == "multihead_attention" else _KINDS.get(check, "structure")
        make = partial(deepcopy, adapter)
        owner = question.replace("float32", "*") if name in _ANY_FORMAT else question
        yield FaultyBackend(
            f"{activation}: {name}",
            (activation,),
            name,
            kind,
            make,
            owner,
            what=what,
        )


FAULTS = tuple(_faults())
