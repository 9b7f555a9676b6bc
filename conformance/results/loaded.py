"""Results as they are read back: one record a document, one record a check."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from actcheck.conformance.model import OUTCOMES

Interval = tuple[float, float]


@dataclass(frozen=True)
class RangeRecord:
    """A run of inputs, both ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class ClassRecord:
    """One class of wrong answers: how often, where first, and over which inputs."""

    count: int
    first: float | None = None
    ranges: tuple[RangeRecord, ...] = ()


@dataclass(frozen=True)
class WorstRecord:
    """The input with the largest error."""

    x: float
    got: float
    expected: float

    @property
    def of_sum(self) -> bool:
        """Whether it is the error of a sum, which has no one input: x is NaN then."""
        return math.isnan(self.x)


@dataclass(frozen=True)
class SegmentRecord:
    """A run of inputs and the largest error on it, in ULP."""

    low: float
    high: float
    ulp: float


@dataclass(frozen=True)
class CheckRecord:
    """One check of the results; a field that the check does not have is None or empty."""

    id: str
    activation: str
    variant: Mapping[str, Any]
    format: str
    quantity: str
    check: str
    outcome: str
    grade: str | None = None
    points: int | None = None
    exhaustive: bool | None = None
    max_ulp: Interval | None = None
    max_scaled_ulp: Interval | None = None
    not_correctly_rounded: int | None = None
    not_faithful: int | None = None
    classes: Mapping[str, ClassRecord] = field(default_factory=dict)
    worst: WorstRecord | None = None
    message: str = ""
    rerun: str = ""
    #: Points by error, in the bins of `verdict.EDGES`.
    histogram: tuple[int, ...] = ()
    #: The largest error over runs of inputs, from a sweep.
    segments: tuple[SegmentRecord, ...] = ()
    seconds: float | None = None
    #: What a check recorded beside: a kink's convention, the framework's defaults.
    notes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def label(self) -> str:
        """The variant in short: ``default``, or ``alpha=0.5,beta=2``."""
        return ",".join(f"{name}={value}" for name, value in self.variant.items()) or "default"

    @property
    def known(self) -> str:
        """How its maxima are known: ``proven`` where every input was judged, else ``seen``."""
        return "proven" if self.exhaustive else "seen"

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What makes it the same check in another document."""
        return (self.check, self.activation, self.label, self.format, self.quantity)


@dataclass(frozen=True)
class BackendRecord:
    """What was tested."""

    name: str
    framework: str = ""
    version: str = ""
    device: str = ""
    #: Anything else that the adapter says of itself.
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """One results document."""

    backend: BackendRecord
    checks: tuple[CheckRecord, ...]
    complete: bool = True
    level: str = ""
    profile: str = "standard"
    seed: int | None = None
    spec_digest: str = ""
    environment: Mapping[str, Any] = field(default_factory=dict)
    #: The file's name, for messages and labels.
    source: str = ""

    @cached_property
    def summary(self) -> dict[str, int]:
        """How many checks had each outcome, counted from the checks themselves."""
        counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        for check in self.checks:
            counts[check.outcome] += 1
        return counts
