"""A worker under supervision: it leaves a trace when it dies, and ends itself when a question hangs."""

from __future__ import annotations

import contextlib
import faulthandler
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from actcheck.conformance.run.supervisor import PLAN


@dataclass(frozen=True)
class Watch:
    """What a supervised worker knows of its run."""

    #: Ids of questions that are answered already.
    done: frozenset[str]
    #: Seconds for a question.
    timeout: float
    trace: IO[str]

    @contextlib.contextmanager
    def over_question(self) -> Iterator[None]:
        """End the process when the time is up. faulthandler's own thread needs no lock of Python's."""
        faulthandler.dump_traceback_later(self.timeout, exit=True, file=self.trace)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def start(folder: Path, worker: str) -> Watch:
    """Read the plan of a supervised run and keep traces of fatal errors beside it."""
    plan = json.loads((folder / PLAN).read_text("utf-8"))
    trace = (folder / f"{worker}.trace").open("w", encoding="utf-8")
    faulthandler.enable(file=trace)
    return Watch(frozenset(plan["done"]), plan["timeout"], trace)
