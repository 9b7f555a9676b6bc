"""What a person reads about one question: one screen, the worst first."""

from __future__ import annotations

from actcheck.conformance.model import Question
from actcheck.conformance.results.records import CheckResult

#: So many faults are told one by one.
SHOWN = 8


def failure_text(question: Question, asked: CheckResult) -> str:
    """The message of a question that failed or broke."""
    record = asked.record
    head = f"{question.activation} ({question.variant.label}), {question.format} {question.quantity}: "
    head += f"{question.check} {'broke' if record.outcome == 'error' else 'failed'}"
    lines = record.told
    more = len(lines) - SHOWN
    lines = (*lines[:SHOWN], *([f"and {more} faults more"] if more > 0 else []))
    return "\n".join([head, *(f"  {line}" for line in lines), f"  again: {record.rerun}"])
