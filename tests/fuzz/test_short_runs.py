"""A few examples of everything that is fuzzed, the same each time; `python -m tests.fuzz` draws others."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.documents import damaged
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_answers_and_messages(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=target.few,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.given)
    def read(drawn: object) -> None:
        target.read(drawn)

    read()


def test_a_document_is_damaged() -> None:
    seen = []

    @settings(max_examples=20, derandomize=True, database=None)
    @given(damaged({"a": [1, {"b": "c"}], "d": 2}), st.just(None))
    def draw(drawn: object, _: None) -> None:
        seen.append(drawn)

    draw()
    assert sum(document != {"a": [1, {"b": "c"}], "d": 2} for document in seen) > 10
