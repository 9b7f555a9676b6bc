"""The MLX backend: the public functions of mlx.nn and mlx.core, as they are called.

MLX is imported when the adapter is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from importlib import import_module
from typing import Any

import ml_dtypes
import numpy as np

from actcheck.adapters.base import Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.packaged import Packaged

_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


class MlxAdapter(Packaged):
    """mlx.nn, whose functions MLX compiles itself, for any shape."""

    name = "mlx"
    packages = ("mlx",)
    dialect = "mlx"

    def described(self) -> Description:
        """MLX's version and device."""
        core = self._core
        return Description(
            "mlx",
            core.__version__,
            core.default_device().type.name,
            quantities=("forward", "gradient", "second_derivative", "weight_gradient"),
            dialect=self.dialect,
        )

    @cached_property
    def _core(self) -> Any:
        return import_module("mlx.core")

    def own_functions(self) -> Mapping[str, Function | Unsupported]:
        """MLX's own functions by activation id."""
        from actcheck.adapters.mlx_backend.functions import FUNCTIONS

        return FUNCTIONS

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signatures of mlx.nn."""
        from actcheck.adapters.mlx_backend.functions import defaults

        function = self.lookup(activation)
        return function if isinstance(function, Unsupported) else defaults(activation)

    def bound(self, activation: str, x: Any, parameters: Parameters, quantity: str = "forward") -> Any:
        """As in every adapter; MLX broadcasts weights along the last dimension, which are channels to it."""
        weight = parameters.get("weight")
        if isinstance(weight, np.ndarray) and weight.size > 1:
            return Unsupported("mlx.nn.prelu has its channels in the last dimension")
        return super().bound(activation, x, parameters, quantity)

    def to_backend(self, array: Array) -> Any:
        """MLX's array with the values and format of the array; there are no strides."""
        core, array = self._core, np.ascontiguousarray(array).reshape(array.shape)
        if array.dtype == _BFLOAT16:
            return core.array(array.view(np.uint16)).view(core.bfloat16)
        own = getattr(core, {"bool": "bool_"}.get(array.dtype.name, array.dtype.name), None)
        if own is None:
            raise TypeError(f"MLX has no arrays of {array.dtype}")
        return core.array(array, dtype=own)

    def to_host(self, array: Any) -> Array:
        """A numpy array; MLX computes what it is."""
        if array.dtype == self._core.bfloat16:
            return np.array(array.view(self._core.uint16)).view(_BFLOAT16)
        return np.array(array)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By mlx.core.vjp."""
        return self._core.vjp(function, [x], [upstream])[1][0]

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By mlx.core.vjp of the gradient."""
        ones = self._core.ones_like(x)
        return self.differentiate(lambda v: self.differentiate(function, v, ones), x, ones)

    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """By mlx.core.jvp."""
        return self._core.jvp(function, [x], [tangent])[1][0]

    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """By mlx.core.vjp of the gradient, with respect to both of its arguments."""
        return self._core.vjp(partial(self.differentiate, function), [x, upstream], [second])[1]

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """By mlx.core.vjp with respect to the weight."""
        given, native = dict(parameters), self.to_backend(x)
        lacks, function = self.bound(activation, native, parameters), self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        if isinstance(lacks, Unsupported):
            return lacks
        weight = self.to_backend(given.pop("weight"))
        of_weight = lambda w: function(native, weight=w, **given)  # noqa: E731
        return self.to_host(self.differentiate(of_weight, weight, self.to_backend(upstream)))
