"""`kinks`: where the derivative jumps, and the floats next to it; value, slope and convention.

At the kink itself any value between the one-sided derivatives is right, and the one that the backend
returns is recorded as its convention; beside it the derivative of that side is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.asker import Asker, calling
from actcheck.conformance.checks.parts.shared.bit_comparison import distinct
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.model import Answer, Context, Fault, Finding, Level, Question
from actcheck.conformance.sampling import places
from actcheck.reference.evaluation import mp
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.allowed import allow
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import (
    ORDERS,
    Bound,
    bind,
    constant,
    finite_kinks,
    kinks_at,
)
from actcheck.reference.specification.model import Piece, Spec

Array = NDArray[Any]
QUANTITIES = ("forward", "gradient")
#: Floats on either side of the one nearest to a kink.
NEIGHBOURS = 2
#: Elements of the array that is asked: a vector body, and a tail of every length.
_LENGTH = 67
#: Closer to a kink than any float.
_BESIDE = Fraction(1, 2**1200)


class Kinks:
    """Values and slopes at every kink and at the floats beside it."""

    name = "kinks"

    def questions(self, spec: Spec, level: Level) -> Iterator[Question]:
        """Value and slope of every variant in every format, at every level."""
        for variant in spec.variants if spec.elementwise else ():
            for quantity in QUANTITIES if kinks_at(spec, variant) else ():
                for form in FORMATS:
                    yield Question(self.name, spec, variant, form, quantity)

    def answer(self, question: Question, context: Context) -> Answer:
        """Judge the points of each kink by the side on which they lie."""
        form, bound = FORMATS[question.format], bind(question.spec, question.variant)
        at_kinks = [Place.of(bound, at) for at in kinks_at(question.spec, question.variant)]
        near = np.concatenate([places.around(form, [p.at], NEIGHBOURS) for p in at_kinks])
        x = np.resize(near, _LENGTH)
        with calling(f"a call at x = {x[0]}"):
            y = Asker.of(question, context).points(x)
        faults = [f for p in at_kinks for f in _faults(question, context, bound, p, form, x, y)]
        notes = {}
        if question.quantity == "gradient":
            notes = _notes(question, bound, at_kinks, x, y)
        return Finding(tuple(dict.fromkeys(faults)), points=len(near), notes=notes)


@dataclass(frozen=True)
class Place:
    """A kink, and the cases of the definition on both sides of it."""

    at: float
    below: int
    above: int

    @classmethod
    def of(cls, bound: Bound, at: float) -> Place:
        """The kink nearest to a binary64 number."""
        ends = (Fraction(float(np.nextafter(at, end))) for end in (-np.inf, np.inf))
        return cls(at, *(bound.select(end) for end in ends))

    def slope(self, bound: Bound, case: int, quantity: str = "gradient") -> float:
        """The one-sided value of a quantity at the kink."""
        node = bound.differentiated[ORDERS[quantity]][case].value
        return float(mp.to_fraction(mp.evaluate(node, {"x": Fraction(self.at)})))

    def side(self, bound: Bound, x: float) -> str:
        """``at``, ``below`` or ``above``: at is where the cases on both sides of x differ."""
        cases = {bound.select(Fraction(x) - _BESIDE), bound.select(Fraction(x) + _BESIDE)}
        if len(cases) > 1:
            return "at"
        return "below" if cases == {self.below} else "above"


def _faults(
    question: Question,
    context: Context,
    bound: Bound,
    place: Place,
    form: Format,
    x: Array,
    y: Array,
) -> Iterator[Fault]:
    """Those of one kink; each side is judged by itself."""
    keys = form.keys(places.around(form, [place.at], NEIGHBOURS))
    here = np.flatnonzero(np.isin(form.keys(x), keys))
    sides = np.array([place.side(bound, float(v)) for v in x[here]])
    for side in ("below", "at", "above"):
        at = here[sides == side]
        if len(at):
            for fault in _judged(question, context, bound, form, x[at], y[at]):
                yield replace(fault, message=f"{fault.message}; {_where(question, bound, place, side)}")


def _judged(
    question: Question, context: Context, bound: Bound, form: Format, x: Array, y: Array
) -> Iterator[Fault]:
    at = distinct(form, x, y)
    judged = judged_exactly(bound, question.quantity, form, x[at], y[at])
    if judged.correct.all() and not any(hit.any() for hit in judged.classes.values()):
        return
    allowed = grading.tolerance(question.spec, question.quantity, question.format)
    yield from faults_of(context.profile, judged, allowed)


def judged_exactly(
    bound: Bound, quantity: str, form: Format, x: Array, y: Array, upstream: float | Array = 1.0
) -> Points:
    """A few results, settled by Arb, each distinct one once; no certificate is needed."""
    with np.errstate(invalid="ignore"):  # signalling NaN patterns
        wide = x.astype(np.float64), y.astype(np.float64)
    factor = np.broadcast_to(np.asarray(upstream, np.float64), x.shape)
    judged = Points(bound, quantity, form, form.keys(x), *wide, factor)
    nan = np.isnan(judged.x)
    judged.open[nan] = False
    judged.classes["wrong_nan"] |= nan & ~np.isnan(judged.y)
    judged.correct[judged.classes["wrong_nan"]] = False
    judged.judge_each(np.flatnonzero(judged.open))
    allow(judged)
    return judged


def _where(question: Question, bound: Bound, place: Place, side: str) -> str:
    told = {"below": "it lies below the kink", "at": "it is the kink", "above": "it lies above the kink"}
    kind = "slope" if question.quantity == "gradient" else "value"
    ends = (place.slope(bound, case, question.quantity) for case in (place.below, place.above))
    low, high = (numerals.both(end) for end in ends)
    beside = f"{low} on both sides" if low == high else f"{low} from below, {high} from above"
    return f"{told[side]} at {numerals.both(place.at)}, with the {kind} {beside}"


def _notes(question: Question, bound: Bound, places: list[Place], x: Array, y: Array) -> dict[str, Any]:
    """The slopes at the kinks that are floats of the format: the backend's convention beside torch's."""
    told, convention = [], {}
    kinks = finite_kinks(question.spec, question.variant)
    for (kink, _), place in zip(kinks, places, strict=True):
        at = x.astype(np.float64) == place.at
        if not at.any() or place.side(bound, place.at) != "at":
            continue
        seen = np.unique(y[at].astype(np.float64)).tolist()
        torch = constant((Piece((), kink.torch),), question.variant.parameters)
        convention[repr(place.at)] = seen[0] if len(seen) == 1 else seen
        told.append(
            {
                "at": place.at.hex(),
                "got": [v.hex() for v in seen],
                "below": place.slope(bound, place.below).hex(),
                "above": place.slope(bound, place.above).hex(),
                "torch": torch.hex(),
                "same": seen == [torch],
            }
        )
    return {"convention": convention, "kinks": told} if told else {}
