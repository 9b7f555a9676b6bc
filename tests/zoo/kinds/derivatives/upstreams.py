"""Upstreams of the gradient that are misread, or multiplied with in a wrong way."""

from __future__ import annotations

import numpy as np

from tests.zoo.backend import Call, Change
from tests.zoo.effects import (
    negated,
    when,
    zero,
)
from tests.zoo.planting import of
from tests.zoo.where import formats, gaps, more_than, upstream

_first, _second, _upstream = of("gradient"), of("second derivative"), of("upstream")

_A, _2 = "accuracy", "second_derivative"


def _for(read: Change) -> Change:
    """The gradient for another upstream, which is read from the call."""

    def changed(call: Call) -> object:
        other = np.asarray(read(call), call.x.dtype)
        return Call(call.quantity, call.activation, call.x, call.parameters, call.y, other).again(
            call.x, call.parameters
        )

    return changed


def _product(rule: object) -> Change:
    """A slope in the format, and the upstream, by a rule."""

    def changed(call: Call) -> object:
        slope = Call("gradient", call.activation, call.x, call.parameters, call.y).again(
            call.x, call.parameters
        )
        return np.asarray(rule(slope, call.upstream), call.y.dtype)  # type: ignore[operator]

    return changed


FAULTS = (
    _upstream(
        "gelu",
        "an upstream that is not contiguous read as if it were",
        when(
            upstream(lambda u: not u.flags.forc and 0 not in u.strides),
            _for(
                lambda call: np.lib.stride_tricks.as_strided(
                    call.upstream, (call.upstream.size,), (call.upstream.itemsize,)
                ).reshape(call.upstream.shape)
            ),
        ),
        f"{_A}-float32",
        "gradient",
        wrong="an upstream that is not contiguous read as if it were (pytorch #107876)",
    ),
    _upstream(
        "sigmoid", "ignored", _for(lambda call: np.ones_like(call.upstream)), f"{_A}-bfloat16", "gradient"
    ),
    _upstream(
        "hardtanh", "its sign lost", _for(lambda call: np.abs(call.upstream)), f"{_A}-float32", "gradient"
    ),
    _upstream(
        "mish",
        "rounded to bfloat16",
        when(
            formats("float32"),
            _for(lambda call: (call.upstream.astype(call.x.dtype).view(np.int32) & -65536).view(np.float32)),
        ),
        f"{_A}-float32",
        "gradient",
    ),
    _upstream(
        "tanh",
        "by columns read by rows",
        when(
            upstream(lambda u: u.ndim == 2 and u.flags.f_contiguous and not u.flags.c_contiguous),
            _for(lambda call: call.upstream.ravel(order="K").reshape(call.upstream.shape)),
        ),
        _A,
        "gradient",
    ),
    _upstream("elu", "its square", _product(lambda s, u: s * u * u), f"{_A}-float16", "gradient"),
    _upstream(
        "softsign",
        "large ones held at 1e4",
        _for(lambda call: np.clip(call.upstream.astype(float), -1e4, 1e4)),
        "*-float32",
        "gradient",
    ),
    _upstream(
        "relu6",
        "small ones flushed",
        _for(lambda call: np.where(np.abs(call.upstream.astype(float)) < 2.0**-100, 0, call.upstream)),
        "*-float32",
        "gradient",
    ),
    _upstream(
        "silu",
        "overflow of a large one",
        _product(lambda s, u: np.where((np.abs(u.astype(float)) > 2.0**100) & np.isfinite(u), np.inf, s * u)),
        "*-float32",
        "gradient",
    ),
    _upstream(
        "relu",
        "NaN for an infinite one where x > 0",
        _product(lambda s, u: np.where(np.isinf(u), np.nan, s * u)),
        "special_values-float32",
        "gradient",
    ),
    _upstream(
        "gelu",
        "NaN for zero",
        _product(lambda s, u: np.where(u == 0, np.nan, s * u)),
        "special_values-bfloat16",
        "gradient",
    ),
    _upstream(
        "hardswish",
        "expanded ones taken for a number",
        when(
            upstream(lambda u: u.ndim == 2 and 0 in u.strides),
            _for(lambda call: np.full(call.upstream.shape, call.upstream.flat[0])),
        ),
        f"{_A}-float32",
        "gradient",
    ),
    _upstream(
        "leaky_relu",
        "both strides 0",
        when(upstream(lambda u: u.ndim == 2 and not any(u.strides) and u.size > 1), zero),
        "accuracy-*",
        "gradient",
    ),
    _upstream(
        "celu",
        "rows with a gap",
        when(upstream(gaps), negated),
        "*-float32",
        "gradient",
    ),
    _upstream(
        "selu",
        "reversed",
        when(upstream(lambda u: u.ndim == 1 and u.strides[0] < 0 and u.size > 1), negated),
        "accuracy-*",
        "gradient",
    ),
    _upstream(
        "softplus",
        "subnormal products flushed",
        lambda call: np.where(np.abs(call.y.astype(float)) < call.format.smallest_normal, 0 * call.y, call.y),
        f"{_A}-float32",
        "gradient",
    ),
    _upstream(
        "threshold",
        "infinite ones held",
        _for(lambda call: np.clip(call.upstream, -call.format.largest, call.format.largest)),
        "special_values-float32",
        "gradient",
    ),
    _upstream(
        "hardsigmoid",
        "NaN becomes 0",
        _for(lambda call: np.nan_to_num(call.upstream.astype(float), nan=0, posinf=np.inf, neginf=-np.inf)),
        "special_values-float16",
        "gradient",
    ),
    _upstream(
        "softshrink",
        "ones above 1,000 elements",
        when(more_than(1000), _for(lambda call: np.ones_like(call.upstream))),
        f"{_A}-bfloat16",
        "gradient",
    ),
)
