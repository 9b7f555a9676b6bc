"""torch.nn.MultiheadAttention, along each of its code paths; imported only where torch is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from actcheck.adapters.base import Array, AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.torch_backend.arrays import to_array, to_tensor
from actcheck.adapters.torch_backend.attention_paths import PATHS, Path
from actcheck.adapters.torch_backend.gradients import seeded

_PROJECTIONS = ("q_proj_weight", "k_proj_weight", "v_proj_weight")


def attention(call: AttentionCall, device: str) -> AttentionResult | Unsupported:
    """Run the module with the given weights, in the format of the query.

    Raises what torch raises; ValueError where no path has the call's name.
    """
    if call.path not in PATHS:
        raise ValueError(f"torch has no attention path {call.path!r}; it has {', '.join(PATHS)}")
    path = PATHS[call.path]
    reason = _unsupported(call, path)
    if reason:
        return Unsupported(reason)
    module = _module(call, device).train(path.training)
    with torch.set_grad_enabled(path.gradients), seeded(torch.device(device), call.seed):
        return _run(call, path, module, device)


def _run(call: AttentionCall, path: Path, module: torch.nn.Module, device: str) -> AttentionResult:
    places, tensors = _inputs(call, device)
    masks = {name: _optional(getattr(call, name), device) for name in ("key_padding_mask", "attn_mask")}
    leaves = tensors | {
        name: mask for name, mask in masks.items() if mask is not None and call.mask_gradients
    }
    leaves = {name: leaf for name, leaf in leaves.items() if path.gradients and leaf.is_floating_point()}
    if call.upstream is not None:
        for leaf in leaves.values():
            leaf.requires_grad_()
    with warnings.catch_warnings():
        # A boolean and a float mask together are deprecated, and computed correctly.
        warnings.filterwarnings("ignore", "Support for mismatched")
        output, weights = module(
            *places,
            **masks,
            need_weights=call.need_weights,
            average_attn_weights=call.average_attn_weights,
            is_causal=call.is_causal,
        )
    gradients: dict[str, Array] = {}
    if path.gradients and call.upstream is not None:
        gradients = _gradients(output, to_tensor(call.upstream, device), leaves, module)
    return AttentionResult(to_array(output), None if weights is None else to_array(weights), gradients)


def _inputs(call: AttentionCall, device: str) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
    """Query, key and value, and each tensor by the names of its places: one array is one tensor."""
    arrays: dict[int, Array] = {}
    names: dict[int, list[str]] = {}
    for name in ("query", "key", "value"):
        array = getattr(call, name)
        arrays[id(array)] = array
        names.setdefault(id(array), []).append(name)
    made = {at: to_tensor(array, device) for at, array in arrays.items()}
    tensors = {"+".join(names[at]): tensor for at, tensor in made.items()}
    return [made[id(array)] for array in (call.query, call.key, call.value)], tensors


def _unsupported(call: AttentionCall, path: Path) -> str:
    """Why torch's module has no such call, or would not take this path; empty if it does."""
    given = call.weights
    if ("in_proj_bias" in given) != ("out_proj_bias" in given):
        return "torch.nn.MultiheadAttention has both biases or neither"
    if path.one_tensor and not call.query is call.key is call.value:
        return f"the path {call.path} wants one tensor as query, key and value"
    return next((reason for blocks, reason in _FAST_PATH if blocks(call)), "") if path.fast else ""


#: What keeps torch from its fast path, as its documentation of MultiheadAttention lists it.
_FAST_PATH: tuple[tuple[Callable[[AttentionCall], bool], str], ...] = (
    (lambda c: c.query.ndim != 3, "the fast path wants a batch"),
    (lambda c: not c.batch_first, "the fast path wants batch_first"),
    (lambda c: c.num_heads % 2 == 1, "the fast path wants an even number of heads"),
    (lambda c: "in_proj_bias" not in c.weights, "the fast path wants a bias"),
    (lambda c: "bias_k" in c.weights, "the fast path appends no learned row"),
    (lambda c: c.add_zero_attn, "the fast path appends no row of zeros"),
    (lambda c: _is_float(c.attn_mask) or _is_float(c.key_padding_mask), "the fast path wants boolean masks"),
)


def _is_float(mask: Array | None) -> bool:
    return mask is not None and mask.dtype != np.bool_


def _optional(array: Array | None, device: str) -> torch.Tensor | None:
    return None if array is None else to_tensor(array, device)


def _module(call: AttentionCall, device: str) -> torch.nn.Module:
    """The module with the given weights."""
    given = {name: to_tensor(array, device) for name, array in call.weights.items()}
    module = _empty(
        device,
        given["q_proj_weight"].dtype,
        (given["q_proj_weight"].shape[0], call.num_heads, call.dropout),
        bias="in_proj_bias" in given,
        add_bias_kv="bias_k" in given,
        add_zero_attn=call.add_zero_attn,
        kdim=given["k_proj_weight"].shape[1],
        vdim=given["v_proj_weight"].shape[1],
        batch_first=call.batch_first,
    )
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(_weight(name, given).reshape(parameter.shape))
    return module


@lru_cache(maxsize=64)
def _empty(
    device: str, dtype: torch.dtype, sizes: tuple[int, int, float], **options: bool | int
) -> torch.nn.Module:
    """A module whose own initial weights are never drawn: made once, since that takes as long as a call."""
    embed_dim, num_heads, dropout = sizes
    given: dict[str, Any] = {**options, "device": "meta", "dtype": dtype}
    made = torch.nn.MultiheadAttention(embed_dim, num_heads, dropout, **given)
    return made.to_empty(device=device)


def _weight(name: str, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
    if name == "in_proj_weight":
        return torch.cat([given[p] for p in _PROJECTIONS])
    return given[name.replace("out_proj.", "out_proj_")]


def _gradients(
    output: torch.Tensor, upstream: torch.Tensor, inputs: dict[str, torch.Tensor], module: torch.nn.Module
) -> dict[str, Array]:
    """By the names that `AttentionCall` uses, whatever torch packs together."""
    wanted = {**inputs, **dict(module.named_parameters())}
    found = torch.autograd.grad(output, list(wanted.values()), upstream, allow_unused=True)
    named: dict[str, Any] = {n: g for n, g in zip(wanted, found, strict=True) if g is not None}
    if "in_proj_weight" in named:
        named.update(zip(_PROJECTIONS, named.pop("in_proj_weight").chunk(3), strict=True))
    for name in ("bias_k", "bias_v"):
        if name in named:
            named[name] = named[name].reshape(-1)
    return {name.replace("out_proj.", "out_proj_"): to_array(g) for name, g in named.items()}
