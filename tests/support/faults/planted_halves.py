"""Planted faults in GLU and CReLU: dimensions, layouts, special values, halves of the upstream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from actcheck.adapters.base import Parameters
from actcheck.adapters.numpy_backend import NumpyAdapter
from tests.support.faults.planted_altered import (
    Altered,
    Forward,
    gradient_negated_if,
    negated_if,
    special_gradient,
    square,
    strided,
    where,
)


def _crelu_halves(x: Any, upstream: Any, p: Parameters) -> Any:
    return np.split(np.asarray(upstream), 2, axis=p["dim"])


def _one_half_forgotten(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
    first, second = _crelu_halves(x, upstream, p)
    return right(x, np.concatenate([first, np.zeros_like(second) if first.any() else second], axis=p["dim"]))


def _halves_summed(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
    """The same upstream for both halves, where there are two."""
    first, second = _crelu_halves(x, upstream, p)
    mean = first if first.any() and second.any() else second
    return right(x, np.concatenate([first, mean if first.any() and second.any() else second], axis=p["dim"]))


def _glu_closed(right: Any, x: Any, p: Parameters) -> Any:
    """NaN for an infinite first half: the gate as a number of the format, times it."""
    a, b = np.split(x, 2, axis=p["dim"])
    gate = (1 / (1 + np.exp(-b.astype(np.float64)))).astype(x.dtype)
    return np.where(np.isinf(a), a * gate, right(x)).astype(x.dtype)


def _glu_slope_of_rounded(right: Any, x: Any, upstream: Any, p: Parameters) -> Any:
    """NaN for an infinite first half where the gate's slope is 0 in the format."""
    g = right(x, upstream)
    a, b = np.split(x, 2, axis=p["dim"])
    hit = np.isinf(a) & (np.abs(b.astype(np.float64)) > 20)
    return np.where(np.concatenate([np.zeros_like(hit), hit], axis=p["dim"]), np.nan, g).astype(x.dtype)


def _exchanged_if(condition: Callable[[Any], bool]) -> Forward:
    """glu of the halves exchanged."""

    def forwards(right: Any, x: Any, p: Parameters) -> Any:
        if not condition(x):
            return right(x)
        a, b = np.split(x, 2, axis=p["dim"])
        return right(np.concatenate([b, a], axis=p["dim"]))

    return forwards


_GF, _GG = (f"structure-glu-default-float32-{quantity}" for quantity in ("forward", "gradient"))
_CF, _CG = (f"structure-crelu-default-float32-{quantity}" for quantity in ("forward", "gradient"))
_SG, _SGG = (f"special_values-glu-default-float32-{quantity}" for quantity in ("forward", "gradient"))
_SC, _SCG = (f"special_values-crelu-default-float32-{quantity}" for quantity in ("forward", "gradient"))

#: The backend, the question that must catch it, and the kind of fault; by name.
FAULTS: dict[str, tuple[NumpyAdapter, str, str]] = {
    # glu.
    "any strided glu": (Altered("glu", negated_if(strided)), _GF, "differs:layout"),
    "glu along the last from 3 dimensions on": (
        Altered(
            "glu",
            lambda right, x, p: (
                right(x, {**p, "dim": -1}) if x.ndim > 2 and not x.shape[-1] % 2 else right(x)
            ),
        ),
        _GF,
        "wrong_shape",
    ),
    "glu's halves exchanged in square arrays": (Altered("glu", _exchanged_if(square)), _GF, "max_ulp"),
    "glu's halves exchanged for expanded rows": (
        Altered("glu", _exchanged_if(lambda x: x.ndim > 1 and x.strides[-1] == 0 and x.shape[-1] > 1)),
        _GF,
        "max_ulp",
    ),
    "glu of 6 dimensions": (Altered("glu", negated_if(lambda x: x.ndim == 6)), _GF, "max_ulp"),
    "glu of nothing raises": (
        Altered("glu", lambda right, x, p: right(x) if x.size else x.max()),
        _GF,
        "raised:shape=(0,),dim=0",
    ),
    "glu's gradient for an expanded upstream": (
        Altered("glu", backwards=gradient_negated_if(lambda x, u: u.size > 1 and not any(u.strides))),
        _GG,
        "differs:layout",
    ),
    "glu's gradient for arrays that are stored backwards": (
        Altered("glu", backwards=gradient_negated_if(lambda x, u: x.ndim > 0 and x.strides[-1] < 0)),
        _GG,
        "differs:layout",
    ),
    "glu of an infinity and a closed gate is NaN": (Altered("glu", _glu_closed), _SG, "wrong_nan"),
    "glu of NaN and a closed gate is 0": (
        Altered(
            "glu", lambda right, x, p: where(np.isneginf(np.split(x, 2, axis=p["dim"])[1]), right(x), 0.0)
        ),
        _SG,
        "wrong_nan",
    ),
    "glu's gradient of an infinity is NaN": (
        Altered("glu", backwards=_glu_slope_of_rounded),
        _SGG,
        "wrong_nan",
    ),
    "glu forgets NaN upstreams": (
        Altered(
            "glu",
            backwards=lambda right, x, u, p: right(
                x, np.nan_to_num(u, nan=0.0, posinf=np.inf, neginf=-np.inf)
            ),
        ),
        _SGG,
        "upstream:wrong_nan",
    ),
    # crelu.
    "crelu ignores one half of the upstream": (
        Altered("crelu", backwards=_one_half_forgotten),
        _CG,
        "lost_to_zero",
    ),
    "crelu takes one upstream for both halves": (Altered("crelu", backwards=_halves_summed), _CG, "max_ulp"),
    "crelu's gradient adds": (
        Altered("crelu", backwards=lambda right, x, u, p: np.where(x < 0, -right(x, u), right(x, u))),
        _CG,
        "max_ulp",
    ),
    "any strided crelu": (Altered("crelu", negated_if(strided)), _CF, "differs:layout"),
    "crelu joins along a dimension counted from the wrong end": (
        Altered(
            "crelu", lambda right, x, p: right(x, {**p, "dim": -1 - p["dim"]}) if x.ndim > 1 else right(x)
        ),
        _CF,
        "wrong_shape",
    ),
    "crelu of NaN is 0": (
        Altered("crelu", lambda right, x, p: np.nan_to_num(right(x), posinf=np.inf)),
        _SC,
        "wrong_nan",
    ),
    "crelu clips the largest numbers": (
        Altered("crelu", lambda right, x, p: np.minimum(right(x), np.float32(1e38))),
        _SC,
        "wrong_infinity",
    ),
    "crelu's gradient at infinity is NaN": (
        special_gradient("crelu", lambda x, u: np.isinf(x), np.nan),
        _SCG,
        "wrong_nan",
    ),
}
