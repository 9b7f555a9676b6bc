"""The journal of a run: one JSON line for each question that was answered, kept until the run is done."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import cattrs

from actcheck.conformance.results.json_form import plain, restored
from actcheck.conformance.results.records import CheckResult
from actcheck.reference.machine.kept import made


class Journal:
    """Answers by question id, on disk as soon as they are known.

    A last line that was cut off by a crash is dropped; the question is put again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        #: What an earlier, interrupted run answered, and what this one adds.
        self.answers: dict[str, CheckResult] = {}
        made(path.parent)
        lines = list(_lines(path.read_bytes())) if path.exists() else []
        self.answers.update((asked.record.id, asked) for asked, _ in lines)
        if path.exists():
            os.truncate(path, lines[-1][1] if lines else 0)

    def add(self, asked: CheckResult) -> None:
        """Write down one answer; it survives the end of this process."""
        self.answers[asked.record.id] = asked
        with self.path.open("ab") as stream:
            stream.write(json.dumps(plain(asked)).encode() + b"\n")

    def clear(self) -> None:
        """Forget every answer: the run is done, or starts anew."""
        self.answers.clear()
        self.path.unlink(missing_ok=True)


def _lines(content: bytes) -> Iterator[tuple[CheckResult, int]]:
    """The answers in whole, sound lines, each with the length of the file up to its end."""
    end = 0
    for line in content.splitlines(keepends=True):
        with contextlib.suppress(ValueError, TypeError, cattrs.BaseValidationError):
            if line.endswith(b"\n"):
                asked = restored(CheckResult, json.loads(line))
                end += len(line)
                yield asked, end
                continue
        return
