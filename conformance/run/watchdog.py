"""A worker under supervision: it leaves a trace when it dies, and ends itself when a question hangs."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import gc
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from actcheck.conformance.backends.process_memory import end_me_first
from actcheck.conformance.model import Settings
from actcheck.conformance.results.json_form import plain, restored

_PLAN = "plan.json"
#: Of Python's garbage collector (see `gc.set_threshold`).
_THRESHOLDS = (50_000, 20, 100)


@dataclass(frozen=True)
class Plan:
    """What a supervised run tells its workers, in a file of the folder that they share."""

    settings: Settings
    #: Ids of questions that are answered already.
    done: tuple[str, ...]
    #: Seconds for a question.
    timeout: float

    def write(self, folder: Path) -> None:
        """Leave the plan in a folder."""
        (folder / _PLAN).write_text(json.dumps(plain(self)), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> Plan:
        """The plan in a folder."""
        return restored(cls, json.loads((folder / _PLAN).read_text("utf-8")))


@dataclass
class Leaving:
    """How the process ends once all its questions are answered: without taking down what it loaded.

    A framework's own exit functions run before; what follows, freeing its modules one by one, takes seconds.
    """

    finished: bool = False

    def __post_init__(self) -> None:
        # Registered before the framework is loaded, and so called after its own.
        atexit.register(self._leave)

    def _leave(self) -> None:
        if self.finished:
            os._exit(0)


@dataclass(frozen=True)
class Watch:
    """A supervised worker: its plan, and where it leaves a trace when it dies."""

    plan: Plan
    trace: IO[str]
    leaving: Leaving

    @contextlib.contextmanager
    def over_question(self) -> Iterator[None]:
        """End the process when the time is up. faulthandler's own thread needs no lock of Python's."""
        faulthandler.dump_traceback_later(self.plan.timeout, exit=True, file=self.trace)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def collect_seldom() -> None:
    """Look for circles of garbage less often than Python does, and not among what is loaded already.

    A run makes many small objects, of which few form circles: the looking took an eighth of the time.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


def start(folder: Path, worker: str) -> Watch:
    """Read the plan of a supervised run and keep traces of fatal errors beside it."""
    trace = (folder / f"{worker}.trace").open("w", encoding="utf-8")
    faulthandler.enable(file=trace)
    end_me_first()
    return Watch(Plan.read(folder), trace, Leaving())
