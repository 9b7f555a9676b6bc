"""The table of the numpy backend: activation id to the class that computes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actcheck.adapters.numpy_backend.attention import MultiheadAttention
from actcheck.adapters.numpy_backend.further.elementwise import (
    HardMish,
    QuickGELU,
    ReLUSquared,
    Softcap,
    Squareplus,
)
from actcheck.adapters.numpy_backend.further.gated import GEGLU, Bilinear, ReGLU, SwiGLU
from actcheck.adapters.numpy_backend.further.normalizing import LogSoftmax, Softmax, Softmin
from actcheck.adapters.numpy_backend.gated import GELU, Mish, SiLU
from actcheck.adapters.numpy_backend.piecewise import (
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
from actcheck.adapters.numpy_backend.smooth import (
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
from actcheck.adapters.numpy_backend.structured import GLU, CReLU, PReLU

#: Classes whose instances hold checked parameters and are called with an array (attention: with its call).
ACTIVATIONS: dict[str, Callable[..., Callable[[Any], Any]]] = {
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
    "glu": GLU,
    "crelu": CReLU,
    "prelu": PReLU,
    "multihead_attention": MultiheadAttention,
    "quick_gelu": QuickGELU,
    "relu_squared": ReLUSquared,
    "hard_mish": HardMish,
    "squareplus": Squareplus,
    "softcap": Softcap,
    "swiglu": SwiGLU,
    "geglu": GEGLU,
    "reglu": ReGLU,
    "bilinear": Bilinear,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "softmin": Softmin,
}
