"""What is asked of an activation at an array, taken apart into functions of one number.

An element-wise activation is one function. A channelwise one is a function for each weight, a concatenating
one a function for each half of its result, and a gated one its gate at one half of the input, times the
other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.reference.specification.binding import ORDERS, Bound, bind
from actcheck.reference.specification.choosing import chosen
from actcheck.reference.specification.elements import channel, gate, half, weights_name
from actcheck.reference.specification.model import Spec, Variant

Array = NDArray[Any]


@dataclass(frozen=True)
class Part:
    """One function of one number, and the inputs at which it is asked."""

    bound: Bound
    quantity: str
    x: Array
    #: What it is multiplied by, of the shape of x; None stands for 1.
    factor: Array | None
    #: The view of an array of results that belongs to this part.
    of: Callable[[Array], Array]


@dataclass(frozen=True)
class Parts:
    """All parts of what is asked, and the shape of the result."""

    parts: tuple[Part, ...]
    shape: tuple[int, ...]


def taken_apart(spec: Spec, x: Array, quantity: str, given: Mapping[str, Any]) -> Parts:
    """The parts of a quantity at an array of inputs, for these parameters.

    Raises ValueError or TypeError for parameters, shapes and quantities that have no answer, and for kinds of
    activations whose results are sums.
    """
    if spec.kind not in _KINDS:
        raise ValueError(
            f"{spec.id} has no answer for single elements: its results are sums of many products; hold an "
            f"implementation to it by an adapter: actcheck run --backend NAME --activation {spec.id}"
        )
    variant = chosen(spec, given)
    make, quantities = _KINDS[spec.kind]
    if quantity not in quantities:
        known = ", ".join(quantities)
        more = "; it is a sum over elements, which actcheck run judges" if quantity in spec.accuracy else ""
        raise ValueError(f"{spec.id} has no answer for the quantity {quantity!r}, only for {known}{more}")
    return make(spec, variant, x, quantity, given)


def _whole(result: Array) -> Array:
    return result


def _elementwise(spec: Spec, variant: Variant, x: Array, quantity: str, _: Mapping[str, Any]) -> Parts:
    return Parts((Part(bind(spec, variant), quantity, x, None, _whole),), x.shape)


def _channelwise(spec: Spec, variant: Variant, x: Array, quantity: str, given: Mapping[str, Any]) -> Parts:
    name = weights_name(spec)
    weights = np.atleast_1d(np.asarray(given[name], None if hasattr(given[name], "dtype") else np.float64))
    if weights.ndim != 1 or not np.isfinite(weights.astype(np.float64)).all():
        raise ValueError(f"{spec.id}: {name} is a finite number, or an array of one dimension of such")
    channels = x.shape[1] if x.ndim > 1 else 1
    if len(weights) not in (1, channels):
        raise ValueError(
            f"{spec.id}: {name} has {len(weights)} elements, and the input of shape {x.shape} {channels} "
            "in dimension 1; give one weight, or one for each of these"
        )
    parameters = variant.parameters

    def part(weight: float, at: Any) -> Part:
        return Part(channel(spec, parameters, weight), quantity, x[at], None, lambda result: result[at])

    places: list[Any] = [(slice(None), c) for c in range(channels)] if len(weights) > 1 else [...]
    return Parts(tuple(part(float(w), at) for w, at in zip(weights, places, strict=True)), x.shape)


def _concatenating(spec: Spec, variant: Variant, x: Array, quantity: str, _: Mapping[str, Any]) -> Parts:
    dim = _dimension(spec, variant, x)
    shape = tuple(2 * n if at == dim else n for at, n in enumerate(x.shape))

    def part(index: int) -> Part:
        bound = half(spec, variant.parameters, index)
        return Part(bound, quantity, x, None, lambda result: np.split(result, 2, axis=dim)[index])

    return Parts((part(0), part(1)), shape)


def _gated(spec: Spec, variant: Variant, x: Array, quantity: str, _: Mapping[str, Any]) -> Parts:
    """a*g(b), or for an upstream of ones the gradient g(b) of a and a*g'(b) of b."""
    dim = _dimension(spec, variant, x)
    if x.shape[dim] % 2:
        raise ValueError(
            f"{spec.id}: dimension {dim} of the input has {x.shape[dim]} elements, an odd number"
        )
    bound = gate(spec, variant.parameters)
    a, b = np.split(x, 2, axis=dim)
    factor = a.astype(np.float64)
    if quantity == "forward":
        return Parts((Part(bound, "forward", b, factor, _whole),), a.shape)
    first = Part(bound, "forward", b, None, lambda result: np.split(result, 2, axis=dim)[0])
    second = Part(bound, "gradient", b, factor, lambda result: np.split(result, 2, axis=dim)[1])
    return Parts((first, second), x.shape)


def _dimension(spec: Spec, variant: Variant, x: Array) -> int:
    dim = int(variant.parameters["dim"])  # type: ignore[arg-type]
    if not -x.ndim <= dim < x.ndim:
        raise ValueError(f"{spec.id}: an input of shape {x.shape} has no dimension {dim}")
    return dim % x.ndim


_Making = Callable[[Spec, Variant, Array, str, Mapping[str, Any]], Parts]
_KINDS: Mapping[str, tuple[_Making, tuple[str, ...]]] = {
    "elementwise": (_elementwise, tuple(ORDERS)),
    "random": (_elementwise, tuple(ORDERS)),
    "channelwise": (_channelwise, tuple(ORDERS)),
    "concatenating": (_concatenating, ("forward",)),
    "gated": (_gated, ("forward", "gradient")),
}
