"""The same inputs in other places: which inputs to put there, and how results differ, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.backends.guard.copies import differing
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.judging.grading import tolerance
from actcheck.conformance.model import Example, Fault, Profile, Question
from actcheck.conformance.sampling import places
from actcheck.reference.formats import FORMATS, Format, first_of_pairs, sorted_keys
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import runs_of
from actcheck.reference.specification.binding import bind, kinks_at

Array = NDArray[Any]
#: Inputs spread over the whole format, and such of ordinary size.
_SPREAD, _ORDINARY = 160, 96


def probes(question: Question, seed: int) -> Array:
    """Special values, kinks with their neighbours, some of every size and many of ordinary size, in order."""
    form = FORMATS[question.format]
    wide = places.stratified(form, kinks_at(question.spec, question.variant), seed, _SPREAD)
    ordinary = np.random.default_rng([seed, _ORDINARY]).normal(0, 3, _ORDINARY).astype(form.dtype)
    return places.ordered(form, wide, ordinary)


@dataclass(frozen=True)
class BitComparison:
    """Results y of inputs x somewhere, beside the results that the same inputs have elsewhere."""

    #: What a known deviation names, such as ``differs:length``.
    what: str
    x: Array
    y: Array
    elsewhere: Array
    #: Where an element stood, by its index.
    place: Callable[[int], str]
    #: Where the others stood.
    other: str
    #: What to do about a difference.
    advice: str
    #: More about all elements that differ, which the mask tells.
    more: Callable[[Array], str] = lambda _: ""

    @cached_property
    def equal(self) -> bool:
        """All bits are the same."""
        return not len(differing(self.y, self.elsewhere))

    def faults(self, form: Format) -> Iterator[Fault]:
        """One for numbers that differ, ``what``; one for NaN against a number, ``what:nan``."""
        if self.equal:
            return
        nan, elsewhere = np.isnan(self.y), np.isnan(self.elsewhere)
        far = apart(form.keys(self.y), form.keys(self.elsewhere))
        far[nan | elsewhere] = 0
        if (nan != elsewhere).any():
            yield self._fault(form, f"{self.what}:nan", nan != elsewhere, None)
        if far.any():
            yield self._fault(form, self.what, far > 0, far)

    def wrong(self, question: Question, profile: Profile) -> Iterator[Fault]:
        """What is wrong with results that are not the others: those are proven elsewhere, these are not.

        Each pair of input and result is held against the exact value once, as `accuracy` does it.
        """
        if self.equal:
            return
        form, bound = FORMATS[question.format], bind(question.spec, question.variant)
        apart = np.flatnonzero(form.keys(self.y) != form.keys(self.elsewhere))
        at = apart[distinct(form, self.x[apart], self.y[apart])]
        points = Points.of(bound, question.quantity, form, self.x[at], self.y[at])
        points.right = np.setdiff1d(form.keys(self.x), points.keys)
        allowed = tolerance(question.spec, question.quantity, form.name)
        for fault in faults_of(profile, points, allowed) if len(at) else ():
            first = int(at[np.argmax(inside(self.x[at], fault.inputs))])
            yield replace(fault, message=f"{fault.message}; {self.place(first)}, not {self.other}")

    def _fault(self, form: Format, what: str, hit: Array, apart: Array | None) -> Fault:
        at = int(np.argmax(hit if apart is None else apart))
        known, wrong = sorted_keys(form.keys(self.x)), sorted_keys(form.keys(self.x[hit]))
        spans = numerals.spans(form, runs_of(known, wrong))
        example = Example(*(float(v[at]) for v in (self.x, self.y, self.elsewhere)))
        x, y, other = (numerals.both(v) for v in (example.x, example.got, example.expected))
        told = f"{what}: x = {x}: {y} {self.place(at)}, but {other} {self.other}"
        size = None if apart is None else float(apart.max())
        far = "" if size is None else f", at most {numerals.count(int(size), 'float')} apart"
        count = f"so for {len(wrong):,} of {numerals.count(len(known), 'input')}{far}"
        where = f"x in {numerals.ranges(spans)}{self.more(hit)}"
        return Fault(what, f"{told}; {count}, {where}; {self.advice}", size, spans, example)


def apart(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distances of keys: exact for one sign, as numbers of 64 bits across zero may not be."""
    return np.where((a < 0) == (b < 0), np.abs(a - b).astype(np.float64), np.abs(a.astype(np.float64) - b))


def distinct(form: Format, x: Array, y: Array) -> NDArray[np.int64]:
    """One index of each pair of input and result: an input may stand in many places."""
    return first_of_pairs(form.keys(x), form.keys(y))


def inside(x: Array, spans: Sequence[tuple[float, float]]) -> NDArray[np.bool_]:
    """Which inputs lie in one of the closed ranges; that of NaN is (nan, nan)."""
    wide, found = x.astype(np.float64), np.zeros(x.shape, bool)
    for low, high in spans:
        found |= np.isnan(wide) if np.isnan(low) else (wide >= low) & (wide <= high)
    return found
