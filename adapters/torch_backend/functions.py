"""Activation ids and torch's own functions; imported only where torch is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  (the name that torch's documentation uses)

from actcheck.adapters.base import Function
from actcheck.adapters.torch_backend.names import CLASSES


def prelu(x: torch.Tensor, *, weight: torch.Tensor, **_: Any) -> torch.Tensor:
    """``F.prelu``: how many slopes there are is the weight's shape; where they started is forgotten."""
    return F.prelu(x, weight)


def crelu(x: torch.Tensor, *, dim: int) -> torch.Tensor:
    """The composition that the definition is known by; torch.nn has no module for it."""
    return torch.cat((F.relu(x), F.relu(-x)), dim)


#: Activation id to a callable of x and the parameters of the specification.
FUNCTIONS: Mapping[str, Function] = {
    "elu": F.elu,
    "hardshrink": F.hardshrink,
    "hardsigmoid": F.hardsigmoid,
    "hardtanh": F.hardtanh,
    "hardswish": F.hardswish,
    "leaky_relu": F.leaky_relu,
    "logsigmoid": F.logsigmoid,
    "relu": F.relu,
    "relu6": F.relu6,
    "rrelu": F.rrelu,
    "selu": F.selu,
    "celu": F.celu,
    "gelu": F.gelu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
    "softshrink": F.softshrink,
    "softsign": F.softsign,
    "tanh": torch.tanh,
    "tanhshrink": F.tanhshrink,
    "threshold": F.threshold,
    "prelu": prelu,
    "glu": F.glu,
    "crelu": crelu,
    "multihead_attention": F.multi_head_attention_forward,
    "softmax": F.softmax,
    "log_softmax": F.log_softmax,
    "softmin": F.softmin,
}

_INPLACE_ARGUMENT = (
    *("elu", "hardsigmoid", "hardtanh", "hardswish", "leaky_relu", "relu", "relu6"),
    *("rrelu", "selu", "celu", "silu", "mish", "threshold"),
)
#: Activation id to a callable that leaves its result in its argument.
IN_PLACE: Mapping[str, Function] = {
    **{name: partial(FUNCTIONS[name], inplace=True) for name in _INPLACE_ARGUMENT},
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
}

#: Activation id to a callable whose ``out`` argument torch documents.
WITH_OUT: Mapping[str, Function] = {"sigmoid": torch.sigmoid, "tanh": torch.tanh}

#: Activation id to the class of the module form.
MODULES: Mapping[str, type[torch.nn.Module]] = {
    activation: getattr(torch.nn, name) for activation, name in CLASSES.items()
}
