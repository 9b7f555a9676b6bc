"""NaN, infinities, zeros and the largest numbers in every place of rows, and in upstreams.

A NaN makes its row NaN and no other. An element at which the terms vanish gives its limit, and leaves the
others their sum; a row of such elements alone has no result, so that what becomes of it is noted. An element
at which the terms grow without bound makes its row NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from actcheck.conformance.checks.parts.normalizing.asked import DIM, Array, RowAnswers, RowCall
from actcheck.conformance.checks.parts.normalizing.rows import common, laid_along
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.everywhere import thinned
from actcheck.conformance.model import Context, Finding, Question
from actcheck.reference.formats import FORMATS, Format

LENGTHS = (1, 2, 3, 5, 8, 9, 16, 17, 31, 33, 64, 67)
_EVERY = range(1, 68)
#: Of variants other than the defaults at quick.
_FEW = (1, 4, 9, 33)
_UPSTREAMS = (np.nan, np.inf, -np.inf)


def special_rows(question: Question, context: Context) -> Finding:
    """Ask them and judge each row. Raises UnsupportedError."""
    asked = RowAnswers(question, context)
    for call in special_calls(question, context):
        asked.ask(call)
    notes = few_shapes.left_out(f"rows of other lengths than {_FEW}") if context.few_shapes else {}
    found = asked.finding(notes=notes)
    return Finding(found.faults, points=found.points, notes=found.notes, message=found.message)


def special_calls(question: Question, context: Context) -> Iterator[RowCall]:
    """One call for each length: special rows with ordinary ones between them."""
    form, dim = FORMATS[question.format], int(question.variant.parameters[DIM])  # type: ignore[arg-type]
    whole = context.level != "quick"
    few = thinned(question, context.level) or context.few_shapes
    for length in _EVERY if whole else _FEW if few else LENGTHS:
        random = np.random.default_rng([context.seed, length])
        plain = common(random, (length,))
        made = list(_special(plain, form, range(length) if whole else _places(length)))
        x = _between(plain, made).astype(form.dtype)
        words = f"special values in rows of {length} (dim={dim})"
        if question.quantity == "forward":
            yield RowCall(words, laid_along(x, dim), dim)
            continue
        sent = np.broadcast_to(common(random, (length,)), x.shape).astype(form.dtype)
        yield RowCall(words, laid_along(x, dim), dim, laid_along(sent, dim))
        yield _with_upstreams(plain, sent[0], form, dim)


def _places(length: int) -> Sequence[int]:
    return sorted({0, length // 2, length - 1})


def _special(plain: Array, form: Format, places: Sequence[int]) -> Iterator[Array]:
    """Rows with a special value in each place; those that are special throughout, but for one place."""
    for value in (np.nan, np.inf, -np.inf):
        for at in places:
            yield _with(plain, at, value)
        yield np.full(plain.shape, value)
    for value in (-np.inf, np.inf):
        yield _with(np.full(plain.shape, value), places[-1], 0.5)
    for value in (form.largest, -form.largest, form.smallest, 0.0, -0.0):
        yield _with(plain, places[len(places) // 2], value)


def _with(row: Array, at: int, value: float) -> Array:
    changed = row.copy()
    changed[at] = value
    return changed


def _between(plain: Array, special: Sequence[Array]) -> Array:
    """Each special row with a plain one before and after it."""
    rows = np.broadcast_to(plain, (2 * len(special) + 1, len(plain))).copy()
    rows[1::2] = special
    return rows


def _with_upstreams(plain: Array, sent: Array, form: Format, dim: int) -> RowCall:
    """NaN and infinities among the upstreams of every second row; an infinite one leaves its row no value."""
    special = [_with(sent.astype(np.float64), at, u) for u in _UPSTREAMS for at in _places(len(sent))]
    upstream = _between(sent.astype(np.float64), special).astype(form.dtype)
    x = np.broadcast_to(plain, upstream.shape).astype(form.dtype)
    words = f"special upstreams of rows of {len(plain)} (dim={dim})"
    return RowCall(words, laid_along(x, dim), dim, laid_along(upstream, dim), "upstream")
