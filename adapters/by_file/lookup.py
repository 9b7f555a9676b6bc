"""Results by their inputs: of each pair of bit patterns that was asked, what was answered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.by_file.folder import Asked
from actcheck.adapters.values import Array, Unsupported

Keys = NDArray[np.int64]


def patterns(values: Array) -> NDArray[Any]:
    """The bit patterns of some floats; all NaNs have one, whatever their payload."""
    made = np.ascontiguousarray(values).reshape(-1)
    with np.errstate(invalid="ignore"):
        made = np.where(np.isnan(made), np.array(np.nan, made.dtype), made)
    return made.view(f"u{made.dtype.itemsize}")


class Lookup:
    """The results of one question."""

    def __init__(self, asked: Asked) -> None:
        x, upstream = asked.inputs()
        #: The distinct patterns of x, and of the upstream; one where there is none.
        self._x = np.unique(patterns(x))
        self._upstream = None if upstream is None else np.unique(patterns(upstream))
        keys, _ = self._keys(x, upstream)
        self._order = np.argsort(keys, kind="stable")
        self._sorted = keys[self._order]
        self._results = asked.results()

    def __call__(self, x: Array, upstream: Array | None = None) -> Array | Unsupported:
        """The results for these inputs, of the shape of x."""
        keys, known = self._keys(x, upstream)
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self._sorted) - 1)
        known &= self._sorted[at] == keys
        if not known.all():
            missing = int((~known).sum())
            return Unsupported(f"{missing:,} of {known.size:,} inputs are not among those that were written")
        found: Array = self._results[self._order[at]].reshape(x.shape)
        return found

    def _keys(self, x: Array, upstream: Array | None) -> tuple[Keys, NDArray[np.bool_]]:
        """One number for each pair, and whether both parts of it are known."""
        first, known = _places(self._x, patterns(x))
        if self._upstream is None or upstream is None:
            return first, known & (self._upstream is upstream)
        second, also = _places(self._upstream, patterns(np.broadcast_to(upstream, x.shape)))
        return first * len(self._upstream) + second, known & also


def _places(known: NDArray[Any], wanted: NDArray[Any]) -> tuple[Keys, NDArray[np.bool_]]:
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return at.astype(np.int64), known[at] == wanted
