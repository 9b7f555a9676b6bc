"""Faults as the results hold them: those of a check, and the distinct ones behind all checks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from actcheck.conformance.json_values import Count, Hex

Interval = tuple[float, float]
_ONE, _NAN = Hex(1.0), Hex(math.nan)


@dataclass(frozen=True)
class RangeRecord:
    """A run of inputs, both ends included."""

    low: Hex
    high: Hex


@dataclass(frozen=True)
class ExampleRecord:
    """One input at which a fault shows."""

    x: Hex
    got: Hex
    expected: Hex
    #: What the quantity was multiplied by.
    upstream: Hex = _ONE


@dataclass(frozen=True)
class CallRecord:
    """One call of a question that puts many, and the element of a result at which a fault shows."""

    words: str
    result: str = ""
    index: tuple[Count, ...] = ()
    got: Hex = _NAN
    expected: Hex = _NAN


@dataclass(frozen=True, kw_only=True)
class FaultRecord:
    """One thing that is wrong, as a known deviation names it."""

    what: str
    message: str
    #: An error in ULP, a count, ..., whatever the kind of fault is bounded by.
    size: Hex | None = None
    ranges: tuple[RangeRecord, ...] = ()
    example: ExampleRecord | None = None
    #: The call in which it shows, where no single input tells it.
    call: CallRecord | None = None
    #: What the known deviations say of it; empty where none excuses it.
    known: str = ""

    @property
    def spans(self) -> tuple[Interval, ...]:
        """The ranges of inputs that it affects, both ends included."""
        return tuple((run.low, run.high) for run in self.ranges)


#: How much a fault matters, the most first: wrong for inputs such as networks have, or no answer to an
#: ordinary call; wrong in the tails and at the ends of the format; at NaN, infinities and special upstreams;
#: signs of zeros, other bits, side effects; parameters, defaults, other formats, and what is printed.
Gravity = Literal["ordinary", "tail", "special", "sign", "parameter"]
GRAVITIES: tuple[Gravity, ...] = get_args(Gravity)


@dataclass(frozen=True, kw_only=True)
class DistinctFault:
    """Faults of many checks that have one cause, as far as the data show."""

    #: What ``actcheck reproduce`` calls it; from 1 on in a document.
    number: Count
    kind: str
    gravity: Gravity
    #: The fault in plain words.
    sentence: str
    activations: tuple[str, ...]
    quantities: tuple[str, ...]
    formats: tuple[str, ...]
    variants: tuple[str, ...]
    #: The ids of the checks that see it.
    checks: tuple[str, ...]
    #: The check that shows it most clearly, and what that says.
    shown_by: str
    what: str
    message: str
    example: ExampleRecord | None = None
    #: What the known deviations say of it; empty where it stands.
    known: tuple[str, ...] = ()
