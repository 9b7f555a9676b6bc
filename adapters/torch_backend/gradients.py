"""Derivatives, in-place and random forms by torch.autograd; imported only where torch is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from actcheck.adapters.base import Array, Function, InPlace, Unsupported
from actcheck.adapters.torch_backend.arrays import to_array


def differentiate(function: Function, x: torch.Tensor, upstream: torch.Tensor) -> torch.Tensor:
    """The gradient at x times the upstream, which is handed on with the strides it has."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(function(leaf), leaf, upstream)
    return gradient


def differentiate_twice(function: Function, x: torch.Tensor) -> Any:
    """The elementwise second derivative, or torch's reason why there is none.

    A first derivative that does not depend on x carries no graph: its derivative is zero.
    """
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        result = function(leaf)
        (first,) = torch.autograd.grad(result, leaf, torch.ones_like(result), create_graph=True)
        if not first.requires_grad:
            return torch.zeros_like(first)
        try:
            (second,) = torch.autograd.grad(first, leaf, torch.ones_like(first), allow_unused=True)
        except RuntimeError as error:
            return Unsupported(first_line(error))
    return torch.zeros_like(first) if second is None else second


def in_place(function: Function, x: torch.Tensor, upstream: torch.Tensor) -> InPlace:
    """Run on a copy of x that autograd knows as a step of a computation, as a layer's input is."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        copy = leaf.clone()
        address = copy.data_ptr()
        result = function(copy)
        same = result.data_ptr() == address and result.stride() == copy.stride()
        try:
            gradient: Array | Unsupported = to_array(torch.autograd.grad(result, leaf, upstream)[0])
        except RuntimeError as error:
            gradient = Unsupported(first_line(error))
    return InPlace(to_array(result), same, gradient)


def sample(
    function: Function, x: torch.Tensor, upstream: torch.Tensor, seed: int
) -> tuple[Array, Array | Unsupported]:
    """The result with this seed, and the gradient through the same draws."""
    with torch.enable_grad(), seeded(x.device, seed):
        leaf = x.detach().requires_grad_()
        result = function(leaf)
        (gradient,) = torch.autograd.grad(result, leaf, upstream)
    return to_array(result), to_array(gradient)


@contextmanager
def seeded(device: torch.device, seed: int) -> Iterator[None]:
    """Random numbers of the device from this seed; afterwards the generators are as they were."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        if devices:
            torch.cuda.manual_seed(seed)
        else:
            torch.default_generator.manual_seed(seed)
        yield


def first_line(error: Exception) -> str:
    """The first line of an exception's text."""
    return str(error).strip().splitlines()[0]
