"""Results of channelwise, concatenating and gated activations taken apart, so that they are judged exactly.

Each part is a function of one number: one for each weight, one for each half of the result, or the gate of
one half times the other, which the judge takes as an upstream. Gradients are put together likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging.points import Points
from actcheck.reference.judging.products import is_unbounded
from actcheck.reference.specification.binding import Bound
from actcheck.reference.specification.elements import channel, gate, half, weights_name
from actcheck.reference.specification.model import Spec

Array = NDArray[Any]


@dataclass(frozen=True)
class ScalarPart:
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


#: From specification, parameters, quantity, input, result and upstream (None for forward).
Taken = Callable[[Spec, Mapping[str, Any], str, Array, Array, "Array | None"], list[ScalarPart]]


def channelwise(
    spec: Spec, parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[ScalarPart]:
    """A part for each weight; the channel is dimension 1."""
    weights = parameters[weights_name(spec)]
    factor = np.ones(x.shape) if upstream is None else upstream
    places: list[Any] = [(slice(None), c) for c in range(len(weights))] if len(weights) > 1 else [...]
    return [
        ScalarPart(channel(spec, parameters, float(w)), quantity, x[at], y[at], factor[at])
        for w, at in zip(weights, places, strict=True)
    ]


def concatenating(
    spec: Spec, parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[ScalarPart]:
    """One function of x in the first half of the result, another in the second.

    The upstream of a gradient is zero in one half, so that each slope shows by itself.
    """
    bounds, dim = [half(spec, parameters, index) for index in (0, 1)], parameters["dim"]
    if upstream is None:
        halves = zip(bounds, np.split(y, 2, axis=dim), strict=True)
        return [ScalarPart(bound, quantity, x, part) for bound, part in halves]
    first, second = np.split(upstream, 2, axis=dim)
    if first.any() and second.any():
        raise ValueError("one half of the upstream must be zero")
    which = int(second.any())
    return [ScalarPart(bounds[which], quantity, x, y, (first, second)[which])]


def gated(
    spec: Spec, parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[ScalarPart]:
    """a*g(b), where a is finite; the gradients are upstream*g(b) and upstream*a*g'(b)."""
    bound, dim = gate(spec, parameters), parameters["dim"]
    a, b = np.split(x, 2, axis=dim)
    # A product with an infinite a is judged elsewhere, and 0 times an infinite gate has no value.
    finite = np.isfinite(a) & ~((a == 0) & is_unbounded(bound, b))
    wide = a[finite].astype(np.float64)
    if upstream is None:
        return [ScalarPart(bound, "forward", b[finite], y[finite], wide)]
    sent = upstream[finite].astype(np.float64)
    first, second = (part[finite] for part in np.split(y, 2, axis=dim))
    return [
        ScalarPart(bound, "forward", b[finite], first, sent),
        ScalarPart(bound, "gradient", b[finite], second, sent * wide),
    ]


#: Kind to how its activations are taken apart.
APART: Mapping[str, Taken] = {"channelwise": channelwise, "concatenating": concatenating, "gated": gated}


def together(parts: Iterable[ScalarPart]) -> list[ScalarPart]:
    """Parts of the same activation and quantity as one, in the order of their first."""
    same: dict[tuple[str, str, str], list[ScalarPart]] = {}
    for part in parts:
        same.setdefault((part.bound.spec.id, part.bound.variant.label, part.quantity), []).append(part)
    return [_joined(group) for group in same.values()]


def _joined(parts: list[ScalarPart]) -> ScalarPart:
    factors = [np.broadcast_to(np.asarray(p.factor, np.float64), p.x.shape).ravel() for p in parts]
    x, y = (
        np.concatenate([a.ravel() for a in arrays])
        for arrays in zip(*((p.x, p.y) for p in parts), strict=True)
    )
    return ScalarPart(parts[0].bound, parts[0].quantity, x, y, np.concatenate(factors))
