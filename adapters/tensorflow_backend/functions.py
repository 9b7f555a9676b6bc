"""The functions of tf.nn and tf.keras.activations by activation id, and their defaults."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from math import inf
from typing import Any

import tensorflow

from actcheck.adapters.base import Function, Operator, Parameters, Unsupported, composed

_tf: Any = tensorflow
_nn, _keras = _tf.nn, _tf.keras.activations
_FLAGS = {"none": False, "tanh": True}
#: What defaults mean; the sums of softmax run along the last dimension.
_MEANT: Mapping[Any, Any] = {None: -1, False: "none", True: "tanh"}

FUNCTIONS: Mapping[str, Function] = {
    "celu": _keras.celu,
    "crelu": lambda x, dim: _nn.crelu(x, axis=dim),
    "elu": Operator(_nn.elu, fixed={"alpha": 1.0}),
    "gelu": lambda x, approximate: _nn.gelu(x, _FLAGS[approximate]),
    "glu": lambda x, dim: _keras.glu(x, axis=dim),
    "hardshrink": lambda x, lambd: _keras.hard_shrink(x, threshold=lambd),
    "hardsigmoid": _keras.hard_sigmoid,
    "hardswish": _keras.hard_silu,
    "hardtanh": Operator(_keras.hard_tanh, fixed={"min_val": -1.0, "max_val": 1.0}),
    "leaky_relu": lambda x, negative_slope: _nn.leaky_relu(x, alpha=negative_slope),
    "log_softmax": lambda x, dim: _nn.log_softmax(x, axis=dim),
    "logsigmoid": _tf.math.log_sigmoid,
    "mish": _keras.mish,
    "relu": _nn.relu,
    "relu6": _nn.relu6,
    "selu": _nn.selu,
    "sigmoid": _nn.sigmoid,
    "silu": _nn.silu,
    "softmax": lambda x, dim: _nn.softmax(x, axis=dim),
    "softplus": Operator(_nn.softplus, fixed={"beta": 1.0, "threshold": inf}),
    "softshrink": lambda x, lambd: _keras.soft_shrink(x, threshold=lambd),
    "softsign": _nn.softsign,
    "squareplus": _keras.squareplus,
    "tanh": _nn.tanh,
    "tanhshrink": composed("x - tanh(x)", lambda x: x - _nn.tanh(x)),
    "threshold": lambda x, threshold, value: _keras.threshold(x, threshold, default_value=value),
}
#: The functions with parameters, and what TensorFlow calls these.
_NAMED: Mapping[str, tuple[Function, Mapping[str, str]]] = {
    "celu": (_keras.celu, {"alpha": "alpha"}),
    "crelu": (_nn.crelu, {"axis": "dim"}),
    "gelu": (_nn.gelu, {"approximate": "approximate"}),
    "glu": (_keras.glu, {"axis": "dim"}),
    "hardshrink": (_keras.hard_shrink, {"threshold": "lambd"}),
    "leaky_relu": (_nn.leaky_relu, {"alpha": "negative_slope"}),
    "log_softmax": (_nn.log_softmax, {"axis": "dim"}),
    "softmax": (_nn.softmax, {"axis": "dim"}),
    "softshrink": (_keras.soft_shrink, {"threshold": "lambd"}),
    "squareplus": (_keras.squareplus, {"b": "b"}),
    "threshold": (_keras.threshold, {"threshold": "threshold", "default_value": "value"}),
}


def defaults(activation: str) -> Parameters | Unsupported:
    """From the signatures; what a function does not take has the value it computes with."""
    function = FUNCTIONS[activation]
    if isinstance(function, Operator):
        return function.fixed or Unsupported(f"{activation} is a composition, which has no defaults")
    if activation not in _NAMED:
        return {}
    named, names = _NAMED[activation]
    given = inspect.signature(named).parameters.values()
    found = {names[p.name]: p.default for p in given if p.name in names and p.default is not p.empty}
    words = ("dim", "approximate")
    return {name: _MEANT.get(value, value) if name in words else value for name, value in found.items()}
