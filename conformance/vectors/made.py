"""The right answers at some telling inputs, and what of a result may be otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.by_file.adapter import plain
from actcheck.conformance.judging.grading import tolerance
from actcheck.conformance.names import of_file
from actcheck.conformance.sampling import places
from actcheck.reference.answers.values import enclosure, exact
from actcheck.reference.expressions.tree import text
from actcheck.reference.formats import FORMATS, Format
from actcheck.reference.specification.binding import ORDERS
from actcheck.reference.specification.model import Spec, Variant
from actcheck.reference.specification.telling import telling_inputs

Array = NDArray[Any]
#: The quantities that have vectors; gradients are for an upstream of ones.
QUANTITIES = tuple(ORDERS)
#: Bounds that are farther apart, of a value or of the smallest, are those of both sides of a kink: see
#: `enclosure` for how near those of one value are.
_KINK, _SMALLEST = 2.0**-40, 2.0**-126


@dataclass(frozen=True)
class Vectors:
    """One quantity of one variant in one format; all arrays are of one length."""

    spec: Spec
    variant: Variant
    format: str
    quantity: str
    #: In the format: inputs, correctly rounded values, and the nearest numbers that no exact value is beyond.
    x: Array
    expected: Array
    below: Array
    above: Array
    #: Proven bounds of the exact values, in float64.
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    @property
    def name(self) -> str:
        """``gelu-approximate=tanh-float32-gradient``."""
        return of_file(self.spec.id, self.variant.label, self.format, self.quantity)

    @property
    def about(self) -> dict[str, Any]:
        """All but the arrays, as JSON has it."""
        allowed = tolerance(self.spec, self.quantity, self.format)
        return {
            "name": self.name,
            "activation": self.spec.id,
            "parameters": {n: plain(v) for n, v in self.variant.parameters.items()},
            "format": self.format,
            "quantity": self.quantity,
            "count": len(self.x),
            "budget": {"ulp": allowed.ulp, "scaled_ulp": allowed.scaled},
            "conventions": {
                "zero_sign": self.spec.zero_sign,
                "kinks": [{"at": text(k.at), "gradient": text(k.torch)} for k in self.spec.kinks],
            },
            "digest": self.spec.digest,
        }


def vectors(
    specs: Sequence[Spec], formats: Sequence[str], quantities: Sequence[str], seed: int, count: int
) -> Iterator[Vectors]:
    """About so many inputs (see `places.stratified`) for each quantity that a specification has a budget for.

    The specifications are element-wise ones.
    """
    for spec in specs:
        for variant in spec.variants:
            for name in formats:
                x = _inputs(spec, variant, FORMATS[name], seed, count)
                for quantity in quantities:
                    if quantity in spec.accuracy:
                        yield _made(spec, variant, name, quantity, x)


def _inputs(spec: Spec, variant: Variant, form: Format, seed: int, count: int) -> Array:
    return places.stratified(form, telling_inputs(spec, variant, form), seed, count)


def _made(spec: Spec, variant: Variant, name: str, quantity: str, x: Array) -> Vectors:
    expected = exact(spec, x, quantity, **variant.parameters)
    lower, upper = enclosure(spec, x, quantity, **variant.parameters)
    below, above = _neighbours(FORMATS[name], expected, lower, upper)
    return Vectors(spec, variant, name, quantity, x, expected, below, above, lower, upper)


def _neighbours(
    form: Format, expected: Array, lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> tuple[Array, Array]:
    """Numbers of the format between which the exact value lies, the rounded one being one of them.

    At a kink all that is right lies between them.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        value = expected.astype(np.float64)
        size = np.maximum(np.maximum(abs(lower), abs(upper)), _SMALLEST)
        kink = upper - lower > _KINK * size
        below = np.where(value <= lower, expected, _next(form, expected, -1))
        above = np.where(value >= upper, expected, _next(form, expected, 1))
        low = np.where(kink, _beyond(form, lower, -1), below)
        high = np.where(kink, _beyond(form, upper, 1), above)
    nan = np.isnan(value)
    return np.where(nan, expected, low), np.where(nan, expected, high)


def _beyond(form: Format, ends: NDArray[np.float64], way: int) -> Array:
    """The nearest numbers of the format that are no smaller (no larger, for a way of -1)."""
    near = ends.astype(form.dtype)
    return np.where(way * (near.astype(np.float64) - ends) >= 0, near, _next(form, near, way))


def _next(form: Format, values: Array, way: int) -> Array:
    """The next number up or down; that of a zero is the smallest of its side, and an infinity has none."""
    keys = form.keys(values)
    keys = np.where(np.asarray(values) == 0, 0 if way > 0 else -1, keys) + way
    top = form.infinity_key
    return form.values(np.clip(keys, -top - 1, top))
