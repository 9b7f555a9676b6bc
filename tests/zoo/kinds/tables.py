"""Faulty backends of random and structured activations and of attention, from the tables of their own."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

from tests.support.faults import planted_attention, planted_structured
from tests.zoo.model import FaultyBackend

_KINDS = {"randomness": "randomness", "structure": "structure", "attention": "attention"}
#: What the check lets pass as yet, by the fault's name.
_MISSED = dict.fromkeys(
    ("weight gradient summed over the wrong axis", "weight gradient of all channels"),
    "quick asks the weight gradient of the defaults alone, which have one weight",
)


def _faults() -> Iterator[FaultyBackend]:
    for name, (adapter, owner, what) in (planted_structured.FAULTS | planted_attention.FAULTS).items():
        check, activation = owner.split("-")[:2]
        kind = "attention" if activation == "multihead_attention" else _KINDS.get(check, "structure")
        make = partial(deepcopy, adapter)
        yield FaultyBackend(
            f"{activation}: {name}",
            (activation,),
            name,
            kind,
            make,
            owner,
            what=what,
            missed=_MISSED.get(name, ""),
        )


FAULTS = tuple(_faults())
