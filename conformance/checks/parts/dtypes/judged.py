"""Results for inputs that are no floats, against the definition at the exact number."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance import numerals
from actcheck.conformance.checks.parts.shared.bit_comparison import inside
from actcheck.conformance.judging import grading
from actcheck.conformance.judging.findings import faults_of
from actcheck.conformance.model import Example, Fault, Profile, Question
from actcheck.reference.evaluation import mp
from actcheck.reference.judging.points import Points, format_of
from actcheck.reference.specification.binding import Bound, bind

Array = NDArray[Any]
#: Inputs that a fault lists one by one.
_MOST = 16


def wrong(question: Question, profile: Profile, x: Array, y: Any) -> Fault | None:
    """The fault of results for integers or booleans x: integers must be exact, floats within the budget.

    Floats are judged where the input is a number of their format: how others are rounded on the way in
    is the backend's choice.
    """
    fault = _malformed(x, y)
    if fault is not None:
        return fault
    if y.dtype.kind in "iub":
        return _wrong_integers(bind(question.spec, question.variant), x, y)
    if y.dtype.kind == "c":
        return _fault(x, f"returned {y.dtype} for an input in {x.dtype}", None)
    numbers = x.astype(y.dtype)
    exact = np.array([float(n) == int(v) for n, v in zip(numbers, x, strict=True)])
    return _wrong_floats(question, profile, x[exact], numbers[exact], y[exact])


def wrong_complex(question: Question, profile: Profile, x: Array, y: Any) -> Fault | None:
    """The fault of results for points x of the real axis: they must lie on it, where the definition says."""
    fault = _malformed(x, y)
    if fault is not None:
        return fault
    if y.dtype != x.dtype:
        return _fault(
            x, f"returned {y.dtype} for an input in {x.dtype}, expected {x.dtype} or an error", None
        )
    off = np.flatnonzero(y.imag != 0)
    if len(off):
        message = f"x = {x[off[0]]}: got {y[off[0]]}, expected a real number"
        return _fault(x, message, x.real[off])
    return _wrong_floats(question, profile, x, x.real.copy(), y.real.copy())


def _malformed(x: Array, y: Any) -> Fault | None:
    if not isinstance(y, np.ndarray):
        return _fault(x, f"returned a {type(y).__name__}, expected an array or an error", None)
    if y.shape != x.shape:
        return _fault(x, f"returned shape {y.shape} for an input of shape {x.shape}", None)
    if y.dtype.kind not in "iubfcV":
        return _fault(x, f"returned {y.dtype} for an input in {x.dtype}", None)
    return None


def _wrong_integers(bound: Bound, x: Array, y: Array) -> Fault | None:
    at = [i for i in range(len(x)) if _exact(bound, int(x[i])) != int(y[i])]
    if not at:
        return None
    expected = _exact(bound, int(x[at[0]]))
    whole = expected.denominator == 1
    told = str(expected) if whole else f"{float(expected):.17g}, which is no integer, or an error"
    found = _fault(x, f"x = {int(x[at[0]])}: got {int(y[at[0]])}, expected {told}", x[at])
    return replace(found, example=Example(float(x[at[0]]), float(y[at[0]]), float(expected)))


def _exact(bound: Bound, x: int) -> Fraction:
    return mp.to_fraction(bound.exact("forward", Fraction(x)))


def _wrong_floats(question: Question, profile: Profile, x: Array, numbers: Array, y: Array) -> Fault | None:
    form = format_of(y)
    judged = Points.of(bind(question.spec, question.variant), "forward", form, numbers, y)
    allowed = grading.tolerance(question.spec, "forward", form.name)
    found = faults_of(profile, judged, allowed)
    if not found:
        return None
    # The faults' own ranges are enough to say where; several kinds of one input type are one fault.
    hit = inside(judged.x, [span for fault in found for span in fault.inputs])
    return _fault(x, f"as {y.dtype}: {found[0].message}", judged.x[hit])


def _fault(x: Array, message: str, inputs: Array | None) -> Fault:
    what = f"wrong:{x.dtype}"
    if inputs is None:
        return Fault(what, f"{what}: {message}")
    values = [float(v) for v in inputs]
    spans = tuple((v, v) for v in values) if len(values) <= _MOST else ((min(values), max(values)),)
    if len(values) > 1:
        message += (
            f"; so for {len(values)} of {numerals.count(len(x), 'input')}, x in {numerals.ranges(spans)}"
        )
    return Fault(what, f"{what}: {message}", float(len(values)), spans)
