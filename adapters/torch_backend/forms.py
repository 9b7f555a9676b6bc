"""Forward mode, double backward, parts of tensors and the ``out`` argument; imported only where torch is."""

from __future__ import annotations

import warnings

import torch

from actcheck.adapters.base import Array, Function, Index, InPlaceSlice, Unsupported
from actcheck.adapters.torch_backend.arrays import to_array
from actcheck.adapters.torch_backend.gradients import first_line

_NO_STEPS_BACK = Unsupported("torch has no negative strides")


def jvp(function: Function, x: torch.Tensor, tangent: torch.Tensor) -> torch.Tensor | Unsupported:
    """The tangent of the result, by torch.func.jvp."""
    try:
        with warnings.catch_warnings():
            # torch loads deprecated parts of its own for it.
            warnings.simplefilter("ignore")
            found: torch.Tensor = torch.func.jvp(function, (x,), (tangent,))[1]
    except NotImplementedError as error:  # so torch says that a function has no forward mode
        return Unsupported(first_line(error))
    return found


def double_backward(
    function: Function, x: torch.Tensor, upstream: torch.Tensor, second: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor] | Unsupported:
    """The gradient of the gradient, for x and for the upstream; what there is no path to is zero."""
    with torch.enable_grad():
        leaves = x.detach().requires_grad_(), upstream.detach().requires_grad_()
        try:
            (first,) = torch.autograd.grad(function(leaves[0]), leaves[0], leaves[1], create_graph=True)
            found = torch.autograd.grad(first, leaves, second, allow_unused=True)
        except RuntimeError as error:
            return Unsupported(first_line(error))
    to_x, to_upstream = (torch.zeros_like(x) if g is None else g for g in found)
    return to_x, to_upstream


def recorded(function: Function, x: torch.Tensor) -> Array:
    """The result of a tensor that requires its gradient."""
    with torch.enable_grad():
        return to_array(function(x.detach().requires_grad_()))


def in_place_slice(
    function: Function, base: torch.Tensor, index: Index, upstream: torch.Tensor
) -> InPlaceSlice | Unsupported:
    """Run on a view of a copy of the base."""
    if _steps_back(index):
        return _NO_STEPS_BACK
    with torch.enable_grad():
        leaf = base.detach().requires_grad_()
        copy = leaf.clone()
        result = to_array(function(copy[index]))
        try:
            gradient: Array | Unsupported = to_array(torch.autograd.grad(copy, leaf, upstream)[0])
        except RuntimeError as error:
            gradient = Unsupported(first_line(error))
    return InPlaceSlice(to_array(copy), result, gradient)


def write_out(function: Function, x: torch.Tensor, base: torch.Tensor, index: Index) -> Array | Unsupported:
    """Write to a view of the base, which is a copy already."""
    if _steps_back(index):
        return _NO_STEPS_BACK
    with torch.no_grad(), warnings.catch_warnings():
        # Resizing what it is given is deprecated; what that does to the base is what is asked.
        warnings.simplefilter("ignore")
        function(x, out=base[index])
    return to_array(base)


def _steps_back(index: Index) -> bool:
    return any(isinstance(part, slice) and (part.step or 1) < 0 for part in index)
