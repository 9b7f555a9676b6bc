"""The ways in which a backend gives a quantity times a factor. A new way is one entry of `WAYS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.conformance.backends.asker import Asker

Array = NDArray[Any]


@dataclass(frozen=True)
class Way:
    """One way, by the name that its faults begin with."""

    name: str
    #: What a message calls it.
    words: str
    ask: Callable[[Asker, Array, Array], Array]
    #: The one that training uses, which is asked in every pair of layouts.
    main: bool = False


def _by_upstream(asker: Asker, x: Array, factor: Array) -> Array:
    """The derivative of the gradient by the upstream, which is the slope where the upstream is 0, too."""
    return asker.double_backward(x, np.zeros_like(x), factor).upstream


def _first_upstream(asker: Asker, x: Array, factor: Array) -> Array:
    return asker.double_backward(x, factor, np.ones_like(x)).input


def _second_upstream(asker: Asker, x: Array, factor: Array) -> Array:
    return asker.double_backward(x, np.ones_like(x), factor).input


WAYS: Mapping[str, tuple[Way, ...]] = {
    "gradient": (
        Way("upstream", "gradient", Asker.gradient, main=True),
        Way("tangent", "derivative in forward mode", Asker.jvp),
        Way("by_upstream", "derivative by the upstream", _by_upstream),
    ),
    "second_derivative": (
        Way("upstream", "second derivative times an upstream", _first_upstream, main=True),
        Way("second_upstream", "second derivative times an upstream of its own", _second_upstream),
    ),
}
