"""softmax, softmin and log_softmax: exponentials of a row beside their sum, along a dimension.

The row's largest element is subtracted first. The sum is kept as one and a rest, the share of the largest and
those of all others, so that nothing is lost where the rest is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from actcheck.adapters.numpy_backend.arrays import (
    Array,
    Doubles,
    dimension,
    floating,
    matching,
    rounded,
)


@dataclass(frozen=True)
class Softmax:
    """exp(x)/sum(exp(x)) along ``dim``. Raises ValueError for a dim that x does not have."""

    dim: int = -1

    def __call__(self, x: Any) -> Array:
        """The shares, of the shape and format of x."""
        return self._of_rows(x)

    def differentiated(self, x: Any, upstream: Any) -> Array:
        """The gradient times upstream, of the shape and format of x."""
        return self._of_rows(x, upstream)

    def forward(self, x: Doubles) -> Doubles:
        """The shares of rows along the last dimension."""
        _, power, rest = _powers(x)
        return power / (1 + rest)

    def gradient(self, x: Doubles, upstream: Doubles) -> Doubles:
        """y*(u - sum(u*y))."""
        y = self.forward(x)
        return np.asarray(y * (upstream - (upstream * y).sum(axis=-1, keepdims=True)))

    def _of_rows(self, x: Any, upstream: Any = None) -> Array:
        """Rows are contiguous copies in binary64, so that results do not depend on strides; rounded once."""
        owner = type(self).__name__
        array = floating(x, owner)
        dim = dimension(self.dim, array, owner)
        given = [] if upstream is None else [matching(upstream, array.shape, array.dtype, owner)]
        if not array.size:
            return np.empty(array.shape, array.dtype)
        rows = [np.ascontiguousarray(a.swapaxes(dim, -1), np.float64) for a in (array, *given)]
        with np.errstate(all="ignore"):
            values = rounded((self.gradient if given else self.forward)(*rows), array.dtype)
        return np.ascontiguousarray(values.swapaxes(-1, dim))


class Softmin(Softmax):
    """exp(-x)/sum(exp(-x)) along ``dim``. Raises ValueError for a dim that x does not have."""

    def forward(self, x: Doubles) -> Doubles:
        """The shares of the elements with their signs changed."""
        return super().forward(-x)

    def gradient(self, x: Doubles, upstream: Doubles) -> Doubles:
        """-y*(u - sum(u*y))."""
        return -super().gradient(x, upstream)


class LogSoftmax(Softmax):
    """x - log(sum(exp(x))) along ``dim``. Raises ValueError for a dim that x does not have."""

    def forward(self, x: Doubles) -> Doubles:
        """The logarithms of the shares."""
        below, _, rest = _powers(x)
        return below - np.log1p(rest)

    def gradient(self, x: Doubles, upstream: Doubles) -> Doubles:
        """u - y*sum(u), with y the share."""
        return np.asarray(upstream - super().forward(x) * upstream.sum(axis=-1, keepdims=True))


def _powers(x: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """x less its row's largest element, exp of that, and the row's sum of it without that element.

    The rest is NaN where the largest element is infinite or NaN.
    """
    largest = x.max(axis=-1, keepdims=True)
    below = x - largest
    power = np.exp(below)
    others = np.where(np.arange(x.shape[-1]) == x.argmax(axis=-1)[..., None], 0.0, power)
    return below, power, others.sum(axis=-1, keepdims=True) + (largest - largest)
