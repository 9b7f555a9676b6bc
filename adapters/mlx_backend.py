"""The MLX backend: the public functions of mlx.nn and mlx.core, as they are called.

MLX is imported when the adapter is first asked something, so that this module imports without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from math import inf
from typing import Any

import ml_dtypes
import numpy as np

from actcheck.adapters.base import (
    Adapter,
    Array,
    Description,
    DoubleBackward,
    Function,
    Operator,
    Parameters,
    Unsupported,
    composed,
)

_MISSING = "mlx is not installed: pip install 'actcheck[mlx]'"
_SPEC_NAMES = {"axis": "dim"}
_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


class MlxAdapter(Adapter):
    """mlx.nn, whose functions MLX compiles itself, for any shape."""

    name = "mlx"

    def describe(self) -> Description:
        """MLX's version and device."""
        if find_spec("mlx") is None:
            return Description("mlx", "none", "cpu", unavailable=_MISSING, dialect="jax")
        return Description(
            "mlx",
            self._core.__version__,
            self._core.default_device().type.name,
            quantities=("forward", "gradient", "second_derivative", "weight_gradient"),
            dialect="jax",
        )

    @cached_property
    def _core(self) -> Any:
        return import_module("mlx.core")

    @cached_property
    def _nn(self) -> Any:
        return import_module("mlx.nn")

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """MLX's own functions by activation id; none where it is not installed."""
        return self._functions if find_spec("mlx") else {}

    @cached_property
    def _functions(self) -> Mapping[str, Function | Unsupported]:
        nn, core = self._nn, self._core
        return {
            "celu": nn.celu,
            "crelu": composed(
                "concatenate(relu(x), relu(-x))",
                lambda x, dim: core.concatenate([nn.relu(x), nn.relu(-x)], axis=dim),
            ),
            "elu": nn.elu,
            "gelu": lambda x, approximate: {"none": nn.gelu, "tanh": nn.gelu_approx}[approximate](x),
            "glu": lambda x, dim: nn.glu(x, axis=dim),
            "hardshrink": nn.hard_shrink,
            "hardswish": nn.hardswish,
            "hardtanh": nn.hard_tanh,
            "leaky_relu": nn.leaky_relu,
            "log_softmax": lambda x, dim: nn.log_softmax(x, axis=dim),
            "logsigmoid": nn.log_sigmoid,
            "mish": nn.mish,
            "prelu": self._prelu,
            "relu": nn.relu,
            "relu6": nn.relu6,
            "relu_squared": nn.relu2,
            "selu": nn.selu,
            "sigmoid": nn.sigmoid,
            "silu": nn.silu,
            "softmax": lambda x, dim: nn.softmax(x, axis=dim),
            "softmin": lambda x, dim: nn.softmin(x, axis=dim),
            "softplus": Operator(nn.softplus, fixed={"beta": 1.0, "threshold": inf}),
            "softshrink": nn.softshrink,
            "softsign": nn.softsign,
            "tanh": nn.tanh,
            "tanhshrink": composed("x - tanh(x)", lambda x: x - nn.tanh(x)),
        }

    def _prelu(self, x: Any, weight: Any, **_: Any) -> Any:
        if weight.size > 1:
            return Unsupported("mlx.nn.prelu takes one weight; others it broadcasts along the last dimension")
        return self._nn.prelu(x, weight)

    def lookup(self, activation: str) -> Function | Unsupported:
        """MLX's own function, or why there is none."""
        return Unsupported(_MISSING) if find_spec("mlx") is None else super().lookup(activation)

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signatures of mlx.nn; what a function does not take has the value it computes with."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        if isinstance(function, Operator):
            return function.fixed or Unsupported(f"{activation} is a composition, without defaults of mlx's")
        nn = self._nn
        own = {"glu": nn.glu, "softmax": nn.softmax, "softmin": nn.softmin, "log_softmax": nn.log_softmax}
        given = inspect.signature(own.get(activation, function)).parameters.values()
        told = {p.name: p.default for p in given if p.default is not p.empty}
        return {_SPEC_NAMES.get(name, name): value for name, value in told.items()}

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

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """By mlx.core.vjp with respect to the weight."""
        given, native = dict(parameters), self.to_backend(x)
        weight, function = self.to_backend(given.pop("weight")), self.lookup(activation)
        if isinstance(function, Unsupported) or weight.size > 1:
            return function if isinstance(function, Unsupported) else self._prelu(native, weight)
        return self.to_host(
            self.differentiate(
                lambda w: function(native, weight=w, **given), weight, self.to_backend(upstream)
            )
        )

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Array | Unsupported:
        """By mlx.core.jvp."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        return self.to_host(self._core.jvp(function, [native], [self.to_backend(tangent)])[1][0])

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> DoubleBackward | Unsupported:
        """By mlx.core.vjp of the gradient, with respect to both of its arguments."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        gradient = lambda v, u: self.differentiate(function, v, u)  # noqa: E731
        both = self._core.vjp(gradient, [native, self.to_backend(upstream)], [self.to_backend(second)])[1]
        return DoubleBackward(*map(self.to_host, both))
