"""The TensorFlow backend: operation by operation, on its first device.

TensorFlow is imported when the adapter is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property, wraps
from importlib import import_module
from importlib.metadata import version
from typing import Any

from actcheck.adapters.base import Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.packaged import Packaged


def _or_reason(derivative: Function) -> Function:
    """A derivative, or why an operation's gradient has no derivative of its own."""

    @wraps(derivative)
    def asked(*given: Any) -> Any:
        try:
            return derivative(*given)
        except LookupError as error:
            if "gradient registry" not in str(error):
                raise
            return Unsupported(f"TensorFlow's {error.args[0]}")

    return asked


class TensorFlowAdapter(Packaged):
    """tf.nn, and tf.keras.activations for what that lacks."""

    name = "tensorflow"
    packages = ("tensorflow",)
    dialect = "tensorflow"

    def described(self) -> Description:
        """TensorFlow's version and device; its kernels flush subnormal numbers."""
        return Description(
            "tensorflow",
            self._tf.__version__,
            self._tf.config.list_logical_devices()[-1].device_type.lower(),
            details={"keras": version("keras"), "oneDNN": os.environ.get("TF_ENABLE_ONEDNN_OPTS", "1")},
            number_model="flush_inputs_and_results",
            quantities=("forward", "gradient", "second_derivative"),
            dialect=self.dialect,
        )

    @cached_property
    def _tf(self) -> Any:
        # Its remarks on the build are not the run's.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        return import_module("tensorflow")

    def own_functions(self) -> Mapping[str, Function]:
        """TensorFlow's own functions by activation id."""
        self._tf  # noqa: B018 (loaded with its remarks off)
        from actcheck.adapters.tensorflow_backend.functions import FUNCTIONS

        return FUNCTIONS

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signatures of TensorFlow."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        from actcheck.adapters.tensorflow_backend.functions import defaults

        return defaults(activation)

    def to_backend(self, array: Array) -> Any:
        """TensorFlow's tensor with the values of the array, which it copies; there are no strides."""
        return self._tf.constant(array)

    def to_host(self, array: Any) -> Array:
        """A numpy array."""
        host: Array = array.numpy()
        return host

    def form(self, x: Any) -> tuple[str, int]:
        """By the tensor's type and shape."""
        return x.dtype.name, x.shape.rank

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By tf.GradientTape."""
        with self._tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        # Where nothing leads to x, as in a second derivative of lines, the tape's own answer is None.
        return tape.gradient(y, x, upstream, unconnected_gradients="zero")

    @_or_reason
    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By two of them, or TensorFlow's reason why there is none."""
        ones = self._tf.ones_like(x)
        return self.differentiate(lambda v: self.differentiate(function, v, ones), x, ones)

    @_or_reason
    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """By tf.autodiff.ForwardAccumulator, or TensorFlow's reason why there is none."""
        with self._tf.autodiff.ForwardAccumulator(x, tangent) as forward:
            y = function(x)
        return forward.jvp(y)

    @_or_reason
    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """By a tape of the gradient, with respect to both of its arguments, or TensorFlow's reason."""
        with self._tf.GradientTape() as tape:
            tape.watch((x, upstream))
            gradient = self.differentiate(function, x, upstream)
        return tape.gradient(gradient, (x, upstream), second, unconnected_gradients="zero")
