"""The code paths of torch.nn.MultiheadAttention; torch is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Path:
    """How the module is run."""

    training: bool
    gradients: bool
    #: One tensor is query, key and value: the packed projection, and a condition of the fast path.
    one_tensor: bool = False
    fast: bool = False


#: Path name to how it is reached.
PATHS: Mapping[str, Path] = {
    "training": Path(training=True, gradients=True),
    "evaluation": Path(training=False, gradients=True),
    "no_grad": Path(training=False, gradients=False),
    "self_attention": Path(training=True, gradients=True, one_tensor=True),
    "fast": Path(training=False, gradients=False, one_tensor=True, fast=True),
}
