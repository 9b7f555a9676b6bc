"""Derivatives by torch.autograd; imported only where torch is."""

from __future__ import annotations

from typing import Any

import torch

from actcheck.adapters.base import Function, Unsupported


def differentiate(function: Function, x: torch.Tensor, upstream: torch.Tensor) -> torch.Tensor:
    """The gradient at x times the upstream, which is handed on with the strides it has."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(function(leaf), leaf, upstream)
    return gradient


def differentiate_twice(function: Function, x: torch.Tensor) -> Any:
    """The elementwise second derivative, or torch's reason why there is none."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        result = function(leaf)
        (first,) = torch.autograd.grad(result, leaf, torch.ones_like(result), create_graph=True)
        if not first.requires_grad:
            return torch.zeros_like(first)
        try:
            (second,) = torch.autograd.grad(first, leaf, torch.ones_like(first), allow_unused=True)
        except RuntimeError as error:
            return Unsupported(str(error).splitlines()[0])
    return torch.zeros_like(first) if second is None else second
