"""The ledger of a sweep: what each finished task found, on disk as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from actcheck.conformance.backends.fingerprint import code_digest
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.job import BLOCK, FACTORS, TASK, tasks
from actcheck.conformance.sweep.partial_result import PartialResult, packed, total, unpacked
from actcheck.reference.judging.number_models import current
from actcheck.reference.machine.kept import folder, key_of, made


class Ledger:
    """Parts, as JSON values, by their number; a line that a crash cut off is dropped."""

    def __init__(self, path: Path, numbers: range) -> None:
        self.path, self.numbers = path, numbers
        self.parts: dict[int, dict[str, Any]] = {}
        if path.exists():
            self._read()

    @classmethod
    def of(cls, question: Question, identity: list[str], numbers: range, shape: Sequence[int]) -> Self:
        """The ledger of a question in parts of a shape; another backend, definition or code has another."""
        facts = {
            "code": code_digest(),
            "backend": identity,
            "spec": question.spec.digest,
            "question": [question.variant.label, question.quantity, question.format],
            "shape": list(shape),
            "number model": str(current()),
        }
        return cls(folder("sweeps") / f"{question.activation}-{key_of(facts)}.jsonl", numbers)

    def _read(self) -> None:
        sound = 0
        with self.path.open("rb") as stream:
            for line in stream:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    if line.endswith(b"\n"):
                        entry = json.loads(line)
                        self.parts[int(entry["number"])] = dict(entry["part"])
                        sound += len(line)
                        continue
                break
        os.truncate(self.path, sound)

    @property
    def left(self) -> list[int]:
        """The numbers of parts that are not done."""
        return [number for number in self.numbers if number not in self.parts]

    @property
    def done(self) -> list[dict[str, Any]]:
        """The parts that are done, in the order of their numbers."""
        return [self.parts[number] for number in sorted(self.parts)]

    def add(self, number: int, part: dict[str, Any]) -> None:
        """Write down what a part found; it survives the end of this process."""
        self.parts[number] = part
        made(self.path.parent)
        with self.path.open("ab") as stream:
            stream.write(json.dumps({"number": number, "part": part}).encode() + b"\n")

    def clear(self) -> None:
        """Forget everything."""
        self.parts.clear()
        self.path.unlink(missing_ok=True)


class SweepLedger(Ledger):
    """That of a sweep over all inputs: parts by the start of their task."""

    @classmethod
    def of_sweep(cls, question: Question, identity: list[str]) -> Self:
        """The ledger of a question."""
        return cls.of(question, identity, tasks(question), [BLOCK, TASK, FACTORS])

    def note(self, start: int, part: PartialResult) -> None:
        """Write down what a task found."""
        self.add(start, packed(part))

    def total(self) -> PartialResult:
        """Everything found so far."""
        return total([unpacked(part) for part in self.done])
