"""torch's module forms and torch's defaults; imported only where torch is."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from actcheck.adapters.base import Function, Parameters, Unsupported
from actcheck.adapters.torch_backend.functions import FUNCTIONS, MODULES

#: Arguments of torch's functions and modules that are no parameters of an activation.
_MECHANICS = ("inplace", "training", "device", "dtype")


def module(activation: str, parameters: Parameters, device: str) -> Function | Unsupported:
    """The module form in evaluation; raises what torch raises for bad parameters.

    Modules that hold weights are built again for the format of each input, with prelu's ``weight``, where
    it is among the parameters, put in the place of the initial one.
    """
    if activation not in MODULES:
        return Unsupported(f"torch.nn has no module for {activation}")
    weight = parameters.get("weight")
    construct = partial(MODULES[activation], **{k: v for k, v in parameters.items() if k != "weight"})
    with torch.random.fork_rng(devices=()):
        built = construct().eval()
    if not any(True for _ in built.parameters()):
        return built
    return partial(_apply_with_weights, construct, weight, device)


def _apply_with_weights(construct: Function, weight: Any, device: str, x: Any, *others: Any) -> Any:
    with torch.random.fork_rng(devices=()):
        built = construct(device=device, dtype=x.dtype).eval()
    if weight is not None:
        built.weight.data.copy_(torch.as_tensor(weight))
    return built(x, *others)


def defaults(activation: str) -> Parameters | Unsupported:
    """torch's own defaults: of the function where it has a signature, else of the module form.

    Functions written in C++ have none; that a call without parameters answers as one with the module's
    defaults, on 4001 points from -40 to 40, shows that these are the function's too.
    """
    if activation not in MODULES:
        return Unsupported(f"torch has no {activation} of its own, so it has no defaults")
    if activation in ("prelu", "multihead_attention"):
        return _signature(MODULES[activation])
    function = FUNCTIONS[activation]
    if inspect.isfunction(function):
        return _signature(function)
    return _confirmed(activation, function, _signature(MODULES[activation]))


def _signature(function: Any) -> dict[str, Any]:
    arguments = inspect.signature(function).parameters.values()
    return {
        a.name: a.default
        for a in arguments
        if a.default is not a.empty and a.name not in _MECHANICS and not a.name.startswith("_")
    }


def _confirmed(activation: str, function: Function, found: Mapping[str, Any]) -> Parameters | Unsupported:
    x = torch.linspace(-40, 40, 4001, dtype=torch.float64)
    if found and not torch.equal(function(x), function(x, **found)):
        return Unsupported(
            f"{activation}: the function's defaults differ from the module's, and cannot be read"
        )
    return found
