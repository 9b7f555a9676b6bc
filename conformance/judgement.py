"""From results to findings: the verdict, its grade, and the faults that a profile does not pass."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import grading, numerals
from actcheck.conformance.model import Fault, Finding, Profile, Question
from actcheck.reference.expression import ZERO
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging import judge
from actcheck.reference.verdict import Verdict, Worst

Array = NDArray[Any]
#: Runs of inputs beyond the budget that are told apart.
_RUNS = 12

_WORDING = {
    "wrong_nan": "NaN where the exact value is a number, or a number where it is NaN",
    "wrong_infinity": "infinity where the exact value is finite, or the reverse, or of the wrong sign",
    "wrong_zero_sign": "zero of the wrong sign",
    "lost_to_zero": "zero where the exact value is a normal number",
}


def wrong_form(x: Array, y: object) -> Fault | None:
    """The fault of a result that is not an array of the input's format and shape."""
    if not isinstance(y, np.ndarray):
        return Fault("wrong_format", f"returned a {type(y).__name__}, expected an array of {x.dtype}")
    if y.dtype != x.dtype:
        return Fault("wrong_format", f"returned {y.dtype} for an input in {x.dtype}, expected {x.dtype}")
    if y.shape != x.shape:
        return Fault("wrong_shape", f"returned shape {y.shape} for an input of shape {x.shape}")
    return None


def finding(
    question: Question, profile: Profile, x: Array, y: Array, exhaustive: bool | None = None
) -> Finding:
    """Judge results y at inputs x (in the order of their keys), grade them, and list the faults."""
    verdict = judge(question.spec, question.variant, question.quantity, x, y)
    allowed = grading.budget(question.spec, question.quantity, question.format)
    grade = grading.grade(verdict, allowed)
    faults = tuple(classes(question, profile, verdict))
    if not grading.passes(grade, profile):
        faults += tuple(beyond(question, profile, x, y, allowed))
    return Finding(faults, grade, verdict, verdict.points, exhaustive)


def classes(question: Question, profile: Profile, verdict: Verdict) -> Iterator[Fault]:
    """One fault for each class of wrong answers that the profile does not pass."""
    form = FORMATS[question.format]
    for name in grading.wrong_classes(profile):
        seen = verdict.classes.get(name)
        if seen is None:
            continue
        ranges = numerals.spans(form, seen.ranges)
        where = f"first at {numerals.both(form.value(seen.first))}; x in {numerals.ranges(ranges)}"
        message = f"{name}: {_WORDING[name]}, for {numerals.count(seen.count, 'input')}, {where}"
        yield Fault(name, message, float(seen.count), ranges)


def beyond(question: Question, profile: Profile, x: Array, y: Array, allowed: float) -> Iterator[Fault]:
    """One fault for each run of binades where the error is beyond the budget, the worst first."""
    form = FORMATS[question.format]
    scaled = profile == "standard" and question.spec.scale.get(question.quantity, ZERO) != ZERO
    runs: list[tuple[int, list[Worst], list[tuple[float, float]]]] = []
    for index, part in enumerate(_binades(form, x)):
        verdict = judge(question.spec, question.variant, question.quantity, x[part], y[part])
        if grading.passes(grading.grade(verdict, allowed), profile):
            continue
        worst = verdict.worst_scaled if scaled else verdict.worst
        assert worst is not None  # nothing else is beyond a budget
        span = float(x[part][0]), float(x[part][-1])
        if runs and runs[-1][0] == index - 1:
            runs[-1] = (index, [*runs[-1][1], worst], [*runs[-1][2], span])
        else:
            runs.append((index, [worst], [span]))
    faults = [_fault(scaled, allowed, worsts, spans) for _, worsts, spans in runs]
    yield from sorted(faults, key=lambda f: -(f.size or 0))


def _binades(form: Format, x: Array) -> Iterator[slice]:
    """The parts of ordered inputs that share sign and exponent, zeros with the subnormals."""
    number = form.keys(x) >> (form.precision - 1)
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1), len(x)]
    return (slice(a, b) for a, b in pairwise(edges))


def _fault(scaled: bool, allowed: float, worsts: list[Worst], spans: list[tuple[float, float]]) -> Fault:
    worst = max(worsts, key=lambda w: w.error[1])
    span = (spans[0][0], spans[-1][1])
    kind = "scaled ULP" if scaled else "ULP"
    message = (
        f"x = {numerals.both(worst.x)}: got {numerals.both(worst.got)}, expected "
        f"{numerals.both(worst.expected)}, error {numerals.ulp(worst.error[1])} {kind} "
        f"(budget {numerals.ulp(allowed)}); beyond it for x in {numerals.ranges((span,))}"
    )
    return Fault("max_scaled_ulp" if scaled else "max_ulp", message, worst.error[1], (span,))
