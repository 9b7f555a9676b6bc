"""A few examples of everything that is fuzzed, the same each time; `python -m tests.fuzz` draws others."""

from __future__ import annotations

import math
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import programs
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


@pytest.mark.parametrize(
    "shape",
    [[3.0], [0, 10**25], [10**4000] * 32, [2**48] * 32, [0, 2**48, 2**48], [1e18, 0], [math.inf]],
    ids=lambda s: str(s)[:30],
)
def test_shapes_that_no_array_has_are_one_message(shape: list[Any]) -> None:
    said = []
    with mock.patch.object(programs, "check", said.append):
        programs.read_program((programs.line(programs.HELLO), programs.line({**programs.OK, "shape": shape})))
    (told,) = said
    programs.check(told)
    assert "the program fuzzed" in told


def test_a_document_is_damaged() -> None:
    seen = []

    @settings(max_examples=20, derandomize=True, database=None)
    @given(damaged({"a": [1, {"b": "c"}], "d": 2}), st.just(None))
    def draw(drawn: object, _: None) -> None:
        seen.append(drawn)

    draw()
    assert sum(document != {"a": [1, {"b": "c"}], "d": 2} for document in seen) > 10
