"""The functions of the numpy backend and their derivatives, each by its own formula."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from actcheck.adapters.base import Adapter, Array, DoubleBackward, Function, Parameters, Unsupported
from actcheck.adapters.numpy_backend.elementwise import Elementwise
from actcheck.adapters.numpy_backend.functions import ACTIVATIONS
from actcheck.adapters.numpy_backend.structured import PReLU


class Differentiable(Adapter):
    """What computes an activation, and what its derivatives."""

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """``f(x, **parameters)`` for every activation; multihead attention is called by `attention`."""
        return {name: partial(self._evaluate, name) for name in ACTIVATIONS}

    def implementation(self, activation: str, parameters: Parameters) -> Any:
        """What computes an activation with these parameters, which it checks; `Unsupported` for others."""
        kind = ACTIVATIONS.get(activation)
        return has_no(activation, "function") if kind is None else kind(**parameters)

    def _evaluate(self, activation: str, x: Any, **parameters: Any) -> Any:
        return self.implementation(activation, parameters)(x)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        """The derivative by its own formula, times upstream."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated(x, upstream)
            if hasattr(made, "differentiated")
            else has_no(activation, "gradient")
        )

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The second derivative by its own formula, for the element-wise activations."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated_twice(x)
            if isinstance(made, Elementwise)
            else has_no(activation, "second derivative")
        )

    def weight_gradient(
        self, activation: str, x: Array, upstream: Array, parameters: Parameters
    ) -> Array | Unsupported:
        """prelu's, with an exact sum."""
        made = self.implementation(activation, parameters)
        return made.weight_gradient(x, upstream) if isinstance(made, PReLU) else has_no(activation, "weight")

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Array | Unsupported:
        """The derivative by its own formula, times the tangent."""
        made = self.implementation(activation, parameters)
        return (
            made.differentiated(x, tangent)
            if isinstance(made, Elementwise)
            else has_no(activation, "forward mode")
        )

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> DoubleBackward | Unsupported:
        """Both derivatives by their own formulas, times what comes in."""
        made = self.implementation(activation, parameters)
        if not isinstance(made, Elementwise):
            return has_no(activation, "double backward")
        return DoubleBackward(made.differentiated_twice(x, upstream, second), made.differentiated(x, second))


def has_no(activation: str, what: str) -> Unsupported:
    """The answer where an activation has no such form here."""
    return Unsupported(f"the numpy backend has no {what} of {activation}")
