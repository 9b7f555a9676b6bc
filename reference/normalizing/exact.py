"""A normalizing activation by the reference: exact results of arrays, and what becomes of special values.

Arb's balls give the values; mpmath, the reference of record, confirms those whose errors are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.evaluation.balls import precision
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.number_models import current
from actcheck.reference.judging.sums.bounds import OUTWARDS, Exact, Sums, carrier, stored, unit_roundoff
from actcheck.reference.normalizing.balls import array_of
from actcheck.reference.normalizing.rows import (
    COLUMNS,
    CONDITION,
    LEAST,
    LONGEST,
    MAIN,
    REST,
    SIZE,
    Row,
    element,
    results,
    roundings,
    spreads,
)
from actcheck.reference.normalizing.trees import trees
from actcheck.reference.specification.normalizing import Normalized

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
#: Rows of more elements may hold few distinct ones.
_SHORT = 128
#: A bound that is larger is as good as this.
_MOST = 2.0**1020
_MOST_KEPT = 1 << 13
_ONES = np.ones(_SHORT, np.int64)


@dataclass(frozen=True)
class Rows:
    """The exact results of one call, of the input's shape; where a sum's value is NaN, nothing is judged."""

    sums: Sums
    #: Where a result must be NaN.
    nan: Bools
    #: Where it must be exactly zero.
    zero: Bools
    #: Rows without a term: they have no result.
    undefined: Bools


@dataclass(frozen=True)
class Asked:
    """One call: an array, the dimension along which its rows lie, and the upstream of a gradient."""

    x: Array
    dim: int
    upstream: Array | None = None

    def rows(self, array: Array) -> Doubles:
        """An array of the input's shape as rows beside each other."""
        moved = np.asarray(array, np.float64).swapaxes(self.dim, -1)
        length = self.x.shape[self.dim] if self.x.size else 1
        return np.ascontiguousarray(moved).reshape(-1, length)

    def back(self, rows: Array) -> Array:
        """Rows beside each other as an array of the input's shape."""
        return rows.reshape(self.x.swapaxes(self.dim, -1).shape).swapaxes(-1, self.dim)


def prepare(normalized: Normalized, calls: Iterable[Asked], form: Format) -> None:
    """Compute the rows of many calls at once, which is quicker than call by call; they are kept."""
    ready = [_Ready.of(normalized, asked) for asked in calls]
    for gradient in (False, True):
        rows = {key: row for one in ready if one.gradient == gradient for _, key, row, _ in one.rows}
        _results(normalized, gradient).of(rows)
        if gradient and carrier(form) is not form:
            _spreads(normalized, form.name).of(rows)


def evaluate(normalized: Normalized, asked: Asked, form: Format) -> Rows:
    """The results of a call, or its gradient."""
    ready = _Ready.of(normalized, asked)
    table, spread = np.zeros((COLUMNS, *ready.nan.shape)), np.zeros(ready.nan.shape)
    table[MAIN] = np.nan
    rows = {key: row for _, key, row, _ in ready.rows}
    known = _results(normalized, ready.gradient).of(rows)
    moved = {}
    if ready.gradient and carrier(form) is not form:
        moved = _spreads(normalized, form.name).of(rows)
    for at, key, _, back in ready.rows:
        table[:, at] = known[key][:, back]
        if moved:
            spread[at] = moved[key][back]
    steps = roundings(asked.x.shape[asked.dim], "gradient" if ready.gradient else "forward")
    sums, back_to = _sums(table, spread, steps, form), asked.back
    exact = Exact(back_to(sums.exact.main), back_to(sums.exact.rest))
    zero = ready.vanishes & (table[MAIN] == 0)
    return Rows(
        Sums(exact, back_to(sums.size), steps, back_to(sums.stored)),
        *map(back_to, (ready.nan, zero, ready.undefined)),
    )


def _sums(table: Doubles, spread: Doubles, steps: int, form: Format) -> Sums:
    inner = carrier(form)
    # Gradual underflow is off by u of the smallest normal number; zero in the place of what is less by all.
    lost = inner.smallest_normal / (unit_roundoff(inner) if current().flush_results else 1.0)
    size = table[SIZE] + table[LEAST] * lost + spread
    # Where rows are so long, or sums so small, that errors say nothing, there is no bound, and no value.
    bounded = ~np.isnan(size) & (table[CONDITION] * steps * unit_roundoff(inner) <= LONGEST)
    main = np.where(bounded, table[MAIN], np.nan)
    finite = np.isfinite(main)
    size = np.where(finite, np.minimum(size * OUTWARDS, _MOST), form.smallest_normal)
    moved = stored(np.where(finite, np.abs(main), 0.0), size, spread, steps, form) * OUTWARDS
    return Sums(Exact(main, table[REST]), size, steps, np.where(finite, moved, 0.0))


@lru_cache(maxsize=64)
def vanishing(normalized: Normalized) -> tuple[bool, bool]:
    """Whether the terms of the sum vanish at minus infinity, and at plus infinity."""
    with precision(128, 1):
        far = array_of([element(-np.inf), element(np.inf)])
        terms = trees(normalized).terms.run({"x": far})[0]
        low, high = (bool(v.abs_upper() * far[1] < 1) for v in terms)
    return low, high


class _Kept:
    """What is known of rows, so that a row that comes again is not computed again."""

    def __init__(self, compute: Callable[[Sequence[Row]], Sequence[Doubles]]) -> None:
        self._compute = compute
        self._known: dict[bytes, Doubles] = {}

    def of(self, rows: Mapping[bytes, Row]) -> dict[bytes, Doubles]:
        """What is known of rows, by their keys."""
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        new = {key: row for key, row in rows.items() if key not in self._known}
        if new:
            self._known.update(zip(new, self._compute(list(new.values())), strict=True))
        return {key: self._known[key] for key in rows}


@lru_cache(maxsize=64)
def _results(normalized: Normalized, gradient: bool) -> _Kept:
    return _Kept(partial(results, normalized))


@lru_cache(maxsize=64)
def _spreads(normalized: Normalized, form: str) -> _Kept:
    return _Kept(partial(spreads, normalized, form=FORMATS[form]))


@dataclass(frozen=True)
class _Ready:
    """What is known of the rows of a call before anything is computed."""

    gradient: bool
    nan: Bools
    undefined: Bools
    vanishes: Bools
    #: Each row that is computed: its number, key and elements, and where in those its results are found.
    rows: list[tuple[int, bytes, Row, Any]]

    @classmethod
    def of(cls, normalized: Normalized, asked: Asked) -> _Ready:
        x: Doubles = asked.rows(asked.x)
        infinite, (low, high) = np.isinf(x), vanishing(normalized)
        vanishes = infinite & np.where(x < 0, low, high)
        lost: Bools = np.any(np.isnan(x) | (infinite & ~vanishes), axis=-1)
        undefined: Bools = ~lost & np.all(vanishes, axis=-1)
        nan, ordinary = np.repeat(lost[:, None], x.shape[1], axis=1), ~lost & ~undefined
        sent = None if asked.upstream is None else asked.rows(asked.upstream)
        if sent is not None:
            nan |= (ordinary & np.isnan(sent).any(axis=-1))[:, None] & ~vanishes
            ordinary &= np.isfinite(sent).all(axis=-1)
        places = np.flatnonzero(ordinary).tolist()
        rows = [(at, *_keyed(x[at], None if sent is None else sent[at])) for at in places]
        return cls(
            sent is not None,
            nan,
            np.repeat(undefined[:, None], x.shape[1], axis=1),
            vanishes & ordinary[:, None],
            rows,
        )


def _keyed(x: Doubles, upstream: Doubles | None) -> tuple[bytes, Row, Any]:
    """A row by its key, and where each element is found in it; of a long one each distinct element once."""
    key = x.tobytes() + (b"" if upstream is None else upstream.tobytes())
    if len(x) <= _SHORT:
        return key, Row(x, _ONES[: len(x)], upstream), slice(None)
    distinct, back = np.unique(x, return_inverse=True)
    if upstream is None:
        return sha256(key).digest(), Row(distinct, np.bincount(back)), back
    others, of_other = np.unique(upstream, return_inverse=True)
    pairs, back, counts = np.unique(back * len(others) + of_other, return_inverse=True, return_counts=True)
    row = Row(distinct[pairs // len(others)], counts, others[pairs % len(others)])
    return sha256(key).digest(), row, back
