"""A judged part of a sample: its verdict, and the few points that say what is wrong and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import class_faults, error_faults, graded
from actcheck.conformance.judging.grading import Tolerance
from actcheck.conformance.model import PROFILES, Finding, Profile, Question
from actcheck.reference.formats import FORMATS
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.verdict import Verdict, merged
from actcheck.reference.specification.binding import bind

Array = NDArray[Any]
#: More points that tell are thinned again.
_MANY = 1 << 18


@dataclass(frozen=True)
class Sample:
    """What was found of some inputs, and those among them that tell about it, with their results."""

    verdict: Verdict
    x: Array
    y: Array

    @classmethod
    def of(cls, question: Question, x: Array, y: Array) -> Sample:
        """Judge results y at inputs x, two arrays of the question's format."""
        points = _points(question, x, y)
        return cls(points.verdict(), *_thinned(question, points, x, y))

    @classmethod
    def nothing(cls) -> Sample:
        """A sample without inputs."""
        return cls(Verdict(), np.empty(0), np.empty(0))

    @classmethod
    def joined(cls, question: Question, samples: Sequence[Sample]) -> Sample:
        """Samples as one."""
        x, y = (np.concatenate([getattr(s, name) for s in samples]) for name in ("x", "y"))
        if len(x) > _MANY:
            x, y = _thinned(question, _points(question, x, y), x, y)
        return cls(merged(s.verdict for s in samples), x, y)

    def finding(self, question: Question, profile: Profile) -> Finding:
        """The grade of all inputs, and the faults as the points that tell show them."""
        _, once = np.unique(FORMATS[question.format].keys(self.x), return_index=True)
        points = _points(question, self.x[once], self.y[once])
        allowed = _allowed(question)
        faults = [*class_faults(self.verdict, points, whole=False), *error_faults(profile, points, allowed)]
        grade = graded(self.verdict, allowed, [points])
        return Finding(tuple(faults), grade, self.verdict, self.verdict.points, exhaustive=False)


def _points(question: Question, x: Array, y: Array) -> Points:
    return Points.of(bind(question.spec, question.variant), question.quantity, FORMATS[question.format], x, y)


def _allowed(question: Question) -> Tolerance:
    return grading.tolerance(question.spec, question.quantity, question.format)


def _thinned(question: Question, points: Points, x: Array, y: Array) -> tuple[Array, Array]:
    kept = _telling(points, _allowed(question))
    return x[kept], y[kept]


def _telling(points: Points, allowed: Tolerance) -> NDArray[np.int64]:
    """The largest errors, a point of each binade, and of one with something wrong its largest errors and both
    ends: what is right parts the runs of what is wrong."""
    if not len(points.x):
        return np.empty(0, np.int64)
    order = np.argsort(points.keys, kind="stable")
    binades = points.keys[order] >> (points.form.precision - 1)
    kept = [np.array([points.high.argmax(), points.scaled_high.argmax()])]
    kept.append(order[np.flatnonzero(np.diff(binades, prepend=binades[0] - 1))])
    beyond = [allowed.exceeded(profile, points.high, points.scaled_high) for profile in PROFILES]
    for hit in (*beyond, *points.classes.values()):
        if hit.any():
            kept += _of_binades(points, order[hit[order]])
    return np.unique(np.concatenate(kept))


def _of_binades(points: Points, at: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Of some points in the order of their keys the first and last of each binade, and its largest errors."""
    binade = points.keys[at] >> (points.form.precision - 1)
    starts = np.flatnonzero(np.diff(binade, prepend=binade[0] - 1))
    yield at[starts]
    yield at[np.append(starts[1:], len(at)) - 1]
    for errors in (points.high[at], points.scaled_high[at]):
        top = np.repeat(np.maximum.reduceat(errors, starts), np.diff(np.append(starts, len(at))))
        yield at[np.flatnonzero(errors == top)][:_MANY]
