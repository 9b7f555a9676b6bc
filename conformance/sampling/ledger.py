"""The ledger of a sampled sweep: what each part found, on disk as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from actcheck.conformance.backends.fingerprint import code_digest, key_of
from actcheck.conformance.model import Question
from actcheck.conformance.sampling.drawing import PART, parts
from actcheck.conformance.sweep.ledger import folder


class SampleLedger:
    """Parts, as JSON values, by their number; a line that a crash cut off is dropped."""

    def __init__(self, path: Path, count: int) -> None:
        self.path, self.numbers = path, range(parts(count))
        self.parts: dict[int, dict[str, Any]] = {}
        if path.exists():
            self._read()

    @classmethod
    def of(cls, question: Question, identity: list[str], seed: int, count: int) -> SampleLedger:
        """The ledger of a sample of a question; another backend, specification or code has another."""
        facts = {
            "code": code_digest(),
            "backend": identity,
            "spec": question.spec.digest,
            "question": [question.variant.label, question.quantity, question.format],
            "sample": [seed, count, PART],
        }
        return cls(folder() / f"{question.activation}-{key_of(facts)}.jsonl", count)

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
        """The parts that are not done."""
        return [number for number in self.numbers if number not in self.parts]

    def add(self, number: int, part: dict[str, Any]) -> None:
        """Write down what a part found; it survives the end of this process."""
        self.parts[number] = part
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as stream:
            stream.write(json.dumps({"number": number, "part": part}).encode() + b"\n")

    def clear(self) -> None:
        """Forget everything."""
        self.parts.clear()
        self.path.unlink(missing_ok=True)
