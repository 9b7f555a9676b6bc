"""Known deviations: data that excuses the faults it names, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from actcheck.conformance.model import Fault, Question


@dataclass(frozen=True)
class Split:
    """The faults of an answer, parted by what the known deviations say of them."""

    #: Faults that no entry excuses.
    left: tuple[Fault, ...]
    excused: tuple[Fault, ...] = ()
    #: What the entries that excuse them say, each once.
    reasons: tuple[str, ...] = ()
    #: Which entry and which of its excuses were seen.
    seen: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Book:
    """The known deviations of one backend."""

    def split(self, question: Question, faults: tuple[Fault, ...]) -> Split:
        """Part the faults into those that stand and those that are excused."""
        return Split(faults)
