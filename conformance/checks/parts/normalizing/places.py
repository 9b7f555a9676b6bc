"""The same row gives the same bits, wherever it stands and however often it is asked.

It stands alone, in every place of batches of every size (columns of matrices of every width where the
dimension is the first), some elements into a buffer, in rows with a gap, in arrays of more dimensions, and is
asked with more threads than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from actcheck.conformance.checks.parts.normalizing.asked import DIM, Array, RowAnswers, RowCall
from actcheck.conformance.checks.parts.normalizing.layouts import differing
from actcheck.conformance.checks.parts.normalizing.rows import common, laid_along
from actcheck.conformance.checks.parts.shared import few_shapes
from actcheck.conformance.checks.parts.shared.everywhere import thinned, turn
from actcheck.conformance.model import Context, Finding, Question

#: Elements of a row, and rows of a batch or columns of a matrix.
LENGTHS = (1, 3, 8, 17, 33, 65, 257, 1000)
COUNTS = (1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67)
_FEW_LENGTHS, _FEW_COUNTS = (3, 67), (1, 3, 12, 43)
OFFSETS = (1, 2, 3, 5, 8)
THREADS = (2, 3)
#: Rows that one thread does not compute alone.
_MANY = 4096
_ADVICE = "a row must give the same result wherever it stands: sum each in the same order, with one formula"


@dataclass(frozen=True)
class _Placed:
    """A row that stands several times in one array; ``of`` gives its places in a result, row by row."""

    words: str
    dim: int
    x: Callable[[Array], Array]
    of: Callable[[Array], Array]


def row_places(question: Question, context: Context) -> Finding:
    """Compare the row everywhere with the row alone. Raises UnsupportedError."""
    asked, points = RowAnswers(question, context), 0
    dim = int(question.variant.parameters[DIM])  # type: ignore[arg-type]
    fewer = thinned(question, context.level) or context.few_shapes
    # At quick the formats share the lengths.
    first, step = (turn(question) % 2, 2) if context.level == "quick" else (0, 1)
    for length in _FEW_LENGTHS if fewer else LENGTHS[first::step]:
        random = np.random.default_rng([context.seed, length])
        x, sent = (common(random, (length,)).astype(asked.form.dtype) for _ in range(2))
        places = [*_batches(dim, _FEW_COUNTS if fewer else COUNTS), *(_others(length) if dim == -1 else ())]
        points += _compared(asked, question, (x, sent), _batch(dim, 1), places)
        if not fewer:
            points += _threads(asked, question, (x, sent), _batch(dim, -(-_MANY // length)))
    notes = few_shapes.left_out(f"lengths other than {_FEW_LENGTHS}") if context.few_shapes else {}
    return Finding(tuple(asked.faults), points=points, notes=notes)


def _batches(dim: int, counts: Sequence[int]) -> Iterator[_Placed]:
    return (_batch(dim, count) for count in counts)


def _batch(dim: int, count: int) -> _Placed:
    """So many rows beside each other, which are columns of a matrix where the dimension is the first."""
    return _Placed(
        f"one of {count}",
        dim,
        lambda row: laid_along(np.tile(row, (count, 1)), dim),
        lambda y: np.moveaxis(y, dim, -1).reshape(count, -1),
    )


def _others(length: int) -> Iterator[_Placed]:
    """Other places along the last dimension."""

    def flat(y: Array) -> Array:
        return y.reshape(-1, length)

    yield _Placed("an array without a batch", -1, lambda row: row, flat)
    yield _Placed("the same array once more", -1, lambda row: row[None], flat)
    for offset in OFFSETS:
        yield _Placed(f"a row {offset} into a buffer", -1, _into(offset), flat)
    yield _Placed("rows with a gap", -1, lambda row: np.tile(row, (3, 2))[:, : len(row)], flat)
    yield _Placed("rows of four dimensions", -1, lambda row: np.tile(row, (2, 3, 2, 1)), flat)


def _into(offset: int) -> Callable[[Array], Array]:
    def made(row: Array) -> Array:
        return np.concatenate([np.zeros(offset, row.dtype), row])[offset:][None]

    return made


def _compared(
    asked: RowAnswers, question: Question, numbers: tuple[Array, Array], base: _Placed, places: list[_Placed]
) -> int:
    """Ask all places; the number of results."""
    wanted, points = _result(asked, question, numbers, base), 0
    for placed in places:
        given = _result(asked, question, numbers, placed)
        if given is None or wanted is None:
            continue
        points += given.size
        _tell(asked, numbers, placed, given, np.broadcast_to(wanted[0], given.shape), "differs:place")
    return points


def _result(
    asked: RowAnswers, question: Question, numbers: tuple[Array, Array], placed: _Placed
) -> Array | None:
    given = asked.given(_call(question, numbers, placed))
    return None if given is None else placed.of(given)


def _call(question: Question, numbers: tuple[Array, Array], placed: _Placed) -> RowCall:
    x, sent = (placed.x(values) for values in numbers)
    words = f"a row of {len(numbers[0])} as {placed.words}"
    return RowCall(words, x, placed.dim, None if question.quantity == "forward" else sent)


def _tell(
    asked: RowAnswers, numbers: tuple[Array, Array], placed: _Placed, given: Array, wanted: Array, what: str
) -> None:
    """The first difference of each kind is told."""
    call = _call(asked.question, numbers, placed)
    fault = differing(asked.form, call, given, np.ascontiguousarray(wanted), _ADVICE, what)
    if fault is not None and fault.what not in {f.what for f in asked.faults}:
        asked.faults.append(fault)


def _threads(asked: RowAnswers, question: Question, numbers: tuple[Array, Array], placed: _Placed) -> int:
    """One thread against more, where the backend can choose."""
    adapter, points = asked.context.adapter, 0
    told = adapter.describe().details.get("threads", "1")
    if not adapter.use_threads(1):
        return 0
    try:
        wanted = _result(asked, question, numbers, placed)
        for threads in THREADS:
            adapter.use_threads(threads)
            given = _result(asked, question, numbers, placed)
            if given is not None and wanted is not None:
                points += given.size
                _tell(asked, numbers, placed, given, wanted, "differs:threads")
    finally:
        adapter.use_threads(int(told) if told.isdigit() else 1)
    return points
