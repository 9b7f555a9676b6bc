"""Backends whose attention is wrong for some calls alone, made from the numpy backend.

Each is what it changes of a call or of its result, where a condition on the call holds, and the quantity of
the check `attention` that owns it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from actcheck.adapters.base import AttentionCall, AttentionResult, Unsupported
from actcheck.adapters.numpy_backend import NumpyAdapter

When = Callable[[AttentionCall], bool]
Change = Callable[[AttentionCall], AttentionCall]
Result = Callable[[AttentionCall, AttentionResult], AttentionResult]


@dataclass
class Wrong(NumpyAdapter):
    """Changes a call and its result where the condition holds."""

    when: When
    change: Change = lambda call: call
    result: Result = lambda call, result: result

    def attention(self, call: AttentionCall) -> AttentionResult | Unsupported:
        if not self.when(call):
            return super().attention(call)
        found = super().attention(self.change(call))
        return found if isinstance(found, Unsupported) else self.result(call, found)


def sizes(call: AttentionCall) -> tuple[int, int, int]:
    """L, S and N; 1 where there is no batch."""
    if call.query.ndim == 2:
        return len(call.query), len(call.key), 1
    at, sequence = (0, 1) if call.batch_first else (1, 0)
    return call.query.shape[sequence], call.key.shape[sequence], call.query.shape[at]


def head(call: AttentionCall) -> int:
    return int(call.query.shape[-1]) // call.num_heads


def negated(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    return replace(result, output=-result.output)


def doubled(name: str) -> Result:
    """A gradient twice as large."""

    def change(call: AttentionCall, result: AttentionResult) -> AttentionResult:
        found = {n: g + g if n == name else g for n, g in result.gradients.items()}
        return replace(result, gradients=found)

    return change


def lacking(name: str) -> Result:
    """Without a gradient."""

    def change(call: AttentionCall, result: AttentionResult) -> AttentionResult:
        return replace(result, gradients={n: g for n, g in result.gradients.items() if n != name})

    return change


def given(**options: Any) -> Change:
    return lambda call: replace(call, **options)


def is_float(mask: Any) -> bool:
    return mask is not None and mask.dtype != np.bool_


def low_is_infinite(call: AttentionCall) -> AttentionCall:
    """Float masks below -8 forbid."""
    changed: Any = {}
    for name in ("attn_mask", "key_padding_mask"):
        mask = getattr(call, name)
        if is_float(mask):
            changed[name] = np.where(mask.astype(np.float64) < -8, -np.inf, mask).astype(mask.dtype)
    return replace(call, **changed)


def causal_to_the_right(call: AttentionCall) -> AttentionCall:
    """The causal mask aligned to the last key."""
    queries, keys, _ = sizes(call)
    return replace(call, is_causal=False, attn_mask=~np.tri(queries, keys, keys - queries, dtype=bool))


def true_is_one(call: AttentionCall) -> AttentionCall:
    """A boolean mask that is added, as 1."""
    assert call.attn_mask is not None
    return replace(call, attn_mask=call.attn_mask.astype(call.query.dtype))


def cleared(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """NaN becomes 0."""
    zero = np.where(np.isnan(result.output), 0, result.output).astype(result.output.dtype)
    return replace(result, output=zero)


def nan_from_masked(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    bad = ~np.isfinite(call.key.astype(np.float64)).all() | ~np.isfinite(call.value.astype(np.float64)).all()
    lost = np.full_like(result.output, np.nan) if bad else result.output
    return replace(result, output=lost)


def uniform_row(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """A row without keys has numbers of its own."""
    made = np.where(np.isnan(result.output), 0.25, result.output).astype(result.output.dtype)
    return replace(result, output=made)


def weights_before_dropout(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    if result.weights is None:
        return result
    plain = NumpyAdapter().attention(replace(call, dropout=0.0, upstream=None))
    assert isinstance(plain, AttentionResult)
    return replace(result, weights=plain.weights)


def gradients_without_dropout(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    plain = NumpyAdapter().attention(replace(call, dropout=0.0))
    assert isinstance(plain, AttentionResult)
    return replace(result, gradients=plain.gradients)


def first_head_alone(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    """The first head's weights for the mean over the heads."""
    if result.weights is None or not call.average_attn_weights:
        return result
    apart = NumpyAdapter().attention(replace(call, average_attn_weights=False))
    assert isinstance(apart, AttentionResult)
    assert apart.weights is not None
    return replace(result, weights=apart.weights[..., 0, :, :])


def weights_always(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    found = NumpyAdapter().attention(replace(call, need_weights=True))
    return found if isinstance(found, AttentionResult) else result


def without_gradients(call: AttentionCall, result: AttentionResult) -> AttentionResult:
    return replace(result, gradients={})


def padded(call: AttentionCall) -> AttentionCall:
    """A mask of another shape is cut or filled to the right one."""
    queries, keys, batches = sizes(call)
    changed: Any = {}
    for name, shape in (("attn_mask", (queries, keys)), ("key_padding_mask", (batches, keys))):
        mask = getattr(call, name)
        if mask is not None and mask.ndim == 2 and mask.shape != shape:
            changed[name] = np.resize(mask, shape)
    return replace(call, **changed)


def strided(call: AttentionCall) -> bool:
    return not call.query.flags.c_contiguous and call.query.size > 0


def expanded(call: AttentionCall) -> bool:
    return 0 in call.query.strides and call.query.size > 0


def both(call: AttentionCall) -> bool:
    return call.attn_mask is not None and call.key_padding_mask is not None


def drops(call: AttentionCall) -> bool:
    return call.dropout > 0 and call.path == "training"


def one(call: AttentionCall) -> bool:
    return call.query is call.key is call.value


def gradient(condition: When) -> When:
    return lambda call: call.upstream is not None and condition(call)


def every(call: AttentionCall) -> bool:
    return True


#: What is wrong, the backend, and the quantity of `attention` whose questions see it.
FAULTS: Mapping[str, tuple[Wrong, str]] = {
    **{
        f"head_dim {n}": (Wrong(lambda c, n=n: head(c) == n, result=negated), "forward")
        for n in (1, 8, 64, 80, 128)
    },
    **{
        f"{n} keys": (Wrong(lambda c, n=n: sizes(c)[1] == n, result=negated), "forward")
        for n in (1, 7, 8, 31, 32, 65, 257)
    },
    **{f"batch {n}": (Wrong(lambda c, n=n: sizes(c)[2] == n, result=negated), "forward") for n in (3, 5)},
    "S >= 8": (Wrong(lambda c: sizes(c)[1] >= 8, result=negated), "forward"),
    "L >= 16": (Wrong(lambda c: sizes(c)[0] >= 16, result=negated), "forward"),
    "L = 1": (Wrong(lambda c: sizes(c)[0] == 1, result=negated), "forward"),
    "L > S": (Wrong(lambda c: sizes(c)[0] > sizes(c)[1], result=negated), "forward"),
    "12 heads": (Wrong(lambda c: c.num_heads == 12, result=negated), "forward"),
    "no batch": (Wrong(lambda c: c.query.ndim == 2, result=negated), "forward"),
    "attn_mask is ignored with padding": (Wrong(both, given(attn_mask=None)), "forward"),
    "padding is ignored with attn_mask": (Wrong(both, given(key_padding_mask=None)), "forward"),
    "float padding is ignored": (
        Wrong(lambda c: is_float(c.key_padding_mask), given(key_padding_mask=None)),
        "forward",
    ),
    "a boolean mask is added": (
        Wrong(lambda c: c.attn_mask is not None and not is_float(c.attn_mask), true_is_one),
        "forward",
    ),
    "low numbers are -inf": (Wrong(every, low_is_infinite), "forward"),
    "masks are ignored without weights": (
        Wrong(lambda c: not c.need_weights, given(attn_mask=None)),
        "forward",
    ),
    "causal at the wrong corner": (Wrong(lambda c: c.is_causal, causal_to_the_right), "forward"),
    "causal is ignored with padding": (
        Wrong(lambda c: c.is_causal and both(c), given(attn_mask=None, is_causal=False)),
        "forward",
    ),
    "inputs with gaps": (Wrong(strided, result=negated), "forward"),
    "expanded inputs": (Wrong(expanded, result=negated), "forward"),
    "one tensor": (Wrong(one, result=negated), "forward"),
    "key is value": (Wrong(lambda c: c.key is c.value and c.query is not c.key, result=negated), "forward"),
    "query is key": (Wrong(lambda c: c.query is c.key and c.key is not c.value, result=negated), "forward"),
    "the mean is the first head": (Wrong(every, result=first_head_alone), "forward"),
    "weights that nobody asked for": (Wrong(every, result=weights_always), "forward"),
    **{
        f"no gradient of {name}": (Wrong(every, result=lacking(name)), "gradient")
        for name in (
            "bias_k",
            "bias_v",
            "in_proj_bias",
            "out_proj_bias",
            "value",
            "attn_mask",
            "key_padding_mask",
        )
    },
    **{
        f"a gradient of {name} twice as large": (Wrong(every, result=doubled(name)), "gradient")
        for name in ("query", "bias_v", "attn_mask", "key_padding_mask")
    },
    "no gradients in training": (Wrong(lambda c: c.path == "training", result=without_gradients), "gradient"),
    "no gradients with padding": (
        Wrong(lambda c: c.key_padding_mask is not None, result=without_gradients),
        "gradient",
    ),
    "the value's gradient in large heads": (
        Wrong(lambda c: head(c) >= 64, result=doubled("value")),
        "gradient",
    ),
    "NaN from masked keys and values": (Wrong(every, result=nan_from_masked), "masked_values"),
    "NaN in a query is cleared": (
        Wrong(lambda c: bool(np.isnan(c.query.astype(np.float64)).any()), result=cleared),
        "masked_values",
    ),
    "a row without keys has other numbers": (Wrong(every, result=uniform_row), "masked_rows"),
    "weights before dropout": (Wrong(drops, result=weights_before_dropout), "dropout"),
    "gradients without dropout": (Wrong(gradient(drops), result=gradients_without_dropout), "dropout"),
    "no dropout with a mask": (
        Wrong(lambda c: drops(c) and c.attn_mask is not None, given(dropout=0.0)),
        "dropout",
    ),
    "rate 1 keeps all": (Wrong(lambda c: drops(c) and c.dropout == 1, given(dropout=0.0)), "dropout"),
    "masks of any shape": (Wrong(every, padded), "refused_masks"),
}
