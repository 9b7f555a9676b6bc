"""Which questions catch a faulty backend: those of its owner first, then all others about its activations.

Of each the questions come first that tell a fault at quick, and then those that quick asks too, since most of
them take less.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Literal

from actcheck.conformance.model import Context, Failure, Finding, Level, Question
from actcheck.conformance.run.asking import ask
from actcheck.conformance.run.questions import Selection, select
from actcheck.reference.specification.loading import load_all
from tests.zoo.model import FaultyBackend

#: Ask the owner's questions until one tells a fault; the others as well; every question, whatever was told.
Extent = Literal["owner", "first", "every"]


@dataclass(frozen=True)
class Result:
    """What became of one faulty backend."""

    backend: FaultyBackend
    #: Ids of the questions that told a fault, in the order in which they were asked, with their faults.
    told: dict[str, tuple[str, ...]]
    asked: int
    #: Processor time.
    seconds: float

    @property
    def caught(self) -> bool:
        """Some question told a fault."""
        return bool(self.told)

    @property
    def owned(self) -> bool:
        """A question of the owner told one."""
        return any(fnmatchcase(question, self.backend.owner) for question in self.told)

    @property
    def whats(self) -> set[str]:
        """The names of all faults told."""
        return {what for whats in self.told.values() for what in whats}


@cache
def questions(level: Level) -> dict[str, tuple[Question, ...]]:
    """All questions of a level, by activation."""
    found: dict[str, list[Question]] = {}
    for question in select(Selection(tuple(load_all().values()), level)):
        found.setdefault(question.activation, []).append(question)
    return {activation: tuple(asked) for activation, asked in found.items()}


def put(backend: FaultyBackend, level: Level, extent: Extent = "first") -> Result:
    """Ask questions of a level."""
    start, asked, told = time.process_time(), 0, dict[str, tuple[str, ...]]()
    likely = put(backend, "quick", extent).told if level != "quick" and extent != "every" else {}
    context = Context(backend.make(), level)
    for question in _in_order(backend, level, extent, likely):
        asked += 1
        whats = _told(question, context)
        if whats:
            told[question.id] = whats
            if extent != "every":
                break
    return Result(backend, told, asked, time.process_time() - start)


def _in_order(
    backend: FaultyBackend, level: Level, extent: Extent, likely: Collection[str]
) -> Iterator[Question]:
    about = [q for activation in backend.activations for q in questions(level).get(activation, ())]
    cheap = {q.id for activation in backend.activations for q in questions("quick").get(activation, ())}
    about.sort(key=lambda q: (q.id not in likely, q.id not in cheap))
    owned = [q for q in about if fnmatchcase(q.id, backend.owner)]
    yield from owned
    if extent != "owner":
        yield from (q for q in about if q not in owned)


def _told(question: Question, context: Context) -> tuple[str, ...]:
    """The faults of an answer, by their names; a backend that breaks is caught, too."""
    answer = ask(question, context)
    if isinstance(answer, Failure):
        assert answer.who == "backend", answer
        return ("error",)
    return tuple(dict.fromkeys(f.what for f in answer.faults)) if isinstance(answer, Finding) else ()
