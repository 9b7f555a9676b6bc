"""Normalizing activations in every form of array: the bits of a plain array with the same numbers.

Plain arrays of every rank are judged by `structure`; results that differ from theirs are judged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from actcheck.conformance.checks.parts.normalizing.asked import DIM, Array, RowAnswers, RowCall
from actcheck.conformance.checks.parts.normalizing.rows import common
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.bit_comparison import apart
from actcheck.conformance.checks.parts.shared.forms import FORMS, LENGTH, Form
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.conformance.numerals import both
from actcheck.reference.formats import Format

_ADVICE = "the layout must not decide in which order a row is summed, nor in which memory is read"
#: Which inputs of a gradient have the form; the other one is plain.
_WHICH = ("", "x", "upstream")


def row_forms(question: Question, context: Context) -> Finding:
    """Ask each form that has the variant's dimension. Raises UnsupportedError."""
    asked, points = RowAnswers(question, context), 0
    dim = int(question.variant.parameters[DIM])  # type: ignore[arg-type]
    random = np.random.default_rng([context.seed, LENGTH])
    x, upstream = (common(random, (LENGTH,)).astype(asked.form.dtype) for _ in range(2))
    layouts: dict[str, str] = {}
    for form in _forms(context, dim):
        view, sent = form.build(x), form.build(upstream)
        plain = _plain(asked, question, form, view, sent, dim)
        for which in _WHICH[:1] if question.quantity == "forward" else _WHICH[1:]:
            call = _call(question, form, view, sent, dim, which)
            given = asked.given(call)
            if given is None or plain is None:
                continue
            points += given.size
            if form.stored_otherwise:
                layouts[form.name] = "that of the input" if given.strides == view.strides else "another"
            differs = differing(asked.form, call, given, plain, _ADVICE)
            if differs is not None:
                asked.faults.append(differs)
                asked.calls.append((call, given))
    notes: dict[str, Any] = few_shapes.left_out("forms of other shapes") if context.few_shapes else {}
    notes |= {"layout of results": layouts} if layouts else {}
    found = asked.finding(notes=notes)
    return Finding(found.faults, points=points, notes=found.notes)


def _forms(context: Context, dim: int) -> Iterator[Form]:
    """Those that have the dimension."""
    for form in FORMS:
        known = not context.few_shapes or form.shape in few_shapes.SHAPES
        if known and form.shape and -len(form.shape) <= dim < len(form.shape):
            yield form


def _plain(
    asked: RowAnswers, question: Question, form: Form, view: Array, sent: Array, dim: int
) -> Array | None:
    """What contiguous arrays with the numbers of a form give."""
    upstream = None if question.quantity == "forward" else np.ascontiguousarray(sent)
    words = f"a plain array of shape {view.shape} (dim={dim})"
    return asked.given(RowCall(words, np.ascontiguousarray(view), dim, upstream))


def _call(question: Question, form: Form, view: Array, sent: Array, dim: int, which: str) -> RowCall:
    words = f"the {form.name} array of shape {view.shape} (dim={dim})"
    if question.quantity == "forward":
        return RowCall(words, view, dim)
    if which == "x":
        return RowCall(words, view, dim, np.ascontiguousarray(sent))
    return RowCall(f"an upstream in {words}", np.ascontiguousarray(view), dim, sent)


def differing(
    form: Format, call: RowCall, given: Array, wanted: Array, advice: str, what: str = "differs:layout"
) -> Fault | None:
    """The fault of results that are not those of another call, bit for bit."""
    nan = np.isnan(given) & np.isnan(wanted)
    far = np.where(nan, 0, apart(form.keys(given), form.keys(wanted)))
    if not far.any():
        return None
    at = tuple(int(i) for i in np.argwhere(far)[0])
    told = f"{both(float(given[at]))} at {list(at)}, but {both(float(wanted[at]))} in a plain array"
    many = f"so for {int((far > 0).sum())} of {far.size} results, at most {far.max():.0f} floats apart"
    return Fault(what, f"{what}: {call.words}: {told}; {many}; {advice}", float(far.max()))
