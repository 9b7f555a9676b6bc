"""prelu, crelu and glu taken apart into element-wise activations, which the reference judges exactly.

prelu is leaky_relu with the channel's weight, crelu is relu twice, and glu is the sigmoid of one half
times the other: the judge takes that factor as an upstream. Their gradients are put together likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging.points import Points
from actcheck.reference.specification.binding import Bound, bind
from actcheck.reference.specification.loading import find
from actcheck.reference.specification.model import Variant

Array = NDArray[Any]


@dataclass(frozen=True)
class Part:
    """Results y of an element-wise activation at inputs x, times a factor."""

    bound: Bound
    quantity: str
    x: Array
    y: Array
    factor: Array | float = 1.0

    def points(self, form: Format) -> Points:
        """Judged."""
        factor = np.asarray(self.factor, np.float64)
        return Points.of(self.bound, self.quantity, form, self.x, self.y, factor)


#: From parameters, quantity, input, result and upstream (None for forward).
Taken = Callable[[Mapping[str, Any], str, Array, Array, "Array | None"], list[Part]]


def prelu(
    parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[Part]:
    """A part for each weight; the channel is dimension 1."""
    weights = parameters["weight"]
    factor = np.ones(x.shape) if upstream is None else upstream
    places: list[Any] = [(slice(None), c) for c in range(len(weights))] if len(weights) > 1 else [...]
    return [
        Part(_leaky(float(w)), quantity, x[at], y[at], factor[at])
        for w, at in zip(weights, places, strict=True)
    ]


def crelu(
    parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[Part]:
    """relu(x) in the first half of the result, relu(-x) in the second.

    The upstream of a gradient is zero in one half, so that each slope shows by itself.
    """
    bound, dim = _shipped("relu"), parameters["dim"]
    if upstream is None:
        halves = zip((x, -x), np.split(y, 2, axis=dim), strict=True)
        return [Part(bound, quantity, a, b) for a, b in halves]
    first, second = np.split(upstream, 2, axis=dim)
    if first.any() and second.any():
        raise ValueError("one half of the upstream must be zero")
    one = Part(bound, quantity, x, y, first)
    return [Part(bound, quantity, -x, -y, second) if second.any() else one]


def glu(
    parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[Part]:
    """a*sigmoid(b), where a is finite; the gradients are upstream*sigmoid(b) and upstream*a*sigmoid'(b)."""
    bound, dim = _shipped("sigmoid"), parameters["dim"]
    a, b = np.split(x, 2, axis=dim)
    finite = np.isfinite(a)
    wide = a[finite].astype(np.float64)
    if upstream is None:
        return [Part(bound, "forward", b[finite], y[finite], wide)]
    sent = upstream[finite].astype(np.float64)
    first, second = (part[finite] for part in np.split(y, 2, axis=dim))
    return [
        Part(bound, "forward", b[finite], first, sent),
        Part(bound, "gradient", b[finite], second, sent * wide),
    ]


#: Activation to how it is taken apart.
APART: Mapping[str, Taken] = {"prelu": prelu, "crelu": crelu, "glu": glu}


def _leaky(slope: float) -> Bound:
    given = {"negative_slope": slope}
    return bind(find("leaky_relu"), Variant("leaky_relu", "awkward", given, given))


def _shipped(activation: str) -> Bound:
    return bind(find(activation), find(activation).default)


def together(parts: Iterable[Part]) -> list[Part]:
    """Parts of the same activation and quantity as one, in the order of their first."""
    same: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        same.setdefault((part.bound.spec.id, part.bound.variant.label, part.quantity), []).append(part)
    return [_joined(group) for group in same.values()]


def _joined(parts: list[Part]) -> Part:
    factors = [np.broadcast_to(np.asarray(p.factor, np.float64), p.x.shape).ravel() for p in parts]
    x, y = (
        np.concatenate([a.ravel() for a in arrays])
        for arrays in zip(*((p.x, p.y) for p in parts), strict=True)
    )
    return Part(parts[0].bound, parts[0].quantity, x, y, np.concatenate(factors))
