"""What an adapter is: the one class that a framework's file subclasses.

The arrays that cross this boundary are numpy arrays on the host, with bfloat16 as
``ml_dtypes.bfloat16``. Inside, an adapter works on its framework's own arrays. Only ``describe`` and
``functions`` must be written; each further method answers one more family of checks, and until it is
written its answer is `Unsupported`, which a report shows with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from actcheck.adapters.forms import Forms
from actcheck.adapters.values import (
    Array,
    BackendLostError,
    DoubleBackward,
    Function,
    Index,
    InPlaceSlice,
    Module,
    Parameters,
    Unsupported,
)

__all__ = [
    "Adapter",
    "Array",
    "AttentionCall",
    "AttentionResult",
    "BackendLostError",
    "Description",
    "DoubleBackward",
    "Function",
    "InPlace",
    "InPlaceSlice",
    "Index",
    "Module",
    "Parameters",
    "Unsupported",
]


@dataclass(frozen=True)
class Description:
    """What a backend says of itself."""

    framework: str
    version: str
    device: str
    #: Formats it computes in, by their names in the specification.
    formats: tuple[str, ...] = ("float16", "bfloat16", "float32", "float64")
    #: Anything else worth printing: threads, instruction set, build.
    details: Mapping[str, str] = field(default_factory=dict)
    #: Why nothing can run here (no such device, say); None when all is well.
    unavailable: str | None = None
    #: The arithmetic that the framework documents: ``ieee``, ``flush_results``, ``flush_inputs_and_results``,
    #: ``no_zero_sign``, or several joined by ``+``. Results are judged in it.
    number_model: str = "ieee"


@dataclass(frozen=True)
class InPlace:
    """What an in-place call did."""

    result: Array
    #: The result lies where the input lay.
    same_storage: bool
    #: The gradient through the in-place call, or why there is none.
    gradient: Array | Unsupported


@dataclass(frozen=True)
class AttentionCall:
    """One call of multihead attention, as numbers: nothing is left to a default.

    Shapes, with L queries, S keys, N batches, E = embed_dim: query (L, N, E), key (S, N, kdim),
    value (S, N, vdim); (N, L, E) and so on with ``batch_first``; without N when unbatched.
    """

    query: Array
    key: Array
    value: Array
    num_heads: int
    #: q_proj_weight (E, E), k_proj_weight (E, kdim), v_proj_weight (E, vdim), in_proj_bias (3E,),
    #: out_proj_weight (E, E), out_proj_bias (E,), bias_k and bias_v (E,); absent where not used.
    weights: Mapping[str, Array]
    add_zero_attn: bool = False
    batch_first: bool = False
    #: (N, S), or (S,) unbatched: boolean, True leaves the key out; or float, added to the logits.
    key_padding_mask: Array | None = None
    #: (L, S) or (N * num_heads, L, S): boolean, True is not allowed; or float, added to the logits.
    attn_mask: Array | None = None
    need_weights: bool = True
    average_attn_weights: bool = True
    is_causal: bool = False
    #: Probability with which a weight is dropped, in training only.
    dropout: float = 0.0
    #: One of the adapter's `attention_paths`.
    path: str = "training"
    #: Gradient of a scalar loss with respect to the output; None asks for no gradients.
    upstream: Array | None = None
    #: Whether, with an upstream, gradients of float masks are asked for too.
    mask_gradients: bool = False
    seed: int = 0


@dataclass(frozen=True)
class AttentionResult:
    """Output, weights (None unless asked for) and gradients by name (query, key, value, weights, masks).

    Inputs that are one array may have one gradient, under their names joined by +, as in query+key+value.
    """

    output: Array
    weights: Array | None = None
    gradients: Mapping[str, Array] = field(default_factory=dict)


class Adapter(Forms):
    """A backend: subclass, describe it, and map activation ids to the framework's own functions.

    ``functions`` returns callables ``f(x, **parameters)`` on the framework's arrays; every parameter of
    the specification is passed, by its name there. Parameter values that are numpy arrays (prelu's
    ``weight``) arrive as the framework's arrays.
    """

    def describe(self) -> Description:
        """Framework, version, device and formats of this backend."""
        raise NotImplementedError(f"{type(self).__name__} must define describe()")

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """Activation id to the function that computes it, or to the reason why there is none."""
        raise NotImplementedError(f"{type(self).__name__} must define functions()")

    def to_backend(self, array: Array) -> Any:
        """The framework's array with the same values, format and (where it has them) strides."""
        return array

    def to_host(self, array: Any) -> Array:
        """A numpy array with the same values and format."""
        return np.asarray(array)

    # One method more for each family of checks.

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """The framework's gradient of ``function`` at x times upstream, on its own arrays."""
        return Unsupported(f"{self.name} computes no gradients")

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """The framework's elementwise second derivative of ``function`` at x, on its own arrays."""
        return Unsupported(f"{self.name} computes no second derivatives")

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The gradient with respect to the parameter ``weight`` (prelu), of the weight's shape."""
        return Unsupported(f"{self.name} computes no weight gradients")

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """The framework's own default parameters, read from the framework and named as in the spec."""
        return Unsupported(f"{self.name} does not report defaults")

    def in_place(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> InPlace | Unsupported:
        """Run the in-place form on a copy of x, and its gradient for ``upstream``."""
        return Unsupported(f"{self.name} has no in-place forms")

    def module(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        """Construct the module form; raises what the framework raises for bad parameters."""
        return Unsupported(f"{self.name} has no module forms")

    def sample(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters, seed: int
    ) -> tuple[Array, Array | Unsupported] | Unsupported:
        """Training form of a random activation (rrelu) with this seed: the result and its gradient."""
        return Unsupported(f"{self.name} has no random training forms")

    def attention_paths(self) -> tuple[str, ...]:
        """Names of the code paths of multihead attention, such as training, evaluation, fast."""
        return ()

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        """One call of multihead attention."""
        return Unsupported(f"{self.name} has no multihead attention")

    def consecutive(self, start: int, count: int, positive: bool) -> Any:
        """The float32 numbers of one sign with magnitude patterns from a start on, on the device itself.

        None, as here, where arrays live on the host: sweeps then judge them there.
        """
        return None

    def use_threads(self, count: int) -> bool:
        """Compute with this many threads from now on; False where the backend has no such setting."""
        return False

    def synchronize(self) -> None:
        """Wait for the device: what was asked for is computed when this returns."""

    def snippet(
        self, activation: str, parameters: Parameters, format_name: str, way: str
    ) -> str | Unsupported:
        """Python text for scripts that show a fault with the framework alone.

        It defines ``VERSION`` (a string), ``array(values)`` (the framework's array of a list of floats, in
        the format), ``compute(x, upstream)`` (for a gradient, or a derivative in forward mode, times another)
        and ``numbers(result)`` (a flat list of floats). Ways are forward, gradient, second_derivative; and
        tangent, which defines ``expanded(values, rows)`` too; in_place_gradient; out, with
        ``write(x, out)``; and module, which defines ``VERSION`` and ``MODULE`` alone. Without it scripts call
        this adapter where they can.
        """
        return Unsupported(f"{self.name} gives no text of its calls")

    def attention_snippet(self, call: AttentionCall) -> str | Unsupported:
        """Python text for scripts about a call of multihead attention.

        It defines ``VERSION``, ``array(dtype, shape, values, strides)`` (of nested lists; strides, in
        elements, where the array is not in C order) and ``attend(seed)``: results by name (output, weights,
        ``gradient of query``, ...) for the ``ARRAYS``, ``WEIGHTS`` and ``OPTIONS`` that the script holds
        under the names of `AttentionCall`.
        """
        return Unsupported(f"{self.name} gives no text of its calls")

    # What the harness calls; rarely overridden.

    def lookup(self, activation: str) -> Function | Unsupported:
        """The function for an activation id, or why there is none."""
        return self.functions().get(activation, Unsupported(f"{self.name} has no {activation}"))

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The activation on the framework's own arrays: another such array, or `Unsupported`."""
        function = self._bound(activation, parameters)
        return function if isinstance(function, Unsupported) else function(x)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        """The gradient on the framework's own arrays, or `Unsupported`."""
        function = self._bound(activation, parameters)
        return function if isinstance(function, Unsupported) else self.differentiate(function, x, upstream)

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The second derivative on the framework's own arrays, or `Unsupported`."""
        function = self._bound(activation, parameters)
        return function if isinstance(function, Unsupported) else self.differentiate_twice(function, x)

    def forward(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """The activation of a host array, as a host array of the same shape and format."""
        return self._host(self.call(activation, self.to_backend(x), parameters))

    def gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """The gradient at x times upstream, as a host array of the shape of x."""
        native = self.to_backend(x), self.to_backend(upstream)
        return self._host(self.call_gradient(activation, *native, parameters))

    def second_derivative(self, activation: str, x: Array, parameters: Parameters) -> Array | Unsupported:
        """The elementwise second derivative at x, as a host array."""
        return self._host(self.call_second_derivative(activation, self.to_backend(x), parameters))

    def _bound(self, activation: str, parameters: Parameters) -> Function | Unsupported:
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        native = {
            name: self.to_backend(value) if isinstance(value, np.ndarray) else value
            for name, value in parameters.items()
        }
        return lambda x: function(x, **native)

    def _host(self, result: Any) -> Array | Unsupported:
        return result if isinstance(result, Unsupported) else self.to_host(result)
