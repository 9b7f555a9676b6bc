"""`properties`: odd, even, monotone, in range; over all inputs of the formats of 16 bits.

They are judged between results, not against exact values: odd and even by equality, a range by its ends
rounded to the format. A function whose results are faithful (less than 1 ULP off) may step back by one
float where it is monotone, by two across a power of two: the standard profile notes how often that happens,
the strict one faults it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import Asker, calling
from actcheck.conformance.checks.parts.normalizing.held import row_properties
from actcheck.conformance.checks.parts.shared.everywhere import asked
from actcheck.conformance.model import (
    Answer,
    Context,
    Example,
    Fault,
    Finding,
    Level,
    Profile,
    Question,
)
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import bind, kinks_at
from actcheck.reference.specification.model import Spec
from actcheck.reference.sweeping.claims import Claim, claims

Array = NDArray[Any]
#: Strata of float32 and float64, and how many consecutive floats are asked in each.
COUNTS: dict[Level, int] = {"quick": 1_000, "full": 20_000, "exhaustive": 20_000}
_RUN = 16
#: Runs of places of a fault that are told apart.
_MOST_RUNS = 16


class Properties:
    """What the specification claims of the function must hold between its results."""

    name = "properties"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Forward, of every variant with a property and in every format, at every level."""
        if spec.kind == "normalizing":
            yield from asked(self.name, spec, level, ("forward",) if spec.properties else ())
        if not spec.elementwise:
            return
        for variant in spec.variants:
            if any(claims(bind(spec, variant))):
                for form in FORMATS:
                    yield Question(self.name, spec, variant, form, "forward")

    def answer(self, question: Question, context: Context) -> Answer:
        """Ask all inputs but NaN, or runs of consecutive floats in every stratum, and their negatives."""
        if question.spec.kind == "normalizing":
            return row_properties(question, context)
        form, bound = FORMATS[question.format], bind(question.spec, question.variant)
        x = _inputs(question, context)
        with calling(f"a call on {len(x):,} inputs"):
            y = Asker.of(question, context).points(x)
        seen = [_Seen.of(claim, form, x, y) for claim in claims(bound, form)]
        faults = [s.fault() for s in seen if s.is_fault(context.profile)]
        told = [s.fault().message for s in seen if len(s.at) and not s.is_fault(context.profile)]
        return Finding(
            tuple(faults),
            points=len(x),
            exhaustive=form.bits <= 16,
            notes={s.claim.name: s.note() for s in seen},
            message="; ".join(told),
        )


def _inputs(question: Question, context: Context) -> Array:
    """In increasing order, each with its negative; NaN is left to other checks."""
    form = FORMATS[question.format]
    if form.bits <= 16:
        x = places.every(form)
        return x[~np.isnan(x)]
    at = kinks_at(question.spec, question.variant)
    found = places.stratified(form, at, context.seed, COUNTS[context.level])
    keys = form.keys(np.abs(found[~np.isnan(found)]))
    keys = np.unique(np.add.outer(keys, np.arange(_RUN)))
    keys = keys[keys <= form.infinity_key]
    return form.values(np.concatenate([-keys[::-1] - 1, keys]))


@dataclass(frozen=True)
class _Seen:
    """Where a claim does not hold: at x[i], or between x[i - 1] and x[i]."""

    claim: Claim
    form: Format
    x: Array
    y: Array
    #: What each result should be, or the end that it is beyond.
    wanted: Array
    at: Array
    #: By how many floats each of them is off.
    steps: Array

    @classmethod
    def of(cls, claim: Claim, form: Format, x: Array, y: Array) -> _Seen:
        match claim.name:
            case "odd" | "even":
                wanted = -y[::-1] if claim.name == "odd" else y[::-1]
                # Told at the positive one of each pair.
                wrong = (y != wanted) & ~np.isnan(y) & ~np.isnan(wanted) & ~np.signbit(x)
            case "range":
                low, high = (np.array(end).astype(form.dtype) for end in (claim.low, claim.high))
                wanted = np.clip(y, low, high).astype(form.dtype)
                wrong = (y < low) | (y > high)
            case _:
                wanted = np.concatenate([y[:1], y[:-1]])
                wrong = y < wanted if claim.name == "increasing" else y > wanted
        at = np.flatnonzero(wrong)
        return cls(claim, form, x, y, wanted, at, np.abs(_distance(form, y[at], wanted[at])))

    @property
    def is_order(self) -> bool:
        return self.claim.name in ("increasing", "decreasing")

    def is_fault(self, profile: Profile) -> bool:
        if not len(self.at):
            return False
        return not (self.is_order and profile == "standard" and self._is_faithful())

    def _is_faithful(self) -> bool:
        """Whether results less than 1 ULP off may fall so: by one float, by two with a power of two between.

        Let the exact values be a <= b, their results y > w, all positive, u the unit of b. Both are less than
        u off, so that y - w < 2u, and neighbours from the binade of b on are u apart: y is next to w, unless
        w lies below the power of two p <= b. Then w > b - u is p - u/2, the float next to p, and b < p + u/2;
        y < a + u < p + 3u/2 is p + u at most, and p itself if a < p.
        """
        y, wanted = self.y[self.at], self.wanted[self.at]
        low, high = np.sort([self.form.keys(np.abs(v)) for v in (y, wanted)], axis=0)
        binade = 1 << (self.form.precision - 1)
        power = (high - 1) // binade * binade
        # The numbers below the second power are as far apart as those below the first.
        parted = (power > low) & (power >= 2 * binade) & (np.signbit(y) == np.signbit(wanted))
        return bool(((self.steps <= 1) | ((self.steps == 2) & parted)).all())

    def note(self) -> dict[str, Any]:
        """As a sweep notes it."""
        if not len(self.at):
            return {"broken": 0}
        first = self.x[self.at[0]]
        return {"broken": len(self.at), "first": float(first).hex(), "steps": int(self.steps.max())}

    def fault(self) -> Fault:
        """The worst place told in full."""
        worst = self.at[int(np.argmax(self.steps))]
        places = numerals.count(len(self.at), "pair" if self.is_pair else "input")
        ranges = self._ranges()
        message = f"{self.claim.name}: {self._told(int(worst))}; so for {places} of {len(self.x):,} asked"
        if len(self.at) > 1:
            message += f", x in {numerals.ranges(ranges)}"
        example = Example(*(float(v[worst]) for v in (self.x, self.y, self.wanted)))
        return Fault(self.claim.name, message, float(self.steps.max()), ranges, example)

    @property
    def is_pair(self) -> bool:
        return self.claim.name != "range"

    def _told(self, i: int) -> str:
        x, y, wanted = (float(v[i]) for v in (self.x, self.y, self.wanted))
        off = numerals.count(int(self.steps.max()), "float")
        here = f"f({numerals.both(x)}) is {numerals.both(y)}"
        if self.claim.name == "range":
            ends = (numerals.both(end) for end in (self.claim.low, self.claim.high))
            return f"{here}, {off} outside of the range from {' to '.join(ends)}"
        if self.is_order:
            before = float(self.x[i - 1])
            fall = "below" if self.claim.name == "increasing" else "above"
            return f"{here}, {off} {fall} f({numerals.both(before)}), which is {numerals.both(wanted)}"
        other = float(self.y[len(self.y) - 1 - i])
        return f"{here}, but f({numerals.both(-x)}) is {numerals.both(other)}, {off} off"

    def _ranges(self) -> tuple[tuple[float, float], ...]:
        """Runs of the places, in the order of the inputs; those with no input between them are one."""
        starts = np.flatnonzero(np.diff(self.at, prepend=-2) > 1)
        ends = np.append(starts[1:], len(self.at)) - 1
        runs = [(self.at[a], self.at[b]) for a, b in zip(starts, ends, strict=True)]
        if len(runs) > _MOST_RUNS:
            # So scattered, the runs say no more than their ends on either side of 0.
            sides = (self.at[np.signbit(self.x[self.at])], self.at[~np.signbit(self.x[self.at])])
            runs = [(side[0], side[-1]) for side in sides if len(side)]
        return tuple((float(self.x[a]), float(self.x[b])) for a, b in runs)


def _distance(form: Format, y: Array, other: Array) -> NDArray[np.int64]:
    """How many floats lie between; the zeros are one."""
    keys = [np.where(k < 0, k + 1, k) for k in (form.keys(y), form.keys(other))]
    return keys[0] - keys[1]
