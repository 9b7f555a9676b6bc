"""Backends with planted faults, made from the numpy backend: what the checks and the harness must catch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

#: From input, right result and parameters to a wrong result.
Change = Callable[[Array, Array, Mapping[str, Any]], Any]


class Planted(NumpyAdapter):
    """The numpy backend with one activation changed."""

    name = "planted"

    def __init__(
        self,
        activation: str = "",
        forward: Change | None = None,
        gradient: Change | None = None,
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        self.activation = activation
        self.changes = {"forward": forward, "gradient": gradient}
        self.own_defaults = defaults

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return self._changed("forward", activation, x, y, parameters)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        y = super().call_gradient(activation, x, upstream, parameters)
        return self._changed("gradient", activation, x, y, parameters)

    def to_host(self, array: Any) -> Any:
        return array

    def defaults(self, activation: str) -> Parameters | Unsupported:
        own = super().defaults(activation)
        if activation != self.activation or self.own_defaults is None:
            return own
        return self.own_defaults

    def _changed(self, quantity: str, activation: str, x: Any, y: Any, parameters: Parameters) -> Any:
        change = self.changes[quantity]
        if activation != self.activation or change is None:
            return y
        with np.errstate(all="ignore"):
            return change(x, y, parameters)


def where(condition: Callable[[Array], Array], value: Any) -> Change:
    """Another value where the input fulfils a condition."""
    return lambda x, y, parameters: np.where(condition(x), np.asarray(value, x.dtype), y)


def in_float64(formula: Callable[[Array, Mapping[str, Any]], Array]) -> Change:
    """A formula computed in float64 and rounded."""
    return lambda x, y, parameters: formula(x.astype(np.float64), parameters).astype(x.dtype)


def scaled_by(factor: float) -> Change:
    """The right result times a factor, computed in float64."""
    return lambda x, y, parameters: (y.astype(np.float64) * factor).astype(y.dtype)
