"""The table of the numpy backend: activation id to the class that computes it."""

from __future__ import annotations

from actcheck.adapters.numpy_elementwise import Elementwise
from actcheck.adapters.numpy_gated import GELU, Mish, SiLU
from actcheck.adapters.numpy_piecewise import (
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    ReLU,
    ReLU6,
    RReLU,
    Softshrink,
    Threshold,
)
from actcheck.adapters.numpy_smooth import (
    CELU,
    ELU,
    SELU,
    LogSigmoid,
    Sigmoid,
    Softplus,
    Softsign,
    Tanh,
    Tanhshrink,
)

ELEMENTWISE: dict[str, type[Elementwise]] = {
    "elu": ELU,
    "hardshrink": Hardshrink,
    "hardsigmoid": Hardsigmoid,
    "hardtanh": Hardtanh,
    "hardswish": Hardswish,
    "leaky_relu": LeakyReLU,
    "logsigmoid": LogSigmoid,
    "relu": ReLU,
    "relu6": ReLU6,
    "rrelu": RReLU,
    "selu": SELU,
    "celu": CELU,
    "gelu": GELU,
    "sigmoid": Sigmoid,
    "silu": SiLU,
    "mish": Mish,
    "softplus": Softplus,
    "softshrink": Softshrink,
    "softsign": Softsign,
    "tanh": Tanh,
    "tanhshrink": Tanhshrink,
    "threshold": Threshold,
}
