"""Derivatives as functions of arrays alone, which jax.jit compiles as a whole."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax

from actcheck.adapters.base import Function


def gradient(function: Function, x: Any, upstream: Any, **numbers: float) -> Any:
    """By jax.vjp."""
    return jax.vjp(partial(function, **numbers), x)[1](upstream)[0]


def second_derivative(function: Function, x: Any, **numbers: float) -> Any:
    """By jax.vjp of the gradient."""
    ones = jax.numpy.ones_like(x)
    return jax.vjp(lambda v: gradient(function, v, ones, **numbers), x)[1](ones)[0]


def jvp(function: Function, x: Any, tangent: Any, **numbers: float) -> Any:
    """By jax.jvp."""
    return jax.jvp(partial(function, **numbers), (x,), (tangent,))[1]


def double_backward(function: Function, x: Any, upstream: Any, second: Any, **numbers: float) -> Any:
    """By jax.vjp of the gradient, with respect to both of its arguments."""
    return jax.vjp(partial(gradient, function, **numbers), x, upstream)[1](second)
