"""Properties of the results of rows: their range, and their total."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from actcheck.conformance.checks.parts.normalizing.accuracy import row_calls
from actcheck.conformance.checks.parts.normalizing.asked import Array, JudgedRows, RowAnswers, RowCall
from actcheck.conformance.checks.parts.shared.judged_sums import allowed
from actcheck.conformance.model import Context, Fault, Finding, Question
from actcheck.conformance.numerals import both
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.bounds import OUTWARDS, carrier, unit_roundoff
from actcheck.reference.specification.binding import constant, holds_for
from actcheck.reference.specification.model import Piece, Property


def row_properties(question: Question, context: Context) -> Finding:
    """Ask the rows of `accuracy`, and look at each row's results. Raises UnsupportedError."""
    asked, points = RowAnswers(question, context), 0
    held = [p for p in question.spec.properties if holds_for(p.when, question.variant.parameters)]
    for call in row_calls(question, context):
        given = asked.given(call)
        if given is None:
            continue
        points += given.size
        for one in held:
            told = {fault.what for fault in asked.faults}
            asked.faults += [f for f in _broken(asked, one, call, given) if f.what not in told]
    return Finding(tuple(asked.faults), points=points)


def _broken(asked: RowAnswers, held: Property, call: RowCall, y: Array) -> Iterator[Fault]:
    parameters = asked.question.variant.parameters
    if held.property == "total" and held.value is not None:
        yield from _total(asked, call, y, constant((Piece((), held.value),), parameters))
    elif held.low is not None and held.high is not None:
        low, high = (constant((Piece((), end),), parameters) for end in (held.low, held.high))
        yield from _range(FORMATS[asked.question.format], call, y, low, high)


def _range(form: Format, call: RowCall, y: Array, low: float, high: float) -> Iterator[Fault]:
    """Ends that are no numbers of the format are rounded outwards by comparing the results with them."""
    wide = y.astype(np.float64)
    unit = unit_roundoff(form)
    beyond = (wide < low - abs(low) * unit) | (wide > high + abs(high) * unit)
    exact = {end: float(np.array(end).astype(form.dtype)) == end for end in (low, high)}
    beyond |= exact[low] & (wide < low) | exact[high] & (wide > high)
    if beyond.any():
        at = tuple(int(i) for i in np.argwhere(beyond)[0])
        told = f"result{list(at)} is {both(float(wide[at]))}, outside of the range from {low:g} to {high:g}"
        yield Fault("range", f"range: {call.words}: {told}", float(beyond.sum()))


def _total(asked: RowAnswers, call: RowCall, y: Array, total: float) -> Iterator[Fault]:
    """A total may be off by what its results may be off, and by what adding them up in binary64 rounds."""
    found = JudgedRows.of(asked, call, y)
    exact, judged = found.exact, found.part.judged
    units = allowed(asked.question, judged) * unit_roundoff(carrier(asked.form))
    slack = (units * exact.sums.size + exact.sums.stored).sum(axis=call.dim) * OUTWARDS
    rows = np.moveaxis(y.astype(np.float64), call.dim, -1)
    sums = np.array([math.fsum(row) for row in rows.reshape(-1, rows.shape[-1])]).reshape(slack.shape)
    off = np.abs(sums - total) * (1 - 2.0**-40)
    wrong = np.isnan(sums) | (off > slack)
    known = np.isfinite(np.moveaxis(exact.sums.exact.main, call.dim, -1)).all(axis=-1)
    if (wrong & known).any():
        at = tuple(int(i) for i in np.argwhere(wrong & known)[0])
        told = f"row {list(at)} sums up to {both(float(sums[at]))}, not to {total:g} within {slack[at]:.3g}"
        yield Fault("total", f"total: {call.words}: {told}", float(off[at]))
