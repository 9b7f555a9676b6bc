"""The results of a run: what is written is what is read. One record a document, one record a check.

How each becomes JSON, and what is refused on the way back, is said by the types here and in `json_form`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from actcheck.conformance.json_values import Count, Ends, Hex, Ulp
from actcheck.conformance.model import OUTCOMES, Grade, Outcome, Profile
from actcheck.conformance.results.fault_records import DistinctFault, FaultRecord, RangeRecord


@dataclass(frozen=True)
class ClassRecord:
    """One class of wrong answers: how often, where first, and over which inputs."""

    count: Count
    first: Hex | None = None
    ranges: tuple[RangeRecord, ...] = ()


@dataclass(frozen=True)
class WorstRecord:
    """The input with the largest error."""

    x: Hex
    got: Hex
    expected: Hex

    @property
    def of_sum(self) -> bool:
        """Whether it is the error of a sum, which has no one input: x is NaN then."""
        return math.isnan(self.x)


@dataclass(frozen=True)
class SegmentRecord:
    """A run of inputs and the largest error on it, in ULP."""

    low: Hex
    high: Hex
    ulp: Ulp


@dataclass(frozen=True, kw_only=True)
class CheckRecord:
    """One check of the results; a field that the check does not have is None or empty."""

    id: str
    activation: str
    #: The parameters that differ from the defaults.
    variant: Mapping[str, Any]
    format: str
    quantity: str
    check: str
    outcome: Outcome
    grade: Grade | None = None
    points: Count | None = None
    max_ulp: Ends | None = None
    max_scaled_ulp: Ends | None = None
    not_correctly_rounded: Count | None = None
    not_faithful: Count | None = None
    classes: Mapping[str, ClassRecord] | None = None
    #: Points that are right in the number model alone, by what that allows.
    allowed: Mapping[str, Count] | None = None
    #: Points by error, in the bins of `verdict.EDGES`.
    histogram: tuple[Count, ...] = ()
    worst: WorstRecord | None = None
    exhaustive: bool | None = None
    #: The largest error over runs of inputs, from a sweep.
    segments: tuple[SegmentRecord, ...] | None = None
    seconds: float | None = None
    backend_seconds: float | None = None
    points_per_second: float | None = None
    #: What a check recorded beside: a kink's convention, the framework's defaults.
    notes: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    #: All that is wrong, excused or not.
    faults: tuple[FaultRecord, ...] = ()
    #: A command that puts the question again.
    rerun: str = ""

    @cached_property
    def label(self) -> str:
        """The variant in short: ``default``, or ``alpha=0.5,beta=2``."""
        return ",".join(f"{name}={value}" for name, value in self.variant.items()) or "default"

    @property
    def standing(self) -> tuple[FaultRecord, ...]:
        """The faults that no known deviation excuses."""
        return tuple(fault for fault in self.faults if not fault.known)

    @property
    def told(self) -> tuple[str, ...]:
        """What a person reads of the outcome, each fault that stands for itself."""
        faults = tuple(fault.message for fault in self.standing) if self.outcome == "fail" else ()
        return faults or ((self.message,) if self.message else ())

    @property
    def wrong(self) -> Mapping[str, ClassRecord]:
        """The classes of wrong answers that were seen."""
        return self.classes or {}

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
    #: Anything else that the adapter says of itself: beside the other fields in JSON.
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Results:
    """One results document."""

    complete: bool = True
    backend: BackendRecord
    environment: Mapping[str, Any] = field(default_factory=dict)
    level: str = ""
    profile: Profile = "standard"
    #: The arithmetic that the results were judged in (see `number_models`).
    number_model: str = "ieee"
    #: Whose conventions the results were judged by (see `dialects`).
    dialect: str = "torch"
    seed: int | None = None
    spec_digest: str = ""
    #: How long the questions took that were put since the run was started, or continued.
    seconds: float | None = None
    #: By check, how many questions of the full level this level does not ask.
    left_out: Mapping[str, Count] = field(default_factory=dict)
    checks: tuple[CheckRecord, ...]
    #: The distinct faults behind the checks, the most serious first.
    faults: tuple[DistinctFault, ...] = ()
    #: The file's name, for messages and labels; it is not written.
    source: str = ""

    @cached_property
    def summary(self) -> dict[str, int]:
        """How many checks had each outcome, counted from the checks themselves."""
        counts: dict[str, int] = dict.fromkeys(OUTCOMES, 0)
        for check in self.checks:
            counts[check.outcome] += 1
        return counts

    @cached_property
    def unasked(self) -> tuple[str, ...]:
        """The quantities of which no question was answered: all were unsupported."""
        answered = {c.quantity for c in self.checks if c.outcome != "unsupported"}
        asked = {c.quantity for c in self.checks}
        return tuple(q for q in ("forward", "gradient", "second_derivative") if q in asked - answered)

    @property
    def left_out_text(self) -> str:
        """What the level did not ask: ``1,024 questions (544 of accuracy, 480 of shapes)``."""
        most = sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))
        told = ", ".join(f"{number:,} of {check}" for check, number in most)
        return f"{sum(self.left_out.values()):,} questions ({told})"

    @property
    def failed(self) -> bool:
        """Whether anything failed or broke."""
        return bool(self.summary["fail"] or self.summary["error"])
