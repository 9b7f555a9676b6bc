"""Planted faults in PReLU: its channel, layouts, special values and the gradient of its weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from actcheck.adapters.base import Array, Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted_altered import (
    Altered,
    Forward,
    Gradient,
    gradient_negated_if,
    in_memory_order,
    negated_if,
    special,
    special_gradient,
    square,
    strided,
    where,
)


def per_channel(x: Any, upstream: Any, parameters: Parameters) -> list[tuple[Array, Array]]:
    """Products' factors for each weight."""
    x, upstream = np.where(x < 0, x, np.zeros_like(x)), np.asarray(upstream)
    if parameters["num_parameters"] == 1:
        return [(x.ravel(), upstream.ravel())]
    return [(x[:, c].ravel(), upstream[:, c].ravel()) for c in range(x.shape[1])]


def accumulated(dtype: Any) -> Gradient:
    """The sum carried in a format, one product after the other."""

    def weights(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
        totals = []
        for a, b in per_channel(x, upstream, p):
            total = np.add.accumulate((a * b).astype(dtype)) if a.size else np.zeros(1)
            totals.append(total[-1])
        return np.array(totals, np.float64).astype(x.dtype)

    return weights


def accumulated_in_16_bits(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
    """In bfloat16, in blocks of 64 numbers that are added up before."""
    totals = []
    for a, b in per_channel(x, upstream, p):
        products, total = (a.astype(np.float64) * b.astype(np.float64)), np.zeros((), x.dtype)
        for start in range(0, a.size, 64):
            total = (total + products[start : start + 64].sum().astype(x.dtype)).astype(x.dtype)
        totals.append(total)
    return np.array(totals, x.dtype)


def masked_by_product(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
    """upstream*x*(x < 0): NaN for an infinite x >= 0."""
    wide = x.astype(np.float64) * upstream.astype(np.float64) * (x < 0)
    if p["num_parameters"] == 1:
        return np.array([wide.sum()]).astype(x.dtype)
    return wide.sum(axis=tuple(d for d in range(x.ndim) if d != 1)).astype(x.dtype)


def channel_from(axis: int) -> Altered:
    """prelu with the weight's index along another dimension, where the sizes allow it."""

    def forwards(right: Any, x: Any, p: Parameters) -> Any:
        many = p["num_parameters"] > 1 and -x.ndim <= axis < x.ndim and x.shape[axis] == x.shape[1]
        return right(x.swapaxes(1, axis)).swapaxes(1, axis) if many else right(x)

    return Altered("prelu", forwards)


def _tail(x: Any) -> Any:
    """What stands behind the last multiple of 16."""
    return np.broadcast_to(
        np.arange(x.shape[-1] if x.ndim else 1) >= (x.shape[-1] if x.ndim else 1) // 16 * 16, x.shape
    )


def _prelu(forwards: Forward) -> Altered:
    return Altered("prelu", forwards)


def _prelu_weights(weights: Gradient) -> Altered:
    return Altered("prelu", weights=weights)


_F32 = "structure-prelu-default-float32"
_PF, _PG, _PW = (f"{_F32}-{quantity}" for quantity in ("forward", "gradient", "weight_gradient"))
_SP, _SPG = (f"special_values-prelu-default-float32-{quantity}" for quantity in ("forward", "gradient"))
_AW = {
    form: f"accuracy-prelu-default-{form}-weight_gradient"
    for form in ("float16", "bfloat16", "float32", "float64")
}

#: The backend, the question that must catch it, and the kind of fault; by name.
FAULTS: dict[str, tuple[NumpyAdapter, str, str]] = {
    # prelu: the channel and its layouts.
    "prelu's channel is the first dimension": (channel_from(0), _PF, "max_ulp"),
    "prelu's channel is the last dimension": (channel_from(-1), _PF, "max_ulp"),
    "prelu's channel is the last but one": (channel_from(-2), _PF, "max_ulp"),
    "any strided prelu": (_prelu(negated_if(strided)), _PF, "differs:layout"),
    "prelu reads strided arrays in memory order": (
        _prelu(lambda right, x, p: right(in_memory_order(x)) if strided(x) else right(x)),
        _PF,
        "max_ulp",
    ),
    "prelu of expanded arrays": (
        _prelu(negated_if(lambda x: x.size > 1 and 0 in x.strides)),
        _PF,
        "max_ulp",
    ),
    "prelu of 6 dimensions": (_prelu(negated_if(lambda x: x.ndim == 6)), _PF, "max_ulp"),
    "prelu of a number": (_prelu(negated_if(lambda x: x.ndim == 0)), _PF, "max_ulp"),
    "prelu of an empty batch is flat": (
        _prelu(lambda right, x, p: right(x).ravel() if x.size == 0 else right(x)),
        _PF,
        "wrong_shape",
    ),
    "prelu reads a strided upstream in memory order": (
        Altered("prelu", backwards=lambda right, x, u, p: right(x, in_memory_order(u) if strided(u) else u)),
        _PG,
        "differs:layout",
    ),
    "prelu's gradient for an expanded upstream": (
        Altered("prelu", backwards=gradient_negated_if(lambda x, u: u.size > 1 and not any(u.strides))),
        _PG,
        "max_ulp",
    ),
    # prelu: special values.
    "prelu of NaN is 0": (special("prelu", np.isnan, 0.0), _SP, "wrong_nan"),
    "prelu of minus infinity is NaN": (special("prelu", np.isneginf, np.nan), _SP, "wrong_nan"),
    "prelu of 0 loses its sign": (special("prelu", lambda x: x == 0, 0.0), _SP, "wrong_zero_sign"),
    "prelu of large numbers in a tail is infinite": (
        special("prelu", lambda x: _tail(x) & (x > 1e38), np.inf),
        _SP,
        "wrong_infinity",
    ),
    "prelu of minus infinity with a weight of 0 is NaN": (
        _prelu(lambda right, x, p: where(np.isneginf(x) & (right(x) == 0), right(x), np.nan)),
        _SP,
        "weight:wrong_nan",
    ),
    "prelu's subnormal weights are flushed": (
        _prelu(
            lambda right, x, p: right(x, {**p, "weight": where(np.abs(p["weight"]) < 1e-38, p["weight"], 0)})
        ),
        _SP,
        "weight:lost_to_zero",
    ),
    "prelu's gradient at minus infinity is 0": (
        special_gradient("prelu", lambda x, u: np.isneginf(x), 0.0),
        _SPG,
        "lost_to_zero",
    ),
    "prelu's gradient at NaN is 1": (
        special_gradient("prelu", lambda x, u: np.isnan(x), 1.0),
        _SPG,
        "wrong_nan",
    ),
    "prelu forgets infinite upstreams": (
        special_gradient("prelu", lambda x, u: np.isinf(u), 0.0),
        _SPG,
        "upstream:wrong_infinity",
    ),
    # prelu: the weight's gradient.
    "weight gradient accumulated in float16": (
        _prelu_weights(accumulated(np.float16)),
        _AW["float16"],
        "max_units",
    ),
    "weight gradient accumulated in bfloat16": (
        _prelu_weights(accumulated_in_16_bits),
        _AW["bfloat16"],
        "max_units",
    ),
    "weight gradient accumulated one by one": (
        _prelu_weights(accumulated(np.float32)),
        _AW["float32"],
        "max_units",
    ),
    "float64 weight gradient accumulated in float32": (
        _prelu_weights(accumulated(np.float32)),
        _AW["float64"],
        "max_units",
    ),
    "weight gradient of the first 1,024 batches": (
        _prelu_weights(lambda right, x, u, p: right(x[:1024], u[:1024]) if x.ndim else right(x, u)),
        _AW["bfloat16"],
        "max_units",
    ),
    "weight gradient of a million elements": (
        _prelu_weights(lambda right, x, u, p: right(x, u) * (2 if x.size > 1_000_000 else 1)),
        _AW["float32"],
        "max_units",
    ),
    "weight gradient of the last batch is left out": (
        _prelu_weights(
            lambda right, x, u, p: right(x[:-1], u[:-1]) if x.ndim and len(x) > 1 else right(x, u)
        ),
        _PW,
        "max_units",
    ),
    "weight gradient summed over the wrong dimension": (
        _prelu_weights(
            lambda right, x, u, p: (
                right(x.swapaxes(0, 1), u.swapaxes(0, 1))
                if p["num_parameters"] > 1 and square(x)
                else right(x, u)
            )
        ),
        _PW,
        "max_units",
    ),
    "weight gradient reads a strided upstream in memory order": (
        _prelu_weights(lambda right, x, u, p: right(x, in_memory_order(u) if strided(u) else u)),
        _PW,
        "max_units",
    ),
    "weight gradient of nothing is NaN": (
        _prelu_weights(lambda right, x, u, p: right(x, u) * np.float32(np.nan if x.size == 0 else 1)),
        _PW,
        "wrong_nan",
    ),
    "weight gradient NaN for an infinity": (_prelu_weights(masked_by_product), _PW, "special:inf"),
    "weight gradient's NaN in every channel": (
        _prelu_weights(lambda right, x, u, p: where(np.isnan(right(x, u)).any(), right(x, u), np.nan)),
        _PW,
        "special:nan",
    ),
}
