"""The questions that see planted faults of activations with structure raise no alarm without them."""

from __future__ import annotations

import pytest

from actcheck.adapters.base import Adapter
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.conformance.model import Context, Finding, Level, Question
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all
from tests.support.faults import (
    planted_attention,
    planted_halves,
    planted_prelu,
    planted_random,
    planted_structured,
)
from tests.support.thorough import one_in

FAULTS = (
    planted_structured.FAULTS
    | planted_random.FAULTS
    | planted_prelu.FAULTS
    | planted_halves.FAULTS
    | planted_attention.FAULTS
)


def question(identity: str, level: Level = "full") -> Question:
    (found,) = select(Selection(tuple(load_all().values()), level, checks=(identity,)))
    return found


def answered(identity: str, adapter: Adapter, seed: int = 0) -> Finding:
    answer = ask(question(identity), Context(adapter, seed=seed))
    assert isinstance(answer, Finding), answer
    return answer


@pytest.mark.parametrize("identity", one_in(4, sorted({identity for _, identity, _ in FAULTS.values()})))
def test_without_a_fault_there_is_no_alarm_over_3_seeds(identity: str) -> None:
    alarms = {
        seed: found.faults for seed in range(3) if (found := answered(identity, NumpyAdapter(), seed)).faults
    }
    assert not alarms
