"""The JAX backend: the public functions of jax.nn on the CPU, as they are called, or compiled by jax.jit.

JAX is imported when the adapter is first asked something, so that this module imports without it.
"""

# ruff: noqa: PLC0415 (imports inside functions are the point)

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from importlib import import_module
from typing import Any

from actcheck.adapters.base import Array, Description, Function, Parameters, Unsupported
from actcheck.adapters.packaged import Packaged

#: Functions and derivatives that are kept with what was compiled of them: those of a few activations.
_KEPT = 64


class JaxAdapter(Packaged):
    """jax.nn and jax.numpy; the two backends differ in whether each function is compiled as a whole."""

    packages = ("jax",)
    dialect = "jax"

    def __init__(self, jit: bool = False) -> None:
        self.jit = jit
        self.name = "jax-jit" if jit else "jax"
        #: What is compiled as a whole is computed otherwise, for good and ill.
        self.deviations = f"deviations/{self.name}.yaml"
        self._latest = ""
        kept = lru_cache(maxsize=_KEPT)
        self._kept_whole, self._kept_derivative = kept(self._whole), kept(self._derivative)

    def described(self) -> Description:
        """JAX's version and device; XLA flushes subnormal numbers on the CPU."""
        return Description(
            "jax",
            self._jax.__version__,
            self._jax.devices()[0].platform,
            details={
                "jit": "yes" if self.jit else "no",
                "jaxlib": self._jax.lib.__version__,
                "x64": "enabled",
            },
            number_model="flush_inputs_and_results",
            quantities=("forward", "gradient", "second_derivative"),
            dear_shapes=True,
            dialect=self.dialect,
        )

    @cached_property
    def _jax(self) -> Any:
        jax: Any = import_module("jax")
        # Without it JAX makes float32 of every float64.
        jax.config.update("jax_enable_x64", True)
        return jax

    def own_functions(self) -> Mapping[str, Function]:
        """JAX's own functions by activation id."""
        from actcheck.adapters.jax_backend.functions import FUNCTIONS

        return FUNCTIONS

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signatures of jax.nn."""
        from actcheck.adapters.jax_backend.functions import defaults

        function = self.lookup(activation)
        return function if isinstance(function, Unsupported) else defaults(activation)

    def to_backend(self, array: Array) -> Any:
        """JAX's array with the values of the array, which it copies; there are no strides."""
        return self._jax.numpy.array(array)

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """The function with its parameters; under jit numbers are traced: variants share what is compiled."""
        from actcheck.adapters.jax_backend.functions import APPROXIMATE

        if parameters.get("approximate", "none") not in APPROXIMATE:
            return Unsupported("jax.nn.gelu takes a boolean, so that no word is wrong")
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        numbers = {name: value for name, value in parameters.items() if isinstance(value, float)}
        others = {name: value for name, value in parameters.items() if name not in numbers}
        return partial(self._kept_whole(activation, *others.items()), **numbers)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By jax.vjp."""
        return self._derived("gradient", function)(x, upstream)

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By jax.vjp of the gradient."""
        return self._derived("second_derivative", function)(x)

    def differentiate_forward(self, function: Function, x: Any, tangent: Any) -> Any:
        """By jax.jvp."""
        return self._derived("jvp", function)(x, tangent)

    def differentiate_gradient(self, function: Function, x: Any, upstream: Any, second: Any) -> Any:
        """By jax.vjp of the gradient, with respect to both of its arguments."""
        return self._derived("double_backward", function)(x, upstream, second)

    def _whole(self, activation: str, *words: tuple[str, Any]) -> Function:
        """The function with words and whole numbers as constants."""
        if activation != self._latest:  # what was compiled of others is not asked any more
            self._latest = activation
            self._kept_whole.cache_clear()
            self._kept_derivative.cache_clear()
            self._jax.clear_caches()
        return self._compiled(partial(self.own_functions()[activation], **dict(words)))

    def _derived(self, rule: str, function: Any) -> Function:
        """A derivative of a prepared function, with the numbers of that."""
        return partial(self._kept_derivative(rule, function.func), **function.keywords)

    def _derivative(self, rule: str, function: Function) -> Function:
        from actcheck.adapters.jax_backend import derivatives

        return self._compiled(partial(getattr(derivatives, rule), function))

    def _compiled(self, function: Function) -> Function:
        compiled: Function = self._jax.jit(function) if self.jit else function
        return compiled
