"""A normalizing activation by the reference: exact results of arrays, and what becomes of special values.

Arb's balls give the values; mpmath, the reference of record, confirms those whose errors are told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.evaluation.balls import precision
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.judging.sums.bounds import OUTWARDS, Exact, Sums, carrier, stored, unit_roundoff
from actcheck.reference.normalizing.balls import array_of
from actcheck.reference.normalizing.rows import LONGEST, Row, Values, element, results, roundings, spreads
from actcheck.reference.normalizing.trees import trees
from actcheck.reference.specification.normalizing import Normalized

Array = NDArray[Any]
T = TypeVar("T")
Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]
#: Rows of more elements may hold few distinct ones.
_SHORT = 128
_MOST_KEPT = 1 << 13


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


def evaluate(normalized: Normalized, x: Array, dim: int, form: Format, upstream: Array | None = None) -> Rows:
    """The results along a dimension, or the gradient for an upstream of the input's shape."""
    wide = np.moveaxis(np.asarray(x, np.float64), dim, -1)
    rows = wide.reshape(-1, wide.shape[-1]) if wide.size else wide.reshape(0, 1)
    sent = None
    if upstream is not None:
        moved = np.moveaxis(np.asarray(upstream, np.float64), dim, -1)
        sent = np.ascontiguousarray(moved).reshape(rows.shape)
    made = _made(normalized, np.ascontiguousarray(rows), sent, form)

    def back(values: Array) -> Array:
        return np.moveaxis(values.reshape(wide.shape), -1, dim)

    steps = roundings(wide.shape[-1], "forward" if upstream is None else "gradient")
    sums = _sums(made, steps, form)
    exact = Exact(back(sums.exact.main), back(sums.exact.rest))
    sums = Sums(exact, back(sums.size), steps, back(sums.stored))
    return Rows(sums, back(made.nan), back(made.zero), back(made.undefined))


def _sums(made: _Made, steps: int, form: Format) -> Sums:
    values, inner = made.values, carrier(form)
    size = values.size + values.least * inner.smallest_normal + made.spread
    # Where rows are so long, or sums so small, that errors say nothing, there is no bound, and no value.
    bounded = ~np.isnan(size) & (values.condition * steps * unit_roundoff(inner) <= LONGEST)
    main = np.where(bounded, values.main, np.nan)
    finite = np.isfinite(main)
    size = np.where(np.isfinite(size) & finite, size * OUTWARDS, form.smallest_normal)
    moved = stored(np.where(finite, np.abs(main), 0.0), size, made.spread, steps, form) * OUTWARDS
    return Sums(Exact(main, values.rest), size, steps, np.where(finite, moved, 0.0))


@lru_cache(maxsize=64)
def vanishing(normalized: Normalized) -> tuple[bool, bool]:
    """Whether the terms of the sum vanish at minus infinity, and at plus infinity."""
    with precision(128, 1):
        far = array_of([element(-np.inf), element(np.inf)])
        terms = trees(normalized).terms.run({"x": far})[0]
        low, high = (bool(v.abs_upper() * far[1] < 1) for v in terms)
    return low, high


class _Kept(Generic[T]):
    """What is known of rows, so that a row that comes again is not computed again."""

    def __init__(self, compute: Callable[[Sequence[Row]], Sequence[T]]) -> None:
        self._compute = compute
        self._known: dict[bytes, T] = {}

    def of(self, rows: Mapping[bytes, Row]) -> dict[bytes, T]:
        """What is known of rows, by their keys."""
        if len(self._known) > _MOST_KEPT:
            self._known.clear()
        new = {key: row for key, row in rows.items() if key not in self._known}
        if new:
            self._known.update(zip(new, self._compute(list(new.values())), strict=True))
        return {key: self._known[key] for key in rows}


@lru_cache(maxsize=64)
def _results(normalized: Normalized, gradient: bool) -> _Kept[Values]:
    return _Kept(partial(results, normalized))


@lru_cache(maxsize=64)
def _spreads(normalized: Normalized, form: str) -> _Kept[Doubles]:
    return _Kept(partial(spreads, normalized, form=FORMATS[form]))


@dataclass(frozen=True)
class _Made:
    """What is known of an array of rows."""

    values: Values
    #: How far results that were rounded to 16 bits move a gradient.
    spread: Doubles
    nan: Bools
    zero: Bools
    undefined: Bools


def _made(normalized: Normalized, x: Doubles, upstream: Doubles | None, form: Format) -> _Made:
    """Of rows, one beside the other."""
    infinite = np.isinf(x)
    low, high = vanishing(normalized)
    vanishes = infinite & np.where(x < 0, low, high)
    nan = np.broadcast_to((np.isnan(x) | infinite & ~vanishes).any(axis=-1, keepdims=True), x.shape).copy()
    undefined = ~nan & vanishes.all(axis=-1, keepdims=True)
    ordinary = ~nan & ~undefined
    if upstream is not None:
        lost = np.isnan(upstream).any(axis=-1, keepdims=True)
        nan |= ordinary & lost & ~vanishes
        ordinary &= np.isfinite(upstream).all(axis=-1, keepdims=True)
    values = Values(np.full(x.shape, np.nan), *(np.zeros(x.shape) for _ in range(4)))
    spread = np.zeros(x.shape)
    places = np.flatnonzero(ordinary[:, 0])
    asked = [_asked(x[at], None if upstream is None else upstream[at]) for at in places]
    rows = {key: row for key, row, _ in asked}
    known = _results(normalized, upstream is not None).of(rows)
    moved = {}
    if upstream is not None and carrier(form) is not form:
        moved = _spreads(normalized, form.name).of(rows)
    for at, (key, _, back) in zip(places, asked, strict=True):
        for field in fields(Values):
            getattr(values, field.name)[at] = getattr(known[key], field.name)[back]
        spread[at] = moved[key][back] if moved else 0.0
    return _Made(values, spread, nan, vanishes & ordinary & (values.main == 0), undefined)


def _asked(x: Doubles, upstream: Doubles | None) -> tuple[bytes, Row, Any]:
    """A row by its key, and where each element is found in it; of a long one each distinct element once."""
    key = x.tobytes() + (b"" if upstream is None else upstream.tobytes())
    if len(x) <= _SHORT:
        return key, Row(x, np.ones(len(x), np.int64), upstream), slice(None)
    pairs = x[None] if upstream is None else np.stack([x, upstream])
    distinct, back, counts = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    row = Row(distinct[0], counts, None if upstream is None else distinct[1])
    return sha256(key).digest(), row, back.reshape(-1)
