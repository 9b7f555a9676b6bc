"""The ledger of a sweep: what each finished task found, on disk as soon as it is known."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

import platformdirs

from actcheck.conformance.backends.fingerprint import code_digest, key_of
from actcheck.conformance.model import Question
from actcheck.conformance.sweep.job import BLOCK, FACTORS, TASK, tasks
from actcheck.conformance.sweep.parts import Part, packed, total, unpacked


def folder() -> Path:
    """Where ledgers lie: in the user's cache folder, or under ``ACTCHECK_CACHE`` where it is set."""
    chosen = os.environ.get("ACTCHECK_CACHE")
    return (Path(chosen) if chosen else platformdirs.user_cache_path("actcheck")) / "sweeps"


class Ledger:
    """Parts by the start of their task; a line that a crash cut off is dropped."""

    def __init__(self, path: Path, starts: range) -> None:
        self.path, self.starts = path, starts
        self.parts: dict[int, Part] = {}
        if path.exists():
            self._read()

    @classmethod
    def of(cls, question: Question, identity: list[str]) -> Ledger:
        """The ledger of a question; another backend, specification or code has another."""
        facts = {
            "code": code_digest(),
            "backend": identity,
            "spec": question.spec.digest,
            "question": [question.variant.label, question.quantity, question.format],
            "sizes": [BLOCK, TASK, FACTORS],
        }
        return cls(folder() / f"{question.activation}-{key_of(facts)}.jsonl", tasks(question))

    def _read(self) -> None:
        sound = 0
        with self.path.open("rb") as stream:
            for line in stream:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    if line.endswith(b"\n"):
                        entry = json.loads(line)
                        self.parts[int(entry["start"])] = unpacked(entry["part"])
                        sound += len(line)
                        continue
                break
        os.truncate(self.path, sound)

    @property
    def left(self) -> list[int]:
        """The tasks that are not done."""
        return [start for start in self.starts if start not in self.parts]

    def add(self, start: int, part: Part) -> None:
        """Write down what a task found; it survives the end of this process."""
        self.parts[start] = part
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as stream:
            stream.write(json.dumps({"start": start, "part": packed(part)}).encode() + b"\n")

    def total(self) -> Part:
        """Everything found so far."""
        return total([self.parts[start] for start in sorted(self.parts)])

    def clear(self) -> None:
        """Forget everything."""
        self.parts.clear()
        self.path.unlink(missing_ok=True)
