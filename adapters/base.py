"""What an adapter is: the one class that a framework's file subclasses.

The arrays that cross this boundary are numpy arrays on the host, with bfloat16 as
``ml_dtypes.bfloat16``. Inside, an adapter works on its framework's own arrays. Only ``describe`` and
``functions`` must be written; each further method answers one more family of checks, and until it is
written its answer is `Unsupported`, which a report shows with its reason.
"""

from __future__ import annotations

from typing import Any

from actcheck.adapters.calling import Calling
from actcheck.adapters.records import AttentionCall, AttentionResult, Description, InPlace
from actcheck.adapters.values import (
    Array,
    BackendLostError,
    DoubleBackward,
    Function,
    Index,
    InPlaceSlice,
    Module,
    Operator,
    Parameters,
    Unsupported,
    composed,
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
    "Operator",
    "Parameters",
    "Unsupported",
    "composed",
]


class Adapter(Calling):
    """A backend: subclass, describe it, and map activation ids to the framework's own functions.

    ``functions`` returns callables ``f(x, **parameters)`` on the framework's arrays; every parameter of
    the specification is passed, by its name there. Parameter values that are numpy arrays (prelu's
    ``weight``) arrive as the framework's arrays.
    """

    def describe(self) -> Description:
        """Framework, version, device and formats of this backend."""
        raise NotImplementedError(f"{type(self).__name__} must define describe()")

    # One method more for each family of checks.

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
