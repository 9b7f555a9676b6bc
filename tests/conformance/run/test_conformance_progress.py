"""Progress while a run works."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator

import pytest

from actcheck.conformance.model import Outcome
from actcheck.conformance.results.model import CheckRecord
from actcheck.conformance.results.records import CheckResult
from actcheck.conformance.run.progress import progress_bar


def answer(activation: str, outcome: Outcome) -> CheckResult:
    about = {"format": "float32", "quantity": "forward", "check": "accuracy"}
    return CheckResult(CheckRecord(id="", activation=activation, variant={}, outcome=outcome, **about))


def test_lines_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    ticks: Iterator[float] = iter(x / 2 for x in range(1000))
    with progress_bar(100, stream, lambda: next(ticks)) as tell:
        for number in range(100):
            tell(answer("elu", "fail" if number % 10 == 0 else "pass"))
    lines = stream.getvalue().splitlines()
    assert 2 < len(lines) < 20
    assert lines[0].endswith("s left")
    assert "answered" in lines[0]
    assert "failed" in lines[0]


def test_what_comes_before_the_first_answer_is_not_the_pace() -> None:
    stream = io.StringIO()
    ticks = iter([0.0, 600.0, *(601.0 + i for i in range(20))])
    with progress_bar(21, stream, lambda: next(ticks)) as tell:
        for _ in range(21):
            tell(answer("elu", "pass"))
    assert stream.getvalue().splitlines()[0] == "2/21 answered, 0 failed, 19 s left"


def _read_to_the_end(terminal: int) -> str:
    """What was written to a terminal that nobody holds any more: past its end the system gives an error."""
    parts: list[bytes] = []
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 1 << 16):
            parts.append(part)
    return b"".join(parts).decode()


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    reading, writing = os.openpty()
    outcomes: tuple[Outcome, ...] = ("pass", "error", "pass")
    with os.fdopen(writing, "w") as stream, progress_bar(3, stream) as tell:
        for outcome in outcomes:
            tell(answer("e[l]u", outcome))
    text = _read_to_the_end(reading)
    os.close(reading)
    assert "3/3" in text
    assert "1 failed" in text
    assert "e[l]u" in text
