"""From results to findings: the verdict, its grade, and the faults that a profile does not pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.grading import Tolerance
from actcheck.conformance.model import Example, Fault, Finding, Grade, Profile, Question
from actcheck.reference.formats import FORMATS, sorted_keys
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.pointwise import judge_point
from actcheck.reference.judging.verdict import CLASSES, Verdict, merged
from actcheck.reference.specification.binding import bind

Array = NDArray[Any]


def finding(
    question: Question, profile: Profile, x: Array, y: Array, exhaustive: bool | None = None
) -> Finding:
    """Judge results y at inputs x of an element-wise activation, grade them, and list the faults."""
    bound = bind(question.spec, question.variant)
    points = Points.of(bound, question.quantity, FORMATS[question.format], x, y)
    return finding_of(question, profile, [points], exhaustive)


def finding_of(
    question: Question, profile: Profile, parts: Sequence[Points], exhaustive: bool | None = None
) -> Finding:
    """Grade judged points together, and list their faults; the budget is the question's."""
    verdicts = [points.verdict() for points in parts]
    verdict = merged(verdicts)
    allowed = grading.tolerance(question.spec, question.quantity, question.format)
    faults = [f for p, v in zip(parts, verdicts, strict=True) for f in class_faults(v, p)]
    faults += [f for p in parts for f in error_faults(profile, p, allowed)]
    grade = graded(verdict, allowed, parts)
    return Finding(tuple(faults), grade, verdict, verdict.points, exhaustive)


def faults_of(profile: Profile, points: Points, allowed: Tolerance) -> list[Fault]:
    """The faults of judged points: one for each class, and one for each run of errors beyond the budgets."""
    classes = any(hit.any() for hit in points.classes.values())
    # A verdict looks closely at the largest errors, for which there is no need without a class.
    found = list(class_faults(points.verdict(), points)) if classes else []
    return found + error_faults(profile, points, allowed)


def graded(verdict: Verdict, allowed: Tolerance, parts: Sequence[Points]) -> Grade:
    """The grade of a verdict on points that are at hand, or that the worst of each binade are among.

    The largest error and the largest scaled error may lie at different points, none of which exceeds both
    budgets: then the results are within the scaled budget where they are not within the other one.
    """
    found = grading.grade(verdict, allowed)
    if found != "loose" or allowed.scaled is None:
        return found
    beyond = any(allowed.exceeded("standard", p.high, p.scaled_high).any() for p in parts)
    return "loose" if beyond else "scaled"


def class_faults(verdict: Verdict, points: Points, *, whole: bool = True) -> Iterator[Fault]:
    """One fault for each class of wrong answers; no profile passes any.

    The points are all of the verdict's, or (not ``whole``) some, the first of each class among them; then
    every input counts once.
    """
    form = points.form
    for name in CLASSES:
        seen = verdict.classes.get(name)
        if seen is None:
            continue
        ranges = numerals.spans(form, seen.ranges)
        found = np.flatnonzero(points.classes[name] & (points.keys == seen.first))
        example = _example(points, int(found[0])) if len(found) else None
        if example:
            told = f"{_point_text(example)} ({_class_text(name, example.got, example.expected)})"
        else:
            told = f"x = {numerals.both(form.value(seen.first))}, but not when asked again"
        message = f"{name}: {told}"
        inputs = len(sorted_keys(points.keys[points.classes[name]])) if whole else seen.count
        if inputs > 1:
            message += f"; so for {numerals.count(inputs, 'input')}, x in {numerals.ranges(ranges)}"
        yield Fault(name, message, float(seen.count), ranges, example)


def _class_text(name: str, got: float, expected: float) -> str:
    match name:
        case "wrong_nan":
            return "NaN where there is a value" if np.isnan(got) else "a value where there is none"
        case "wrong_infinity" if np.isinf(got) and np.isinf(expected):
            return "infinity of the wrong sign"
        case "wrong_infinity":
            return "infinite, but the exact value is not" if np.isinf(got) else "the exact value is infinite"
        case "wrong_zero_sign":
            return "zero of the wrong sign"
    return "zero, but the exact value is a normal number"


def error_faults(
    profile: Profile, points: Points, allowed: Tolerance, right: Sequence[int] = ()
) -> list[Fault]:
    """One fault for each run of binades in which errors beyond the budgets lie, the worst first.

    They are told by the scaled error where that counts. ``right`` are binades without such errors, by the
    high bits of their keys, of which no point is at hand: they part runs as well.
    """
    beyond = _beyond(profile, points, allowed)
    scaled = profile == "standard" and allowed.scaled is not None
    errors = points.scaled_high if scaled else points.high
    faults = [_fault(points, errors, at, allowed, scaled=scaled) for at in _runs(points, beyond, right)]
    return sorted(faults, key=lambda fault: -(fault.size or 0))


def _beyond(profile: Profile, points: Points, allowed: Tolerance) -> Array:
    """Which points are beyond the budgets: those that cannot be proven to be within them.

    Where an enclosure holds a budget, the point is settled by itself.
    """
    beyond: Array = allowed.exceeded(profile, points.high, points.scaled_high)
    proven = allowed.exceeded(profile, points.low, points.scaled_low)
    points.judge_each(np.flatnonzero(beyond & ~proven))
    settled: Array = allowed.exceeded(profile, points.high, points.scaled_high)
    return settled


def _runs(points: Points, beyond: Array, right: Sequence[int]) -> Iterator[Array]:
    """The indices of the flagged points, by runs of binades that hold one; zeros with the subnormals."""
    order = np.argsort(points.keys, kind="stable")
    binades = points.keys[order] >> (points.form.precision - 1)
    flagged = sorted_keys(binades[beyond[order]])
    # Binades without a point do not part a run.
    beside = points.right >> (points.form.precision - 1)
    judged = sorted_keys(binades, beside, np.array(right, np.int64))
    places = np.searchsorted(judged, flagged)
    for run in np.split(flagged, np.flatnonzero(np.diff(places) > 1) + 1):
        if len(run):
            inside = order[(binades >= run[0]) & (binades <= run[-1])]
            yield inside[beyond[inside]]


def _fault(points: Points, errors: Array, at: Array, allowed: Tolerance, *, scaled: bool) -> Fault:
    worst = int(at[np.argmax(errors[at])])
    size = float(errors[worst])
    span = float(points.x[at[0]]), float(points.x[at[-1]])
    # Near a root of the derivative the one says little without the other.
    error = f"{numerals.ulp(float(points.high[worst]))} ULP"
    budget = numerals.ulp(allowed.ulp)
    if scaled and allowed.scaled is not None:
        error += f", {numerals.ulp(size)} scaled ULP"
        budget += f", {numerals.ulp(allowed.scaled)} scaled"
    example = _example(points, worst)
    message = (
        f"{_point_text(example)}, error {error} "
        f"(budget {budget}); beyond it for x in {numerals.ranges((span,))}"
    )
    return Fault("max_scaled_ulp" if scaled else "max_ulp", message, size, (span,), example)


def _example(points: Points, at: int) -> Example:
    """Input, result and exact value of one point."""
    x, y, upstream = (float(values[at]) for values in (points.x, points.y, points.upstream))
    if np.isnan(x):
        return Example(x, y, x, upstream)
    judged = judge_point(points.bound, points.quantity, points.form, x, y, upstream)
    return Example(x, y, judged.expected, upstream)


def _point_text(point: Example) -> str:
    times = "" if point.upstream == 1 else f", times {numerals.both(point.upstream)}"
    got, expected = numerals.both(point.got), numerals.both(point.expected)
    return f"x = {numerals.both(point.x)}{times}: got {got}, expected {expected}"
