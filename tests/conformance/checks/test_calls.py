"""Backends wrong in one way of calling are caught by the check that owns it, and told by the right name."""

from __future__ import annotations

import pytest

from tests.support.asked_questions import finding, questions
from tests.support.faults import planted_calls, planted_modules, planted_upstreams
from tests.support.faults.altered import Planted

FAULTS = [*planted_upstreams.planted(), *planted_calls.planted(), *planted_modules.planted()]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_caught(fault: Planted) -> None:
    level = "full" if fault.full else "quick"
    found = [
        f for q in questions(fault.question, level) for f in finding(q.id, fault.adapter, level=level).faults
    ]
    assert any(f.what.startswith(fault.what) for f in found), [f.message for f in found]


def test_names_are_distinct() -> None:
    names = [(fault.name, fault.question) for fault in FAULTS]
    assert len(set(names)) == len(names) >= 45
