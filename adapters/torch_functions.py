"""Activation ids and torch's own functions and modules; imported only where torch is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  (the name that torch's documentation uses)

from actcheck.adapters.base import Function


def prelu(x: torch.Tensor, *, weight: torch.Tensor, **_: Any) -> torch.Tensor:
    """``F.prelu``: how many slopes there are and where they started is in the weight."""
    return F.prelu(x, weight)


def rrelu(x: torch.Tensor, *, lower: float, upper: float) -> torch.Tensor:
    """``F.rrelu`` in evaluation."""
    return F.rrelu(x, lower, upper, training=False)


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
    "rrelu": rrelu,
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
}
