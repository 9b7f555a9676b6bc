"""The suite as pytest tests: one test for each question. See `plugin` for the options."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actcheck.conformance.model import Question
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.run.failure_text import failure_text


def test_conforms(question: Question, put: Callable[[Question], CheckResult]) -> None:
    """Put the question to the backend; its outcome is the test's."""
    asked = put(question)
    match asked.record.outcome:
        case "fail" | "error":
            pytest.fail(failure_text(question, asked), pytrace=False)
        case "unsupported":
            pytest.skip(asked.record.message)
        case "known_deviation":
            pytest.xfail(asked.record.message)
