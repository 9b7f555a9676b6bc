"""The nouns of the suite: a question, what was found, and what it amounts to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from actcheck.reference.spec import Variant
from actcheck.reference.verdict import Verdict

Level = Literal["quick", "full", "exhaustive"]
Profile = Literal["strict", "standard"]
Grade = Literal["exact", "faithful", "tight", "budget", "scaled", "loose"]
Outcome = Literal["pass", "fail", "known_deviation", "stale_deviation", "unsupported", "error"]
LEVELS: tuple[Level, ...] = ("quick", "full", "exhaustive")
OUTCOMES: tuple[Outcome, ...] = (
    "pass",
    "fail",
    "known_deviation",
    "stale_deviation",
    "unsupported",
    "error",
)


@dataclass(frozen=True)
class Question:
    """One check put to one variant, format and quantity of one backend."""

    check: str
    activation: str
    variant: Variant
    format: str
    quantity: str

    @property
    def id(self) -> str:
        """Stable and readable: ``accuracy-gelu-approximate=tanh-float32-forward``."""
        return "-".join((self.check, self.activation, self.variant.label, self.format, self.quantity))


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in a form that a known deviation can name."""

    #: What kind of fault: a class (wrong_nan, ...), ``max_ulp``, ``accepted:alpha=0``, ...
    what: str
    #: One sentence for a person: input in hex, got, expected, error.
    message: str
    #: How large, where that has a meaning (an error in ULP): an excuse states its bound.
    size: float | None = None
    #: Closed ranges of inputs that it affects, as floats; an excuse must cover them.
    inputs: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Finding:
    """What a check measured: the fields of the results, and the faults."""

    faults: tuple[Fault, ...] = ()
    grade: Grade | None = None
    verdict: Verdict | None = None
    points: int | None = None
    exhaustive: bool | None = None
    #: Anything a report shows beside (a kink convention, where a parameter was refused).
    notes: Mapping[str, Any] = field(default_factory=dict)
    #: One line for a person, when there is no fault.
    message: str = ""


@dataclass(frozen=True)
class NotApplicable:
    """The backend's reason why the question has no answer."""

    reason: str


Answer = Finding | NotApplicable
