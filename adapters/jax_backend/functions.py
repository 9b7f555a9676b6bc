"""The functions of jax.nn and jax.numpy by activation id, and their defaults."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from math import inf

from jax import nn
from jax import numpy as jnp

from actcheck.adapters.base import Function, Operator, Parameters, Unsupported, composed

#: What jax.nn.gelu takes for a word.
APPROXIMATE = {"none": False, "tanh": True}
_WORDS = {value: word for word, value in APPROXIMATE.items()}
_SPEC_NAMES = {"axis": "dim"}

FUNCTIONS: Mapping[str, Function] = {
    "celu": nn.celu,
    "crelu": composed(
        "concatenate(relu(x), relu(-x))",
        lambda x, dim: jnp.concatenate((nn.relu(x), nn.relu(-x)), axis=dim),
    ),
    "elu": nn.elu,
    "gelu": lambda x, approximate: nn.gelu(x, APPROXIMATE[approximate]),
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


def defaults(activation: str) -> Parameters | Unsupported:
    """From the signatures of jax.nn; what a function does not take has the value it computes with."""
    function = FUNCTIONS[activation]
    if isinstance(function, Operator):
        return function.fixed or Unsupported(f"{activation} is a composition, which has no defaults of jax's")
    own = {"gelu": nn.gelu, "glu": nn.glu, "softmax": nn.softmax, "log_softmax": nn.log_softmax}
    given = inspect.signature(own.get(activation, function)).parameters.values()
    told = {p.name: p.default for p in given if p.default is not p.empty}
    return {_SPEC_NAMES.get(n, n): _WORDS[v] if n == "approximate" else v for n, v in told.items()}
