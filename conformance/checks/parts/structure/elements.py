"""Results of channelwise, concatenating and gated activations taken apart, so that they are judged exactly.

Each part is a function of one number: one for each weight, one for each half of the result, or the gate of
one half times the other, which the judge takes as an upstream. Gradients are put together likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.formats import Format
from actcheck.reference.judging import pointwise
from actcheck.reference.judging.gates import is_unbounded
from actcheck.reference.judging.points import Points
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
        """Judged, where the factor is finite."""
        factor = np.broadcast_to(np.asarray(self.factor, np.float64), self.x.shape)
        at = np.isfinite(factor)
        return Points.of(self.bound, self.quantity, form, self.x[at], self.y[at], factor[at])


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

    A gradient is judged where the other half adds nothing: its upstream is zero, or its slope is. With both
    zero it is the first half's.
    """
    bounds, dim = [half(spec, parameters, index) for index in (0, 1)], parameters["dim"]
    if upstream is None:
        halves = zip(bounds, np.split(y, 2, axis=dim), strict=True)
        return [ScalarPart(bound, quantity, x, part) for bound, part in halves]
    sent = np.split(upstream, 2, axis=dim)
    alone, parts = [sent[1] == 0, (sent[0] == 0) & (sent[1] != 0)], []
    for index in (0, 1):
        rest = ~alone[0] & ~alone[1]
        alone[index][rest] = [_is_flat(bounds[1 - index], v) for v in x[rest].astype(np.float64).tolist()]
        at = alone[index]
        parts.append(ScalarPart(bounds[index], quantity, x[at], y[at], sent[index][at]))
    return parts


@lru_cache(maxsize=4096)
def _is_flat(bound: Bound, x: float) -> bool:
    """Whether the derivative at x is exactly 0; at NaN both halves say the same."""
    return bool(np.isnan(x)) or pointwise.exact(bound, "gradient", x) == (Fraction(0), Fraction(0))


def gated(
    spec: Spec, parameters: Mapping[str, Any], quantity: str, x: Array, y: Array, upstream: Array | None
) -> list[ScalarPart]:
    """a*g(b); the gradients are upstream*g(b), where a is a number, and upstream*a*g'(b)."""
    bound, dim = gate(spec, parameters), parameters["dim"]
    a, b = np.split(x, 2, axis=dim)
    # 0 times an infinite gate has no value, and neither has an infinite a times an upstream of 0.
    known = ~((a == 0) & is_unbounded(bound, b))
    wide = a.astype(np.float64)
    if upstream is None:
        return [ScalarPart(bound, "forward", b[known], y[known], wide[known])]
    sent = upstream.astype(np.float64)
    first, second = np.split(y, 2, axis=dim)
    number, both = known & ~np.isnan(a), known & ~((sent == 0) & np.isinf(a))
    return [
        ScalarPart(bound, "forward", b[number], first[number], sent[number]),
        ScalarPart(bound, "gradient", b[both], second[both], (sent * wide)[both]),
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
