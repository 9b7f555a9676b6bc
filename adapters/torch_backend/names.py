"""What torch calls its modules; torch is not imported."""

from __future__ import annotations

from collections.abc import Mapping

#: Activation id to the name of its class in `torch.nn`.
CLASSES: Mapping[str, str] = {
    "elu": "ELU",
    "hardshrink": "Hardshrink",
    "hardsigmoid": "Hardsigmoid",
    "hardtanh": "Hardtanh",
    "hardswish": "Hardswish",
    "leaky_relu": "LeakyReLU",
    "logsigmoid": "LogSigmoid",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "rrelu": "RReLU",
    "selu": "SELU",
    "celu": "CELU",
    "gelu": "GELU",
    "sigmoid": "Sigmoid",
    "silu": "SiLU",
    "mish": "Mish",
    "softplus": "Softplus",
    "softshrink": "Softshrink",
    "softsign": "Softsign",
    "tanh": "Tanh",
    "tanhshrink": "Tanhshrink",
    "threshold": "Threshold",
    "prelu": "PReLU",
    "glu": "GLU",
    "multihead_attention": "MultiheadAttention",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "softmin": "Softmin",
}
