"""The numpy backend with one change: in which call, at which inputs, to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actcheck.adapters.base import Array, Function, InPlace, Parameters, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter
from actcheck.reference.formats import FORMATS, Format

Doubles = NDArray[np.float64]
RIGHT = NumpyAdapter()
_BY_DTYPE = {form.dtype: form for form in FORMATS.values()}


@dataclass(frozen=True)
class Call:
    """One call of a backend, and its right result."""

    quantity: str
    activation: str
    x: Array
    parameters: Parameters
    y: Array
    #: Of gradients.
    upstream: Array | None = None

    @property
    def format(self) -> Format:
        """The format of the input."""
        return _BY_DTYPE[self.x.dtype]

    @cached_property
    def wide(self) -> Doubles:
        """The input in binary64."""
        return self.x.astype(np.float64)

    def again(self, x: Array, parameters: Parameters) -> Array:
        """The right result for another input or other parameters."""
        if self.quantity == "forward":
            return np.asarray(RIGHT.call(self.activation, x, parameters))
        if self.quantity == "second_derivative":
            return np.asarray(RIGHT.call_second_derivative(self.activation, x, parameters))
        upstream = np.ones_like(x) if self.upstream is None else self.upstream.astype(x.dtype)
        return np.asarray(RIGHT.call_gradient(self.activation, x, upstream, parameters))


#: From a call to a result in place of the right one.
Change = Callable[[Call], Any]


@dataclass
class Changed(NumpyAdapter):
    """The numpy backend whose results of one activation, or of all, are changed.

    Its module and in-place forms run what its functions run, so that no difference gives it away.
    """

    name = "planted"
    change: Change
    activation: str = ""
    quantities: tuple[str, ...] = ("forward",)

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call(activation, x, parameters)
        return self._changed("forward", activation, x, parameters, y)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        y = super().call_gradient(activation, x, upstream, parameters)
        return self._changed("gradient", activation, x, parameters, y, upstream)

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        y = super().call_second_derivative(activation, x, parameters)
        return self._changed("second_derivative", activation, x, parameters, y)

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        y = super().weight_gradient(activation, x, upstream, parameters)
        return self._changed("weight_gradient", activation, x, parameters, y, upstream)  # type: ignore[no-any-return]

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        made = super().module(activation, parameters)
        if isinstance(made, Unsupported) or not self._concerns("forward", activation):
            return made
        return lambda x: self.call(activation, x, parameters)

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        made = super().in_place(activation, x, upstream, parameters)
        if isinstance(made, Unsupported) or self.activation not in ("", activation):
            return made
        result = np.asarray(self.call(activation, x, parameters))
        return InPlace(result, made.same_storage, self.call_gradient(activation, x, upstream, parameters))

    def _concerns(self, quantity: str, activation: str) -> bool:
        return quantity in self.quantities and self.activation in ("", activation)

    def _changed(
        self, quantity: str, activation: str, x: Any, parameters: Parameters, y: Any, upstream: Any = None
    ) -> Any:
        known = getattr(x, "dtype", None) in _BY_DTYPE and isinstance(y, np.ndarray)
        if not known or not self._concerns(quantity, activation):
            return y
        with np.errstate(all="ignore"):
            return self.change(Call(quantity, activation, x, parameters, y, upstream))
