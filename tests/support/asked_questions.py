"""Putting one question by its id, for the tests of the checks."""

from __future__ import annotations

from actcheck.adapters.base import Adapter
from actcheck.conformance.model import Answer, Context, Finding, Level, Profile, Question
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all


def questions(check: str, level: Level = "quick") -> list[Question]:
    """All questions of a check."""
    return select(Selection(tuple(load_all().values()), level, checks=(check,)))


def answer(
    identity: str, adapter: Adapter, seed: int = 0, profile: Profile = "standard", level: Level = "full"
) -> Answer:
    """What a check says of one question."""
    (question,) = questions(identity, level)
    found = ask(question, Context(adapter, level, profile, seed))
    assert isinstance(found, Answer), found
    return found


def finding(
    identity: str, adapter: Adapter, seed: int = 0, profile: Profile = "standard", level: Level = "full"
) -> Finding:
    """The same, where there is something to find."""
    found = answer(identity, adapter, seed, profile, level)
    assert isinstance(found, Finding), found
    return found


def whats(found: Finding) -> set[str]:
    """The names of the faults."""
    return {fault.what for fault in found.faults}
