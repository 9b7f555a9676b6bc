"""Known deviations: data that excuses the faults it names, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from packaging.version import InvalidVersion, Version

from actcheck.conformance.model import LEVELS, Fault, Level

#: Stands for every variant, format, quantity, ...
ALL = ("*",)
#: What a drafted entry says of its cause.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Excuse:
    """One kind of fault, up to a size, at some inputs."""

    what: str
    #: The largest size that is excused; None excuses any.
    up_to: float | None = None
    #: Closed ranges that must hold every input of the fault; None excuses any. NaN is (nan, nan).
    inputs: tuple[tuple[float, float], ...] | None = None

    def covers(self, fault: Fault) -> bool:
        """Whether the fault is one of these, no larger, and nowhere else."""
        if fault.what != self.what:
            return False
        if self.up_to is not None and (fault.size is None or not fault.size <= self.up_to):
            return False
        if self.inputs is None:
            return True
        return bool(fault.inputs) and all(self._holds(span) for span in fault.inputs)

    def _holds(self, span: tuple[float, float]) -> bool:
        if math.isnan(span[0]):
            return any(math.isnan(low) for low, _ in self.inputs or ())
        return any(low <= span[0] and span[1] <= high for low, high in self.inputs or ())


class Named(Protocol):
    """What has the names that entries go by: a question, or the record of a check."""

    @property
    def activation(self) -> str: ...
    @property
    def check(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Deviation:
    """A known deviation: where it shows, what is excused, and what a person should know of it."""

    activation: tuple[str, ...]
    check: tuple[str, ...]
    excuses: tuple[Excuse, ...]
    seen: str
    why: str
    variant: tuple[str, ...] = ALL
    formats: tuple[str, ...] = ALL
    quantity: tuple[str, ...] = ALL
    issue: str | None = None
    since: str | None = None
    until: str | None = None
    #: From this level on it must be seen; below, the points may miss it.
    level: Level = "quick"
    #: File and line, for messages.
    place: str = ""

    def names(self, asked: Named) -> bool:
        """Whether a question, or what came of it, is among those that the entry names."""
        # Asked of every entry for every question: what tells most comes first.
        return (
            (asked.activation in self.activation or self.activation == ALL)
            and (asked.check in self.check or self.check == ALL)
            and (asked.format in self.formats or self.formats == ALL)
            and (asked.quantity in self.quantity or self.quantity == ALL)
            and (self.variant == ALL or asked.label in self.variant)
        )

    def applies(self, version: str) -> bool:
        """Whether the entry is about this version of the framework; one that is no version always is."""
        try:
            this = Version(version)
            return (self.since is None or this >= Version(self.since)) and (
                self.until is None or this < Version(self.until)
            )
        except InvalidVersion:
            return True

    def must_show(self, level: Level) -> bool:
        """Whether a run at this level is sure to see the deviation, if it is still there."""
        return LEVELS.index(level) >= LEVELS.index(self.level)

    @property
    def reason(self) -> str:
        """What is seen and why, in a line, with the upstream issue."""
        return f"{self.seen} ({self.why})" + (f" {self.issue}" if self.issue else "")


@dataclass(frozen=True)
class SplitFaults:
    """The faults of an answer, parted by what the known deviations say of them."""

    #: Each fault with what the entries say that excuse it; nothing where none does.
    told: tuple[tuple[Fault, str], ...] = ()
    #: What the entries that excuse any say, each once.
    reasons: tuple[str, ...] = ()
    #: Which entry and which of its excuses were seen.
    seen: tuple[tuple[int, int], ...] = ()

    @property
    def left(self) -> tuple[Fault, ...]:
        """Faults that no entry excuses."""
        return tuple(fault for fault, reason in self.told if not reason)


@dataclass(frozen=True)
class KnownDeviations:
    """The known deviations of one backend."""

    entries: tuple[Deviation, ...] = ()
    #: The framework's version: entries about others rest.
    version: str = ""

    def resting(self, entry: Deviation) -> bool:
        """Whether the entry is about other versions."""
        return not entry.applies(self.version)

    def split(self, asked: Named, faults: Sequence[Fault]) -> SplitFaults:
        """Part the faults of a question into those that stand and those that are excused."""
        covering = [(fault, list(self._covering(asked, fault))) for fault in faults]
        seen = tuple(sorted({pair for _, pairs in covering for pair in pairs}))
        told = tuple((fault, "\n".join(self._reasons(pairs))) for fault, pairs in covering)
        return SplitFaults(told, self._reasons(seen), seen)

    def _reasons(self, pairs: Iterable[tuple[int, int]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.entries[entry].reason for entry, _ in pairs))

    def _covering(self, asked: Named, fault: Fault) -> Iterator[tuple[int, int]]:
        for number, entry in enumerate(self.entries):
            if entry.names(asked) and not self.resting(entry):
                yield from ((number, i) for i, excuse in enumerate(entry.excuses) if excuse.covers(fault))
