"""The JAX backend: the public functions of jax.nn on the CPU, as they are called, or compiled by jax.jit.

JAX is imported when the adapter is first asked something, so that this module imports without it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from math import inf
from typing import Any

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

_MISSING = "jax is not installed: pip install 'actcheck[jax]'"
#: Functions and derivatives that are kept with what was compiled of them: those of a few activations.
_KEPT = 64


class JaxAdapter(Adapter):
    """jax.nn and jax.numpy; the two backends differ in whether each function is compiled as a whole."""

    def __init__(self, jit: bool = False) -> None:
        self.jit = jit
        self.name = "jax-jit" if jit else "jax"
        self._latest = ""
        kept = lru_cache(maxsize=_KEPT)
        self._kept_whole, self._kept_derivative = kept(self._whole), kept(self._derivative)

    def describe(self) -> Description:
        """JAX's version and device; XLA flushes subnormal numbers on the CPU."""
        if find_spec("jax") is None:
            return Description("jax", "none", "cpu", unavailable=_MISSING)
        device = self._jax.devices()[0]
        return Description(
            "jax",
            self._jax.__version__,
            device.platform,
            details={
                "jit": "yes" if self.jit else "no",
                "jaxlib": self._jax.lib.__version__,
                "x64": "enabled",
            },
            number_model="flush_inputs_and_results",
            quantities=("forward", "gradient", "second_derivative"),
            dear_shapes=True,
            dialect="jax",
        )

    @cached_property
    def _jax(self) -> Any:
        jax: Any = import_module("jax")
        # Without it JAX makes float32 of every float64.
        jax.config.update("jax_enable_x64", True)
        return jax

    def functions(self) -> Mapping[str, Function | Unsupported]:
        """JAX's own functions by activation id; none where JAX is not installed."""
        return self._functions if find_spec("jax") else {}

    @cached_property
    def _functions(self) -> Mapping[str, Function]:
        nn, jnp = self._jax.nn, self._jax.numpy
        return {
            "celu": nn.celu,
            "crelu": composed(
                "concatenate(relu(x), relu(-x))",
                lambda x, dim: jnp.concatenate((nn.relu(x), nn.relu(-x)), axis=dim),
            ),
            "elu": nn.elu,
            "gelu": lambda x, approximate: nn.gelu(x, _APPROXIMATE[approximate]),
            "glu": lambda x, dim: nn.glu(x, axis=dim),
            "hardsigmoid": nn.hard_sigmoid,
            "hardswish": nn.hard_swish,
            "hardtanh": Operator(nn.hard_tanh, fixed={"min_val": -1.0, "max_val": 1.0}),
            "leaky_relu": nn.leaky_relu,
            "log_softmax": lambda x, dim: nn.log_softmax(x, axis=dim),
            "logsigmoid": nn.log_sigmoid,
            "mish": nn.mish,
            "relu": nn.relu,
            "relu6": nn.relu6,
            "selu": nn.selu,
            "sigmoid": nn.sigmoid,
            "silu": nn.silu,
            "softmax": lambda x, dim: nn.softmax(x, axis=dim),
            "softplus": Operator(nn.softplus, fixed={"beta": 1.0, "threshold": inf}),
            "softsign": nn.soft_sign,
            "squareplus": nn.squareplus,
            "tanh": jnp.tanh,
            "tanhshrink": composed("x - tanh(x)", lambda x: x - jnp.tanh(x)),
        }

    def lookup(self, activation: str) -> Function | Unsupported:
        """JAX's own function, or why there is none."""
        return Unsupported(_MISSING) if find_spec("jax") is None else super().lookup(activation)

    def defaults(self, activation: str) -> Parameters | Unsupported:
        """From the signatures of jax.nn; what a function does not take has the value it computes with."""
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        if isinstance(function, Operator) and function.fixed:
            return function.fixed
        nn = self._jax.nn
        own = {"gelu": nn.gelu, "glu": nn.glu, "softmax": nn.softmax, "log_softmax": nn.log_softmax}
        named = own.get(activation, function)
        if isinstance(named, Operator):
            return Unsupported(f"{activation} is a composition, which has no defaults of jax's")
        given = inspect.signature(named).parameters.values()
        told = {p.name: p.default for p in given if p.default is not p.empty}
        return {_SPEC_NAMES.get(n, n): _WORDS[v] if n == "approximate" else v for n, v in told.items()}

    def to_backend(self, array: Array) -> Any:
        """JAX's array with the values of the array, which it copies; there are no strides."""
        return self._jax.numpy.array(array)

    def prepare(
        self, activation: str, format_name: str, rank: int, parameters: Parameters
    ) -> Function | Unsupported:
        """The function with its parameters; under jit numbers are traced: variants share what is compiled."""
        if parameters.get("approximate", "none") not in _APPROXIMATE:
            return Unsupported("jax.nn.gelu takes a boolean, so that no word is wrong")
        function = self.lookup(activation)
        if isinstance(function, Unsupported):
            return function
        numbers = {name: value for name, value in parameters.items() if isinstance(value, float)}
        others = {name: value for name, value in parameters.items() if name not in numbers}
        return partial(self._kept_whole(activation, *others.items()), **numbers)

    def differentiate(self, function: Function, x: Any, upstream: Any) -> Any:
        """By jax.vjp."""
        return self._derived(_gradient, function)(x, upstream)

    def differentiate_twice(self, function: Function, x: Any) -> Any:
        """By jax.vjp of the gradient."""
        return self._derived(_second_derivative, function)(x)

    def jvp(self, activation: str, x: Array, tangent: Array, parameters: Parameters) -> Array | Unsupported:
        """By jax.jvp."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        return self.to_host(self._derived(_jvp, function)(native, self.to_backend(tangent)))

    def double_backward(
        self, activation: str, x: Array, upstream: Array, second: Array, parameters: Parameters
    ) -> DoubleBackward | Unsupported:
        """By jax.vjp of the gradient, with respect to both of its arguments."""
        native = self.to_backend(x)
        function = self.bound(activation, native, parameters)
        if isinstance(function, Unsupported):
            return function
        others = self.to_backend(upstream), self.to_backend(second)
        return DoubleBackward(*map(self.to_host, self._derived(_double_backward, function)(native, *others)))

    def _whole(self, activation: str, *words: tuple[str, Any]) -> Function:
        """The function with words and whole numbers as constants."""
        if activation != self._latest:  # what was compiled of others is not asked any more
            self._latest = activation
            self._kept_whole.cache_clear()
            self._kept_derivative.cache_clear()
            self._jax.clear_caches()
        return self._compiled(partial(self._functions[activation], **dict(words)))

    def _derived(self, rule: Function, function: Any) -> Function:
        """A derivative of a prepared function, with the numbers of that."""
        return partial(self._kept_derivative(rule, function.func), **function.keywords)

    def _derivative(self, rule: Function, function: Function) -> Function:
        return self._compiled(partial(rule, self._jax, function))

    def _compiled(self, function: Function) -> Function:
        compiled: Function = self._jax.jit(function) if self.jit else function
        return compiled


_APPROXIMATE = {"none": False, "tanh": True}
_WORDS = {value: word for word, value in _APPROXIMATE.items()}
_SPEC_NAMES = {"axis": "dim"}


def _gradient(jax: Any, function: Function, x: Any, upstream: Any, **numbers: float) -> Any:
    return jax.vjp(partial(function, **numbers), x)[1](upstream)[0]


def _second_derivative(jax: Any, function: Function, x: Any, **numbers: float) -> Any:
    ones = jax.numpy.ones_like(x)
    return jax.vjp(lambda v: _gradient(jax, function, v, ones, **numbers), x)[1](ones)[0]


def _jvp(jax: Any, function: Function, x: Any, tangent: Any, **numbers: float) -> Any:
    return jax.jvp(partial(function, **numbers), (x,), (tangent,))[1]


def _double_backward(
    jax: Any, function: Function, x: Any, upstream: Any, second: Any, **numbers: float
) -> Any:
    return jax.vjp(partial(_gradient, jax, function, **numbers), x, upstream)[1](second)
