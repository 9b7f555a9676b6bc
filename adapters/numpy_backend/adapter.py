"""The numpy backend: every activation in numpy and scipy.special.

Everything is computed in binary64, by formulas in which nothing cancels and nothing overflows before
its time, and rounded once. It shares no code with the reference.
"""

from __future__ import annotations

import inspect

import ml_dtypes
import numpy as np
import scipy

from actcheck.adapters.base import (
    Array,
    AttentionCall,
    AttentionResult,
    Description,
    Function,
    Index,
    InPlace,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)
from actcheck.adapters.numpy_backend.attention import PATHS, attention
from actcheck.adapters.numpy_backend.differentiable import Differentiable, has_no
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.functions import ACTIVATIONS
from actcheck.adapters.numpy_backend.modules import module_object
from actcheck.adapters.numpy_backend.piecewise import RReLU


class NumpyAdapter(Differentiable):
    """numpy and scipy.special on the host, one thread."""

    name = "numpy"

    def describe(self) -> Description:
        """numpy's version, with those of its companions and the vector instructions it found."""
        details = {"scipy": scipy.__version__, "ml_dtypes": ml_dtypes.__version__, "vectors": _vectors()}
        return Description("numpy", np.__version__, "cpu", details=details)

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signature of the class; a parameter without a default is left out."""
        if activation not in ACTIVATIONS:
            return has_no(activation, "function")
        parameters = inspect.signature(ACTIVATIONS[activation]).parameters.values()
        return {p.name: p.default for p in parameters if p.default is not p.empty and p.name != "weight"}

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        """Overwrite a copy of x; the gradient comes from the input as it was."""
        made = self.implementation(activation, parameters)
        if not (isinstance(made, Elementwise) and made.has_in_place):
            return has_no(activation, "in-place form")
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
            return has_no(activation, "in-place form")
        storage, gradient = base.copy(order="K"), upstream.copy()
        gradient[index] = made.differentiated(base[index], upstream[index])
        return InPlaceSlice(storage, made.overwrite(storage[index]), gradient)

    def write_out(
        self, activation: str, x: Array, base: Array, index: Index, parameters: Parameters
    ) -> Array | Unsupported:
        """Write over a part of a copy of base."""
        made = self.implementation(activation, parameters)
        if not isinstance(made, Elementwise):
            return has_no(activation, "form that writes into an array")
        storage = base.copy(order="K")
        made.write(x, storage[index])
        return storage

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
        return (
            made.sampled(x, upstream, seed) if isinstance(made, RReLU) else has_no(activation, "random form")
        )

    def attention_paths(self) -> tuple[str, ...]:
        """Training, which drops, and evaluation, which does not."""
        return PATHS

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """Multihead attention and its gradients. A row without a key is NaN."""
        return attention(call)


def _vectors() -> str:
    found = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return " ".join([*found.get("baseline", []), *found.get("found", [])])
