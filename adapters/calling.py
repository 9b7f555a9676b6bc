"""What the harness calls, and adapters rarely override: from a host array to the framework's result."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np

from actcheck.adapters.forms import Forms
from actcheck.adapters.values import Array, DoubleBackward, Function, Operator, Parameters, Unsupported

#: Prepared functions that are kept: more than the variants, formats and ranks of one activation.
_KEPT = 256


class Calling(Forms):
    """The calls of a function and its derivatives, by what an adapter says of its framework."""

    # What an adapter says.

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """Activation id to the function that computes it, or to the reason why there is none."""
        raise NotImplementedError(f"{type(self).__name__} must define functions()")

    def to_backend(self, array: Array) -> Any:
        """The framework's array with the same values, format and (where it has them) strides."""
        return array

    def to_host(self, array: Any) -> Array:
        """A numpy array with the same values and format."""
        return np.asarray(array)

    def form(self, x: Any) -> tuple[str, int]:
        """The format, by its name in the specification, and the rank of one of the framework's arrays."""
        return str(x.dtype).rpartition(".")[2], x.ndim

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """What computes an activation of arrays of one format and rank: called once, and the result is kept.

        Here a runtime builds a graph, opens a session or compiles. ``parameters`` holds all that are no
        arrays; those that are (prelu's ``weight``) are given to the result by name, on each call.
        """
        function = self.lookup(activation)
        return function if isinstance(function, Unsupported) else partial(function, **parameters)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """The framework's gradient of ``function`` at x times upstream, on its own arrays.

        For one activation, format, rank and set of parameters the function is the same object each time,
        but where a parameter is an array.
        """
        return Unsupported(f"{self.name} computes no gradients")

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """The framework's elementwise second derivative of ``function`` at x, on its own arrays."""
        return Unsupported(f"{self.name} computes no second derivatives")

    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """The framework's derivative of ``function`` at x times a tangent, by forward mode, likewise."""
        return Unsupported(f"{self.name} has no forward mode")

    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """What flows back through the gradient of ``function`` for upstream, when ``second`` comes in.

        A pair of the framework's own arrays: what arrives at x and at upstream.
        """
        return Unsupported(f"{self.name} has no double backward")

    # What the harness calls; rarely overridden.

    def lookup(self, activation: str) -> Function | Unsupported:
        """The function for an activation id, or why there is none."""
        return self.functions().get(activation, Unsupported(f"{self.name} has no {activation}"))

    def limit(
        self, activation: str, parameters: Parameters, format_name: str, quantity: str
    ) -> Unsupported | None:
        """Why an activation cannot be asked this: a format or a parameter that the framework's own lacks.

        A format that is empty is any.
        """
        found = self.lookup(activation)
        told = found.limit(parameters, format_name, quantity) if isinstance(found, Operator) else None
        return Unsupported(f"{activation} of {self.name} {told}") if told else None

    def bound(self, activation: str, x: Any, parameters: Parameters, quantity: str = "forward") -> Any:
        """A function of arrays like x, the same object each time, or `Unsupported`.

        Where parameters are arrays it is a new object with each call.
        """
        arrays = {name: value for name, value in parameters.items() if isinstance(value, np.ndarray)}
        plain = {name: value for name, value in parameters.items() if name not in arrays}
        format_name, rank = self.form(x)
        limit = self.limit(activation, plain, format_name, quantity)
        if limit:
            return limit
        function = self._kept(activation, format_name, rank, plain)
        if isinstance(function, Unsupported) or not arrays:
            return function
        return partial(function, **{name: self.to_backend(value) for name, value in arrays.items()})

    @cached_property
    def _prepared(self) -> dict[tuple[Any, ...], Function | Unsupported]:
        return {}

    def _kept(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        # Equal numbers of other types or signs are other parameters, which their texts tell apart.
        texts = ((name, type(value), repr(value)) for name, value in parameters.items())
        key = (activation, format_name, rank, *texts)
        if key not in self._prepared:
            if len(self._prepared) >= _KEPT:
                self._prepared.pop(next(iter(self._prepared)))
            self._prepared[key] = self.prepare(activation, format_name, rank, parameters)
        return self._prepared[key]

    def call(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The activation on the framework's own arrays: another such array, or `Unsupported`."""
        function = self.bound(activation, x, parameters)
        return function if isinstance(function, Unsupported) else function(x)

    def call_gradient(self, activation: str, x: Any, upstream: Any, parameters: Parameters) -> Any:
        """The gradient on the framework's own arrays, or `Unsupported`."""
        function = self.bound(activation, x, parameters, "gradient")
        return function if isinstance(function, Unsupported) else self.differentiate(function, x, upstream)

    def call_second_derivative(self, activation: str, x: Any, parameters: Parameters) -> Any:
        """The second derivative on the framework's own arrays, or `Unsupported`."""
        function = self.bound(activation, x, parameters, "second_derivative")
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

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Array | Unsupported:
        """The derivative at x times a tangent by forward mode, as a host array of the shape of x."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        return self._host(self.differentiate_forward(function, native, self.to_backend(tangent)))

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> DoubleBackward | Unsupported:
        """What flows back through the gradient for ``upstream``, when ``second`` comes in from above it."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        others = self.to_backend(upstream), self.to_backend(second)
        found = self.differentiate_gradient(function, native, *others)
        return found if isinstance(found, Unsupported) else DoubleBackward(*map(self.to_host, found))

    def _host(self, result: Any) -> Array | Unsupported:
        return result if isinstance(result, Unsupported) else self.to_host(result)
