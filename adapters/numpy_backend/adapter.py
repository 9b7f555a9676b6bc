"""The numpy backend: every activation in numpy and scipy.special.

Everything is computed in binary64, by formulas in which nothing cancels and nothing overflows before
its time, and rounded once. It shares no code with the reference.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np
import scipy

from actcheck.adapters.base import (
    Adapter,
    Array,
    AttentionCall,
    AttentionResult,
    Description,
    DoubleBackward,
    Function,
    Index,
    InPlace,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)
from actcheck.adapters.numpy_backend.attention import PATHS, attention
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.functions import ACTIVATIONS
from actcheck.adapters.numpy_backend.modules import module_object
from actcheck.adapters.numpy_backend.piecewise import RReLU
from actcheck.adapters.numpy_backend.structured import PReLU


class NumpyAdapter(Adapter):
    """numpy and scipy.special on the host, one thread."""

    name = "numpy"

    def describe(self) -> Description:
        """numpy's version, with those of its companions and the vector instructions it found."""
        details = {"scipy": scipy.__version__, "ml_dtypes": ml_dtypes.__version__, "vectors": _vectors()}
        return Description("numpy", np.__version__, "cpu", details=details)

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """``f(x, **parameters)`` for every activation; multihead attention is called by `attention`."""
        return {name: partial(self._evaluate, name) for name in ACTIVATIONS}

    def implementation(self, activation: str, parameters: Parameters) -> Any:
        """What computes an activation with these parameters, which it checks; `Unsupported` for others."""
        kind = ACTIVATIONS.get(activation)
        return _no(activation, "function") if kind is None else kind(**parameters)

    def _evaluate(self, activation: str, x: Any, **parameters: Any) -> Any:
        return self.implementation(activation, parameters)(x)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        """The derivative by its own formula, times upstream."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated(x, upstream)
            if hasattr(made, "differentiated")
            else _no(activation, "gradient")
        )

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The second derivative by its own formula, for the element-wise activations."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated_twice(x)
            if isinstance(made, Elementwise)
            else _no(activation, "second derivative")
        )

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """prelu's, with an exact sum."""
        made = self.implementation(activation, parameters)
        return made.weight_gradient(x, upstream) if isinstance(made, PReLU) else _no(activation, "weight")

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signature of the class; a parameter without a default is left out."""
        if activation not in ACTIVATIONS:
            return _no(activation, "function")
        parameters = inspect.signature(ACTIVATIONS[activation]).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not p.empty and p.name != "weight"}

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        """Overwrite a copy of x; the gradient comes from the input as it was."""
        made = self.implementation(activation, parameters)
        if not (isinstance(made, Elementwise) and made.has_in_place):
            return _no(activation, "in-place form")
        storage = x.copy(order="K")
        result = made.overwrite(storage)
        same = result.ctypes.data == storage.ctypes.data and result.strides == storage.strides
        return InPlace(result, same, made.differentiated(x, upstream))

    def in_place_slice(
        self, activation: str, base: Array, index: Index, upstream: Array, parameters: Parameters
    ) -> InPlaceSlice | Unsupported:
        """Overwrite a part of a copy of base; beside it the gradient is the upstream."""
        made = self.implementation(activation, parameters)
        if not (isinstance(made, Elementwise) and made.has_in_place):
            return _no(activation, "in-place form")
        storage, gradient = base.copy(order="K"), upstream.copy()
        gradient[index] = made.differentiated(base[index], upstream[index])
        return InPlaceSlice(storage, made.overwrite(storage[index]), gradient)

    def write_out(
        self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters
    ) -> Array | Unsupported:
        """Write over a part of a copy of base."""
        made = self.implementation(activation, parameters)
        if not isinstance(made, Elementwise):
            return _no(activation, "form that writes into an array")
        storage = base.copy(order="K")
        made.write(x, storage[index])
        return storage

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Array | Unsupported:
        """The derivative by its own formula, times the tangent."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated(x, tangent)
            if isinstance(made, Elementwise)
            else _no(activation, "forward mode")
        )

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> DoubleBackward | Unsupported:
        """Both derivatives by their own formulas, times what comes in."""
        made = self.implementation(activation, parameters)
        if not isinstance(made, Elementwise):
            return _no(activation, "double backward")
        return DoubleBackward(made.differentiated_twice(x, upstream, second), made.differentiated(x, second))

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        """The class with its parameters, which it checks."""
        made: Function | Unsupported = self.implementation(activation, parameters)
        return made

    def module_object(
        self, activation: str, parameters: Parameters, format_name: str, seed: int
    ) -> Module | Unsupported:
        """The class with its parameters, as Python's pickle and copy see it."""
        made = self.implementation(activation, parameters)
        return module_object(made, format_name) if callable(made) else made

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> tuple[Array, Array | Unsupported] | Unsupported:
        """rrelu's training form, with a numpy generator of this seed."""
        made = self.implementation(activation, parameters)
        return made.sampled(x, upstream, seed) if isinstance(made, RReLU) else _no(activation, "random form")

    def attention_paths(self) -> tuple[str, ...]:
        """Training, which drops, and evaluation, which does not."""
        return PATHS

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """Multihead attention and its gradients. A row without a key is NaN."""
        return attention(call)


def _no(activation: str, what: str) -> Unsupported:
    return Unsupported(f"the numpy backend has no {what} of {activation}")


def _vectors() -> str:
    found = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return " ".join([*found.get("baseline", []), *found.get("found", [])])
