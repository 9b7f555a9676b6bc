"""The functions of mlx.nn and mlx.core by activation id, and their defaults; imported only where MLX is."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from math import inf
from typing import Any

from mlx import core, nn

from actcheck.adapters.base import Function, Operator, Parameters, Unsupported, composed

_SPEC_NAMES = {"axis": "dim"}


def prelu(x: Any, weight: Any, **_: Any) -> Any:
    """``nn.prelu`` of one weight; where it started is forgotten."""
    return nn.prelu(x, weight.reshape(()))


def _along(function: Function, single_in_last: bool = True) -> Function:
    """A function of rows: what would damage the memory of this process is an exception instead.

    ``nn.softmax(mx.ones((1, 2)), axis=0)``, asked twice, does, and no later result could be trusted. MLX
    0.32.4 compiles its relatives for any shape, and writes beyond the memory of rows of one element, but for
    those in the last dimension (``single_in_last``), or divides by the length of empty ones.
    """

    def guarded(x: Any, dim: int) -> Any:
        length = x.shape[dim] if x.ndim else 2
        last = dim in (-1, x.ndim - 1)
        if not length or (length == 1 and not (last and single_in_last)):
            raise RuntimeError(f"a row of length {length} would damage the memory of the process")
        return function(x, axis=dim)

    return guarded


FUNCTIONS: Mapping[str, Function] = {
    "celu": nn.celu,
    "crelu": composed(
        "concatenate(relu(x), relu(-x))",
        lambda x, dim: core.concatenate([nn.relu(x), nn.relu(-x)], axis=dim),
    ),
    "elu": nn.elu,
    "gelu": lambda x, approximate: {"none": nn.gelu, "tanh": nn.gelu_approx}[approximate](x),
    "glu": lambda x, dim: nn.glu(x, axis=dim),
    "hardshrink": nn.hard_shrink,
    "hardswish": nn.hardswish,
    "hardtanh": nn.hard_tanh,
    "leaky_relu": nn.leaky_relu,
    "log_softmax": _along(nn.log_softmax, single_in_last=False),
    "logsigmoid": nn.log_sigmoid,
    "mish": nn.mish,
    "prelu": prelu,
    "relu": nn.relu,
    "relu6": nn.relu6,
    "relu_squared": nn.relu2,
    "selu": nn.selu,
    "sigmoid": nn.sigmoid,
    "silu": nn.silu,
    "softmax": _along(nn.softmax),
    "softmin": _along(nn.softmin),
    "softplus": Operator(nn.softplus, fixed={"beta": 1.0, "threshold": inf}),
    "softshrink": nn.softshrink,
    "softsign": nn.softsign,
    "tanh": nn.tanh,
    "tanhshrink": composed("x - tanh(x)", lambda x: x - nn.tanh(x)),
}


def defaults(activation: str) -> Parameters | Unsupported:
    """From the signatures of mlx.nn; what a function does not take has the value it computes with."""
    function = FUNCTIONS[activation]
    if isinstance(function, Operator):
        return function.fixed or Unsupported(f"{activation} is a composition, without defaults of mlx's")
    own = {"glu": nn.glu, "softmax": nn.softmax, "softmin": nn.softmin, "log_softmax": nn.log_softmax}
    given = inspect.signature(own.get(activation, function)).parameters.values()
    told = {p.name: p.default for p in given if p.default is not p.empty}
    return {_SPEC_NAMES.get(name, name): value for name, value in told.items()}
