"""Where a format too large to be walked through is sampled. Arrays are in the form, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format, sorted_keys

Array = NDArray[Any]
#: Neighbours of a telling point on either side.
NEIGHBOURS = 4
#: Binades so near to 1 are never thinned: there the curves bend.
MIDDLE = 32


def special(form: Format) -> Array:
    """NaN, the infinities, both zeros, the smallest subnormals and normals, one, and the largest."""
    sizes = [0.0, form.smallest, form.smallest_normal, 1.0, form.largest, np.inf]
    return np.array([np.nan, *sizes, *(-s for s in sizes)], form.dtype)


def around(form: Format, points: Iterable[float], neighbours: int = NEIGHBOURS) -> Array:
    """The finite floats next to these real numbers, so many to either side."""
    with np.errstate(over="ignore"):
        centres = [form.key(float(np.array(p).astype(form.dtype))) for p in points if np.isfinite(p)]
    steps = np.arange(-neighbours, neighbours + 1)
    keys = sorted_keys(np.add.outer(np.array(centres, np.int64), steps))
    return form.values(keys[(keys >= -form.infinity_key) & (keys < form.infinity_key)])


def stratified(form: Format, telling: Iterable[float], seed: int, count: int) -> Array:
    """About so many points: strata of either sign alike, their ends included, telling points such as kinks
    with their neighbours, and the special values.

    A stratum is a binade, of subnormals too; where the count is too small for all of them, those far from 1
    share one.
    """
    return _stratified(form, tuple(telling), seed, count).copy()


@lru_cache(maxsize=32)
def _stratified(form: Format, telling: tuple[float, ...], seed: int, count: int) -> Array:
    edges = _strata(form, count // 4)
    inside = _inside(edges, seed, count)
    inside[:, 0], inside[:, -1] = 0, np.diff(edges) - 1
    return ordered(form, _of_both_signs(form, edges, inside), around(form, telling), special(form))


def scattered(form: Format, seed: Sequence[int], count: int) -> Array:
    """About so many points, by chance alone, as many in each stratum of either sign: more of `stratified`."""
    edges = _strata(form, count // 4)
    return ordered(form, _of_both_signs(form, edges, _inside(edges, seed, count)))


def _inside(edges: Array, seed: int | Sequence[int], count: int) -> Array:
    """One point in each of equal parts of a stratum, so that nothing of it stays unseen."""
    widths = np.diff(edges)
    each = max(2, count // (2 * len(widths)))
    parts = (np.arange(each) + np.random.default_rng(seed).random((len(widths), each))) / each
    inside: Array = np.minimum((parts * widths[:, None]).astype(np.int64), widths[:, None] - 1)
    return inside


def _of_both_signs(form: Format, edges: Array, inside: Array) -> Array:
    positive = (edges[:-1, None] + inside).ravel()
    return form.values(np.concatenate([positive, -positive - 1]))


def _strata(form: Format, most: int) -> NDArray[np.int64]:
    """The keys between which the strata of the positive finite numbers lie: each power of two begins one."""
    binade = 1 << (form.precision - 1)
    numbers = np.arange(1, form.infinity_key // binade + 1)
    # Subnormals have their binades as well; the first holds zero and the smallest number.
    edges = np.concatenate([[0], 1 << np.arange(1, form.precision - 1), numbers * binade])
    place = np.arange(len(edges))
    one = len(edges) - len(numbers) - form.emin
    middle = (np.abs(place - one) <= MIDDLE) | (place == place[-1])
    group = 1
    while np.count_nonzero(middle | (place % group == 0)) > most + 1 and group < len(edges):
        group *= 2
    found: NDArray[np.int64] = edges[middle | (place % group == 0)]
    return found


def every(form: Format) -> Array:
    """All bit patterns of a format of 16 bits, NaNs and infinities included."""
    return form.every_pattern()


def ordered(form: Format, *arrays: Array) -> Array:
    """The points of several arrays, each once, in the order of their keys."""
    return form.values(sorted_keys(*map(form.keys, arrays)))
